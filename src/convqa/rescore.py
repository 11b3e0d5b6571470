"""Another standard applied to a finished run: the findings of the models are kept.

Phrases belong to a standard. Where both standards have the same, only scoring is done again, and
all parts of the run but the evaluations are kept as they are. Otherwise the phrases are matched
again on the stored text.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convqa.detect.meaning import meaning_texts
from convqa.detect.phrase_rules import CompiledPhrases, compile_phrases, has_same_phrases
from convqa.detect.phrases import detect_phrases
from convqa.errors import ConfigError, StoreError
from convqa.plan import recorded_version, version_record
from convqa.processes import here_and_in_processes
from convqa.schema import Evaluation, Finding
from convqa.scoring import score_conversation, skip_conversation, unasked_labels
from convqa.standard import Standard, check_heads, check_version
from convqa.store.lock import locked
from convqa.store.manifest import (
    Manifest,
    check_there,
    current_environment,
    finish_run,
    read_finished,
    start_run,
)
from convqa.store.meanings import read_meanings, write_meanings
from convqa.store.parts import (
    Found,
    StoredConversation,
    finished_chunks,
    is_finished,
    keep_part,
    read_found,
    write_evaluations,
    write_findings,
)
from convqa.store.standard import read_standard, write_standard

# Chunks that are still done in this process, 800 conversations: with them, starting others takes as
# long as the work.
CHUNKS_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class RescoreStep:
    """How far a rescoring is."""

    n_chunks_done: int
    n_chunks: int
    n_conversations: int


@dataclass(frozen=True, slots=True)
class _Job:
    """What a worker needs; the same for every worker. `examples` are vectors by text."""

    source: Path
    run: Path
    standard: Standard
    examples: Mapping[str, bytes]
    keeps_findings: bool


Encode = Callable[[Sequence[str]], NDArray[np.int8]]


def rescore_run(
    run: Path, standard: Standard, out: Path, *, encode: Encode | None = None, workers: int = 1
) -> Iterator[RescoreStep]:
    """Score the conversations of a finished run against another standard, into another directory.

    A rescoring that was stopped goes on with the same call. The results are the same bytes whatever
    the number of workers.

    Args:
        run: The finished run.
        standard: The other standard.
        out: Where its results go.
        encode: The encoder of the run's model, asked only for examples (`meaning:`) that the run
            does not know yet.
        workers: How many processes.

    Raises:
        ConfigError: The standard names a head that the model of the run lacks, or has the version
            of the run's standard and other content.
        StoreError: `run` is unfinished, or `out` holds something else.
    """
    source = read_finished(run)
    check_heads(standard, source.heads, f"model of {run}")
    check_version(standard.version_info, recorded_version(source.standard), str(run))
    examples = example_vectors(standard, [run], encode)
    job = _Job(run, out, standard, examples, knows_phrases(run, source, standard))
    manifest = source.model_copy(update={"standard": version_record(standard.version_info)})
    indexes = finished_chunks(run)
    n_conversations = 0
    with locked(out):
        start_run(out, manifest)
        write_standard(out, standard)
        write_meanings(out, examples)
        todo = [index for index in indexes if not is_finished(out, index)]
        done = here_and_in_processes(
            todo, partial(_Rescorer, job), workers=workers, n_here=CHUNKS_AT_ONCE, run=out
        )
        for number, n in enumerate(done, len(indexes) - len(todo) + 1):
            n_conversations += n
            yield RescoreStep(number, len(indexes), n_conversations)
        finish_run(out)


def knows_phrases(run: Path, manifest: Manifest, standard: Standard) -> bool:
    """Return whether the phrases that a run has are those that a standard would find in it now.

    That takes the same phrases, looked for by the same software.
    """
    if manifest.environment != current_environment():
        return False
    try:
        scored_by = read_standard(run)
    except StoreError:
        return False
    return (
        version_record(scored_by.version_info) == manifest.standard
        and has_same_phrases(scored_by, standard)
        and read_meanings(run).keys() >= set(meaning_texts(standard))
    )


def example_vectors(
    standard: Standard, runs: Sequence[Path], encode: Encode | None
) -> dict[str, bytes]:
    """Return the vector of each example of a standard, from the runs or else from the encoder.

    Raises:
        ConfigError: A run does not know an example, and there is no encoder.
    """
    texts = meaning_texts(standard)
    if not texts:
        return {}
    known = {text: vector for run in runs for text, vector in read_meanings(run).items()}
    missing = [text for text in texts if text not in known]
    if missing and encode is None:
        raise ConfigError(
            f"{len(missing)} examples of meaning: in {standard.name} {standard.version} are not "
            f"known in {', '.join(map(str, runs))}; give the run's model with --model"
        )
    if missing and encode is not None:
        rows = encode(missing)
        known |= {text: row.tobytes() for text, row in zip(missing, rows, strict=True)}
    return {text: known[text] for text in texts}


class _Rescorer:
    """Scores chunks of a run again; called with the number of one, returns its conversations."""

    def __init__(self, job: _Job) -> None:
        self._job = job
        self._phrases = None if job.keeps_findings else compile_phrases(job.standard, job.examples)
        # Where findings are written again, all are read.
        self._without_labels = unasked_labels([job.standard]) if job.keeps_findings else None

    def __call__(self, index: int) -> int:
        source, run = self._job.source, self._job.run
        found, (findings,) = read_with_phrases(
            source, index, [self._phrases], without_labels=self._without_labels
        )
        evaluations = [
            rescore_conversation(one, these, self._job.standard)
            for one, these in zip(found, findings, strict=True)
        ]
        check_there(run)
        keep_part(source, run, "segments", index)
        if self._phrases is None:
            keep_part(source, run, "findings", index)
        else:
            ids = (one.segmented.conversation.id for one in found)
            write_findings(run, index, zip(ids, findings, strict=True))
        keep_part(source, run, "rejected", index)
        # Last: this part marks the chunk as finished.
        pairs = ((one.segmented, e) for one, e in zip(found, evaluations, strict=True))
        write_evaluations(run, index, pairs)
        return len(found)


def read_with_phrases(
    run: Path,
    index: int,
    asked: Sequence[CompiledPhrases | None],
    *,
    without_labels: Mapping[str, Collection[str]] | None = None,
) -> tuple[list[Found], list[list[tuple[Finding, ...]]]]:
    """Return the conversations of a chunk, and the findings of each with certain phrases.

    Args:
        run: The run directory.
        index: The number of the chunk.
        asked: What to look for, of one standard or several; None keeps what the run has. What is
            asked twice is looked for once.
        without_labels: By kind, what no standard asks for and may be left out.

    Returns:
        The conversations, and for each standard the findings of each conversation.
    """
    looked_for = [phrases for phrases in asked if phrases is not None]
    found = read_found(
        run, index, with_segments=bool(looked_for),
        with_vectors=any(phrases.meanings.languages for phrases in looked_for),
        without_labels=without_labels,
    )  # fmt: skip
    known: dict[int, list[tuple[Finding, ...]]] = {}
    for phrases in asked:
        if id(phrases) not in known:
            known[id(phrases)] = [
                with_phrases(one, phrases) if phrases and one.is_segmented else one.findings
                for one in found
            ]
    return found, [known[id(phrases)] for phrases in asked]


def rescore_conversation(
    found: Found, findings: Sequence[Finding], standard: Standard
) -> Evaluation:
    """Return how a standard scores a stored conversation; the models do not run.

    What was skipped without being stored stays so.
    """
    segmented = found.segmented
    if found.skip_reason is not None and not segmented.conversation.turns:
        return skip_conversation(segmented, found.skip_reason, standard, found.model)
    return score_conversation(segmented, findings, standard, found.model)


def with_phrases(
    stored: StoredConversation | Found, phrases: CompiledPhrases
) -> tuple[Finding, ...]:
    """Return the stored findings with those of phrases matched anew, in the order of a run."""
    labels = [f for f in stored.findings if f.source not in {"phrase", "timing"}]
    timing = [f for f in stored.findings if f.source == "timing"]
    return (*labels, *detect_phrases(stored.segmented, phrases, stored.vectors), *timing)
