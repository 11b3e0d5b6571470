"""Lint doubts what is allowed but can hardly be meant."""

import pytest

from convqa.config import shipped_configs
from convqa.standard import Standard, lint_standard, load_standard


def standard(*criteria, **about):
    base = {"id": "base", "kind": "resolution", "weight": 1,
            "points": {"resolved": 1, "pending": 0, "unresolved": 0}}  # fmt: skip
    return Standard.model_validate({
        "name": "own", "version": "1", "languages": ["en", "nb"], **about,
        "sections": [{"id": "s", "criteria": [base, *criteria]}],
    })  # fmt: skip


def label(criterion_id, find, **about):
    return {"id": criterion_id, "kind": "label", "weight": 1, "find": find, **about}


LISTS = [{"id": "hello", "language": "en", "phrases": ["hello"]}]


@pytest.mark.parametrize(
    ("criteria", "about", "level", "message"),
    [
        ([label("a", {"act": "greeting"}, texts={"en": {"name": "A"}})], {}, "warning",
         "has no texts in nb"),
        ([label("a", {"act": "greeting"}, applies_to={"languages": ["pl"]})], {}, "error",
         "is unreachable: the standard has no language pl"),
        ([label("a", {"act": "greeting"}, applies_to={"channels": ["chat"]},
                na_when=[{"channels": ["chat"]}])], {}, "error", "never applies"),
        ([label("a", {"act": "problem"})], {}, "error", "no agent turn is ever labelled problem"),
        ([label("a", {"act": "hold", "role": "customer"})], {}, "error",
         "no customer turn is ever labelled hold"),
        ([{"id": "a", "kind": "label", "find": {"act": "greeting"}}], {}, "warning",
         "neither weight nor severity"),
        ([label("a", {"act": "greeting"}), label("b", {"act": "greeting"}, expect="absent")], {},
         "error", "contradicts a"),
        ([label("a", {"act": "greeting"}), label("b", {"act": "greeting"})], {}, "warning",
         "overlaps a"),
        ([label("a", {"phrase": "hello"})], {"phrase_lists": LISTS}, "warning",
         "list hello has no phrases in nb"),
        ([label("a", {"phrase": "hello", "role": "customer"})], {"phrase_lists": LISTS}, "error",
         "is matched on agent turns, not on customer turns"),
        ([label("a", {"phrase": "hello"}, expect="absent")],
         {"phrase_lists": [{**LISTS[0], "forbidden": "blame"}]}, "error",
         "phrases of list hello are found as forbidden: blame, never as phrase"),
        ([], {"phrase_lists": LISTS}, "warning", "phrase list hello (en) is used by no criterion"),
        ([], {"phrase_lists": [{**LISTS[0], "phrases": ["hello", "Hello"]}]}, "warning",
         "has 'hello' 2 times"),
        ([], {"phrase_lists": [*LISTS, {**LISTS[0], "id": "rude", "forbidden": "profanity"}]},
         "warning", "is in several lists"),
    ],
)  # fmt: skip
def test_lint_doubts(criteria, about, level, message):
    issues = lint_standard(standard(*criteria, **about))
    assert any(i.level == level and message in i.message for i in issues), issues


LAST, FIRST = {"last_turns": 1}, {"first_turns": 1}


@pytest.mark.parametrize(
    ("wanted", "barred", "contradicts"),
    [
        ({"window": LAST}, {"window": FIRST}, False),
        ({"window": FIRST}, {"window": FIRST}, True),
        ({"window": FIRST}, {}, True),
        ({}, {"window": FIRST}, False),
    ],
)
def test_what_is_barred_elsewhere_may_be_wanted_here(wanted, barred, contradicts):
    one = label("a", {"act": "apology", **wanted})
    other = label("b", {"act": "apology", **barred}, expect="absent")
    for pair in ((one, other), (other, one)):
        issues = lint_standard(standard(*pair))
        assert any("contradicts" in i.message for i in issues) is contradicts


def test_what_is_barred_in_other_conversations_may_be_wanted_in_these():
    one = label("a", {"act": "thanks"}, na_when=[{"resolution": "unresolved"}])
    other = label("b", {"act": "thanks"}, expect="absent", na_when=[{"resolution": "resolved"}])
    assert not any(i.level == "error" for i in lint_standard(standard(one, other)))


def test_sound_standard_has_no_doubts():
    texts = {x: {"name": "A"} for x in ("en", "nb")}
    sound = standard(label("a", {"act": "greeting"}, texts=texts))
    assert [i for i in lint_standard(sound) if i.criterion == "a"] == []


def test_a_list_named_beside_what_is_looked_for_is_used():
    asked = label("a", {"act": "greeting", "also": {"phrase": "hello"}})
    issues = lint_standard(standard(asked, phrase_lists=LISTS))
    assert not any("is used by no criterion" in i.message for i in issues)


def test_default_standard_has_no_errors():
    default = load_standard(shipped_configs() / "standards" / "default.yaml")
    assert [i for i in lint_standard(default) if i.level == "error"] == []


def test_a_coaching_note_that_is_meant_has_no_doubts():
    texts = {x: {"name": "A"} for x in ("en", "nb")}
    part = {"id": "a", "kind": "label", "find": {"act": "greeting"}, "texts": texts}
    whole = {"id": "both", "kind": "all", "of": ["a"], "weight": 0, "texts": texts}
    assert [i for i in lint_standard(standard(part, whole)) if i.criterion != "base"] == []
