"""One criterion on one conversation, step by step, and the smallest change that would flip it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from convqa.config import suggest
from convqa.detect.meaning import Nearness
from convqa.errors import ConfigError
from convqa.schema import CriterionResult, Finding, SegmentedConversation, Span
from convqa.scoring import evaluate_criteria, reason_to_skip
from convqa.scoring.conditions import first_that_holds, is_in_scope
from convqa.scoring.flips import Flip, find_flips
from convqa.scoring.view import Hit, View
from convqa.standard import Standard
from convqa.standard.criteria import Criterion, ResolutionCriterion
from convqa.standard.model import targets_of
from convqa.standard.parts import Target, Window

__all__ = ["Explanation", "Flip", "explain"]

_QUOTE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a criterion was decided, in English sentences, and what would have decided otherwise.

    `flips` begin with the smallest change: a finding the model was nearly sure of, then one finding
    less, then one more, then all of a label less, then another resolution or ending.
    """

    criterion: str
    steps: tuple[str, ...]
    result: CriterionResult
    flips: tuple[Flip, ...]


def explain(
    standard: Standard,
    criterion_id: str,
    segmented: SegmentedConversation,
    findings: Sequence[Finding],
    *,
    near: Sequence[Nearness] = (),
) -> Explanation:
    """Return how one criterion of a standard was decided on one conversation.

    Args:
        standard: The standard.
        criterion_id: One of its criteria.
        segmented: The conversation.
        findings: All that was found in it.
        near: How near it comes to the examples of `meaning:`, told where nothing was found.

    Raises:
        ConfigError: The standard has no such criterion, or does not score the conversation.
    """
    criterion = next((c for c in standard.criteria if c.id == criterion_id), None)
    if criterion is None:
        known = [c.id for c in standard.criteria]
        remedy = suggest(criterion_id, known) or f"; known: {', '.join(known)}"
        raise ConfigError(f"no criterion {criterion_id!r} in {standard.name}{remedy}")
    skipped = reason_to_skip(segmented, standard)
    if skipped is not None:
        raise ConfigError(f"conversation {segmented.conversation.id}: {skipped}")
    results = evaluate_criteria(segmented, findings, standard)
    result = next(r for r in results if r.id == criterion_id)
    view = View(segmented, findings, phrase_certainty=standard.confidence.phrase)
    steps = tuple(_steps(criterion, view, result, near))
    flips = find_flips(standard, criterion, segmented, findings, result)
    return Explanation(criterion_id, steps, result, flips)


def _steps(
    criterion: Criterion, view: View, result: CriterionResult, near: Sequence[Nearness]
) -> Iterator[str]:
    yield f"kind {criterion.kind}, worth {result.max_points:g} points in this conversation"
    if criterion.applies_to is not None:
        applies = is_in_scope(criterion.applies_to, view)
        yield f"applies_to: {'applies' if applies else 'does not apply'} to this conversation"
    for key in ("na_when", "pass_when"):
        for number, condition in enumerate(getattr(criterion, key), 1):
            held = first_that_holds([condition], view)
            holds = "does not hold"
            if held is not None:
                holds = f"holds ({'not found: ' if held.is_missing else ''}{held.labels})"
            yield f"{key}, condition {number}: {holds}"
    for key, target in targets_of(criterion):
        if key not in ("na_when", "pass_when"):
            yield f"{key}: {_target_step(target, view, near)}"
    if isinstance(criterion, ResolutionCriterion):
        found = view.whole_label("resolution")
        yield "resolution: unknown" if found is None else f"resolution: {found[0]} ({found[1]:.2f})"
    yield f"outcome {result.outcome}, {result.points:g} points: {result.reason}"


def _target_step(target: Target, view: View, near: Sequence[Nearness]) -> str:
    match = view.match(target)
    labels = " or ".join(label for _, label in target.pairs())
    where = _where(target.window)
    if match.hits:
        places = "; ".join(_place(hit, view) for hit in match.hits[:3])
        more = f" and {len(match.hits) - 3} more" if len(match.hits) > 3 else ""
        return f"{labels} by the {target.role}{where}: {places}{more}"
    nearest = f"; the nearest had probability {match.nearest:.2f}" if match.nearest else ""
    meant = "".join(_nearness(n, view) for n in near if _is_named(n.label, target.phrase))
    unknown = "; a speaker of unknown role may have said it" if match.is_open else ""
    return f"{labels} by the {target.role}{where}: not found{nearest}{meant}{unknown}"


def _is_named(rule: str, labels: Sequence[str]) -> bool:
    """Return whether labels name a rule, or the whole list it is of."""
    return rule in labels or rule.partition(".")[0] in labels


def _nearness(near: Nearness, view: View) -> str:
    unlike = ", and it is nearer to an unlike:" if near.is_unlike else ""
    return (
        f"; nearest to the meaning of {near.label}: {_quoted(near.segment.spans[0], view)} with "
        f"{near.likeness:.2f}, {near.threshold:.2f} is needed{unlike}"
    )


def _where(window: Window | None) -> str:
    if window is None:
        return ""
    if window.first_turns is not None:
        return f" in the first {window.first_turns} turns"
    if window.last_turns is not None:
        return f" in the last {window.last_turns} turns"
    return f" in the first {window.first_seconds:g} seconds"


def _place(hit: Hit, view: View) -> str:
    how = f", {hit.detail}" if hit.detail else ""
    return f"{_quoted(hit.spans[0], view)} ({hit.source}, {hit.certainty:.2f}{how})"


def _quoted(span: Span, view: View) -> str:
    quote = view.turns[span.turn].text[span.char_start : span.char_end][:_QUOTE_CHARS]
    return f"turn {span.turn} «{quote}»"
