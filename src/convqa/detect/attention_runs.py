"""A conversation laid out for the rules of attention: runs of segments with their acts and cues."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from convqa.detect.attention_cues import cues_in
from convqa.runs import speaker_runs
from convqa.schema import Finding, Role, Segment, SegmentedConversation, Span

# What meets a question or a problem in some way, if only by asking back.
ANSWERING = frozenset(
    {"information", "action", "commitment", "disclosure", "refusal", "transfer", "question",
     "verification", "paraphrase"}
)  # fmt: skip
_COURTESY = frozenset(
    {"greeting", "introduction", "apology", "hold", "further_help", "thanks", "closing"}
)
_NEWS = frozenset({"refusal", "transfer", "question", "disclosure"})
# «Confirmed.» is a verification too, and asks for nothing.
_MIN_REQUEST_WORDS = 3

# A formula is a sentence of its own; longer ones with a formula in them say something besides.
_MAX_FORMULA_WORDS = 25
# The model's own threshold asks for more; here what it half hears excuses the agent.
_MAYBE = 0.3


@dataclass(frozen=True)
class Said:
    """A segment with what the model and the cues found in it."""

    segment: Segment
    acts: frozenset[str]
    perhaps: frozenset[str]
    emotion: str

    @cached_property
    def cues(self) -> frozenset[str]:
        """Names of its cues."""
        return cues_in(self.segment.text, self.segment.language)

    @property
    def text(self) -> str:
        """Its words as stored."""
        return self.segment.text

    @property
    def turn(self) -> int:
        """The turn it begins in."""
        return self.segment.spans[0].turn

    @property
    def is_question(self) -> bool:
        """Whether it asks something of the other side."""
        return self.text.rstrip().endswith("?") or "question" in self.acts

    @property
    def is_request(self) -> bool:
        """Whether it asks for something that is to be told; «Thanks, that matches» does not."""
        if self.text.rstrip().endswith("?") or "question" in self.acts:
            return True
        is_long = len(self.text.split()) >= _MIN_REQUEST_WORDS
        return is_long and "verification" in self.acts and "thanks" not in self.acts

    @property
    def is_hold(self) -> bool:
        """Whether it announces a wait, in doubt too."""
        return "hold" in self.cues or "hold" in self.perhaps

    @cached_property
    def is_formula(self) -> bool:
        """Whether it is a template apology or assurance and nothing else."""
        return (
            bool(self.cues & {"apology", "patience"})
            and len(self.text.split()) <= _MAX_FORMULA_WORDS
            and not self.acts & (ANSWERING - {"information", "paraphrase"})
            and not any(c.isdigit() for c in self.text)
        )

    @cached_property
    def answers_nothing(self) -> bool:
        """Whether it meets nothing the customer said: courtesy, a formula, or «let me check».

        What the model has no act for may be an answer, such as «Yes».
        """
        if self.is_formula or self.cues & {"still_there", "idle_close"}:
            return True
        if "hold_end" in self.cues:
            return False  # whoever comes back from a wait has looked
        if "hold" in self.cues and len(self.text.split()) <= _MAX_FORMULA_WORDS:
            # «Unplug it for a minute» tells something, «one moment, I am in your bill» does not.
            is_told = "information" in self.acts and "hold" not in self.acts
            return not is_told and not self.acts & _NEWS
        return bool(self.acts) and self.acts <= _COURTESY


@dataclass(frozen=True, slots=True)
class Stretch:
    """All that one speaker says before another speaks."""

    role: Role
    turns: tuple[int, ...]
    said: tuple[Said, ...]

    @property
    def acts(self) -> frozenset[str]:
        """All acts in it."""
        return frozenset(act for one in self.said for act in one.acts)

    @property
    def cues(self) -> frozenset[str]:
        """All cues in it."""
        return frozenset(cue for one in self.said for cue in one.cues)

    @property
    def answers_nothing(self) -> bool:
        """Whether no segment of it meets anything the customer said."""
        return all(one.answers_nothing for one in self.said)


def stretches_of(
    segmented: SegmentedConversation, labels: Sequence[Finding]
) -> tuple[Stretch, ...]:
    """Return the runs of a conversation in order, with the labels found in each segment.

    A label of a whole turn counts for each of its segments.
    """
    told = [f for f in labels if f.kind in ("act", "emotion")]  # what `_said` reads
    found = _by_span(segmented.segments, told)
    said: dict[int, list[Said]] = defaultdict(list)
    for segment, findings in zip(segmented.segments, found, strict=True):
        said[segment.spans[0].turn].append(_said(segment, findings))
    return tuple(
        Stretch(run.role, run.turns, tuple(one for turn in run.turns for one in said[turn]))
        for run in speaker_runs(segmented.conversation.turns)
        if any(turn in said for turn in run.turns)
    )


def _by_span(segments: Sequence[Segment], labels: Sequence[Finding]) -> Iterator[list[Finding]]:
    """Yield for each segment the labels that cover the beginning of it, in their order.

    Labels of single segments, which are most of them, are looked up and not searched for.
    """
    own: dict[Span, list[int]] = {segment.spans[0]: [] for segment in segments}
    wider: dict[int, list[int]] = defaultdict(list)
    for number, finding in enumerate(labels):
        if finding.spans and finding.spans[0] in own:
            own[finding.spans[0]].append(number)
        elif finding.spans:
            wider[finding.spans[0].turn].append(number)
    for segment in segments:
        span = segment.spans[0]
        over = [n for n in wider[span.turn] if _covers(labels[n].spans[0], span)]
        yield [labels[n] for n in sorted([*own[span], *over])]


def _covers(wide: Span, span: Span) -> bool:
    return wide.char_start <= span.char_start and span.char_end <= wide.char_end


def _said(segment: Segment, findings: Sequence[Finding]) -> Said:
    acts = [f for f in findings if f.kind == "act"]
    return Said(
        segment=segment,
        acts=frozenset(f.label for f in acts if f.is_present),
        perhaps=frozenset(f.label for f in acts if f.is_present or (f.probability or 0) >= _MAYBE),
        emotion=next((f.label for f in findings if f.kind == "emotion" and f.is_present), ""),
    )
