"""From evaluations to `report.html`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import shorten

from convqa.output import open_atomic
from convqa.report.inputs import CriterionInfo, RunSummary, text_in
from convqa.report.marks import visible
from convqa.report.overview import make_overview
from convqa.report.page import Page, Teaser, render_page
from convqa.report.payload import report_payload
from convqa.report.selection import Chosen, Selection, merit
from convqa.report.tally import Tally, moment_of
from convqa.report.wording import Wording, load_wording
from convqa.schema import Evaluation, Turn

Transcripts = Callable[[Sequence[str]], Mapping[str, tuple[Turn, ...]]]

# As many as a manager can read before the day begins, and as many to praise.
_N_TEASERS = 6
_MAX_QUOTE = 120


def write_report(
    path: Path,
    summary: RunSummary,
    criteria: Sequence[CriterionInfo],
    evaluations: Iterable[Evaluation],
    transcripts: Transcripts,
    *,
    language: str = "en",
    max_conversations: int = 500,
) -> None:
    """Write the report of a run, whole or not at all, readable by its owner only.

    Args:
        path: The HTML file.
        summary: What became of the records of the run.
        criteria: The criteria of its standard, in the order of the standard.
        evaluations: All evaluations of the run, skipped ones included, in any order; read once and
            never held together.
        transcripts: Returns the stored turns of the given conversations; called once, for those
            that are shown. One that is missing is shown without its words.
        language: Language of the report, one of `convqa.schema.LANGUAGES`.
        max_conversations: How many conversations can be read in it at most.

    Raises:
        ConfigError: The report does not speak `language`.
        StoreError: The file cannot be written.
    """
    words = load_wording(language)
    tally, selection = Tally(), Selection(max_conversations)
    for evaluation in evaluations:
        tally.add(evaluation)
        selection.add(evaluation)
    chosen = selection.chosen()
    turns = transcripts([c.evaluation.conversation_id for c in chosen]) if chosen else {}
    page = Page(
        overview=make_overview(tally, summary, criteria, words),
        summary=summary,
        to_read=_to_read(chosen, words),
        to_praise=_to_praise(chosen, turns, criteria, words),
        n_shown=len(chosen),
        n_evaluated=tally.all.n,
        period=_period(tally, words),
        finished=_moment(summary.finished_at, words),
        payload=report_payload(chosen, turns, criteria, tally.bands_best_first(), words),
    )
    html = render_page(page, words)
    with open_atomic(path) as file:
        file.write(html.encode("utf-8"))


def _to_read(chosen: Sequence[Chosen], words: Wording) -> list[Teaser]:
    """Return the conversations most worth reading, the riskiest first."""
    flagged = [c.evaluation for c in chosen if c.choice == "flagged"][:_N_TEASERS]
    return [_teaser(e, [words.flag(visible(f)) for f in e.flags], words) for e in flagged]


def _to_praise(
    chosen: Sequence[Chosen],
    turns: Mapping[str, tuple[Turn, ...]],
    criteria: Sequence[CriterionInfo],
    words: Wording,
) -> list[Teaser]:
    """Return the best conversations, at most one of an agent, each with its best words."""
    names = {c.id: text_in(c.name, words.language, c.id) for c in criteria}
    unflagged = [c.evaluation for c in chosen if not c.evaluation.flag and c.evaluation.score]
    teasers: list[Teaser] = []
    praised: set[str] = set()
    for evaluation in sorted(unflagged, key=lambda e: (merit(e), e.conversation_id), reverse=True):
        if evaluation.agent_id in praised or len(teasers) == _N_TEASERS:
            continue
        if evaluation.agent_id is not None:
            praised.add(evaluation.agent_id)
        best = _best_words(evaluation, turns.get(evaluation.conversation_id, ()))
        notes = [names.get(best[0], visible(best[0]))] if best else []
        quote = shortened(best[1]) if best else ""
        teasers.append(_teaser(evaluation, notes, words, quote=quote))
    return teasers


def _best_words(evaluation: Evaluation, turns: Sequence[Turn]) -> tuple[str, str] | None:
    """Return the heaviest criterion that was met in words of the agent, and these words."""
    said = [
        (result.weight, result.id, evidence.quote)
        for result in evaluation.criteria
        if result.outcome == "pass"
        for evidence in result.evidence
        if 0 <= evidence.turn < len(turns) and turns[evidence.turn].role == "agent"
    ]
    if not said:
        return None
    _, id_, quote = max(said, key=lambda item: item[0])
    return id_, quote


def shortened(quote: str) -> str:
    """Return a quote of at most two lines, cut between words."""
    return shorten(visible(quote), _MAX_QUOTE, placeholder=" …")


def _teaser(
    evaluation: Evaluation, notes: Sequence[str], words: Wording, *, quote: str = ""
) -> Teaser:
    score = evaluation.score
    parts = [evaluation.agent_id, evaluation.team]
    return Teaser(
        id=visible(evaluation.conversation_id),
        score="–" if score is None else words.number(score, 1),
        who=" · ".join(visible(part) for part in parts if part),
        notes=tuple(notes),
        quote=quote,
        language=evaluation.language,
    )


def _moment(given: str | None, words: Wording) -> str:
    moment = moment_of(given)
    return "" if moment is None else words.moment(moment)


def _period(tally: Tally, words: Wording) -> str:
    if not tally.days:
        return ""
    first, last = min(tally.days), max(tally.days)
    if first == last:
        return words.day(first)
    return f"{words.day(first)} – {words.day(last)}"
