import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa.config import shipped_configs
from convqa.errors import ConfigError
from convqa.schema import LANGUAGES
from convqa.text import PLACEHOLDER, load_settings, sentence_spans, tokenize


def sentences(text, language="en", **options):
    return [text[start:end] for start, end in sentence_spans(text, language, **options)]


# A bar stands where a sentence must end and nowhere else.
@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("en", "hi. |my order is late. |can u help"),
        ("en", "No. 5 is missing. |No. |I did not order it."),
        ("en", "Good evening Mr. Sorrentino, thank you. |Is this J. Mbeki?"),
        ("en", "It was at 5 p.m. |Then it stopped at 6 p.m. again."),
        ("en", "So do I. |Thanks"),
        ("en", "Items, boxes etc. were lost. |Boxes etc. |Then more."),
        ("en", "well... I don't know... |But fine"),
        ("pl", "No i czekam... |I co dalej?"),
        ("en", "Really?! |Yes!!! |ok"),
        ("en", "late.|Can you help?|thanks"),
        ("en", "see https://a.example/x?y=z. |Mail a.b@c.example. |Try shop.example now"),
        ("en", "She said “is it late?” and left. |(It was.) |Fine"),
        ("en", "ok :) |Thanks! 😊 |Anything else?"),
        ("en", "thanks 😊 can you check"),
        ("en", "It costs 1,250.00. |ok"),
        ("en", "It weighs 3 lbs. with the box. |He lost lbs. |wow"),
        ("nb", "Det koster 50 kr. og sendes 3. mai, f.eks. kl. 12.30. |Greit?"),
        ("nb", "Prisen er 1.250,00 kr. |Det er bl.a. frakt."),
        ("nb", "Bilder, lyd osv. |Takk"),
        ("nb", "Vi stenger kl. 16. |Ring dr. Hovland."),
        ("nb", "Takk for alt. |ha det"),
        ("da", "Du bor nr. 4, st. tv., ikke? |Det er ca. to uger, d.v.s. den 20. februar."),
        ("da", "Kan I. |Ja"),
        ("sv", "Vi har t.ex. kablar, s.k. adaptrar m.m. till dig. |Ca. 5 st. kvar. |Bra"),
        ("sv", "Kortet m.m. |Tack"),
        ("pl", "Proszę przyjść na ul. Długą, tzn. do 35. roku życia, np. dziś. |Dobrze"),
        ("pl", "Czekam ok. 15 minut. |ok. |dzięki"),
        ("pl", "Firma Dachy sp. z o.o. ma 40 tys. długu. |Koniec"),
        ("ro", "Str. Salcamilor 14, bl. C3, ap. 9, etc. |Cutia dvs. e gata"),
        ("en", "1. Restart it.\n|2. Wait\n|- done\n\n|Bye"),
        ("en", "Card [CARD]. |[NAME] here. |Call ext. [PHONE] now"),
    ],
)
def test_sentences_end_where_marked(language, marked):
    expected = [part.strip() for part in marked.split("|")]
    assert sentences(marked.replace("|", ""), language) == expected


@pytest.mark.parametrize("text", ["", " ", "\n\t\n"])
def test_text_without_characters_has_no_sentences(text):
    assert sentences(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!!!", ["!!!"]),
        ("... ok", ["... ok"]),
        ("Done.\n---\nBye", ["Done.\n---", "Bye"]),
        ("-\nfirst\nsecond", ["-\nfirst", "second"]),
        ("thanks\n😊", ["thanks\n😊"]),
    ],
)
def test_bare_marks_join_a_neighbour(text, expected):
    assert sentences(text) == expected


def test_only_an_empty_line_ends_a_sentence_where_lines_are_broken_by_width():
    text = "I would like\nto return it\n\nplease help"
    expected = ["I would like\nto return it", "please help"]
    assert sentences(text, line_ends_sentence=False) == expected
    assert sentences("one\r\ntwo", line_ends_sentence=False) == ["one\r\ntwo"]
    assert sentences("one\r\ntwo") == ["one", "two"]


CHAT = st.text(
    st.sampled_from(list("aB1åŻț .!?…,\n\r\t()[]«»\"':;-_DP3<😊\u2028")), max_size=60
) | st.lists(
    st.sampled_from(["[CARD]", "[E_MAIL]", "f.eks.", "12.30", "3.", "a.b@c.no", ":)", "Hei", "?"])
).map(" ".join)


@given(CHAT, st.sampled_from(LANGUAGES), st.booleans())
def test_every_character_is_in_exactly_one_sentence(text, language, line_ends_sentence):
    spans = sentence_spans(text, language, line_ends_sentence=line_ends_sentence)
    assert re.sub(r"\s", "", "".join(text[a:b] for a, b in spans)) == re.sub(r"\s", "", text)
    assert all(a < b and text[a:b] == text[a:b].strip() for a, b in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


@given(CHAT, st.sampled_from(LANGUAGES))
def test_placeholders_are_never_cut(text, language):
    found = [m.span() for m in PLACEHOLDER.finditer(text)]
    for start, end in found:
        assert any(a <= start and end <= b for a, b in sentence_spans(text, language))
        assert any(a <= start and end <= b for a, b in tokenize(text, language))


@given(CHAT, st.sampled_from(LANGUAGES))
def test_every_character_is_in_exactly_one_token(text, language):
    tokens = tokenize(text, language)
    assert re.sub(r"\s", "", "".join(text[a:b] for a, b in tokens)) == re.sub(r"\s", "", text)
    assert all(first[1] <= second[0] for first, second in pairwise(tokens))


def test_a_placeholder_is_one_token_and_its_stop_another():
    text = "Kort [CARD], f.eks. [E_MAIL]."
    tokens = [text[a:b] for a, b in tokenize(text, "nb")]
    assert tokens == ["Kort", "[CARD]", ",", "f.eks.", "[E_MAIL]", "."]


def test_tokenizer_refuses_an_unknown_language():
    with pytest.raises(ValueError, match="no tokenizer for 'de'"):
        tokenize("Hallo", "de")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("ordinal_languages", "ordinals"), r"\d+: sentences"),
        (("    en:", "    eng:"), "en missing"),
        (("sentences:", "sentence:"), "sentences"),
    ],
)
def test_a_wrong_settings_file_is_refused_with_its_place(tmp_path, change, message):
    text = (shipped_configs() / "segment.yaml").read_text(encoding="utf-8")
    path = tmp_path / "segment.yaml"
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_settings(path)


def test_abbreviations_are_written_as_they_are_looked_up():
    settings = load_settings(shipped_configs() / "segment.yaml")
    for known in settings.abbreviations.values():
        for words in (known.never_final, known.before_number, known.before_lower_case, known.units):
            assert all(word == word.lower() and not word.endswith(".") for word in words)
            assert not any(" " in word for word in words)
