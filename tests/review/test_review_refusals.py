"""Whatever the desk refuses, it says so in the language of the page."""

import ast
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from desk_of_tests import Browser, key_of, open_desk

import convqa
from convqa.errors import ReviewError
from convqa.review.refusals import told
from convqa.review.visit import Desk, Visit
from convqa.review.wording import load_words
from convqa.schema import LANGUAGES
from convqa.store.desk_settings import DeskSettings

PACKAGE = Path(convqa.__file__).parent


def raised():
    """Yield where a `ReviewError` is made, its key and the names of its values."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "ReviewError":
                continue
            place = f"{path.name}:{node.lineno}"
            assert len(node.args) == 2, f"{place}: a message and a key, the values by name"
            assert isinstance(node.args[1], ast.Constant), f"{place}: the key is no literal"
            yield place, str(node.args[1].value), {keyword.arg for keyword in node.keywords}


RAISED = list(raised())


def placeholders(text):
    forms = text.values() if isinstance(text, Mapping) else [text]
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_is_said_in_every_language(language):
    words = load_words(language).text
    assert len(RAISED) > 60
    for place, key, values in RAISED:
        text = words.get(f"refusals.{key}")
        assert text, f"{place}: {key} has no words in {language}"
        assert placeholders(text) <= values, f"{place}: {key} in {language}"
        assert isinstance(text, Mapping) == ("n" in values), f"{place}: {key} in {language}"


def test_no_words_are_kept_for_what_is_never_refused():
    kept = {key for key in load_words("en").text if key.startswith("refusals.")}
    assert kept == {f"refusals.{key}" for _, key, _ in RAISED}


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with open_desk(tmp_path_factory.mktemp("desk")) as app:
        yield app


def visit_in(app, language):
    desk: Desk = app.state.desk
    return Visit(desk, load_words(language), DeskSettings(), None, "", "auto", "/", False)


def test_codes_numbers_and_moments_are_said_in_words(app):
    error = ReviewError(
        "kind: …", "saved_meanwhile", criterion="kind", name="Ann \u202e", outcome="fail",
        when=datetime(2026, 11, 29, 8, 5, tzinfo=UTC),
    )  # fmt: skip
    assert told(error, visit_in(app, "nb")) == (
        "kind: Ann [U+202E] lagret «Ikke bestått» etter at du åpnet den (29. nov. 2026, 08:05 UTC)."
        " Se hvordan det står, og lagre på nytt."
    )
    for n, end in ((1, "za 1 minutę."), (2, "za 2 minuty."), (15, "za 15 minut.")):
        assert told(ReviewError("", "too_many_attempts", n=n), visit_in(app, "pl")).endswith(end)


def speaking(app, username, language):
    browser = Browser(app, username)
    browser.post("/language", {"language": language})
    return browser


def test_a_form_that_is_refused_answers_in_the_language_of_the_page(app):
    browser = speaking(app, "root", "pl")
    sent = {"username": "rita", "role": "reviewer", "password": "correct horse battery"}
    answer = browser.post("/accounts", sent)
    assert answer.status_code == 400
    assert "Konto o nazwie rita już istnieje." in answer.text
    assert 'lang="en"' not in answer.text


def test_an_error_page_answers_in_the_language_of_the_page(app):
    browser = speaking(app, "rita", "ro")
    key = key_of(app, "calm")
    browser.get(f"/conversations/{key}")
    answer = browser.post(f"/conversations/{key}/notes", {"text": " "})
    assert answer.status_code == 400
    assert "O notă are între 1 și" in answer.text
    assert "it needs 1" not in answer.text
