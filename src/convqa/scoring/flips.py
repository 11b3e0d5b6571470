"""The smallest changes of what was found that would change the outcome of a criterion."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from convqa.schema import (
    CriterionResult,
    Finding,
    FindingKind,
    Outcome,
    SegmentedConversation,
    Span,
)
from convqa.scoring.outcomes import evaluate_criteria
from convqa.scoring.view import View
from convqa.standard.criteria import Criterion
from convqa.standard.model import Standard, targets_of
from convqa.standard.terms import ENDINGS, RESOLUTIONS

WholeKind = Literal["resolution", "ending"]
FlipKind = Literal["counted", "missing", "added", "nowhere", "nothing", "resolution", "ending"]


@dataclass(frozen=True, slots=True)
class Flip:
    """A change of what was found that would change the outcome, and the outcome it would give.

    `counted`: `label` counted in `turn`, where its probability is `probability`; `missing`: not
    found in `turn`; `added`: found in `turn`; `nowhere`: found nowhere; `nothing`: nothing found of
    what the criterion looks for; `resolution`, `ending`: another one. Turns count from 0.
    """

    kind: FlipKind
    outcome: Outcome
    label: str = ""
    turn: int | None = None
    probability: float | None = None

    @property
    def change(self) -> str:
        """The change in English."""
        match self.kind:
            case "counted":
                where = f"turn {self.turn}, where its probability is {self.probability or 0.0:.2f}"
                return f"{self.label} counted in {where}"
            case "missing":
                return f"{self.label} not found in turn {self.turn}"
            case "added":
                return f"{self.label} found in turn {self.turn}"
            case "nowhere":
                return f"{self.label} found nowhere"
            case "nothing":
                return "nothing found of what it looks for"
            case _:
                return f"{self.kind} {self.label}"


# A change whose outcome is not known yet, and the findings after it.
_Edits = Iterator[tuple[Callable[[Outcome], Flip], list[Finding]]]


def find_flips(
    standard: Standard,
    criterion: Criterion,
    segmented: SegmentedConversation,
    findings: Sequence[Finding],
    result: CriterionResult,
) -> tuple[Flip, ...]:
    """Return the changes that flip the outcome of a criterion, the smallest first.

    They begin with a finding the model was nearly sure of, then one finding less, then one more,
    then all of a label less, then another resolution or ending; each kind of change once.
    """
    view = View(segmented, findings, phrase_certainty=standard.confidence.phrase)
    flips: list[Flip] = []
    for edits in (_nearly(criterion, findings), _without(criterion, findings),
                  _with(criterion, view, findings), _without_all(criterion, findings),
                  _otherwise(findings)):  # fmt: skip
        for flip, changed in edits:
            results = evaluate_criteria(segmented, changed, standard)
            outcome = next(r.outcome for r in results if r.id == criterion.id)
            if outcome != result.outcome:
                flips.append(flip(outcome))
                break
    return tuple(flips)


def _pairs(criterion: Criterion) -> set[tuple[FindingKind, str]]:
    return {pair for _, target in targets_of(criterion) for pair in target.pairs()}


def _is_of(finding: Finding, pairs: Collection[tuple[FindingKind, str]]) -> bool:
    """Return whether a finding is of one of the labels; a phrase also is of its whole list."""
    if (finding.kind, finding.label) in pairs:
        return True
    return finding.kind == "phrase" and ("phrase", finding.label.partition(".")[0]) in pairs


def _nearly(criterion: Criterion, findings: Sequence[Finding]) -> _Edits:
    pairs = _pairs(criterion)
    near = [
        (i, f) for i, f in enumerate(findings)
        if not f.is_present and f.spans and _is_of(f, pairs)
    ]  # fmt: skip
    for i, finding in sorted(near, key=lambda n: -(n[1].probability or 0.0)):
        changed = [*findings[:i], finding._replace(is_present=True), *findings[i + 1 :]]
        flip = partial(
            Flip, "counted", label=finding.label, turn=finding.spans[0].turn,
            probability=finding.probability,
        )  # fmt: skip
        yield flip, changed


def _without(criterion: Criterion, findings: Sequence[Finding]) -> _Edits:
    pairs = _pairs(criterion)
    for i, finding in enumerate(findings):
        if finding.is_present and finding.spans and _is_of(finding, pairs):
            flip = partial(Flip, "missing", label=finding.label, turn=finding.spans[0].turn)
            yield flip, [*findings[:i], *findings[i + 1 :]]


def _without_all(criterion: Criterion, findings: Sequence[Finding]) -> _Edits:
    pairs = _pairs(criterion)
    for pair in sorted(pairs):
        kept = [f for f in findings if not _is_of(f, (pair,))]
        if len(kept) < len(findings):
            yield partial(Flip, "nowhere", label=pair[1]), kept
    kept = [f for f in findings if not _is_of(f, pairs)]
    yield partial(Flip, "nothing"), kept


def _with(criterion: Criterion, view: View, findings: Sequence[Finding]) -> _Edits:
    for _, target in targets_of(criterion):
        also = target.also.pairs()[:1] if target.also is not None else ()
        for turn in view.turns_of(target.role):
            spans = (Span(turn, 0, len(view.turns[turn].text)),)
            for pair in target.pairs():
                added = [Finding(kind, label, "model", spans, None, 1.0)
                         for kind, label in (pair, *also)]  # fmt: skip
                yield partial(Flip, "added", label=pair[1], turn=turn), [*findings, *added]


def _otherwise(findings: Sequence[Finding]) -> _Edits:
    wholes: dict[WholeKind, tuple[str, ...]] = {"resolution": RESOLUTIONS, "ending": ENDINGS}
    for kind, labels in wholes.items():
        kept = [f for f in findings if f.kind != kind]
        for label in labels:
            other = Finding(kind, label, "model", probability=1.0)
            yield partial(Flip, kind, label=label), [*kept, other]
