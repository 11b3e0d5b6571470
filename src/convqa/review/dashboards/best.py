"""The best conversations to learn from: high scores, no flag, sure evidence."""

from dataclasses import replace

from convqa.report.marks import visible
from convqa.review.criteria import criterion_names
from convqa.review.dashboards.scope import Scope
from convqa.review.dashboards.tables import Cell, Column, Table, number, text
from convqa.review.visit import Visit
from convqa.store.browsing import find_conversations

# As many as one listens to in an hour of coaching.
_N_BEST = 20


def best_tables(visit: Visit, scope: Scope) -> list[Table]:
    """Return the best conversations of a selection, in which a chosen criterion was passed."""
    words = visit.words
    names = criterion_names(visit.database, words.language)
    filters = replace(
        scope.filters, is_flagged=False, status="scored", is_mystery_shop=False, lowest_score=0.0
    )
    title = words("figures.best_title")
    if scope.criterion in names:
        filters = replace(filters, criterion=scope.criterion, outcome="pass")
        title = words("figures.best_in", criterion=visible(names[scope.criterion]))
    page = find_conversations(
        visit.database, visit.reader, filters, sort="highest", size=_N_BEST
    )  # fmt: skip
    columns = [
        Column(words("figures.conversation")),
        Column(words("figures.score"), is_number=True),
        Column(words("figures.by_agent")),
        Column(words("figures.by_team")),
        Column(words("figures.by_language")),
        Column(words("figures.by_channel")),
        Column(words("figures.day")),
    ]
    rows = [
        [
            Cell(visible(row.conversation_id), row.conversation_id, f"/conversations/{row.key}"),
            number(row.final_score, words, 1),
            text(visible(row.agent_id or "–")), text(visible(row.team or "–")),
            text(words.label("language", row.language) if row.language else "–"),
            text(words.label("channel", row.channel) if row.channel else "–"),
            Cell(words.day(row.started.date()), row.started.date().isoformat())
            if row.started else Cell("–"),
        ]
        for row in page.rows
    ]  # fmt: skip
    return [Table("best", title, columns, rows, words("figures.best_lead"))]
