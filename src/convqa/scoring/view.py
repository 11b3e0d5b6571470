"""Findings laid out for scoring: by label, in the order said, with runs, windows and roles.

A turn of a standard is a run: all one side says before the other speaks. What speakers of unknown
role say never counts; where it could have decided, that is reported.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from convqa.runs import Run, speaker_runs
from convqa.schema import EvidenceSource, Finding, Role, SegmentedConversation, Span
from convqa.standard.parts import Labels, Target, TargetRole, Window
from convqa.standard.terms import LABELS, SINGLE_LABEL_KINDS

Pair = tuple[str, str]


class Hit(NamedTuple):
    """One finding with a place. `certainty` in [0, 1] is its probability, or that of its rule."""

    kind: str
    label: str
    spans: tuple[Span, ...]
    source: EvidenceSource
    segment: int | None
    certainty: float
    is_present: bool
    detail: str = ""

    @property
    def turn(self) -> int:
        """The turn it begins in."""
        return self.spans[0].turn

    @property
    def position(self) -> tuple[int, int]:
        """Turn and character it begins at; sorts in the order said."""
        return self.spans[0].turn, self.spans[0].char_start


class Match(NamedTuple):
    """What a target found.

    `hits` are in the order said. `nearest` is the highest certainty, in [0, 1], of what was seen
    but did not count. `is_open` says that a speaker of unknown role said it, or that a missing time
    decides; `may_hide` that an unknown speaker's turn, which no model reads, could hold it. What is
    missing is excused by either; what is there, or passes, is questioned by `is_open` only.
    """

    hits: tuple[Hit, ...]
    nearest: float
    is_open: bool
    may_hide: bool = False

    @property
    def confidence(self) -> float:
        """The confidence that it was said, in [0, 1]: that of the surest place."""
        return surest(self.hits)


@dataclass(frozen=True, slots=True)
class Among:
    """Turns to look in, and the stretch `[start, end]` in which an unknown speaker may stand."""

    turns: set[int]
    start: int
    end: int


class View:
    """The findings of one conversation, ready to be asked for."""

    def __init__(
        self,
        segmented: SegmentedConversation,
        findings: Sequence[Finding],
        *,
        phrase_certainty: float,
    ) -> None:
        self.conversation = segmented.conversation
        self.language = segmented.language
        self.turns = self.conversation.turns
        self.runs = speaker_runs(self.turns)
        self.run_of: dict[int, int] = {t: i for i, run in enumerate(self.runs) for t in run.turns}
        self.measured: dict[str, list[Finding]] = defaultdict(list)
        self.whole: dict[Pair, Finding] = {}
        self._phrase_certainty = phrase_certainty
        self._found: dict[Pair, list[Finding]] = defaultdict(list)
        self._hits: dict[tuple[Pair, Role], list[Hit]] = {}
        self._examined: set[int] = set()
        self._labels: dict[str, dict[int, set[str]]] = {}
        self._unknown = [i for i, t in enumerate(self.turns) if t.role == "unknown" and t.text]
        self._runs_of: dict[str, list[Run]] = defaultdict(list)
        for run in self.runs:
            self._runs_of[run.role].append(run)
        self._lay_out(findings)

    def _lay_out(self, findings: Sequence[Finding]) -> None:
        # One loop, with no call for each finding: a conversation has over a hundred.
        found, has_unknown = self._found, bool(self._unknown)
        for finding in findings:
            kind, label, source, spans = finding[:4]
            if kind == "timing":
                self.measured[label].append(finding)
                continue
            if not spans:
                self.whole[kind, label] = finding
                continue
            found[kind, label].append(finding)
            if kind == "phrase":
                phrase_list, is_rule, _ = label.partition(".")
                if is_rule:
                    found[kind, phrase_list].append(finding)
            if has_unknown and source == "model":
                self._examined.update(span.turn for span in spans)

    def _hits_of(self, pair: Pair, role: Role) -> list[Hit]:
        """Return the hits of one label and role in the order said; most are never asked for."""
        hits = self._hits.get((pair, role))
        if hits is None:
            turns, found = self.turns, self._found.get(pair, ())
            if pair[0] == "attention":
                # The evidence of attention is on both sides, and begins with the customer's.
                hits = [self._hit(f) for f in found if role == "agent"]
            else:
                hits = [self._hit(f) for f in found if turns[f.spans[0].turn].role == role]
            if len(hits) > 1:
                hits.sort(key=_order_said)
            self._hits[pair, role] = hits
        return hits

    def _hit(self, finding: Finding) -> Hit:
        if finding.probability is not None:
            certainty = finding.probability
        else:
            # Rules of attention and address err about as often as phrases.
            is_rule = finding.source in ("phrase", "rule")
            certainty = self._phrase_certainty if is_rule else 1.0
        return Hit(
            finding.kind, finding.label, finding.spans, finding.source, finding.segment,
            certainty, finding.is_present, finding.detail,
        )  # fmt: skip

    def _place(self, turn: int) -> int:
        """Return the run of a turn, or a number of its own for turns of `other`."""
        return self.run_of.get(turn, -1 - turn)

    def whole_label(self, kind: str) -> tuple[str, float] | None:
        """Return the label of the whole conversation of a kind, and its probability."""
        present = [f for (k, _), f in self.whole.items() if k == kind and f.is_present]
        if not present:
            return None
        best = max(present, key=lambda f: 1.0 if f.probability is None else f.probability)
        return best.label, 1.0 if best.probability is None else best.probability

    def runs_of(self, role: str) -> list[Run]:
        """Return the runs of a role in the order said."""
        return self._runs_of.get(role, [])

    def turns_of(self, role: TargetRole) -> list[int]:
        """Return the numbers of the turns of a role."""
        return [i for i, turn in enumerate(self.turns) if turn.role == role]

    def match(self, target: Target, *, among: Among | None = None) -> Match:
        """Return what a target finds, in the turns `among` only if given."""
        inside, edge, lacks_times = self._window(target.window, target.role)
        if among is not None:
            inside = among.turns if inside is None else inside & among.turns
            edge = (max(edge[0], among.start), min(edge[1], among.end))
        found: list[Hit] = []
        nearest = 0.0
        pairs, role, threshold = target.pairs(), target.role, target.threshold
        is_plain = threshold is None and target.also is None and target.without is None
        for pair in pairs:
            for hit in self._hits_of(pair, role):
                if inside is not None and hit.spans[0].turn not in inside:
                    continue
                if hit.is_present if is_plain else self._counts(hit, target):
                    found.append(hit)
                elif hit.certainty > nearest:
                    nearest = hit.certainty
        # Those of one label are in order.
        if len(found) > 1 and (len(pairs) > 1 or pairs[0][0] == "phrase"):
            found.sort(key=lambda h: (h.position, h.label, h.source, h.certainty))
        if not self._unknown:
            return Match(tuple(found), nearest, lacks_times)
        is_open = lacks_times or self._may_be_unknown(target, edge)
        return Match(tuple(found), nearest, is_open, self._has_unexamined(target, edge))

    def _counts(self, hit: Hit, target: Target) -> bool:
        """Return whether a hit is sure enough, with the labels that a target wants beside it."""
        if target.threshold is None or hit.source != "model":
            is_sure = hit.is_present
        else:
            is_sure = hit.certainty >= target.threshold
        return is_sure and self._fits(hit.spans[0].turn, target)

    def _may_be_unknown(self, target: Target, edge: tuple[int, int]) -> bool:
        """Return whether a speaker of unknown role said what a target looks for.

        Who owed an answer cannot be told where it is not known who spoke.
        """
        return any(
            pair[0] == "attention"
            or any(
                edge[0] <= hit.spans[0].turn <= edge[1] and self._counts(hit, target)
                for hit in self._hits_of(pair, "unknown")
            )
            for pair in target.pairs()
        )

    def lengths_of_holds(self, announce: Target) -> list[float]:
        """Return the seconds from each announced wait to the agent's return, where timed."""
        lengths = []
        for turn in sorted({hit.turn for hit in self.match(announce).hits}):
            back = self._return_from(turn)
            start = self.turns[back].start_s if back is not None else None
            end = self._end_s(turn)
            if start is not None and end is not None and start >= end:
                lengths.append(start - end)
        return lengths

    def _return_from(self, turn: int) -> int | None:
        """Return the agent's turn after the longest pause, up to the first of the agent's next run.

        «One moment please» and «I look into it» may be two messages before one wait.
        """
        later = [i for i in self.runs[self.run_of[turn]].turns if i > turn]
        later.extend(sorted(self.following("agent", turn, 1).turns)[:1])
        return max(later, key=self._pause_before, default=None)

    def _pause_before(self, turn: int) -> float:
        start, end = self.turns[turn].start_s, self._end_s(turn - 1)
        return start - end if start is not None and end is not None else 0.0

    def _end_s(self, turn: int) -> float | None:
        """Return when a turn ends; a message of a chat has one time only."""
        said = self.turns[turn]
        is_call = self.conversation.channel == "call"
        return said.start_s if said.end_s is None and not is_call else said.end_s

    def _fits(self, turn: int, target: Target) -> bool:
        """Return whether the labels that a target wants beside its own are in a turn's run."""
        place = self._place(turn)
        if target.also is not None and not self._has(place, target.also):
            return False
        return target.without is None or not self._has(place, target.without)

    def _has(self, place: int, labels: Labels) -> bool:
        for kind, label in labels.pairs():
            there = self._labels_of(kind).get(place, set())
            if kind in SINGLE_LABEL_KINDS:
                if next((x for x in LABELS[kind] if x in there), None) == label:
                    return True
            elif label in there:
                return True
        return False

    def _labels_of(self, kind: str) -> dict[int, set[str]]:
        """Return the labels of a kind present in each run; only `also` and `without` ask for it."""
        if kind not in self._labels:
            labels: dict[int, set[str]] = defaultdict(set)
            for (other, name), findings in self._found.items():
                for finding in findings if other == kind else ():
                    if finding.is_present:
                        labels[self._place(finding.spans[0].turn)].add(name)
            self._labels[kind] = labels
        return self._labels[kind]

    def _window(
        self, window: Window | None, role: TargetRole
    ) -> tuple[set[int] | None, tuple[int, int], bool]:
        """Return the turns inside (None for all), their first and last, and if times are missing.

        Unknown speakers between the first and the last could have spoken inside the window.
        """
        everything = (0, len(self.turns))
        if window is None:
            return None, everything, False
        if window.first_seconds is not None:
            times = [(i, self.turns[i].start_s) for i in self.turns_of(role)]
            inside = {i for i, s in times if s is not None and s < window.first_seconds}
            starts = [(i, t.start_s) for i, t in enumerate(self.turns)]
            within = [i for i, s in starts if s is not None and s < window.first_seconds]
            return inside, (0, max(within, default=0)), any(s is None for _, s in times)
        runs = self.runs_of(role)
        if window.first_turns is not None:
            inside = {t for run in runs[: window.first_turns] for t in run.turns}
            is_short = len(runs) < window.first_turns
            return inside, (0, len(self.turns) if is_short else max(inside)), False
        last = window.last_turns or 1
        inside = {t for run in runs[-last:] for t in run.turns}
        start = 0 if len(runs) < last else min(inside)
        return inside, (start, len(self.turns)), False

    def _has_unexamined(self, target: Target, edge: tuple[int, int]) -> bool:
        """Return whether no model has read an unknown speaker's turn that could have decided."""
        if all(kind in ("phrase", "attention", "address") for kind, _ in target.pairs()):
            return False
        return any(
            turn not in self._examined and edge[0] <= turn <= edge[1] for turn in self._unknown
        )

    def following(self, role: TargetRole, after: int, n_runs: int) -> Among:
        """Return the turns of the next runs of a role after a turn, at most `n_runs` of them."""
        runs = self.runs_of(role)
        first = bisect_left(runs, after + 1, key=lambda run: run.turns[0])
        turns = {turn for run in runs[first : first + n_runs] for turn in run.turns}
        is_last = len(runs) < first + n_runs
        return Among(turns, after + 1, len(self.turns) if is_last else max(turns))


def _order_said(hit: Hit) -> tuple[int, int, str, float]:
    place = hit.spans[0]
    return place.turn, place.char_start, hit.source, hit.certainty


def surest(hits: Iterable[Hit]) -> float:
    """Return the highest certainty at a segment, sources combined as independent: 1 - Π(1 - p)."""
    doubts: dict[tuple[int, int], dict[str, float]] = defaultdict(dict)
    for hit in hits:
        place = (hit.turn, -1 if hit.segment is None else hit.segment)
        doubt = doubts[place].get(hit.source, 1.0)
        doubts[place][hit.source] = min(doubt, 1.0 - hit.certainty)
    combined = []
    for by_source in doubts.values():
        product = 1.0
        for doubt in by_source.values():
            product *= doubt
        combined.append(1.0 - product)
    return max(combined, default=0.0)
