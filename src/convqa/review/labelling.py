"""What people corrected about criteria → labels of segments, which heads learn from.

A review says whether something is said; a label says it of a sentence. It follows where the words
are known: those the reviewer marked, or the machine's where it was confirmed, hold the label; where
nothing of the kind is said, no sentence of that speaker holds it. A sentence's other labels are
the machine's. What does not follow for certain is left out and counted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from convqa.schema import Evidence, Finding, FindingKind, Role, Segment
from convqa.standard.criteria import (
    Criterion,
    LabelCriterion,
    OrderCriterion,
    ResponseCriterion,
)
from convqa.standard.parts import Target
from convqa.standard.terms import LABELS, SINGLE_LABEL_KINDS
from convqa.store.corrections import CorrectionRow
from convqa.store.labelled import Reviewed

# The kinds of findings that segment heads give, and what their task is called in a bundle.
_TASKS: Mapping[FindingKind, str] = {
    "act": "acts", "politeness": "politeness", "empathy": "empathy", "emotion": "emotion",
    "forbidden": "forbidden",
}  # fmt: skip

# Why a review gives no label; the keys of words of the page.
STALE, NO_HEAD, NO_WORDS, NO_RUN, UNCLEAR = "stale", "no_head", "no_words", "no_run", "unclear"
REASONS = (STALE, NO_HEAD, NO_WORDS, NO_RUN, UNCLEAR)


@dataclass(frozen=True, slots=True)
class SegmentLabel:
    """A segment with the labels of one head: a row of a label file.

    `labels` are those that hold now, `machine` those that the machine gave. `judged` are the labels
    that people decided here, by the criteria `criteria`. `said` are the runs of one party before,
    oldest first. `options` are all there are, empty where only the head knows. `is_single` where
    exactly one holds, `is_own` for a yes/no head of one's own.
    """

    id: str
    conversation_id: str
    language: str
    role: str
    head: str
    text: str
    said: tuple[Sequence[Segment], ...]
    labels: tuple[str, ...]
    machine: tuple[str, ...]
    judged: tuple[str, ...]
    criteria: tuple[str, ...]
    options: tuple[str, ...]
    is_single: bool
    is_own: bool
    is_random: bool

    @property
    def context(self) -> str:
        """What the other party said just before."""
        return " ".join(segment.text for segment in self.said[-1]) if self.said else ""

    @property
    def before(self) -> list[tuple[Role, str]]:
        """All that was said before, oldest first; nothing where a head of one's own is labelled.

        Such heads do not read it.
        """
        return [] if self.is_own else [(s.role, s.text) for run in self.said for s in run]

    @property
    def value(self) -> bool | str | list[str]:
        """The label as `convqa train heads` reads it."""
        if self.is_own:
            return bool(self.labels)
        return self.labels[0] if self.is_single else list(self.labels)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A person's word on one label of one segment."""

    segment: int
    kind: FindingKind
    label: str
    holds: bool
    criterion_id: str


def label_rows(reviewed: Reviewed, left_out: Counter[str]) -> Iterator[SegmentLabel]:
    """Yield the labels that follow from the reviews of one conversation.

    Args:
        reviewed: The conversation.
        left_out: Reviews that give no label are counted here, by one of `REASONS`.
    """
    if reviewed.scored is None:
        left_out[NO_RUN] += len(reviewed.corrections)
        return
    segmented, findings = reviewed.scored
    present = _present(findings)
    criteria = {criterion.id: criterion for criterion in reviewed.standard.criteria}
    found: list[_Judged] = []
    for correction in reviewed.corrections:
        judged, reason = _judge(
            correction, criteria.get(correction.criterion_id), segmented.segments, present
        )
        found += judged
        if reason:
            left_out[reason] += 1
    said = _said_before(segmented.segments)
    by_head: dict[tuple[int, str], list[_Judged]] = defaultdict(list)
    for one in found:
        head = one.label if one.kind == "head" else _TASKS[one.kind]
        by_head[one.segment, head].append(one)
    for (index, head), judged in sorted(by_head.items()):
        row = _row(reviewed, segmented.segments[index], said[index], head, judged, findings)
        if row is None:
            left_out[UNCLEAR] += 1
        else:
            yield row


def _present(findings: Iterable[Finding]) -> set[tuple[int, FindingKind, str]]:
    return {
        (f.segment, f.kind, f.label)
        for f in findings
        if f.segment is not None and f.is_present and f.source == "model"
    }


def _target(criterion: Criterion | None) -> tuple[Target, bool] | None:
    """Return what a criterion looks for and whether a pass means that it is said."""
    match criterion:
        case LabelCriterion():
            return criterion.find, criterion.expect == "present"
        case ResponseCriterion():
            return criterion.answer, True
        case OrderCriterion():
            return criterion.first, True
        case _:
            return None


def _judge(
    correction: CorrectionRow,
    criterion: Criterion | None,
    segments: Sequence[Segment],
    present: set[tuple[int, FindingKind, str]],
) -> tuple[list[_Judged], str]:
    """Return what a review says of segments, and why it says nothing."""
    if correction.is_stale:
        return [], STALE
    target = _target(criterion)
    if criterion is None or target is None:
        return [], NO_HEAD
    looked_for, pass_means_said = target
    pairs = [(kind, label) for kind, label in looked_for.pairs() if _is_learnt(kind, label)]
    if not pairs:
        return [], NO_HEAD
    if correction.outcome not in ("pass", "fail"):
        return [], UNCLEAR
    own = [s for s in segments if s.role == looked_for.role]
    if (correction.outcome == "pass") == pass_means_said:
        words = correction.evidence
        if correction.state == "confirmed":
            words = correction.machine_evidence
        marked = _marked(own, words)
        if isinstance(criterion, OrderCriterion):
            marked = [s for s in marked if not _is_what_follows(s, criterion, present)]
        is_one = len(looked_for.pairs()) == 1
        judged = [
            _Judged(segment.index, kind, label, True, criterion.id)
            for segment in marked
            for kind, label in pairs
            if is_one or (segment.index, kind, label) in present
        ]
        is_replaced = correction.state == "corrected" and bool(words)
        if judged and is_replaced and not isinstance(criterion, OrderCriterion):
            judged += _not_the_machines(correction, criterion.id, own, marked, pairs, present)
        return judged, "" if judged else (UNCLEAR if marked else NO_WORDS)
    is_excused = correction.outcome == "pass" and bool(criterion.pass_when)
    if isinstance(criterion, OrderCriterion) or is_excused:
        return [], UNCLEAR  # it may have been said, but too late, or where it was allowed
    is_whole = isinstance(criterion, LabelCriterion) and not (
        looked_for.window or looked_for.also or looked_for.without
    )
    among = own if is_whole else _marked(own, correction.machine_evidence)
    judged = [
        _Judged(segment.index, kind, label, False, criterion.id)
        for segment in among
        for kind, label in pairs
        if is_whole or (segment.index, kind, label) in present
    ]
    return judged, "" if judged else NO_WORDS


def _is_what_follows(
    segment: Segment, criterion: OrderCriterion, present: set[tuple[int, FindingKind, str]]
) -> bool:
    """Return whether a segment stands among the words of an order as what came after."""
    first, then = (
        any((segment.index, kind, label) in present for kind, label in target.pairs())
        for target in (criterion.first, criterion.then)
    )
    return then and not first


def _not_the_machines(
    correction: CorrectionRow,
    criterion_id: str,
    own: Sequence[Segment],
    marked: Sequence[Segment],
    pairs: Sequence[tuple[FindingKind, str]],
    present: set[tuple[int, FindingKind, str]],
) -> list[_Judged]:
    """Return that the machine's words do not hold the label where other words decide instead."""
    kept = {segment.index for segment in marked}
    return [
        _Judged(segment.index, kind, label, False, criterion_id)
        for segment in _marked(own, correction.machine_evidence)
        for kind, label in pairs
        if segment.index not in kept and (segment.index, kind, label) in present
    ]


def _is_learnt(kind: FindingKind, label: str) -> bool:
    """Return whether a head that can be trained gives this label."""
    return kind in _TASKS or (kind == "head" and "." not in label)


def _marked(segments: Sequence[Segment], words: Sequence[Evidence]) -> list[Segment]:
    """Return the segments that share characters with any of the words."""
    return [
        segment
        for segment in segments
        if any(
            span.turn == e.turn and span.char_start < e.char_end and e.char_start < span.char_end
            for span in segment.spans
            for e in words
        )
    ]


def _said_before(segments: Sequence[Segment]) -> dict[int, tuple[Sequence[Segment], ...]]:
    """Return the runs of one party before each segment's run, as in scoring, oldest first."""
    spoken = [s for s in segments if s.role in ("agent", "customer")]
    runs = [tuple(run) for _, run in groupby(spoken, key=lambda s: s.role)]
    return {s.index: tuple(runs[:number]) for number, run in enumerate(runs) for s in run}


def _row(
    reviewed: Reviewed,
    segment: Segment,
    said: tuple[Sequence[Segment], ...],
    head: str,
    judged: Sequence[_Judged],
    findings: Sequence[Finding],
) -> SegmentLabel | None:
    """Return a segment with its labels, None where people contradict each other."""
    kind = judged[0].kind
    holds = {one.label for one in judged if one.holds}
    fails = {one.label for one in judged if not one.holds}
    is_single = kind in SINGLE_LABEL_KINDS
    if holds & fails or (is_single and len(holds) > 1):
        return None
    own = [f for f in findings if f.segment == segment.index and f.kind == kind]
    machine = tuple(f.label for f in own if f.is_present and f.source == "model")
    if kind == "head":
        machine = tuple(label for label in machine if label == head)
        labels = tuple(sorted(holds))
    elif is_single:
        labels = (_single(kind, machine, holds, fails, own),)
    else:
        labels = tuple(sorted((set(machine) | holds) - fails))
    return SegmentLabel(
        id=f"{reviewed.conversation_id}:{segment.index}",
        conversation_id=reviewed.conversation_id,
        language=segment.language,
        role=segment.role,
        head=head,
        text=segment.text,
        said=said,
        labels=labels,
        machine=machine,
        judged=tuple(sorted(holds | fails)),
        criteria=tuple(sorted({one.criterion_id for one in judged})),
        options=LABELS.get(kind, (head,)),
        is_single=is_single,
        is_own=kind == "head",
        is_random=reviewed.is_random,
    )


def _single(
    kind: FindingKind,
    machine: Sequence[str],
    holds: set[str],
    fails: set[str],
    found: Sequence[Finding],
) -> str:
    """Return the one label that holds: the person's, the machine's, or the likeliest left."""
    if holds:
        return next(iter(holds))
    kept = [label for label in machine if label not in fails]
    if kept:
        return kept[0]
    rest = {f.label: f.probability or 0.0 for f in found if f.label not in fails}
    # The last of a kind is the one that holds when no other does: neutral or none.
    return max(rest, key=lambda label: rest[label]) if rest else LABELS[kind][-1]
