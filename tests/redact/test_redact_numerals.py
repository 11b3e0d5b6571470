"""Numbers said in words, 0–99 in each language."""

import pytest

from convqa.redact import redact_text
from convqa.redact.fold import fold
from convqa.redact.numerals import spoken_atoms
from convqa.redact.vocabulary import vocabulary

# A few numbers of each build, in digits and as said.
SAID = [
    ("en", "45", "forty five"), ("en", "45", "forty-five"), ("en", "44", "double four"),
    ("en", "777", "triple seven"), ("en", "0", "oh"), ("en", "245", "two hundred and forty five"),
    ("en", "200", "two hundred"), ("en", "19", "nineteen"),
    ("nb", "25", "tjuefem"), ("nb", "25", "femogtyve"), ("nb", "25", "tjue fem"),
    ("nb", "7", "syv"), ("nb", "936", "ni hundre og trettiseks"), ("nb", "1", "én"),
    ("da", "45", "femogfyrre"), ("da", "45", "fem og fyrre"), ("da", "71", "enoghalvfjerds"),
    ("da", "99", "nioghalvfems"), ("da", "22", "toogtyve"), ("da", "60", "tres"),
    ("sv", "48", "fyrtioåtta"), ("sv", "48", "fyrtiåtta"), ("sv", "21", "tjugoett"),
    ("sv", "7", "sju"), ("sv", "33", "dubbel trea"),
    ("pl", "45", "czterdzieści pięć"), ("pl", "606", "sześćset sześć"), ("pl", "100", "sto"),
    ("pl", "141", "sto czterdzieści jeden"), ("pl", "19", "dziewiętnaście"), ("pl", "6", "szesc"),
    ("ro", "45", "patruzeci și cinci"), ("ro", "29", "douăș' nouă"), ("ro", "16", "șaișpe"),
    ("ro", "722", "șapte sute douăzeci și doi"), ("ro", "6", "şase"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "digits", "said"), SAID)
def test_number_is_read(language, digits, said):
    text = fold(said)
    (atom,) = spoken_atoms(text, vocabulary(), language)
    assert (atom.digits, atom.start, atom.end) == (digits, 0, len(text))


@pytest.mark.parametrize("language", ["en", "nb", "da", "sv", "pl", "ro"])
def test_every_number_below_a_hundred_is_in_the_vocabulary(language):
    numerals = vocabulary().numerals[language]
    assert set(numerals.units.values()) == set(range(10))
    assert set(numerals.two_digits.values()) >= set(range(10, 20))
    assert set(numerals.tens.values()) == set(range(20, 100, 10))
    joined = {*numerals.two_digits.values(), *numerals.tens.values()}
    if language in ("nb", "da", "sv"):
        assert joined == set(range(10, 100))


def test_hundreds_do_not_swallow_a_dictated_zero():
    atoms = spoken_atoms(fold("sto zero pięć"), vocabulary(), "pl")
    assert [atom.digits for atom in atoms] == ["100", "0", "5"]


def test_the_language_that_reads_most_wins():
    atoms = spoken_atoms(fold("fire to seks sju åtte"), vocabulary(), None)
    assert [atom.digits for atom in atoms] == ["4", "2", "6", "7", "8"]


def test_six_digits_in_words_stay_and_seven_go():
    assert redact_text("fire fem seks syv åtte ni").text == "fire fem seks syv åtte ni"
    assert redact_text("fire fem seks syv åtte ni null").text == "[NUMBER]"
