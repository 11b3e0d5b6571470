"""What another standard would change in stored conversations, without running a model."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from convqa.detect.phrase_rules import CompiledPhrases, compile_phrases, has_same_phrases
from convqa.plan import version_record
from convqa.preview.compare import Difference, Tally, compare
from convqa.processes import here_and_in_processes
from convqa.rescore import CHUNKS_AT_ONCE, knows_phrases, read_with_phrases, with_phrases
from convqa.schema import Evaluation
from convqa.scoring import score_conversation, unasked_labels
from convqa.standard import Standard, check_heads
from convqa.store.manifest import Manifest, read_finished
from convqa.store.parts import StoredConversation, finished_chunks, read_evaluations


def diff_standards(
    old: Standard,
    new: Standard,
    stored: Iterable[StoredConversation],
    *,
    examples: Mapping[str, bytes] | None = None,
) -> Difference:
    """Return what changes when stored conversations are scored by `new` instead of `old`.

    Phrases are matched once where both standards have the same. `examples` are the vectors of the
    standards' examples.
    """
    old_phrases = compile_phrases(old, examples)
    has_same = has_same_phrases(old, new)
    new_phrases = old_phrases if has_same else compile_phrases(new, examples)

    def pairs() -> Iterator[tuple[Evaluation, Evaluation]]:
        for one in stored:
            model = one.evaluation.model
            before = with_phrases(one, old_phrases)
            after = before if has_same else with_phrases(one, new_phrases)
            yield (
                score_conversation(one.segmented, before, old, model),
                score_conversation(one.segmented, after, new, model),
            )

    return compare(pairs())


def diff_runs(
    old: Standard,
    new: Standard,
    runs: Sequence[Path],
    *,
    examples: Mapping[str, bytes] | None = None,
    workers: int = 1,
) -> Difference:
    """Return what changes when the conversations of runs are scored by `new` instead of `old`.

    As `diff_standards`, but what a run was scored with is neither scored nor looked for again, and
    the work is done in `workers` processes.

    Raises:
        ConfigError: A standard names a head that the model of a run lacks.
        StoreError: A folder is no finished run, or is damaged.
    """
    tasks: list[_Task] = []
    for run in runs:
        manifest = read_finished(run)
        for standard in (old, new):
            check_heads(standard, manifest.heads, f"model of {run}")
        known = tuple(_known(run, manifest, standard) for standard in (old, new))
        tasks.extend(
            _Task(number, run, index, known)
            for number, index in enumerate(finished_chunks(run), len(tasks))
        )
    make = partial(_Differ, old, new, examples or {})
    done = here_and_in_processes(tasks, make, workers=workers, n_here=CHUNKS_AT_ONCE)
    whole, waiting = Tally(), dict[int, Tally]()
    n_added = 0
    # Added in one order, whichever chunk is done first, so that the sums are the same.
    for number, tally in done:
        waiting[number] = tally
        while n_added in waiting:
            whole.merge(waiting.pop(n_added))
            n_added += 1
    return whole.difference()


# What a run knows of a standard: how it scores, which phrases it finds, or nothing.
_Known = Literal["scores", "phrases", "nothing"]


def _known(run: Path, manifest: Manifest, standard: Standard) -> _Known:
    if not knows_phrases(run, manifest, standard):
        return "nothing"
    is_own = version_record(standard.version_info) == manifest.standard
    return "scores" if is_own else "phrases"


@dataclass(frozen=True, slots=True)
class _Task:
    """A chunk of a run, and what the run knows of the old and of the new standard."""

    number: int
    run: Path
    index: int
    known: tuple[_Known, ...]


class _Differ:
    """Compares two standards on one chunk after the other."""

    def __init__(self, old: Standard, new: Standard, examples: Mapping[str, bytes]) -> None:
        self._standards = (old, new)
        self._unasked = unasked_labels(self._standards)
        self._examples = examples
        self._compiled: list[tuple[Standard, CompiledPhrases]] = []

    def __call__(self, task: _Task) -> tuple[int, Tally]:
        asked = [
            self._phrases(standard) if known == "nothing" else None
            for standard, known in zip(self._standards, task.known, strict=True)
        ]
        found, findings = read_with_phrases(
            task.run, task.index, asked, without_labels=self._unasked
        )
        stored = list(read_evaluations(task.run, [task.index])) if "scores" in task.known else []
        before, after = (
            stored
            if known == "scores"
            else [
                score_conversation(one.segmented, these, standard, one.model)
                for one, these in zip(found, all_findings, strict=True)
            ]
            for standard, known, all_findings in zip(
                self._standards, task.known, findings, strict=True
            )
        )
        tally = Tally()
        for one, earlier, later in zip(found, before, after, strict=True):
            if one.is_segmented:
                tally.add(earlier, later)
        tally.keep_largest()
        return task.number, tally

    def _phrases(self, standard: Standard) -> CompiledPhrases:
        """Return the phrases of a standard, compiled once where both have the same."""
        for known, compiled in self._compiled:
            if has_same_phrases(known, standard):
                return compiled
        self._compiled.append((standard, compile_phrases(standard, self._examples)))
        return self._compiled[-1][1]
