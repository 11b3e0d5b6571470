"""Lint of phrases: those never found, those both asked for and barred, those missing."""

import pytest

from convqa.config import shipped_configs
from convqa.preview import lint_phrases
from convqa.standard import Standard, load_standard


def standard(lists, *criteria, languages=("en",)):
    base = {"id": "base", "kind": "label", "weight": 1, "find": {"act": "greeting"}}
    return Standard.model_validate({
        "name": "own", "version": "1", "languages": languages, "phrase_lists": lists,
        "sections": [{"id": "s", "criteria": [base, *criteria]}],
    })  # fmt: skip


def asks(phrase, **about):
    return {"id": "asked", "kind": "label", "weight": 1, "find": {"phrase": phrase}, **about}


def hello(*phrases, language="en", **about):
    return {"id": "hello", "language": language, "phrases": list(phrases), **about}


def test_sound_lists_raise_no_doubt():
    sound = standard([hello("good (morning|day)", "(very|) welcome{,s} * home")],
                     asks("hello"))  # fmt: skip
    assert lint_phrases(sound) == []


def test_phrase_in_the_way_of_itself_is_doubted():
    (issue,) = lint_phrases(
        standard([hello("good morning", "good day", unless=["good day"])], asks("hello"))
    )
    assert issue.level == "warning"
    assert "phrase 'good day' of hello (en) is not found in its own words" in issue.message


def test_gap_that_may_not_be_empty_raises_no_doubt():
    filled = hello("this is *1 from", unless=["this is from"])
    assert lint_phrases(standard([filled], asks("hello"))) == []


def test_phrase_asked_for_and_barred_is_an_error():
    lists = [
        hello("hello (dear|madam)", "welcome"),
        {"id": "pet_names", "language": "en", "forbidden": "overfamiliar", "phrases": ["dear"]},
    ]
    (issue,) = lint_phrases(standard(lists, asks("hello")))
    assert (issue.level, issue.criterion) == ("error", "asked")
    assert "is asked for and is forbidden as overfamiliar" in issue.message
    assert lint_phrases(standard(lists, asks("hello", expect="absent"))) == []


@pytest.mark.parametrize(
    ("about", "is_error"),
    [
        ({}, True),
        ({"applies_to": {"languages": ["en"]}}, False),
        ({"pass_when": [{"languages": ["nb"]}]}, False),
        ({"find": {"phrase": "hello", "act": "greeting"}}, False),
        ({"expect": "absent"}, False),
    ],
)
def test_formula_without_phrases_in_a_language_always_fails_there(about, is_error):
    found = lint_phrases(standard([hello("hello")], asks("hello", **about), languages=("en", "nb")))
    assert [i.level for i in found] == (["error"] if is_error else [])
    assert all("always fails in nb: hello has no phrases there" in i.message for i in found)


def test_shipped_lists_are_all_found_in_their_own_words():
    loaded = load_standard(shipped_configs() / "standards" / "default.yaml")
    named = [x for book in loaded.phrase_books for x in book.lists if x.forbidden is None]
    assert named
    own = loaded.model_copy(update={"phrase_lists": tuple(named)})
    assert lint_phrases(own) == []
