import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import convqa.review
from convqa.review.wording import LANGUAGE_FILES, LANGUAGE_NAMES, load_words, negotiate
from convqa.schema import LANGUAGES

PACKAGE = Path(convqa.review.__file__).parent
FORMS = {"pl": {"one", "few", "many"}, "ro": {"one", "few", "other"}}
ENGLISH = load_words("en")
# Alike in a language and in English by chance, or names.
SAME = {
    "notice.standard", "conversation.would_be", "conversation.no_change",
    "conversation.would_change", "conversation.formula", "labels.as_label_studio",
}  # fmt: skip


def placeholders(text):
    return sorted(set(re.findall(r"\{(\w+)\}", text)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_keys(language):
    words = load_words(language)
    assert set(words.text) == set(ENGLISH.text)
    files = {p.name.split(".")[0] for p in LANGUAGE_FILES.glob(f"*.{language}.yaml")}
    assert files == {p.name.split(".")[0] for p in LANGUAGE_FILES.glob("*.en.yaml")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_plural_forms_agree(language):
    for key, text in load_words(language).text.items():
        english = ENGLISH.text[key]
        assert isinstance(text, Mapping) == isinstance(english, Mapping), key
        if isinstance(text, Mapping):
            assert text.keys() == FORMS.get(language, {"one", "other"}), key
            for form in text.values():
                assert placeholders(form) == placeholders(english["other"]), key
        else:
            assert isinstance(text, str), f"{key}: YAML took it for something else than text"
            assert placeholders(text) == placeholders(english), key


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_sentences_are_translated(language):
    same = [
        key
        for key, text in load_words(language).text.items()
        if text == ENGLISH.text[key] and " " in str(text) and key not in SAME
        and not re.fullmatch(r"[\W\d_]*(\{\w+\}[\W\d_]*)+\w*", str(text))
    ]  # fmt: skip
    assert same == []


def test_every_text_is_used_and_every_used_text_exists():
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in sorted(PACKAGE.rglob("*"))
        if path.suffix in {".py", ".j2"}
    )
    named = set(re.findall(r"""["'](\w+\.\w+)["']""", source))
    begun = set(re.findall(r"""["'](\w+\.\w*)(?:["'] (?:\+|~)|\{)""", source))
    known = set(ENGLISH.text)
    parts = {key.split(".")[0] for key in known}
    missing = {
        key for key in named - known - begun
        if key.split(".")[0] in parts and not key.endswith(("py", "css", "js"))
    }  # fmt: skip
    assert missing == set()
    unused = {key for key in known - named if not key.startswith(tuple(begun))}
    assert unused == set()


def test_templates_hold_no_words_of_their_own():
    for path in sorted((PACKAGE / "templates").glob("*.j2")):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.S)
        text = re.sub(r"<[^>]*>", " ", text)
        left = set(re.findall(r"[^\W\d_]{2,}", text)) - {"convqa"}
        assert left == set(), path.name


def test_templates_hold_no_inline_script_or_style():
    for path in sorted((PACKAGE / "templates").glob("*.j2")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text), path.name
        assert "|safe" not in text.replace(" ", ""), path.name


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "nb-NO,nb;q=0.9,en;q=0.8", "nb"),
        (None, "no", "nb"),
        (None, "nn-NO, da;q=0.5", "nb"),
        (None, "de-DE,de;q=0.9,pl;q=0.3", "pl"),
        (None, "sv;q=0, ro;q=0.1", "ro"),
        (None, "en;q=0.2,da;q=0.7", "da"),
        (None, "fr;q=x,,;;", "en"),
        ("pl", "sv", "pl"),
        ("de", "sv", "sv"),
    ],
)
def test_language_is_chosen_by_the_user_then_the_browser(chosen, accepted, language):
    assert negotiate(chosen, accepted) == language


def test_languages_are_named_by_themselves():
    assert tuple(LANGUAGE_NAMES) == LANGUAGES
