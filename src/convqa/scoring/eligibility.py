"""Which conversations are scored at all, and the reason where one is not."""

from convqa.schema import SegmentedConversation
from convqa.scoring.reasons import Reason
from convqa.standard.model import Standard


def reason_to_skip(segmented: SegmentedConversation, standard: Standard) -> str | None:
    """Return why a conversation is not scored under a standard, None where it is."""
    gate = standard.eligibility
    if segmented.language is None:
        given = segmented.conversation.language
        reason = Reason("skip_language", what=given) if given else Reason("skip_no_language")
        return reason.text
    if segmented.language not in standard.languages:
        return Reason("skip_language", what=segmented.language).text
    turns = [t for t in segmented.conversation.turns if t.text.strip()]
    for role, least in (("agent", gate.agent_turns), ("customer", gate.customer_turns)):
        n = sum(t.role == role for t in turns)
        if n < least:
            return Reason(f"skip_{role}_turns", n=n, least=least).text
    words = 0
    for turn in turns:
        if turn.role != "other":
            words += len(turn.text.split())
            if words >= gate.words:
                return None
    if words < gate.words:
        return Reason("skip_words", n=words, least=gate.words).text
    return None
