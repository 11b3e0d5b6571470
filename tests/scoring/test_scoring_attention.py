"""Inattention and forms of address as criteria."""

import pytest
from hand_made import MODEL, conversation

from convqa.schema import Finding, Span
from convqa.scoring import score_conversation, translate_reason
from convqa.standard import Standard


def judge(criterion, line, *findings, language="en"):
    standard = Standard.model_validate({
        "name": "own", "version": "1", "languages": ["en", "nb", "pl"],
        "sections": [{"id": "s", "criteria": [
            {"id": "any", "kind": "label", "weight": 1, "find": {"act": "greeting"}},
            {"id": "c", **criterion},
        ]}],
    })  # fmt: skip
    segmented, found = conversation(line, language=language)
    return score_conversation(segmented, [*found, *findings], standard, MODEL).criteria[-1]


def attention(label, *turns):
    return Finding("attention", label, "rule", tuple(Span(t, 0, 9) for t in turns))


NEVER_IDLE = {"kind": "label", "find": {"attention": "idle_close"}, "expect": "absent"}


def test_inattention_fails_with_evidence_on_both_sides():
    found = judge(NEVER_IDLE, "A greeting | C question | A closing", attention("idle_close", 1, 2))
    assert (found.outcome, found.weight) == ("fail", 0.0)
    assert [(e.turn, e.source) for e in found.evidence] == [(1, "rule"), (2, "rule")]


def test_other_inattention_does_not_count():
    found = judge(NEVER_IDLE, "A | C question | A", attention("asked_twice", 1, 2))
    assert found.outcome == "pass"


def test_inattention_is_undetermined_where_it_is_not_known_who_spoke():
    assert judge(NEVER_IDLE, "A | C question | U | A").outcome == "undetermined"


@pytest.mark.parametrize(
    ("form", "line", "outcome"),
    [
        ("formal", "A formal | C", "pass"),
        ("formal", "A formal | C | A informal", "fail"),
        ("informal", "A informal | C informal", "pass"),
        ("informal", "A formal | C", "fail"),
        ("consistent", "A formal | C | A formal", "pass"),
        ("consistent", "A informal | C | A informal", "pass"),
        ("consistent", "A formal | C | A informal", "fail"),
        ("consistent", "A formal | C informal", "pass"),
        ("formal", "A | C informal", "na"),
        ("formal", "A | C | U informal", "undetermined"),
        ({"pl": "formal"}, "A formal | C", "na"),
        ({"nb": "informal", "pl": "formal"}, "A formal | C", "fail"),
    ],
)
def test_address(form, line, outcome):
    assert judge({"kind": "address", "form": form}, line, language="nb").outcome == outcome


def test_mixed_address_points_at_the_slip_first():
    found = judge(
        {"kind": "address", "form": "consistent"},
        "A formal | C | A informal | C | A formal", language="nb",
    )  # fmt: skip
    assert [e.turn for e in found.evidence] == [2, 0]
    assert translate_reason(found.reason, "nb") == "Begge tiltaleformer brukes."


def test_address_of_the_customer_can_be_asked_for():
    criterion = {"kind": "address", "form": "informal", "role": "customer"}
    assert judge(criterion, "A informal | C formal", language="nb").outcome == "fail"
