"""What holds for any text: offsets, order, and that a second pass finds nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from convqa.redact import PLACEHOLDERS, redact_conversation, redact_text
from convqa.redact.emails import _spoken_patterns
from convqa.redact.fold import fold
from convqa.redact.vocabulary import vocabulary
from convqa.schema import Conversation, Source, Turn, Word

FRAGMENTS = st.sampled_from([
    "4111 1111", "1111 1111", "1111", "4111111111111111", "NO93 8601 1117 947", "44051401359",
    "840214", "-2387", "2302851234", "cpr", "tlf", "ordre", "936 11 820", "+47", "kari@post.no",
    "kari", "krøllalfa", "punktum", "no", "at", "dot", "com", "fire", "fem", "og", "tyve", "to",
    "double", "four", "hundred", "sto", "sześć", "și", "douăzeci", "cvv", "123", "pin", "hasło",
    "Zima24", "kort", "12.30", "1 250,00 kr", "2026-11-29", "[CARD]", "[PHONE]", "[", "+", "(", ")",
    ",", ".", "-", "/", "\n", "\u00a0", "\u200b", "\x00", "\ud800", "é", "e\u0301", "٤١١١", "４",
    "4️⃣", "ﬁ", "İ", "ẞ", "😄",
])  # fmt: skip
SEPARATORS = st.sampled_from(["", " ", " ", " ", ", ", "-"])
NUMBERED = st.lists(st.tuples(FRAGMENTS, SEPARATORS), max_size=25).map(
    lambda parts: "".join(part + separator for part, separator in parts)
)
# The first call reads the word lists and the numbering plans: slower than hypothesis allows.
untimed = settings(deadline=None)
TEXTS = st.one_of(NUMBERED, st.text(st.characters(exclude_categories=()), max_size=80))


WORDS = vocabulary()
# What spoken addresses are made of, in all languages.
SPOKEN = st.sampled_from([
    *sorted(WORDS.email_at | WORDS.email_at_certain | WORDS.email_dots | WORDS.email_joiners),
    *sorted(WORDS.email_endings), "ola", "k", "kari.nordmann", "post", "wp.pl", "x_y_zabcd", "o2",
    "(a)", "[a]", "(at)", "[krøllalfa]", "kari(a)wp.pl", ".", ",", "3",
])  # fmt: skip


@settings(deadline=None, max_examples=1000)
@given(st.lists(SPOKEN, min_size=2, max_size=9), st.sampled_from(["", " ", " ", " "]))
def test_every_spoken_address_has_what_is_looked_for_first(parts, separator):
    text = separator.join(parts)
    if any(pattern.search(text) for pattern in _spoken_patterns(WORDS)):
        assert WORDS.spoken_address.search(text)


@untimed
@given(TEXTS)
def test_folding_keeps_the_length(text):
    assert len(fold(text)) == len(text)


@untimed
@given(TEXTS, st.sampled_from([None, "en", "nb", "pl", "xx"]))
def test_replacements_explain_every_difference(text, language):
    redacted = redact_text(text, language)
    rebuilt, old, new = "", 0, 0
    for item in redacted.replacements:
        assert old <= item.char_start < item.char_end
        between = text[old : item.char_start]
        assert redacted.text[new : item.new_start] == between
        assert redacted.text[item.new_start : item.new_end] == PLACEHOLDERS[item.kind]
        rebuilt += between + PLACEHOLDERS[item.kind]
        old, new = item.char_end, item.new_end
    assert rebuilt + text[old:] == redacted.text


@untimed
@given(TEXTS)
def test_redacting_twice_changes_nothing(text):
    once = redact_text(text).text
    again = redact_text(once)
    assert (again.text, again.replacements) == (once, ())


@untimed
@given(TEXTS)
def test_characters_outside_replacements_keep_their_place(text):
    redacted = redact_text(text)
    for offset, char in enumerate(text):
        if not any(r.char_start <= offset < r.char_end for r in redacted.replacements):
            start, end = redacted.new_span(offset, offset + 1)
            assert redacted.text[start:end] == char


@untimed
@given(st.lists(st.tuples(st.sampled_from(["agent", "customer", "other"]), TEXTS), max_size=6))
def test_conversations_keep_their_words_and_are_redacted_once(turns):
    before = Conversation(
        id="c1",
        turns=tuple(Turn(role, text, words=tokens(text)) for role, text in turns),
        source=Source("a", "native", 0),
    )
    after = redact_conversation(before)
    assert redact_conversation(after) == after
    for old, new in zip(before.turns, after.turns, strict=True):
        kept = {(word.start_s, new.text[word.char_start : word.char_end]) for word in new.words}
        ends = [0, *(word.char_end for word in new.words)]
        assert all(word.char_start >= end for word, end in zip(new.words, ends, strict=False))
        for word in old.words:
            spoken = old.text[word.char_start : word.char_end]
            assert (word.start_s, spoken) in kept or any(
                placeholder in text and start <= word.start_s
                for start, text in kept
                for placeholder in PLACEHOLDERS.values()
            )


def tokens(text):
    words, position = [], 0
    for index, token in enumerate(text.split()):
        start = text.index(token, position)
        position = start + len(token)
        words.append(Word(start, position, float(index), index + 0.5))
    return tuple(words)
