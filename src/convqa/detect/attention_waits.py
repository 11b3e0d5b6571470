"""Chats closed as idle while the agent owed the answer, and waits that nobody announced."""

from collections.abc import Iterator, Sequence

from convqa.detect.attention_cues import attention_settings, cues_in
from convqa.detect.attention_runs import Said, Stretch
from convqa.schema import SegmentedConversation, Span
from convqa.segment.stretches import is_spoken

_Spans = tuple[tuple[Span, ...], str]

_NEEDS = frozenset({"problem", "complaint", "question", "escalation", "denies_resolved", "churn"})
# How many of the agent's runs back an announcement still covers the wait.
_REACH = 2


def idle_closes(segmented: SegmentedConversation, stretches: Sequence[Stretch]) -> Iterator[_Spans]:
    """Yield what the customer said last and the words that closed the chat, once at most."""
    closing = _closing(segmented, stretches)
    if closing is None:
        return
    turn, spans = closing
    before = [s for s in stretches if s.turns[0] < turn]
    last = next((i for i in reversed(range(len(before))) if before[i].role == "customer"), None)
    if last is None:
        return
    owed = _owed(before[last], before[last - 1] if last else None)
    since = [one for s in before[last + 1 :] for one in s.said if one.turn < turn]
    if owed is None and any(one.is_hold for one in since) and not _leaves(before[last]):
        owed = before[last].said[-1]
    after = [one for s in stretches for one in s.said if one.turn > turn and s.role == "agent"]
    if owed is not None and all(one.answers_nothing for one in (*since, *after)):
        yield (*owed.segment.spans, *spans), "the answer was owed"


def _closing(
    segmented: SegmentedConversation, stretches: Sequence[Stretch]
) -> tuple[int, tuple[Span, ...]] | None:
    """Return the turn and the words that close a chat because nobody writes."""
    language = segmented.language or ""
    found = [
        (one.turn, one.segment.spans)
        for s in stretches if s.role == "agent"
        for one in s.said if "idle_close" in one.cues
    ]  # fmt: skip
    found += [
        (number, (Span(number, 0, len(turn.text)),))
        for number, turn in enumerate(segmented.conversation.turns)
        if turn.role == "other" and "idle_close" in cues_in(turn.text, language)
    ]
    return min(found, key=lambda one: one[0], default=None)


def _leaves(stretch: Stretch) -> bool:
    """Return whether the customer is the one who goes away, or has nothing left to say."""
    last = stretch.said[-1]
    if "closing" in last.acts or ("customer_wait" in last.cues and not last.is_question):
        return True
    acts = stretch.acts
    return bool(acts) and acts <= {"thanks", "closing", "greeting", "confirms_resolved"}


def _owed(stretch: Stretch, before: Stretch | None) -> Said | None:
    """Return what of the customer's words the agent owed an answer to, None if nothing."""
    if _leaves(stretch) or "confirms_resolved" in stretch.acts:
        return None
    needs = [one for one in stretch.said if one.acts & _NEEDS or one.is_question]
    if needs:
        return needs[-1]
    was_asked = before is not None and any(one.is_request for one in before.said)
    is_offer = before is not None and "further_help" in before.acts
    return stretch.said[-1] if was_asked and not is_offer else None


def unannounced_holds(
    segmented: SegmentedConversation, stretches: Sequence[Stretch]
) -> Iterator[_Spans]:
    """Yield what was last said before a wait and the words that show it was one, once at most.

    They are the agent's thanks for waiting, the customer's «are you there?», or a silence as long
    as `limits` of the settings say.
    """
    n_agent = 0
    for i, stretch in enumerate(stretches):
        if n_agent and i:
            before = [s for s in stretches[:i] if s.role == "agent"][-_REACH:]
            found = _shown(segmented, stretches, i)
            is_excused = any(
                one.is_hold or "transfer" in one.acts for s in before for one in s.said
            )
            if found is not None and not is_excused:
                yield found
                return
        n_agent += stretch.role == "agent"


def _shown(segmented: SegmentedConversation, stretches: Sequence[Stretch], i: int) -> _Spans | None:
    stretch, before = stretches[i], stretches[i - 1]
    last = before.said[-1]
    if stretch.role == "customer":
        return _called(stretch, before)
    first = stretch.said[0]
    is_announced = first.is_hold and "hold_end" not in first.cues
    if before.role != "customer" or _leaves(before) or is_announced or _calls_out(first):
        return None
    for one in stretch.said[:2]:
        is_return = "hold_end" in one.cues and bool(one.acts & {"hold", "thanks"})
        if is_return and one.turn == first.turn and "closing" not in stretch.acts:
            return (*last.segment.spans, *one.segment.spans), "came back from a wait"
    if _waited_s(segmented, before.turns[-1], stretch.turns[0]):
        return (*last.segment.spans, *first.segment.spans), "a silence"
    return None


def _calls_out(one: Said) -> bool:
    """Return whether the agent asks where the customer is («Are you there?», «Hello?»)."""
    return "still_there" in one.cues or (one.text.endswith("?") and len(one.text.split()) == 1)


def _called(stretch: Stretch, before: Stretch) -> _Spans | None:
    """Return a need and the «are you there?» that the customer had to send after it."""
    calls = [one for one in stretch.said if "still_there" in one.cues]
    if not calls:
        return None
    earlier = [one for one in stretch.said if one.turn < calls[0].turn]
    if earlier and "customer_wait" not in earlier[-1].cues:
        return (*earlier[-1].segment.spans, *calls[0].segment.spans), "had to call out"
    if before.role == "agent" and before.answers_nothing:
        return (*before.said[-1].segment.spans, *calls[0].segment.spans), "had to call out"
    return None


def _waited_s(segmented: SegmentedConversation, last: int, first: int) -> bool:
    """Return whether the silence between two turns is as long as a wait."""
    limits = attention_settings().limits
    is_call = is_spoken(segmented.conversation)
    turns = segmented.conversation.turns
    end, start = turns[last].end_s, turns[first].start_s
    if end is None:
        end = None if is_call else turns[last].start_s
    if end is None or start is None:
        return False
    return start - end >= (limits.call_silence_s if is_call else limits.chat_wait_s)
