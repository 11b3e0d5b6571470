"""One criterion on one conversation, step by step, and the smallest change that would flip it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from convqa.config import suggest
from convqa.errors import ConfigError
from convqa.schema import (
    CriterionResult,
    Finding,
    FindingKind,
    Outcome,
    SegmentedConversation,
    Span,
)
from convqa.scoring import evaluate_criteria
from convqa.scoring.conditions import first_that_holds, is_in_scope
from convqa.scoring.view import Hit, View
from convqa.standard import Standard
from convqa.standard.criteria import Criterion, ResolutionCriterion
from convqa.standard.model import targets_of
from convqa.standard.parts import Target, Window
from convqa.standard.terms import ENDINGS, RESOLUTIONS

# More ways to flip an outcome than this confuse.
_MAX_FLIPS = 5
_QUOTE_CHARS = 80


@dataclass(frozen=True, slots=True)
class Flip:
    """A change of what was found that would change the outcome, and the outcome it would give."""

    change: str
    outcome: Outcome


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
) -> Explanation:
    """Return how one criterion of a standard was decided on one conversation.

    Raises:
        ConfigError: The standard has no such criterion.
    """
    criterion = next((c for c in standard.criteria if c.id == criterion_id), None)
    if criterion is None:
        known = [c.id for c in standard.criteria]
        remedy = suggest(criterion_id, known) or f"; known: {', '.join(known)}"
        raise ConfigError(f"no criterion {criterion_id!r} in {standard.name}{remedy}")

    def judge(changed: Sequence[Finding]) -> CriterionResult:
        results = evaluate_criteria(segmented, changed, standard)
        return next(r for r in results if r.id == criterion_id)

    result = judge(findings)
    view = View(segmented, findings, phrase_certainty=standard.confidence.phrase)
    steps = tuple(_steps(criterion, view, result))
    return Explanation(
        criterion_id, steps, result, _flips(criterion, view, findings, result, judge)
    )


def _steps(criterion: Criterion, view: View, result: CriterionResult) -> Iterator[str]:
    yield f"kind {criterion.kind}, worth {result.max_points:g} points in this conversation"
    if criterion.applies_to is not None:
        applies = is_in_scope(criterion.applies_to, view)
        yield f"applies_to: {'applies' if applies else 'does not apply'} to this conversation"
    for key in ("na_when", "pass_when"):
        for number, condition in enumerate(getattr(criterion, key), 1):
            why = first_that_holds([condition], view)
            holds = "does not hold" if why is None else f"holds ({why})"
            yield f"{key}, condition {number}: {holds}"
    for key, target in targets_of(criterion):
        if key not in ("na_when", "pass_when"):
            yield f"{key}: {_target_step(target, view)}"
    if isinstance(criterion, ResolutionCriterion):
        found = view.whole_label("resolution")
        yield "resolution: unknown" if found is None else f"resolution: {found[0]} ({found[1]:.2f})"
    yield f"outcome {result.outcome}, {result.points:g} points: {result.reason}"


def _target_step(target: Target, view: View) -> str:
    match = view.match(target)
    labels = " or ".join(label for _, label in target.pairs())
    where = _where(target.window)
    if match.hits:
        places = "; ".join(_place(hit, view) for hit in match.hits[:3])
        more = f" and {len(match.hits) - 3} more" if len(match.hits) > 3 else ""
        return f"{labels} by the {target.role}{where}: {places}{more}"
    near = f"; the nearest had probability {match.nearest:.2f}" if match.nearest else ""
    unknown = "; a speaker of unknown role may have said it" if match.is_open else ""
    return f"{labels} by the {target.role}{where}: not found{near}{unknown}"


def _where(window: Window | None) -> str:
    if window is None:
        return ""
    if window.first_turns is not None:
        return f" in the first {window.first_turns} turns"
    if window.last_turns is not None:
        return f" in the last {window.last_turns} turns"
    return f" in the first {window.first_seconds:g} seconds"


def _place(hit: Hit, view: View) -> str:
    span = hit.spans[0]
    quote = view.turns[span.turn].text[span.char_start : span.char_end][:_QUOTE_CHARS]
    return f"turn {span.turn} «{quote}» ({hit.source}, {hit.certainty:.2f})"


def _flips(
    criterion: Criterion,
    view: View,
    findings: Sequence[Finding],
    result: CriterionResult,
    judge: Callable[[Sequence[Finding]], CriterionResult],
) -> tuple[Flip, ...]:
    """Return the changes that flip the outcome, the smallest first, each kind of change once."""
    flips: list[Flip] = []
    for edits in (_nearly(criterion, findings), _without(criterion, findings),
                  _with(criterion, view, findings), _without_all(criterion, findings),
                  _otherwise(findings)):  # fmt: skip
        for change, changed in edits:
            outcome = judge(changed).outcome
            if outcome != result.outcome:
                flips.append(Flip(change, outcome))
                break
    return tuple(flips[:_MAX_FLIPS])


_Edits = Iterator[tuple[str, list[Finding]]]


def _pairs(criterion: Criterion) -> set[tuple[FindingKind, str]]:
    return {pair for _, target in targets_of(criterion) for pair in target.pairs()}


def _nearly(criterion: Criterion, findings: Sequence[Finding]) -> _Edits:
    pairs = _pairs(criterion)
    near = [
        (i, f) for i, f in enumerate(findings)
        if not f.is_present and f.spans and (f.kind, f.label) in pairs
    ]  # fmt: skip
    for i, finding in sorted(near, key=lambda n: -(n[1].probability or 0.0)):
        changed = [*findings[:i], replace(finding, is_present=True), *findings[i + 1 :]]
        where = f"turn {finding.spans[0].turn}, where its probability is"
        yield f"{finding.label} counted in {where} {finding.probability or 0.0:.2f}", changed


def _without(criterion: Criterion, findings: Sequence[Finding]) -> _Edits:
    pairs = _pairs(criterion)
    for i, finding in enumerate(findings):
        if finding.is_present and finding.spans and (finding.kind, finding.label) in pairs:
            change = f"{finding.label} not found in turn {finding.spans[0].turn}"
            yield change, [*findings[:i], *findings[i + 1 :]]


def _without_all(criterion: Criterion, findings: Sequence[Finding]) -> _Edits:
    for kind, label in sorted(_pairs(criterion)):
        kept = [f for f in findings if (f.kind, f.label) != (kind, label)]
        if len(kept) < len(findings):
            yield f"{label} found nowhere", kept
    kept = [f for f in findings if (f.kind, f.label) not in _pairs(criterion)]
    yield "nothing found of what it looks for", kept


def _with(criterion: Criterion, view: View, findings: Sequence[Finding]) -> _Edits:
    for _, target in targets_of(criterion):
        also = target.also.pairs()[:1] if target.also is not None else ()
        for turn in view.turns_of(target.role):
            spans = (Span(turn, 0, len(view.turns[turn].text)),)
            for pair in target.pairs():
                added = [Finding(kind, label, "model", spans, None, 1.0)
                         for kind, label in (pair, *also)]  # fmt: skip
                yield f"{pair[1]} found in turn {turn}", [*findings, *added]


def _otherwise(findings: Sequence[Finding]) -> _Edits:
    wholes: dict[FindingKind, tuple[str, ...]] = {"resolution": RESOLUTIONS, "ending": ENDINGS}
    for kind, labels in wholes.items():
        kept = [f for f in findings if f.kind != kind]
        for label in labels:
            other = Finding(kind, label, "model", probability=1.0)
            yield f"{kind} {label}", [*kept, other]
