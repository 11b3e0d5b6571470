"""What the times of the turns say: waiting, silence, interruptions, and who spoke how much.

Nothing is guessed: where a file gives no times there are no findings (but the share of characters),
and times that run backwards give none either. Whether a silence was an announced hold is for
scoring to say, which knows the acts.
"""

from collections.abc import Iterator, Sequence, Set
from itertools import pairwise

from convqa.runs import Run, speaker_runs
from convqa.schema import Finding, Role, SegmentedConversation, Span, Turn
from convqa.segment.settings import segment_settings
from convqa.segment.stretches import is_spoken

# Recognisers give at most milliseconds; what doubles add below that is noise.
_DECIMALS = 3

Interval = tuple[float, float]


def detect_timing(segmented: SegmentedConversation) -> list[Finding]:
    """Return the timing findings of a conversation; no value is negative.

    - `first_response_s`: from the customer's first message to the agent's first answer.
    - `response_s`: the same for each run of the agent that answers a run of the customer. A chat
      customer waits from the first message of the run, or asking again would shorten the wait; a
      caller waits from the end of the run, and an answer that begins before it took 0 seconds.
    - Calls only: `silence_s` (each gap of at least `min_silence_s`; detail says after whom),
      `longest_silence_s` (0 where
      there is no gap), `overlap_s` (seconds in which both sides speak), `interruption` (seconds
      of the customer's turn that the agent talked over).
    - `talk_share`: the agent's share, 0-1, of the speaking time or of the characters; detail says
      which. Left out where somebody's role is unknown.
    - `duration_s`: from the first start to the last end.

    Spans are whole turns: the answering or interrupting agent turn, the turn after a silence.
    """
    turns = segmented.conversation.turns
    is_call = is_spoken(segmented.conversation)
    findings = [*_responses(turns, is_call=is_call)]
    if is_call:
        findings += [*_silences(turns), *_overlaps(turns), *_interruptions(turns)]
    findings += [*_talk_share(turns, is_call=is_call), *_duration(turns)]
    return findings


def _finding(
    label: str, value: float, turn: int | None, turns: Sequence[Turn], detail: str = ""
) -> Finding:
    spans: tuple[Span, ...] = ()
    if turn is not None and turns[turn].text:
        spans = (Span(turn, 0, len(turns[turn].text)),)
    return Finding("timing", label, "timing", spans, value=round(value, _DECIMALS), detail=detail)


def _interval(turn: Turn) -> Interval | None:
    """Return start and end of a turn, None where one is missing or they run backwards."""
    if turn.start_s is None or turn.end_s is None or turn.end_s < turn.start_s:
        return None
    return turn.start_s, turn.end_s


def _responses(turns: Sequence[Turn], *, is_call: bool) -> Iterator[Finding]:
    pairs = [pair for pair in pairwise(speaker_runs(turns)) if pair[0].role == "customer"]
    for position, (asking, answering) in enumerate(pairs):
        if answering.role != "agent":
            continue
        wait_s = _wait(asking, answering, turns, is_call=is_call)
        if wait_s is None:
            continue
        if position == 0:
            yield _finding("first_response_s", wait_s, answering.turns[0], turns)
        yield _finding("response_s", wait_s, answering.turns[0], turns)


def _wait(asking: Run, answering: Run, turns: Sequence[Turn], *, is_call: bool) -> float | None:
    """Return the seconds a customer waited for an answer, None where the times do not say."""
    asked = turns[asking.turns[0]].start_s
    answered = turns[answering.turns[0]].start_s
    if asked is None or answered is None or answered < asked:
        return None
    if not is_call:
        return answered - asked
    last = _interval(turns[asking.turns[-1]])
    return None if last is None else max(answered - last[1], 0.0)


def _silences(turns: Sequence[Turn]) -> Iterator[Finding]:
    gaps = [*_gaps(turns)]
    min_silence_s = segment_settings().timing.min_silence_s
    for gap_s, number, role in gaps:
        if gap_s >= min_silence_s:
            yield _finding("silence_s", gap_s, number, turns, f"after {role}")
    if gaps:
        gap_s, number, role = max(gaps, key=lambda gap: gap[0])
        yield _finding("longest_silence_s", gap_s, number, turns, f"after {role}")


def _gaps(turns: Sequence[Turn]) -> Iterator[tuple[float, int, str]]:
    """Yield the seconds nobody speaks before a turn, its number, and the role that spoke last.

    A turn without times, of whomever, may have filled the gaps on both of its sides.
    """
    latest: tuple[float, str] | None = None
    for number, turn in enumerate(turns):
        interval = _interval(turn)
        if interval is None:
            latest = None
            continue
        if latest is not None:
            yield max(interval[0] - latest[0], 0.0), number, latest[1]
        if latest is None or interval[1] >= latest[0]:
            latest = (interval[1], turn.role)


def _overlaps(turns: Sequence[Turn]) -> Iterator[Finding]:
    agent, customer = _speaking_s(turns, {"agent"}), _speaking_s(turns, {"customer"})
    if agent is not None and customer is not None:
        either = _speaking_s(turns, {"agent", "customer"}) or 0.0
        yield _finding("overlap_s", max(agent + customer - either, 0.0), None, turns)


def _speaking_s(turns: Sequence[Turn], roles: Set[Role]) -> float | None:
    """Return the seconds in which any of some roles speaks, None where none has times."""
    timed = [_interval(turn) for turn in turns if turn.role in roles]
    intervals = sorted(interval for interval in timed if interval is not None)
    if not intervals:
        return None
    total_s = 0.0
    latest_s = intervals[0][0]
    for start_s, end_s in intervals:
        total_s += max(end_s - max(start_s, latest_s), 0.0)
        latest_s = max(latest_s, end_s)
    return total_s


def _shared_s(one: Interval, other: Interval) -> float:
    return max(min(one[1], other[1]) - max(one[0], other[0]), 0.0)


def _interruptions(turns: Sequence[Turn]) -> Iterator[Finding]:
    """Yield the agent turns that begin while the customer speaks and say more than «mhm».

    A turn that only carries on what the agent was saying when the customer began is none.
    """
    settings = segment_settings()
    agent: Interval | None = None
    customer: Interval | None = None
    for number, turn in enumerate(turns):
        interval = _interval(turn)
        if interval is None:
            continue
        if turn.role == "customer":
            customer = interval
        elif turn.role == "agent":
            carries_on = (
                agent is not None
                and customer is not None
                and agent[1] > customer[0]
                and interval[0] - agent[1] <= settings.fragments.max_gap_s
            )
            if customer is not None and customer[0] < interval[0] and not carries_on:
                seconds = _shared_s(interval, customer)
                is_speech = len(turn.text.split()) > settings.timing.backchannel_words
                if is_speech and seconds > settings.timing.min_overlap_s:
                    yield _finding("interruption", seconds, number, turns)
            agent = interval


def _talk_share(turns: Sequence[Turn], *, is_call: bool) -> Iterator[Finding]:
    speakers = [turn for turn in turns if turn.role != "other" and turn.text.strip()]
    roles = {turn.role for turn in speakers}
    if roles != {"agent", "customer"}:
        return
    timed = [_interval(turn) for turn in speakers]
    if is_call and None not in timed:
        amounts = [interval[1] - interval[0] for interval in timed if interval is not None]
        detail = "share of speaking time"
    else:
        amounts = [float(len(turn.text)) for turn in speakers]
        detail = "share of characters"
    total = sum(amounts)
    if total > 0:
        agent = sum(a for a, turn in zip(amounts, speakers, strict=True) if turn.role == "agent")
        yield _finding("talk_share", agent / total, None, turns, detail)


def _duration(turns: Sequence[Turn]) -> Iterator[Finding]:
    starts = [turn.start_s for turn in turns if turn.start_s is not None]
    ends = [interval[1] for turn in turns if (interval := _interval(turn)) is not None]
    if starts:
        yield _finding("duration_s", max([*starts, *ends]) - min(starts), None, turns)
