"""What changed between two ways to score the same conversations, as tables on the terminal."""

from typing import TYPE_CHECKING

from rich.table import Column, Table

from convqa.cli.progress import console

if TYPE_CHECKING:
    from convqa.preview import Change, CriterionChange, Difference

# Standards that have little in common would otherwise fill a page for each conversation.
_MAX_NAMED = 3


def print_difference(difference: "Difference") -> None:
    """Print how many scores move, how far, who crosses a band or a flag, and the largest."""
    d = difference
    console.print(
        f"{d.n:,} conversations, {d.n_moved:,} scores moved; mean change {d.mean_change:+.1f}, "
        f"mean size {d.mean_absolute_change:.1f}; "
        f"{d.n_flag_gained:,} newly flagged, {d.n_flag_lost:,} no longer"
    )
    if d.bands:
        table = Table("from band", "to band", title="Bands crossed", title_justify="left")
        table.add_column("conversations", justify="right")
        for old, new, n in d.bands:
            table.add_row(old or "none", new or "none", f"{n:,}")
        console.print(table)
    if d.flags_gained or d.flags_lost:
        console.print(_flag_table(d))
    if d.outcomes:
        table = Table(
            Column("criterion", overflow="fold"),
            "before",
            "after",
            title="Criteria",
            title_justify="left",
        )
        table.add_column("conversations", justify="right")
        for criterion, before, after, n in d.outcomes:
            table.add_row(criterion, before, after, f"{n:,}")
        console.print(table)
    if d.groups:
        console.print(_group_table(d))
    if d.largest:
        console.print(_largest_table(d.largest))


def _flag_table(d: "Difference") -> Table:
    gained, lost = dict(d.flags_gained), dict(d.flags_lost)
    table = Table(Column("flag", overflow="fold"), title="Flags", title_justify="left")
    for name in ("gained", "lost"):
        table.add_column(name, justify="right")
    for flag in sorted(gained | lost):
        table.add_row(flag, f"{gained.get(flag, 0):,}", f"{lost.get(flag, 0):,}")
    return table


def _group_table(d: "Difference") -> Table:
    title = "Groups: conversations, scores moved, mean scores, bands crossed, flags gained and lost"
    table = Table("by", Column("group", overflow="fold"), title=title, title_justify="left")
    for name in ("n", "moved", "before", "after", "band", "gained", "lost"):
        table.add_column(name, justify="right")
    for g in d.groups:
        table.add_row(
            g.dimension, g.name, f"{g.n:,}", f"{g.n_moved:,}", f"{g.mean_before:.1f}",
            f"{g.mean_after:.1f}", f"{g.n_bands:,}", f"{g.n_flag_gained:,}", f"{g.n_flag_lost:,}",
        )  # fmt: skip
    return table


def _largest_table(changes: "tuple[Change, ...]") -> Table:
    table = Table(
        Column("conversation", overflow="fold"), title="Largest changes", title_justify="left"
    )
    for name in ("before", "after"):
        table.add_column(name, justify="right")
    table.add_column("why")
    for change in changes:
        table.add_row(
            change.conversation_id,
            _score(change.before.score),
            _score(change.after.score),
            _reasons(change),
        )
    return table


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.1f}"


def _reasons(change: "Change") -> str:
    """Return why a score moved; many criteria that only one standard has are counted."""
    if change.after.skip_reason and not change.before.skip_reason:
        return change.after.skip_reason
    both = [c for c in change.criteria if c.before and c.after]
    lines = [_why(c) for c in both]
    new = [c for c in change.criteria if c.before is None]
    gone = [c for c in change.criteria if c.after is None]
    for criteria, what in ((new, "new"), (gone, "gone")):
        if len(criteria) > _MAX_NAMED:
            lines.append(f"{len(criteria):,} criteria are {what}")
        else:
            lines += [_why(c) for c in criteria]
    return "\n".join(lines) or "another status or flag"


def _why(change: "CriterionChange") -> str:
    before = _result(change.before.outcome, change.before.weight) if change.before else "absent"
    after = _result(change.after.outcome, change.after.weight) if change.after else "absent"
    return f"{change.id}: {before} → {after}"


def _result(outcome: str, weight: float) -> str:
    return f"{outcome} (weight {weight:g})"
