"""Which conversations the report shows when there are more than it can hold.

Flagged ones come first, the riskiest first; a tenth of the places is kept for the best ones, to
learn from and to recognise, and a tenth for a sample of all the rest, so that nobody mistakes the
flagged ones for the usual.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from heapq import heappush, heappushpop
from typing import Literal

from convqa.report.tally import applied_weight
from convqa.schema import Evaluation

Choice = Literal["flagged", "best", "sample"]

# The share of the places that flagged conversations leave to each of the other two kinds.
_KEPT_FOR_OTHERS = 0.1


@dataclass(frozen=True, slots=True)
class Chosen:
    """A conversation that is shown, and why."""

    evaluation: Evaluation
    choice: Choice


class _Largest:
    """The `size` evaluations with the largest keys seen so far."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._heap: list[tuple[tuple[float, ...], str, Evaluation]] = []

    def add(self, key: tuple[float, ...], evaluation: Evaluation) -> None:
        entry = (key, evaluation.conversation_id, evaluation)
        if len(self._heap) < self._size:
            heappush(self._heap, entry)
        else:
            heappushpop(self._heap, entry)

    def __iter__(self) -> Iterator[Evaluation]:
        for _, _, evaluation in sorted(self._heap, key=lambda e: (e[0], e[1]), reverse=True):
            yield evaluation


class Selection:
    """Chooses at most `size` conversations out of any number, in one pass.

    The same conversations give the same choice in whatever order they come.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._riskiest = _Largest(size)
        self._best = _Largest(size)
        self._sample = _Largest(size)

    def add(self, evaluation: Evaluation) -> None:
        """Consider one conversation; skipped ones are never shown."""
        if evaluation.status == "skipped":
            return
        if evaluation.flag:
            self._riskiest.add(risk(evaluation), evaluation)
        elif evaluation.score is not None:
            self._best.add(merit(evaluation), evaluation)
        self._sample.add((_lot(evaluation.conversation_id),), evaluation)

    def chosen(self) -> list[Chosen]:
        """Return what is shown: flagged by risk, then the best, then the sample."""
        flagged = list(self._riskiest)
        best = list(self._best)
        kept = int(self._size * _KEPT_FOR_OTHERS)
        n_best = min(len(best), kept)
        n_flagged = min(len(flagged), self._size - n_best - kept)
        shown = [Chosen(e, "flagged") for e in flagged[:n_flagged]]
        shown += [Chosen(e, "best") for e in best[:n_best]]
        ids = {c.evaluation.conversation_id for c in shown}
        rest = (e for e in self._sample if e.conversation_id not in ids)
        for evaluation, _ in zip(rest, range(self._size - len(shown)), strict=False):
            shown.append(Chosen(evaluation, "flagged" if evaluation.flag else "sample"))
        return shown


def risk(evaluation: Evaluation) -> tuple[float, ...]:
    """Return how urgent reading is, larger first: critical errors, reasons, points missing."""
    score = evaluation.raw_score
    missing = 0.0 if score is None else 100 - score
    return (len(evaluation.critical), len(evaluation.flags), missing)


def merit(evaluation: Evaluation) -> tuple[float, ...]:
    """Return how much there is to learn: the score, then how much of the standard was called for.

    Of two conversations with the same score, the one with more applicable criteria was harder.
    """
    score = -1.0 if evaluation.score is None else evaluation.score
    return (score, applied_weight(evaluation.criteria))


def _lot(conversation_id: str) -> float:
    """Return a number in [0, 1) that depends on nothing but the id: a draw that can be repeated."""
    digest = sha256(conversation_id.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
