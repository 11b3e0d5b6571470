"""Counts over all conversations of a run, added up one at a time, so a million need no memory."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from convqa.report.figures import Moments
from convqa.schema import CriterionResult, Evaluation
from convqa.values import read_number, read_yes

Dimension = Literal[
    "language", "channel", "queue", "team", "agent", "mystery_shop", "recontact", "csat"
]
DIMENSIONS: tuple[Dimension, ...] = (
    "language", "channel", "queue", "team", "agent", "mystery_shop", "recontact", "csat",
)  # fmt: skip

# Twenty bars of five points: the default bands begin at 60 and 85, both edges of a bar.
BIN_WIDTH = 5
N_BINS = 100 // BIN_WIDTH

# Answers up to 10 stand for themselves, percentages are shown by tens.
_FEW_GRADES = 10


@dataclass(slots=True)
class CriterionTally:
    """How often each outcome was given, the points of the score it cost, and those it could earn.

    A criterion that can earn none only raises critical errors.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    points_lost: float = 0.0
    max_points: float = 0.0


@dataclass(slots=True)
class GroupTally:
    """The conversations of a language, a team or a day."""

    n: int = 0
    flagged: int = 0
    scores: Moments = field(default_factory=Moments)
    agents: set[str] = field(default_factory=set)

    def add(self, evaluation: Evaluation) -> None:
        """Count one evaluated conversation."""
        self.n += 1
        self.flagged += evaluation.flag
        if evaluation.score is not None:
            self.scores.add(evaluation.score)
        if evaluation.agent_id is not None:
            self.agents.add(evaluation.agent_id)

    def merge(self, other: "GroupTally") -> None:
        """Count all conversations of another group."""
        self.n += other.n
        self.flagged += other.flagged
        self.scores.merge(other.scores)
        self.agents |= other.agents


@dataclass(slots=True)
class Tally:
    """All that the overview shows; skipped conversations are counted in `statuses` alone."""

    statuses: Counter[str] = field(default_factory=Counter)
    all: GroupTally = field(default_factory=GroupTally)
    histogram: list[int] = field(default_factory=lambda: [0] * N_BINS)
    bands: defaultdict[str, Moments] = field(default_factory=lambda: defaultdict(Moments))
    flags: Counter[str] = field(default_factory=Counter)
    n_critical: int = 0
    resolutions: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    criteria: defaultdict[str, CriterionTally] = field(
        default_factory=lambda: defaultdict(CriterionTally)
    )
    groups: dict[Dimension, defaultdict[str | None, GroupTally]] = field(
        default_factory=lambda: {name: defaultdict(GroupTally) for name in DIMENSIONS}
    )
    days: defaultdict[date, GroupTally] = field(default_factory=lambda: defaultdict(GroupTally))

    def add(self, evaluation: Evaluation) -> None:
        """Count one conversation."""
        self.statuses[evaluation.status] += 1
        if evaluation.status == "skipped":
            return
        self.all.add(evaluation)
        self.flags.update(evaluation.flags)
        self.n_critical += bool(evaluation.critical)
        if evaluation.resolution is not None:
            self.resolutions[evaluation.resolution.label] += 1
        if evaluation.ending is not None:
            self.endings[evaluation.ending] += 1
        if evaluation.score is not None:
            bin_index = min(int(evaluation.score // BIN_WIDTH), N_BINS - 1)
            self.histogram[bin_index] += 1
            if evaluation.band is not None:
                self.bands[evaluation.band].add(evaluation.score)
        self._add_criteria(evaluation)
        self._add_groups(evaluation)

    def bands_best_first(self) -> list[str]:
        """Return the bands, the best first: their order follows from the scores in them."""
        means = {name: moments.total / moments.n for name, moments in self.bands.items()}
        return sorted(means, key=lambda name: -means[name])

    def _add_criteria(self, evaluation: Evaluation) -> None:
        weights = applied_weight(evaluation.criteria)
        for result in evaluation.criteria:
            tally = self.criteria[result.id]
            tally.outcomes[result.outcome] += 1
            tally.max_points += result.max_points
            tally.points_lost += score_points_lost(result, weights)

    def _add_groups(self, evaluation: Evaluation) -> None:
        values: dict[Dimension, str | None] = {
            "language": evaluation.language,
            "channel": evaluation.channel,
            "queue": evaluation.queue,
            "team": evaluation.team,
            "agent": evaluation.agent_id,
        }
        for dimension, value in (*values.items(), *_outside_figures(evaluation)):
            self.groups[dimension][value].add(evaluation)
        day = day_of(evaluation.started_at)
        if day is not None:
            self.days[day].add(evaluation)


def _outside_figures(evaluation: Evaluation) -> Iterator[tuple[Dimension, str]]:
    """Yield what the metadata say of a conversation that the transcript does not.

    Whether it was a mystery shop (if nothing is said, it was none), and, where given, whether the
    customer made contact again and how satisfied the customer was.
    """
    metadata = evaluation.metadata
    yield "mystery_shop", str(bool(read_yes(metadata.get("mystery_shop")))).lower()
    is_recontact = read_yes(metadata.get("recontact"))
    if is_recontact is not None:
        yield "recontact", str(is_recontact).lower()
    satisfaction = read_number(metadata.get("csat"))
    if satisfaction is not None:
        yield "csat", f"{satisfaction:g}" if satisfaction <= _FEW_GRADES else _ten(satisfaction)


def _ten(value: float) -> str:
    """Return the ten that a value between 0 and 100 lies in."""
    start = min(int(value // 10) * 10, 90)
    return f"{start}–{start + 10}"


def applied_weight(results: tuple[CriterionResult, ...]) -> float:
    """Return the sum of the applied weights, the lower part of the score's fraction."""
    return sum(result.weight for result in results)


def score_points_lost(result: CriterionResult, weights: float) -> float:
    """Return how many of the 100 points of the score a result cost, before critical errors."""
    if result.weight == 0 or weights == 0:
        return 0.0
    return 100 * (result.max_points - result.points) / weights


def day_of(started_at: str | None) -> date | None:
    """Return the day as written, without moving it to another time zone, None where unreadable."""
    moment = moment_of(started_at)
    return None if moment is None else moment.date()


def moment_of(started_at: str | None) -> datetime | None:
    """Return a start as given in the input, None where it is missing or no ISO 8601 time."""
    try:
        return None if started_at is None else datetime.fromisoformat(started_at)
    except ValueError:
        return None
