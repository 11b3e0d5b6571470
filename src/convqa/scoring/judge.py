"""One pure function for each kind of criterion: what was found → what it means."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from convqa.schema import Outcome
from convqa.scoring.reasons import Reason, joined
from convqa.scoring.view import Hit, Match, Pair, View, surest
from convqa.standard.criteria import (
    AddressCriterion,
    CombinedCriterion,
    LabelCriterion,
    OrderCriterion,
    ResolutionCriterion,
    ResponseCriterion,
    TimingCriterion,
)
from convqa.standard.parts import Target
from convqa.standard.terms import Measure


class Judgement(NamedTuple):
    """The outcome of a criterion before it is weighed.

    `share` in [0, 1] is what is earned of the weight. `due` is the turn where something missing was
    due. `values` are spans of timing findings.
    """

    outcome: Outcome
    confidence: float
    reason: Reason
    hits: tuple[Hit, ...] = ()
    due: int | None = None
    share: float = 0.0


def passed(confidence: float, reason: Reason, hits: tuple[Hit, ...] = ()) -> Judgement:
    """Return a full pass."""
    return Judgement("pass", confidence, reason, hits, share=1.0)


def names(target: Target) -> str:
    """Return the labels of a target for a reason."""
    return _names(target.pairs())


@lru_cache(1000)  # a standard has few targets, and every conversation asks for their names
def _names(pairs: tuple[Pair, ...]) -> str:
    return joined(label for _, label in pairs)


# The last words that tell how the need ended are shown as evidence.
TELLING = {
    "resolved": Target(role="customer", act=("confirms_resolved",)),
    "pending": Target(act=("commitment",)),
    "unresolved": Target(role="customer", act=("denies_resolved",)),
}
ANNOUNCED = Target(act=("hold",))

# Where this was measured, times are known well enough to say that there was none of the other.
COUNTED_BY: dict[Measure, Measure] = {
    "silence_s": "longest_silence_s", "interruption": "overlap_s", "hold_s": "duration_s"
}  # fmt: skip

# How the detail of a finding says that a paraphrase was found; the example follows in «».
MEANING = ": meaning "

UNKNOWN_SPEAKER = Judgement("undetermined", 0.0, Reason("unknown_speaker"))


def judge_label(criterion: LabelCriterion, view: View) -> Judgement:
    """Judge whether something is said, or never said."""
    target = criterion.find
    match = view.match(target)
    what = names(target)
    if criterion.expect == "present":
        if match.hits:
            best = max(match.hits, key=lambda h: h.certainty)
            return passed(match.confidence, _said("present", what, best), (best,))
        if match.is_open or match.may_hide:
            return _open(target, view)
        return Judgement("fail", 1 - match.nearest, _absence(target, what), due=_due(target, view))
    if match.hits:
        what = joined(dict.fromkeys(h.label for h in match.hits))
        reason = _said("absent", what, match.hits[0])
        return Judgement("fail", match.confidence, reason, match.hits)
    if match.is_open:
        return _open(target, view)
    return passed(1 - match.nearest, Reason("absent_pass", what=what))


def _said(expected: str, what: str, hit: Hit) -> Reason:
    """Return that something was said; of a paraphrase, of which example."""
    _, is_meaning, example = hit.detail.partition(MEANING)
    if is_meaning:
        return Reason(f"{expected}_meaning", what=what, example=example.partition("«")[2][:-1])
    return Reason("present_pass" if expected == "present" else "absent_fail", what=what)


def _open(target: Target, view: View) -> Judgement:
    window = target.window
    if (
        window is not None
        and window.first_seconds is not None
        and any(view.turns[i].start_s is None for i in view.turns_of(target.role))
    ):
        return Judgement("undetermined", 0.0, Reason("no_times"))
    return UNKNOWN_SPEAKER


def _absence(target: Target, what: str) -> Reason:
    window = target.window
    if window is None:
        return Reason("present_fail", what=what)
    if window.first_turns is not None:
        return Reason("present_fail_first", what=what, n=window.first_turns)
    if window.last_turns is not None:
        return Reason("present_fail_last", what=what, n=window.last_turns)
    return Reason("present_fail_seconds", what=what, n=f"{window.first_seconds:g}")


def _due(target: Target, view: View) -> int | None:
    """Return where something was due: first in an opening window, else last."""
    runs = view.runs_of(target.role)
    if not runs:
        return None
    window = target.window
    if window is None or window.last_turns is not None:
        return runs[-1].turns[-1]
    return runs[0].turns[0]


def judge_response(criterion: ResponseCriterion, view: View) -> Judgement:
    """Judge whether opportunities are answered in time."""
    never = view.match(criterion.never) if criterion.never is not None else None
    if never is not None and never.hits:
        what = joined(dict.fromkeys(h.label for h in never.hits))
        return Judgement("fail", never.confidence, Reason("absent_fail", what=what), never.hits)
    if never is not None and never.is_open:
        return UNKNOWN_SPEAKER
    occasions = view.match(criterion.to)
    if occasions.hits:
        return _judge_answers(criterion, view, occasions.hits)
    if occasions.is_open:
        return UNKNOWN_SPEAKER
    reason = Reason("no_occasion", what=names(criterion.to))
    return Judgement("na", 1 - occasions.nearest, reason)


def _judge_answers(
    criterion: ResponseCriterion, view: View, occasions: tuple[Hit, ...]
) -> Judgement:
    answered: list[tuple[float, Hit, Hit]] = []
    unanswered: list[tuple[Hit, int | None, Match]] = []
    for occasion in occasions:
        among = view.following(criterion.answer.role, occasion.turn, criterion.within_turns)
        match = view.match(criterion.answer, among=among)
        if match.hits:
            answered.append((match.confidence, occasion, match.hits[0]))
        else:
            unanswered.append((occasion, min(among.turns, default=None), match))
    args = {"what": names(criterion.to), "answer": names(criterion.answer)}
    n = criterion.within_turns
    if answered and (not unanswered or not criterion.every):
        choose = min if criterion.every else max
        confidence, occasion, hit = choose(answered, key=lambda a: a[0])
        return passed(confidence, Reason("response_pass", **args, n=n), (occasion, hit))
    missed = [u for u in unanswered if not (u[2].is_open or u[2].may_hide)]
    # One answer is enough, or else one that is missing.
    if not missed or (len(missed) < len(unanswered) and not criterion.every):
        return UNKNOWN_SPEAKER
    occasion, due, _ = missed[0]
    if due is None:
        due = _due(criterion.answer, view)
    nearest = max(match.nearest for _, _, match in missed)
    confidence = surest(hit for hit, _, _ in missed) * (1 - nearest)
    return Judgement("fail", confidence, Reason("response_fail", **args, n=n), (occasion,), due)


def judge_order(criterion: OrderCriterion, view: View) -> Judgement:
    """Judge whether the first comes before the other."""
    first, then = view.match(criterion.first), view.match(criterion.then)
    what = {"first": names(criterion.first), "then": names(criterion.then)}
    if not then.hits:
        if then.is_open:
            return UNKNOWN_SPEAKER
        if criterion.if_no_then == "na":
            return Judgement("na", 1 - then.nearest, Reason("no_occasion", what=what["then"]))
        if first.hits:
            return passed(
                first.confidence, Reason("present_pass", what=what["first"]), first.hits[:1]
            )
        if first.is_open or first.may_hide:
            return UNKNOWN_SPEAKER
        reason = Reason("present_fail", what=what["first"])
        return Judgement("fail", 1 - first.nearest, reason, due=_due(criterion.first, view))
    limit = then.hits[0] if criterion.compare == "first" else then.hits[-1]
    before = tuple(h for h in first.hits if h.position <= limit.position)
    if before:
        best = max(before, key=lambda h: h.certainty)
        return passed(
            min(best.certainty, then.confidence), Reason("order_pass", **what), (best, limit)
        )
    if first.is_open or first.may_hide:
        return UNKNOWN_SPEAKER
    if first.hits:
        confidence = min(then.confidence, first.confidence)
        late = (limit, first.hits[0])
        return Judgement("fail", confidence, Reason("order_late", **what), late)
    confidence = then.confidence * (1 - first.nearest)
    return Judgement("fail", confidence, Reason("order_missing", **what), then.hits[:1])


def judge_resolution(criterion: ResolutionCriterion, view: View) -> Judgement:
    """Judge how the need ended, with the words that tell."""
    found = view.whole_label("resolution")
    if found is None:
        return Judgement("undetermined", 0.0, Reason("resolution_unknown"))
    label, probability = found
    hits = view.match(TELLING[label]).hits[-1:]
    share = criterion.points[label]
    outcome: Outcome = "pass" if share == 1 else "fail" if share == 0 else "partial"
    customer = view.turns_of("customer")
    due = customer[-1] if customer and not hits else None
    return Judgement(outcome, probability, Reason("resolution", what=label), hits, due, share)


def judge_timing(criterion: TimingCriterion, view: View) -> Judgement:
    """Judge whether a measure lies within its bounds."""
    measured = view.measured.get(criterion.measure, [])
    values = [f.value for f in measured if f.value is not None]
    measure = criterion.measure
    if measure == "hold_s":
        values = view.lengths_of_holds(ANNOUNCED)
    is_count = criterion.statistic == "count"
    if not values and not (is_count and _is_none(measure, view)):
        return Judgement("na", 1.0, Reason("not_measured", what=measure))
    value = _statistic(values, criterion.statistic)
    at_most, at_least = criterion.at_most, criterion.at_least
    is_over = at_most is not None and value > at_most
    is_under = at_least is not None and value < at_least
    bound = at_least if is_under or at_most is None else at_most
    shown = f"{value:g}" if is_count else _shown(measure, value, bound)
    args = {"what": measure, "value": shown, "bound": f"{bound:g}"}
    if not is_over and not is_under:
        return passed(1.0, Reason("timing_pass", **args))
    return Judgement(
        "fail", 1.0, Reason("timing_fail", **args), _telling_times(criterion, view, is_under)
    )


def _is_none(measure: Measure, view: View) -> bool:
    """Return whether there was nothing to count, rather than no times to count it by."""
    if measure == "hold_s" and view.match(ANNOUNCED).hits:
        return False
    return COUNTED_BY.get(measure) in view.measured


def _shown(measure: Measure, value: float, bound: float | None) -> str:
    """Return a value with as many decimals as part it from its bound."""
    least = 2 if measure == "talk_share" else 1
    decimals = next((n for n in range(least, 7) if round(value, n) != bound), least)
    return f"{value:.{decimals}f}"


def judge_address(criterion: AddressCriterion, view: View) -> Judgement:
    """Judge how somebody is addressed: in one form, or in the form asked for."""
    form = criterion.form.get(view.language) if view.language in criterion.form else None
    if form is None:
        return Judgement("na", 1.0, Reason("out_of_scope"))
    formal, informal = (
        view.match(Target(role=criterion.role, address=(x,))) for x in ("formal", "informal")
    )
    if not formal.hits and not informal.hits:
        if formal.is_open or informal.is_open:
            return UNKNOWN_SPEAKER
        return Judgement("na", 1.0, Reason("address_na"))
    wrong = {"formal": informal, "informal": formal}.get(form)
    if form == "consistent" and formal.hits and informal.hits:
        # The form used less often is the slip.
        wrong = min(formal, informal, key=lambda match: len(match.hits))
        hits = (*wrong.hits, (informal if wrong is formal else formal).hits[0])
        return Judgement("fail", wrong.confidence, Reason("address_mixed"), hits)
    if wrong is not None and wrong.hits:
        what = joined(dict.fromkeys(h.label for h in wrong.hits))
        return Judgement("fail", wrong.confidence, Reason("absent_fail", what=what), wrong.hits)
    if formal.is_open or informal.is_open:
        return UNKNOWN_SPEAKER
    right = formal if formal.hits else informal
    what = right.hits[0].label
    return passed(right.confidence, Reason("address_pass", what=what), right.hits[:1])


def _telling_times(criterion: TimingCriterion, view: View, is_under: bool) -> tuple[Hit, ...]:
    """Return where the measure was furthest out of bounds; of holds, where they were announced."""
    measure = criterion.measure
    if measure == "hold_s":
        return tuple(view.match(ANNOUNCED).hits)
    measured = [f for f in view.measured.get(measure, []) if f.value is not None and f.spans]
    if not measured:
        return ()
    worst = (min if is_under else max)(measured, key=lambda f: f.value or 0.0)
    return (Hit("timing", measure, worst.spans, "timing", worst.segment, 1.0, True),)


def _statistic(values: list[float], statistic: str) -> float:
    match statistic:
        case "longest":
            return max(values)
        case "mean":
            return sum(values) / len(values)
        case "total":
            return sum(values)
        case _:
            return float(len(values))


def judge_combined(criterion: CombinedCriterion, done: Mapping[str, Judgement]) -> Judgement:
    """Judge all, any or none of criteria that were judged before, by the parts that decide it."""
    what = joined(criterion.of)
    if all(done[i].outcome == "na" for i in criterion.of):
        return Judgement("na", 1.0, Reason("no_occasion", what=what))
    deciding = [done[i] for i in deciding_parts(criterion, done)]
    if not deciding:
        return Judgement("undetermined", 0.0, Reason("parts_unknown", what=what))
    found = deciding[0].share
    # One such part is enough, or else each of them is needed.
    confidence = (max if found == _decisive(criterion) else min)(p.confidence for p in deciding)
    hits = tuple(h for p in deciding for h in p.hits)
    due = next((p.due for p in deciding if p.due is not None), None)
    share = 1 - found if criterion.kind == "not" else found
    outcome: Outcome = "pass" if share == 1 else "fail" if share == 0 else "partial"
    reason = Reason(f"{criterion.kind}_{'pass' if share == 1 else 'fail'}", what=what)
    return Judgement(outcome, confidence, reason, hits, due, share)


def deciding_parts(criterion: CombinedCriterion, done: Mapping[str, Judgement]) -> tuple[str, ...]:
    """Return the parts that decide a combined criterion; none where it is open or `na`."""
    outcomes = [done[i].outcome for i in criterion.of]
    known = [i for i in criterion.of if done[i].outcome not in ("na", "undetermined")]
    choose = min if criterion.kind == "all" else max
    found = choose((done[i].share for i in known), default=None)
    if found != _decisive(criterion) and "undetermined" in outcomes:
        return ()
    return tuple(i for i in known if done[i].share == found)


def _decisive(criterion: CombinedCriterion) -> float:
    """Return the share of a single part that settles the whole."""
    return 0.0 if criterion.kind == "all" else 1.0
