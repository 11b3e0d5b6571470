"""Small conversations for the tests of segmentation."""

from convqa.schema import Conversation, Source, Turn, Word

SOURCE = Source("calls.jsonl", "native", 0, 1)


def conversation(*turns, language="en", channel="chat"):
    return Conversation("c1", turns, SOURCE, language=language, channel=channel)


def spoken(role, text, start_s, *, word_s=0.3, gaps=(), **fields):
    """A call turn whose words last `word_s`; `gaps` gives word number -> seconds before it."""
    words = []
    time_s = start_s
    position = 0
    for number, word in enumerate(text.split()):
        time_s += dict(gaps).get(number, 0.0)
        position = text.index(word, position)
        words.append(Word(position, position + len(word), time_s, time_s + word_s))
        position += len(word)
        time_s += word_s
    return Turn(role, text, start_s, time_s, words=tuple(words), **fields)
