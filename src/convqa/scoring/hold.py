"""Waits: announced or not, and how the agent came back.

A wait is opened by an announcement and should be ended in the agent's next turn, or in a later
message of the same turn; «thanks, and one more minute» opens the next. «Thanks for waiting» that is
the first of a conversation ends a wait of which the transcript has nothing, such as the queue, if
the agent goes on without a silence and nothing ends it once more. Where times are known, a silence
as long as the standard says is a wait too: before an agent turn, or when the customer has to ask
whether anyone is there. What the agent says between an announcement and that silence («I am looking
now») is said while the customer waits.
"""

from convqa.schema import Channel
from convqa.scoring.judge import UNKNOWN_SPEAKER, Judgement, names, passed
from convqa.scoring.reasons import Reason
from convqa.scoring.view import Hit, View
from convqa.standard.criteria import HoldCriterion
from convqa.standard.parts import Target

QUESTION = Target.model_validate({"role": "customer", "act": "question"})


def judge_hold(criterion: HoldCriterion, view: View) -> Judgement:
    """Judge every wait of a conversation; the first that went wrong decides the reason."""
    announced = view.match(criterion.announce)
    silences = _silences(criterion, view)
    if not announced.hits and not silences:
        if announced.is_open:
            return UNKNOWN_SPEAKER
        return Judgement("na", 1 - announced.nearest, Reason("hold_na"))
    ended = view.match(criterion.end)
    waits = _Waits(criterion, view, announced.hits, ended.hits, silences)
    fault = waits.first_fault()
    if fault is not None:
        if announced.is_open or ended.is_open or ended.may_hide:
            return UNKNOWN_SPEAKER
        key, hits, due = fault
        confidence = 1 - announced.nearest
        if hits:
            among = view.following("agent", hits[-1].turn, 1)
            confidence = announced.confidence * (1 - view.match(criterion.end, among=among).nearest)
        reason = Reason(key, what=names(criterion.end)) if key == "hold_unended" else Reason(key)
        return Judgement("fail", confidence, reason, hits, due)
    if not waits.ended:
        return Judgement("na", announced.confidence, Reason("hold_na"))
    hits = tuple(h for pair in waits.ended for h in pair)
    return passed(announced.confidence, Reason("hold_pass", n=len(waits.ended)), hits)


def _silences(criterion: HoldCriterion, view: View) -> list[int]:
    """Return the turns that follow a silence the customer had to wait through."""
    channel: Channel | None = view.conversation.channel
    limit = criterion.silence_s.get(channel) if channel is not None else None
    if limit is None:
        return []
    asks = {h.turn for h in view.match(QUESTION).hits}
    return sorted(
        turn
        for f in view.measured.get("silence_s", [])
        if f.value is not None and f.value >= limit and f.spans
        for turn in [f.spans[0].turn]
        if view.turns[turn].role == "agent" or (turn in asks and turn > 0)
    )


class _Waits:
    """The waits of a conversation, walked through in the order of the agent's runs."""

    def __init__(
        self,
        criterion: HoldCriterion,
        view: View,
        announced: tuple[Hit, ...],
        ends: tuple[Hit, ...],
        silences: list[int],
    ) -> None:
        self._turns = view.turns
        self._runs = view.runs_of(criterion.announce.role)
        self._run_of = {t: i for i, run in enumerate(self._runs) for t in run.turns}
        self._announcements = announced
        self._ends = ends
        self._end_positions = {hit.position for hit in ends}
        # The first silence of each run: the turn that follows it.
        self._silent = {self._waited_for(turn): turn for turn in reversed(silences)}
        self.ended: list[tuple[Hit, Hit]] = []

    def _waited_for(self, turn: int) -> int:
        """Return the agent's run that the silence was a wait for."""
        later = [i for i, run in enumerate(self._runs) if run.turns[-1] >= turn]
        return later[0] if later else len(self._runs)

    def _announced_in(self, run: int, ended: Hit | None) -> Hit | None:
        """Return the first announcement in a run, or what announces the next after an end in it.

        That is the run's last word: «I am back» and a second «thanks for waiting» are the same act
        and announce nothing.
        """
        for hit in self._announcements:
            is_next = ended is None or (
                hit.position > ended.position
                and hit.position not in self._end_positions
                and self._is_last_word(hit)
            )
            if self._run_of[hit.turn] == run and is_next:
                return hit
        return None

    def _is_last_word(self, hit: Hit) -> bool:
        if hit.turn != self._runs[self._run_of[hit.turn]].turns[-1]:
            return False
        after = self._turns[hit.turn].text[hit.spans[-1].char_end :]
        return not any(char.isalnum() for char in after)

    def _is_return(self, hit: Hit) -> bool:
        """Return whether what may announce a wait is also an end, and the agent then goes on."""
        run = self._run_of[hit.turn]
        is_silent = self._silent.get(run, -1) > hit.turn or run + 1 in self._silent
        return hit.position in self._end_positions and not (is_silent or self._is_last_word(hit))

    def _left_open(self, run: int, ended: Hit | None) -> Hit | None:
        """Return the wait announced in a run, after the end of another, that goes on after it."""
        while (hit := self._announced_in(run, ended)) is not None:
            ended = self._end_in(run, after=hit.turn)
            if ended is None:
                return hit
            self.ended.append((hit, ended))
        return None

    def _end_in(self, run: int, after: int = -1) -> Hit | None:
        for hit in self._ends:
            if self._run_of.get(hit.turn) == run and hit.turn > after:
                return hit
        return None

    def _is_announced(self, run: int) -> bool:
        """Return whether a run's silence was announced: by the run before, or earlier in it."""
        return self._goes_on(run - 1) or any(
            self._run_of[hit.turn] == run and hit.turn < self._silent[run]
            for hit in self._announcements
        )

    def _goes_on(self, run: int) -> bool:
        """Return whether a run ends a wait and then announces the next («one more minute»)."""
        ends = [hit.position for hit in self._ends if self._run_of.get(hit.turn) == run]
        return any(
            self._run_of[hit.turn] == run and hit.position > min(ends, default=hit.position)
            for hit in self._announcements
        )

    def first_fault(self) -> tuple[str, tuple[Hit, ...], int | None] | None:
        """Return the reason key, evidence and turn of the first wait that went wrong."""
        opened: Hit | None = None
        for i, run in enumerate(self._runs):
            end: Hit | None = None
            if opened is not None:
                end = self._end_in(i)
                if end is None and i + 1 in self._silent:
                    continue
                if end is not None:
                    self.ended.append((opened, end))
                elif not self._is_return(opened):
                    return "hold_unended", (opened,), run.turns[0]
            elif i in self._silent and not self._is_announced(i):
                return "hold_unannounced", (), run.turns[0]
            opened = self._left_open(i, end)
        if opened is not None and not self._is_return(opened):
            return "hold_unended", (opened,), None
        n = len(self._runs)
        if n in self._silent and not self._is_announced(n):
            return "hold_unannounced", (), self._runs[-1].turns[-1] if self._runs else None
        return None
