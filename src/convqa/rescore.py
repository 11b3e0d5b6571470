"""Another standard applied to a finished run: the findings of the models are kept.

Phrases belong to a standard, so they are matched again on the stored text; the rest is scoring.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convqa.detect.meaning import meaning_texts
from convqa.detect.phrases import CompiledPhrases, compile_phrases, detect_phrases
from convqa.errors import ConfigError
from convqa.plan import recorded_version, version_record
from convqa.schema import Finding
from convqa.scoring import score_conversation
from convqa.standard import Standard, check_heads, check_version
from convqa.store.lock import locked
from convqa.store.manifest import finish_run, read_finished, start_run
from convqa.store.meanings import read_meanings, write_meanings
from convqa.store.parts import (
    Chunk,
    StoredConversation,
    finished_chunks,
    is_finished,
    read_chunk,
    write_chunk,
)
from convqa.store.standard import write_standard


@dataclass(frozen=True, slots=True)
class RescoreStep:
    """How far a rescoring is."""

    n_chunks_done: int
    n_chunks: int
    n_conversations: int


Encode = Callable[[Sequence[str]], NDArray[np.int8]]


def rescore_run(
    run: Path, standard: Standard, out: Path, *, encode: Encode | None = None
) -> Iterator[RescoreStep]:
    """Score the conversations of a finished run against another standard, into another directory.

    A rescoring that was stopped goes on with the same call. `encode` is the encoder of the run's
    model, asked only for examples (`meaning:`) that the run does not know yet.

    Raises:
        ConfigError: The standard names a head that the model of the run lacks, or has the version
            of the run's standard and other content.
        StoreError: `run` is unfinished, or `out` holds something else.
    """
    source = read_finished(run)
    check_heads(standard, source.heads, f"model of {run}")
    check_version(standard.version_info, recorded_version(source.standard), str(run))
    examples = example_vectors(standard, [run], encode)
    phrases = compile_phrases(standard, examples)
    manifest = source.model_copy(update={"standard": version_record(standard.version_info)})
    indexes = finished_chunks(run)
    n_conversations = 0
    with locked(out):
        start_run(out, manifest)
        write_standard(out, standard)
        write_meanings(out, examples)
        for number, index in enumerate(indexes, 1):
            if not is_finished(out, index):
                chunk = read_chunk(run, index)
                rescored = tuple(
                    rescore_conversation(c, standard, phrases) for c in chunk.conversations
                )
                write_chunk(out, index, Chunk(rescored, chunk.rejected))
                n_conversations += len(rescored)
            yield RescoreStep(number, len(indexes), n_conversations)
        finish_run(out)


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


def rescore_conversation(
    stored: StoredConversation, standard: Standard, phrases: CompiledPhrases
) -> StoredConversation:
    """Return a stored conversation as a standard scores it; the models do not run."""
    if stored.evaluation.status == "skipped" and not stored.segmented.conversation.turns:
        return replace(
            stored, evaluation=replace(stored.evaluation, standard=standard.version_info)
        )
    findings = with_phrases(stored, phrases)
    evaluation = score_conversation(stored.segmented, findings, standard, stored.evaluation.model)
    return replace(stored, findings=findings, evaluation=evaluation)


def with_phrases(stored: StoredConversation, phrases: CompiledPhrases) -> tuple[Finding, ...]:
    """Return the stored findings with those of phrases matched anew, in the order of a run."""
    labels = [f for f in stored.findings if f.source not in {"phrase", "timing"}]
    timing = [f for f in stored.findings if f.source == "timing"]
    return (*labels, *detect_phrases(stored.segmented, phrases, stored.vectors), *timing)
