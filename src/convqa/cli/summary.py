"""What came out of a run, as tables on the terminal."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from rich.table import Column, Table

from convqa.cli.progress import console
from convqa.store.decode import column, outcomes_of
from convqa.store.manifest import Counts, read_manifest
from convqa.store.parts import finished_chunks, read_rejected, read_table

_OUTCOMES = ("pass", "partial", "fail", "na", "undetermined")
_TO_READ_FIRST = 5
_REJECTIONS_SHOWN = 5
_COLUMNS = ("conversation_id", "language", "score", "flag", "flags", "critical")


@dataclass(slots=True)
class _Group:
    """Running figures of a group of conversations."""

    n: int = 0
    n_flagged: int = 0
    scores: list[float] = field(default_factory=list)

    def add(self, score: float | None, *, is_flagged: bool) -> None:
        self.n += 1
        self.n_flagged += is_flagged
        if score is not None:
            self.scores.append(score)

    @property
    def mean(self) -> str:
        return f"{sum(self.scores) / len(self.scores):.1f}" if self.scores else "–"


@dataclass(frozen=True, slots=True)
class _Flagged:
    """A flagged conversation."""

    conversation_id: str
    score: float | None
    flags: list[str]
    critical: list[str]


def print_summary(run: Path) -> None:
    """Print counts, scores by language, outcomes by criterion, and what to read first."""
    counts = read_manifest(run).counts
    languages: dict[str, _Group] = defaultdict(_Group)
    everything = _Group()
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    flagged: list[_Flagged] = []
    for index in finished_chunks(run):
        table = read_table(run, "evaluations", index, (*_COLUMNS, "status", "criteria"))
        for criterion, outcome, n in outcomes_of(table):
            outcomes[criterion][outcome] += n
        rows = zip(*(column(table, name) for name in ("status", *_COLUMNS)), strict=True)
        for status, name, language, score, flag, flags, critical in rows:
            if status == "skipped":
                continue
            everything.add(score, is_flagged=flag)
            languages[language or "?"].add(score, is_flagged=flag)
            if flag:
                flagged.append(_Flagged(name, score, flags, critical))
        flagged = sorted(flagged, key=_risk)[:_TO_READ_FIRST]
    if counts is not None:
        _print_counts(run, counts)
    if everything.n:
        console.print(_language_table(languages, everything))
        console.print(_criterion_table(outcomes))
    if flagged:
        console.print(_reading_table(flagged))


def _print_counts(run: Path, counts: Counts) -> None:
    console.print(_accounting(counts))
    for rejection in islice(_rejections(run), _REJECTIONS_SHOWN):
        console.print(f"  rejected {rejection}")
    if counts.rejected > _REJECTIONS_SHOWN:
        console.print(f"  {counts.rejected - _REJECTIONS_SHOWN:,} more in {run / 'rejected'}")


def _risk(evaluation: _Flagged) -> tuple[bool, float, str]:
    """Order critical errors first, then low scores."""
    score = evaluation.score if evaluation.score is not None else 100.0
    return not evaluation.critical, score, evaluation.conversation_id


def _accounting(counts: Counts) -> str:
    lines = [
        f"read {counts.read:,} = evaluated {counts.evaluated:,} + rejected {counts.rejected:,} "
        f"+ skipped {counts.skipped:,}" + (f" + erased {counts.erased:,}" if counts.erased else "")
    ]
    lines += [f"  skipped {n:,}: {reason}" for reason, n in counts.skip_reasons.items()]
    return "\n".join(lines)


def _rejections(run: Path) -> Iterator[str]:
    """Yield where each rejected record is and what is wrong with it."""
    for index in finished_chunks(run):
        for rejected in read_rejected(run, index):
            where = rejected.path if rejected.line is None else f"{rejected.path}:{rejected.line}"
            yield ": ".join(part for part in (where, rejected.field, rejected.reason) if part)


def _language_table(languages: dict[str, _Group], everything: _Group) -> Table:
    table = Table("language", title="Scores", title_justify="left")
    for name in ("conversations", "mean score", "flagged"):
        table.add_column(name, justify="right")
    for language, group in sorted(languages.items()):
        table.add_row(language, f"{group.n:,}", group.mean, f"{group.n_flagged:,}")
    table.add_section()
    table.add_row("all", f"{everything.n:,}", everything.mean, f"{everything.n_flagged:,}")
    return table


def _criterion_table(outcomes: dict[str, Counter[str]]) -> Table:
    table = Table(Column("criterion", overflow="fold"), title="Criteria", title_justify="left")
    for outcome in (*_OUTCOMES, "pass rate"):
        table.add_column(outcome, justify="right")
    for criterion, counts in outcomes.items():
        judged = counts["pass"] + counts["partial"] + counts["fail"]
        rate = f"{counts['pass'] / judged:.0%}" if judged else "–"
        table.add_row(criterion, *(f"{counts[o]:,}" for o in _OUTCOMES), rate)
    return table


def _reading_table(flagged: list[_Flagged]) -> Table:
    table = Table(
        Column("conversation", overflow="fold"),
        "score",
        "why",
        title="Read first",
        title_justify="left",
    )
    for evaluation in flagged:
        score = "–" if evaluation.score is None else f"{evaluation.score:.1f}"
        table.add_row(evaluation.conversation_id, score, ", ".join(evaluation.flags))
    return table
