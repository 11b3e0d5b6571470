"""A reason is one English sentence and can be said in all six languages."""

import string

import pytest

from convqa.schema import LANGUAGES
from convqa.scoring import label_name, parse_reason, reason_text, translate_reason
from convqa.scoring.reason_texts import TEMPLATES
from convqa.scoring.terms import TERMS
from convqa.standard.terms import LABELS

KEYS = sorted(TEMPLATES["en"])


def fields(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_template_with_the_same_values(language):
    assert sorted(TEMPLATES[language]) == KEYS
    for key in KEYS:
        assert fields(TEMPLATES[language][key]) == fields(TEMPLATES["en"][key])


@pytest.mark.parametrize("key", KEYS)
def test_english_reason_leads_back_to_its_template_and_values(key):
    values = {name: "greeting / apology" if name in ("what", "why") else "7"
              for name in fields(TEMPLATES["en"][key])}  # fmt: skip
    values.update({n: "disclosure" for n in values if n in ("first", "then", "answer")})
    assert parse_reason(reason_text(key, values, "en")) == (key, values)


def test_reason_is_translated_with_its_labels():
    english = reason_text("order_missing", {"first": "verification", "then": "disclosure"}, "en")
    assert english == "Missing before account or personal data: identity check."
    assert translate_reason(english, "sv") == (
        "Saknas före konto- eller personuppgifter: identitetskontroll."
    )


def test_unknown_reason_and_language_stay_as_they_are():
    assert translate_reason("Something a person wrote", "nb") == "Something a person wrote"
    assert translate_reason("Found: greeting.", "de") == "Found: greeting."


def test_every_label_has_a_name_in_every_language():
    for labels in LABELS.values():
        for label in labels:
            if label != "none":
                assert set(TERMS[label]) == set(LANGUAGES)


def test_english_names_are_different():
    names = [label_name(label, "en") for label in TERMS]
    assert len(names) == len(set(names))


def test_ids_of_ones_own_are_words_and_other_values_stay():
    values = {"what": "hotel_name / breakfast.told_twice / commitment"}
    english = reason_text("present_fail", values, "en")
    assert english == "Not found: hotel name / breakfast.told twice / next step."
    assert translate_reason(english, "nb") == (
        "Ikke funnet: hotel name / breakfast.told twice / neste steg."
    )
    meant = {"what": "callback", "example": "I call [ID_NUMBER] back."}
    assert "[ID_NUMBER]" in reason_text("present_meaning", meant, "en")


@pytest.mark.parametrize("language", ["en", "ro"])
def test_stored_reasons_with_ids_are_shown_with_words(language):
    stored = "Not found in the first 2 turns: hotel_name / greeting."
    shown = translate_reason(stored, language)
    assert "hotel name / " in shown
    assert "_" not in shown
