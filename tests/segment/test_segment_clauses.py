import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa.schema import LANGUAGES
from convqa.segment.clauses import clause_spans


def groups(text, language="en", *, is_spoken=True, pauses=None):
    spans = clause_spans(text, (0, len(text)), language, is_spoken=is_spoken, pauses=pauses or {})
    return [text[start:end] for start, end in spans]


def words(n, start=0):
    return " ".join(f"w{number}" for number in range(start, start + n))


def test_forty_words_stay_together():
    assert groups(words(40)) == [words(40)]


def test_words_without_pause_or_connective_are_cut_evenly():
    assert groups(words(41)) == [words(21), words(20, 21)]
    assert groups(words(90)) == [words(30), words(30, 30), words(30, 60)]


def test_a_cut_is_made_before_the_connective_nearest_to_the_middle():
    text = f"{words(15)} and {words(8)} because {words(20)}"
    assert groups(text) == [f"{words(15)} and {words(8)}", f"because {words(20)}"]


def test_connectives_in_a_row_are_not_parted():
    text = f"{words(20)} and then so {words(20)}"
    assert groups(text) == [words(20), f"and then so {words(20)}"]


def test_a_comma_is_as_good_as_a_connective():
    text = f"{words(18)}, {words(25)}"
    assert groups(text) == [f"{words(18)},", words(25)]


def test_the_longest_pause_comes_before_any_connective():
    text = f"{words(20)} and {words(20)}"
    pauses = {text.index("w12"): 0.6, text.index("w9"): 0.9, text.index("w2 "): 5.0}
    assert groups(text, pauses=pauses)[0] == words(9)


def test_a_short_pause_cuts_nothing():
    text = f"{words(20)} and {words(20)}"
    assert groups(text, pauses={text.index("w12"): 0.4})[0] == words(20)


@pytest.mark.parametrize(("is_spoken", "end"), [(True, "."), (False, "")])
def test_sentences_and_chats_are_cut_only_where_models_would_not_read_on(is_spoken, end):
    assert len(groups(words(80) + end, is_spoken=is_spoken)) == 1
    assert len(groups(words(81) + end, is_spoken=is_spoken)) == 2


@given(
    st.lists(
        st.sampled_from(["and", "og", "i", "[CARD]", "ja,", "x.", "așa"]), min_size=1, max_size=130
    ),
    st.sampled_from(LANGUAGES),
    st.booleans(),
    st.dictionaries(st.integers(0, 300), st.floats(-1, 3)),
)
def test_groups_keep_every_word_whole_and_none_is_too_long(said, language, is_spoken, pauses):
    found = groups(" ".join(said), language, is_spoken=is_spoken, pauses=pauses)
    assert " ".join(found).split() == said
    is_ended = re.search(r"\.$", said[-1]) is not None
    limit = 40 if is_spoken and not is_ended else 80
    assert all(len(group.split()) <= limit for group in found)
    assert len(found) == 1 or all(len(group.split()) >= 5 for group in found)
