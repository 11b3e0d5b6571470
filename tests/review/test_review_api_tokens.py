"""Tokens on the account page, and the page that documents the API."""

import re

import pytest
from desk_of_tests import Browser, open_desk

from convqa.review.api.app import PREFIX, operations
from convqa.review.wording import load_words
from convqa.schema import LANGUAGES


@pytest.fixture
def app(tmp_path):
    with open_desk(tmp_path) as app:
        yield app


def test_a_token_is_shown_once_works_and_is_taken_back(app):
    rita = Browser(app, "rita")
    assert 'href="/account/tokens"' in rita.get("/account").text
    rita.get("/account/tokens")
    made = rita.post("/account/tokens", {"name": "nightly", "days": "30"})
    token = re.search(r"convqa_[\w-]+", made.text)[0]
    assert token not in rita.get("/account/tokens").text
    plain = Browser(app).client
    headers = {"Authorization": f"Bearer {token}"}
    assert plain.get(f"{PREFIX}/results", headers=headers).status_code == 200
    assert plain.delete(
        f"{PREFIX}/results/1/corrections/kind?seen_version=0", headers=headers
    ).status_code == 403  # fmt: skip
    number = re.search(r'name="token" value="(\d+)"', rita.get("/account/tokens").text)[1]
    rolf = Browser(app, "rolf")
    assert rolf.post("/account/tokens/revoke", {"token": number}).status_code == 404
    assert rita.post("/account/tokens/revoke", {"token": number}).status_code == 303
    assert plain.get(f"{PREFIX}/results", headers=headers).status_code == 401


def test_a_token_without_name_or_end_is_refused(app):
    rita = Browser(app, "rita")
    for sent in ({"name": "", "days": "1"}, {"name": "x", "days": "900"}, {"name": "x"}):
        assert rita.post("/account/tokens", sent).status_code == 400


def test_the_page_documents_every_operation_of_the_document(app):
    browser = Browser(app, "rita")
    page = browser.get("/api").text
    document = browser.get(f"{PREFIX}/openapi.json").json()
    described = {
        (method.upper(), PREFIX + path)
        for path, methods in document["paths"].items()
        for method in methods
    }
    assert {(one.method, one.path) for one in operations()} == described
    for method, path in described:
        assert f"{method} {path}" in page
    for language in LANGUAGES:
        words = load_words(language).text
        assert all(words[f"api.{one.name}"] for one in operations()), language
