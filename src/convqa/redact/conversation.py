"""A conversation with placeholders: texts, word offsets, customers' ids and metadata."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from convqa.redact.document import is_suspicious
from convqa.redact.fold import fold
from convqa.redact.placeholders import PLACEHOLDER_PATTERN
from convqa.redact.replace import RedactedText, redact_once, redact_text
from convqa.redact.vocabulary import vocabulary
from convqa.schema import Conversation, Turn, Word

# "yes", "mhm, go on": what the other says while a number is dictated.
_MAX_BACKCHANNEL_WORDS = 3
_SPEAKER_ID_QUESTION = "phone"
_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")


def redact_conversation(conversation: Conversation) -> Conversation:
    """Return the conversation with personal data replaced.

    Changed are the texts of all turns, the offsets of their words (words inside one placeholder
    become one word), strings and whole numbers in `metadata` at any depth, and a `speaker_id` that
    is a telephone number or an e-mail address unless an agent's. Ids, team and queue belong to the
    organisation and stay. The result redacted again is the same.
    """
    turns = _redact_turns(conversation.turns, conversation.language)
    return replace(
        conversation,
        turns=_redact_speaker_ids(turns),
        metadata={
            key: _redact_value(value, key, conversation.language)
            for key, value in conversation.metadata.items()
        },
    )


def _redact_turns(turns: tuple[Turn, ...], language: str | None) -> tuple[Turn, ...]:
    if not is_suspicious(fold("\n".join(turn.text for turn in turns)), vocabulary()):
        return turns
    current, asked_in = list(turns), _question_turns(turns)
    is_changed = True
    while is_changed:
        is_changed = False
        for chain in _chains(current):
            texts = [current[index].text for index in chain]
            questions = [current[asked].text if (asked := asked_in[i]) >= 0 else "" for i in chain]
            for index, redacted in zip(chain, redact_once(texts, questions, language), strict=True):
                if redacted.replacements:
                    current[index] = _with_text(current[index], redacted)
                    is_changed = True
    return tuple(current)


def _chains(turns: Sequence[Turn]) -> list[list[int]]:
    """Return the turns of each speaker that may continue one another, every turn exactly once.

    A speaker goes on after short turns of others, and after `other` turns of any length.
    """
    chains: list[list[int]] = []
    open_chains: dict[tuple[str, str | None], list[int]] = {}
    for index, turn in enumerate(turns):
        speaker = (turn.role, turn.speaker_id)
        if speaker in open_chains:
            open_chains[speaker].append(index)
        else:
            open_chains[speaker] = [index]
            chains.append(open_chains[speaker])
        if turn.role != "other" and len(turn.text.split()) > _MAX_BACKCHANNEL_WORDS:
            open_chains = {speaker: open_chains[speaker]}
    return chains


def _question_turns(turns: Sequence[Turn]) -> list[int]:
    """Return for each turn the last one before it by somebody else, notes and bots included.

    -1 where nobody else spoke before.
    """
    found: list[int] = []
    for index, turn in enumerate(turns):
        before = turns[index - 1] if index else turn
        is_same = (before.role, before.speaker_id) == (turn.role, turn.speaker_id)
        found.append((found[-1] if found else -1) if is_same else index - 1)
    return found


def _with_text(turn: Turn, redacted: RedactedText) -> Turn:
    return turn._replace(text=redacted.text, words=tuple(_merged(turn.words, redacted)))


def _merged(words: Sequence[Word], redacted: RedactedText) -> Iterator[Word]:
    """Yield the words with new offsets, those that now share characters joined into one."""
    pending: Word | None = None
    for word in words:
        start, end = redacted.new_span(word.char_start, word.char_end)
        if pending is not None and start < pending.char_end:
            pending = Word(
                pending.char_start,
                max(end, pending.char_end),
                pending.start_s,
                max(word.end_s, pending.end_s),
            )
            continue
        if pending is not None:
            yield pending
        pending = Word(start, end, word.start_s, word.end_s)
    if pending is not None:
        yield pending


def _redact_speaker_ids(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Return the turns with customers' numbers and addresses as ids replaced, distinct ones apart.

    The second speaker with an e-mail address becomes `[EMAIL] 2`, so that two stay two.
    """
    new_ids: dict[str, str] = {}
    n_of_kind: dict[str, int] = {}
    for turn in turns:
        speaker_id = turn.speaker_id
        if turn.role == "agent" or speaker_id is None or speaker_id in new_ids:
            continue
        redacted = redact_text(speaker_id, question=_SPEAKER_ID_QUESTION).text
        if PLACEHOLDER_PATTERN.fullmatch(redacted) and redacted != speaker_id:
            n_of_kind[redacted] = n_of_kind.get(redacted, 0) + 1
            number = n_of_kind[redacted]
            new_ids[speaker_id] = redacted if number == 1 else f"{redacted} {number}"
    if not new_ids:
        return turns
    return tuple(
        turn
        if turn.role == "agent" or turn.speaker_id is None
        else turn._replace(speaker_id=new_ids.get(turn.speaker_id, turn.speaker_id))
        for turn in turns
    )


def _redact_value(value: object, key: str, language: str | None) -> object:
    """Return a JSON value with its strings and whole numbers redacted; `key` says what they are.

    Programs that keep columns with gaps as floats write a telephone number as `4798765432.0`.
    """
    if isinstance(value, str):
        return redact_text(value, language, question=_key_words(key)).text
    if isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0:
        redacted = redact_text(str(int(value)), language, question=_key_words(key))
        return redacted.text if redacted.replacements else value
    if isinstance(value, Mapping):
        return {name: _redact_value(item, str(name), language) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redact_value(item, key, language) for item in value]
    return value


def _key_words(key: str) -> str:
    """`customerPhone_number` → `customer Phone number`."""
    return _CAMEL_CASE.sub(" ", key).replace("_", " ")
