import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import pytest

import convqa.report
from convqa.report.wording import load_wording
from convqa.schema import LANGUAGES

PACKAGE = Path(convqa.report.__file__).parent
FORMS = {"pl": {"one", "few", "many"}, "ro": {"one", "few", "other"}}
ENGLISH = load_wording("en")


def placeholders(text):
    return sorted(set(re.findall(r"\{(\w+)\}", text)))


def sources(*suffixes):
    return "".join(
        path.read_text(encoding="utf-8")
        for path in sorted(PACKAGE.rglob("*"))
        if path.suffix in suffixes
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_keys(language):
    words = load_wording(language)
    assert words.text.keys() == ENGLISH.text.keys()
    assert words.script.keys() == ENGLISH.script.keys()
    assert {g: set(codes) for g, codes in words.labels.items()} == {
        g: set(codes) for g, codes in ENGLISH.labels.items()
    }
    assert len(words.format.months) == 12


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_agree(language):
    words = load_wording(language)
    for key, text in words.text.items():
        english = ENGLISH.text[key]
        assert isinstance(text, Mapping) == isinstance(english, Mapping), key
        if isinstance(text, Mapping):
            assert text.keys() == FORMS.get(language, {"one", "other"}), key
            for form in text.values():
                assert placeholders(form) == placeholders(english["other"]), key
        else:
            assert placeholders(text) == placeholders(english), key
    for key, text in words.script.items():
        assert placeholders(text) == placeholders(ENGLISH.script[key]), key


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_sentences_are_translated(language):
    words = load_wording(language)
    same = [
        key
        for texts, english in ((words.text, ENGLISH.text), (words.script, ENGLISH.script))
        for key, text in texts.items()
        if isinstance(text, str) and text == english[key] and len(text.split()) > 2
    ]
    assert same == []


def test_every_word_is_used():
    template, script, python = sources(".j2"), sources(".js"), sources(".py")
    written = template + python
    spared = {"by_"}  # asked for by dimension
    unused = [key for key in ENGLISH.text if f'"{key}"' not in written and key[:3] not in spared]
    built = ("by_", "show_", "sort_", "theme_")
    unused += [
        key for key in ENGLISH.script
        if not re.search(rf"words\.{key}\b", script) and not key.startswith(built)
    ]  # fmt: skip
    assert unused == []


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("en", {0: "other", 1: "one", 2: "other"}),
        ("pl", {1: "one", 2: "few", 5: "many", 12: "many", 21: "many", 22: "few", 112: "many"}),
        ("ro", {1: "one", 0: "few", 2: "few", 19: "few", 20: "other", 101: "few", 120: "other"}),
    ],
)
def test_plural_follows_the_language(language, forms):
    words = load_wording(language)
    for n, form in forms.items():
        expected = words.text["histogram_bar"][form].format(n=words.number(n), low="0", high="5")
        assert words.count("histogram_bar", n, low="0", high="5") == expected


@pytest.mark.parametrize(
    ("language", "number", "percent", "day"),
    [
        ("en", "12,345.7", "81%", "29 Nov 2026"),
        ("nb", "12\xa0345,7", "81\xa0%", "29. nov. 2026"),
        ("da", "12.345,7", "81\xa0%", "29. nov. 2026"),
        ("sv", "12\xa0345,7", "81\xa0%", "29 nov. 2026"),
        ("pl", "12\xa0345,7", "81%", "29 lis 2026"),
        ("ro", "12.345,7", "81\xa0%", "29 nov. 2026"),
    ],
)
def test_numbers_and_days_follow_the_language(language, number, percent, day):
    words = load_wording(language)
    assert words.number(12345.65, 1) == number
    assert words.percent(0.805) == percent
    assert words.day(date(2026, 11, 29)) == day
    assert words.moment(datetime.fromisoformat("2026-11-29T08:05")) == f"{day}, 08:05"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0%"), (0.001, "<1%"), (0.005, "1%"), (0.995, "100%"), (0.999, ">99%"), (1.0, "100%")],
)
def test_little_is_not_nothing_and_nearly_all_not_all(share, text):
    assert ENGLISH.percent(share) == text


def test_codes_of_an_organisation_are_shown_as_they_are():
    assert ENGLISH.label("band", "excellent") == "excellent"
    assert ENGLISH.flag("critical:our_own") == "Critical error: our_own"
    assert ENGLISH.flag("our_flag") == "our_flag"
