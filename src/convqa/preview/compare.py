"""What changes between two standards, or two runs: scores, bands, flags, and why."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from convqa.schema import CriterionResult, Evaluation
from convqa.store.parts import read_evaluations

# So many of the largest changes are explained.
_N_LARGEST = 10
# Team figures of fewer conversations say more about persons than about the team (design.md).
_MIN_TEAM = 5


@dataclass(frozen=True, slots=True)
class CriterionChange:
    """One criterion before and after; None where one of the standards has no such criterion."""

    id: str
    before: CriterionResult | None
    after: CriterionResult | None


@dataclass(frozen=True, slots=True)
class Change:
    """One conversation whose score, status, band or flags differ.

    `change` is after minus before; a score that is null on one side has no change.
    """

    conversation_id: str
    before: Evaluation
    after: Evaluation
    change: float | None
    criteria: tuple[CriterionChange, ...]


@dataclass(frozen=True, slots=True)
class GroupChange:
    """A language, channel or team: conversations scored both times, and their mean scores.

    `n_bands` of them crossed into another band, `n_flag_gained` and `n_flag_lost` are newly flagged
    and no longer flagged.
    """

    dimension: str
    name: str
    n: int
    n_moved: int
    mean_before: float
    mean_after: float
    n_bands: int
    n_flag_gained: int
    n_flag_lost: int


@dataclass(frozen=True, slots=True)
class Difference:
    """All that differs between two ways to score the same conversations.

    `bands` counts moves from one band to another, None for no band; `flags_gained` and
    `flags_lost` count conversations by flag. `largest` are the changes of most points, or of
    status, with the criteria that made them.
    """

    n: int
    n_moved: int
    mean_change: float
    mean_absolute_change: float
    n_flag_gained: int
    n_flag_lost: int
    bands: tuple[tuple[str | None, str | None, int], ...]
    flags_gained: tuple[tuple[str, int], ...]
    flags_lost: tuple[tuple[str, int], ...]
    outcomes: tuple[tuple[str, str, str, int], ...]
    groups: tuple[GroupChange, ...]
    largest: tuple[Change, ...]


def compare(pairs: Iterable[tuple[Evaluation, Evaluation]]) -> Difference:
    """Return what differs in pairs of evaluations of the same conversation, before and after."""
    tally = Tally()
    for before, after in pairs:
        tally.add(before, after)
    return tally.difference()


def compare_runs(before: Path, after: Path) -> Difference:
    """Return what differs between two runs in the conversations that both have.

    Runs over the same inputs have them in the same order, and little is held at a time.
    """
    return compare(_pairs(read_evaluations(before), read_evaluations(after)))


def _pairs(
    before: Iterator[Evaluation], after: Iterator[Evaluation]
) -> Iterator[tuple[Evaluation, Evaluation]]:
    passed: dict[str, Evaluation] = {}
    for new in after:
        while new.conversation_id not in passed and (old := next(before, None)) is not None:
            passed[old.conversation_id] = old
        if new.conversation_id in passed:
            yield passed.pop(new.conversation_id), new


class Tally:
    """Counts pair by pair, so that a million conversations need no more room than a thousand."""

    def __init__(self) -> None:
        self.n = self.n_moved = self.n_scored = 0
        self.sum = self.sum_absolute = 0.0
        self.gained: Counter[str] = Counter()
        self.lost: Counter[str] = Counter()
        self.flagged: Counter[bool] = Counter()
        self.bands: Counter[tuple[str | None, str | None]] = Counter()
        self.outcomes: Counter[tuple[str, str, str]] = Counter()
        self.groups: dict[tuple[str, str], list[float]] = {}
        self.largest: list[Change] = []

    def add(self, before: Evaluation, after: Evaluation) -> None:
        self.n += 1
        if before.band != after.band:
            self.bands[before.band, after.band] += 1
        self.gained.update(set(after.flags) - set(before.flags))
        self.lost.update(set(before.flags) - set(after.flags))
        if before.flag != after.flag:
            self.flagged[after.flag] += 1
        criteria = tuple(_criteria(before, after))
        for one in criteria:
            self.outcomes[one.id, _outcome(one.before), _outcome(one.after)] += 1
        change = None
        if before.score is not None and after.score is not None:
            change = round(after.score - before.score, 1)
            self._add_scores(before, after, (before.score, after.score))
        has_moved = change != 0 if change is not None else before.score != after.score
        self.n_moved += has_moved
        if has_moved or before.flags != after.flags:
            self.largest.append(Change(before.conversation_id, before, after, change, criteria))
            if len(self.largest) > 20 * _N_LARGEST:
                self.keep_largest()

    def keep_largest(self) -> None:
        """Forget the changes that are none of the largest."""
        self.largest = self._top()

    def merge(self, other: "Tally") -> None:
        """Add what another counted on later conversations."""
        self.n += other.n
        self.n_moved += other.n_moved
        self.n_scored += other.n_scored
        self.sum += other.sum
        self.sum_absolute += other.sum_absolute
        self.gained.update(other.gained)
        self.lost.update(other.lost)
        self.flagged.update(other.flagged)
        self.bands.update(other.bands)
        self.outcomes.update(other.outcomes)
        for group, sums in other.groups.items():
            mine = self.groups.get(group, [0.0] * len(sums))
            self.groups[group] = [a + b for a, b in zip(mine, sums, strict=True)]
        self.largest += other.largest
        self.keep_largest()

    def _add_scores(
        self, before: Evaluation, after: Evaluation, scores: tuple[float, float]
    ) -> None:
        old, new = scores
        self.n_scored += 1
        self.sum += new - old
        self.sum_absolute += abs(new - old)
        amounts = (
            1, old != new, old, new, before.band != after.band,
            after.flag and not before.flag, before.flag and not after.flag,
        )  # fmt: skip
        for dimension in ("language", "channel", "team"):
            name = getattr(before, dimension)
            if name is not None:
                group = self.groups.setdefault((dimension, name), [0.0] * len(amounts))
                for i, amount in enumerate(amounts):
                    group[i] += amount

    def _top(self) -> list[Change]:
        """Return the largest changes; a score that appears or goes counts as the whole scale."""
        return sorted(
            self.largest,
            key=lambda c: (-(100.0 if c.change is None else abs(c.change)), c.conversation_id),
        )[:_N_LARGEST]

    def difference(self) -> Difference:
        n_scored = max(self.n_scored, 1)
        return Difference(
            n=self.n,
            n_moved=self.n_moved,
            mean_change=self.sum / n_scored,
            mean_absolute_change=self.sum_absolute / n_scored,
            n_flag_gained=self.flagged[True],
            n_flag_lost=self.flagged[False],
            bands=tuple((old, new, n) for (old, new), n in self.bands.most_common()),
            flags_gained=tuple(sorted(self.gained.items())),
            flags_lost=tuple(sorted(self.lost.items())),
            outcomes=tuple((*key, n) for key, n in self.outcomes.most_common()),
            groups=tuple(self._groups()),
            largest=tuple(self._top()),
        )

    def _groups(self) -> Iterator[GroupChange]:
        for (dimension, name), sums in sorted(self.groups.items()):
            n, moved, before, after, bands, gained, lost = sums
            if dimension != "team" or n >= _MIN_TEAM:
                yield GroupChange(
                    dimension, name, int(n), int(moved), before / n, after / n, int(bands),
                    int(gained), int(lost),
                )  # fmt: skip


def _criteria(before: Evaluation, after: Evaluation) -> Iterator[CriterionChange]:
    """Yield the criteria whose outcome, points or applied weight differ."""
    old = {c.id: c for c in before.criteria}
    new = {c.id: c for c in after.criteria}
    for criterion_id in dict.fromkeys([*old, *new]):
        one, other = old.get(criterion_id), new.get(criterion_id)
        if (
            one is None
            or other is None
            or (
                (one.outcome, one.points, one.weight) != (other.outcome, other.points, other.weight)
            )
        ):
            yield CriterionChange(criterion_id, one, other)


def _outcome(result: CriterionResult | None) -> str:
    return "absent" if result is None else result.outcome
