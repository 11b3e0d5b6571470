"""Where the words of a search stand in a text, by the folding of the search itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa.store.search import _fold_letters, find_terms, fold, search_terms


def found(text, query):
    return [text[start:end] for start, end in find_terms(text, search_terms(query))]


@pytest.mark.parametrize(
    ("text", "query", "places"),
    [
        ("Jadę do Łodzi, nie do Łodzi.", "lodz", ["Łodz", "Łodz"]),
        ("Min reiseforsikring gjelder.", "FORSIKRING", ["forsikring"]),
        ("Ærø og Ære", "aero", ["Ærø"]),
        ("Straße 5", "strasse", ["Straße"]),
        ("cafe\u0301 bar", "café", ["cafe\u0301"]),
        ("O dată și a doua oară", '"data si"', ["dată și"]),
        ("Vi ses på på torsdag, påske", "på", ["på", "på"]),
        ("weeks, weekend", "week eks", ["weeks", "week"]),
        ("100% sure", "100%", ["100"]),
        ("ﬁnal answer", "final", ["ﬁnal"]),
        ("so, -- so it was", '"so so"', ["so, -- so"]),
        ("nothing here", "absent", []),
        ("", "x", []),
        ("anything", "", []),
    ],
)
def test_places_are_found_as_the_search_finds_them(text, query, places):
    assert found(text, query) == places


@given(st.text(max_size=60))
def test_letters_fold_one_by_one_as_the_whole_does(text):
    folded, origins = _fold_letters(text)
    assert folded.strip() == fold(text).strip()
    assert len(origins) == len(folded)
    assert origins == sorted(origins)


@given(
    st.text(alphabet="aåÅæßłŁéı e\u0301.-İ", max_size=20), st.text(alphabet="aalsiße ", max_size=4)
)
def test_whatever_the_search_finds_is_marked(text, query):
    terms = search_terms(query)
    is_found = any(term in fold(text) for term in terms)
    assert bool(find_terms(text, terms)) == is_found
