"""The default standard decides as the codebook says: every outcome, and the close cases."""

import pytest
from hand_made import MODEL, conversation

from convqa.config import shipped_configs
from convqa.scoring import score_conversation
from convqa.standard import load_standard

DEFAULT = load_standard(shipped_configs() / "standards" / "default.yaml")


def evaluate(line, **about):
    segmented, findings = conversation(line, **about)
    return score_conversation(segmented, findings, DEFAULT, MODEL)


def result(criterion_id, line, **about):
    return next(c for c in evaluate(line, **about).criteria if c.id == criterion_id)


LEFT = {"ending": "customer_left"}
CHAT = {"channel": "chat"}
PENDING = {"resolution": "pending"}
LOST = {"resolution": "unresolved"}

# (criterion, outcome, turns, about the conversation)
CASES = [
    # greeting: within the agent's first two turns
    ("greeting", "pass", "A greeting | C problem | A information", {}),
    ("greeting", "pass", "C problem | A information | C question | A greeting", {}),
    ("greeting", "fail", "C problem | A | C | A information | C | A greeting", {}),
    ("greeting", "fail", "C greeting problem | A information", {}),
    ("greeting", "pass", "A question | A greeting | C problem | A information", {}),
    ("greeting", "pass", "A | A | A greeting | C problem | A information", {}),
    ("greeting", "pass", "O greeting | C | A | O | C | A greeting", {}),
    ("greeting", "undetermined", "U greeting | C problem | A information", {}),
    ("greeting", "undetermined", "U | C problem | A information", {}),
    ("greeting", "fail", "U -greeting@0.1 | C problem | A information | C | A", {}),
    ("greeting", "pass", "U greeting | C problem | A greeting", {}),
    ("greeting", "fail", "C problem | A | C | A | U greeting | C | A", {}),
    ("greeting", "fail", "C problem | A -greeting@0.4 information", {}),
    # introduction: within the first three turns
    ("introduction", "pass", "A introduction | C problem", {}),
    ("introduction", "pass", "C | A | C | A | C | A introduction", {}),
    ("introduction", "fail", "C | A | C | A | C | A | C | A introduction", {}),
    ("introduction", "fail", "C | A greeting", {}),
    ("introduction", "undetermined", "C | U introduction | A greeting", {}),
    # verification: before account data is told or changed
    ("verification", "na", "C problem | A verification | C | A information", {}),
    ("verification", "na", "C problem | A information", {}),
    ("verification", "pass", "C | A verification | C | A disclosure", {}),
    ("verification", "pass", "C | A verification action disclosure", {}),
    ("verification", "fail", "C | A disclosure | C | A verification", {}),
    ("verification", "fail", "C | A disclosure", {}),
    ("verification", "fail", "C | A action disclosure", {}),
    ("verification", "fail", "C verification | A disclosure", {}),
    ("verification", "undetermined", "C | U verification | C | A disclosure", {}),
    ("verification", "undetermined", "C | U disclosure | C | A information", {}),
    ("verification", "pass", "C | A disclosure", {"metadata": {"verified": True}}),
    ("verification", "pass", "C | A disclosure", {"metadata": {"authenticated": "True"}}),
    ("verification", "fail", "C | A disclosure", {"metadata": {"verified": False}}),
    ("verification", "fail", "C | A disclosure", {"metadata": {"verified": None}}),
    ("verification", "pass", "O verified_before/phrase | C | A disclosure", CHAT),
    ("verification", "fail", "C verified_before/phrase | A disclosure", CHAT),
    ("verification", "pass", "C | A verified_before_said/phrase disclosure", CHAT),
    ("verification", "na", "C | A information", {"metadata": {"verified": True}}),
    # needs: a question or paraphrase before the solution
    ("needs", "pass", "A greeting question | C problem | A action", {}),
    ("needs", "pass", "C problem | A paraphrase | C | A action", {}),
    ("needs", "pass", "C problem | A information | C | A question | C | A action", {}),
    ("needs", "pass", "C problem | A question", PENDING),
    ("needs", "fail", "C problem | A information", LOST),
    ("needs", "fail", "C problem | A information | C | A question", LOST),
    ("needs", "fail", "C problem | A verification | C | A action", PENDING),
    ("needs", "fail", "C question | A information", LOST),
    ("needs", "na", "C problem | A information | C confirms_resolved", {}),
    ("needs", "na", "C question | A action | C confirms_resolved thanks | A closing", {}),
    ("needs", "na", "C problem | A information | C thanks", {}),
    ("needs", "fail", "C problem | A information | C information", {}),
    ("needs", "fail", "C complaint | A action | C confirms_resolved", {}),
    (
        "needs",
        "fail",
        "C problem | A action | C denies_resolved | A action | C confirms_resolved",
        {},
    ),
    ("needs", "fail", "C problem escalation | A action | C confirms_resolved", {}),
    ("needs", "fail", "C problem | A information | C confirms_resolved", PENDING),
    ("needs", "fail", "C problem | A", LOST),
    ("needs", "undetermined", "C problem | U question | C | A information", LOST),
    # politeness: no impolite agent segment
    ("politeness", "pass", "A polite | C problem | A information", {}),
    ("politeness", "fail", "A polite | C problem | A impolite", {}),
    ("politeness", "pass", "A polite | C impolite | A information", {}),
    ("politeness", "undetermined", "A polite | C | U impolite | A", {}),
    ("politeness", "fail", "A impolite | C | U impolite | A", {}),
    ("politeness", "pass", "A -impolite@0.45 | C problem", {}),
    # empathy: a negative customer is answered within two agent turns; never dismissive
    ("empathy", "na", "C problem | A information", {}),
    ("empathy", "na", "C problem positive | A empathic", {}),
    ("empathy", "pass", "C problem negative | A empathic", {}),
    ("empathy", "pass", "C negative | A question | C | A empathic", {}),
    ("empathy", "fail", "C negative | A question | C | A | C | A empathic", {}),
    ("empathy", "pass", "C negative | A | C | A | C negative | A empathic", {}),
    ("empathy", "pass", "C negative | A empathic | C negative | A | C | A", {}),
    ("empathy", "fail", "A empathic | C negative | A information", {}),
    ("empathy", "fail", "C negative | A apology polite", {}),
    ("empathy", "fail", "C negative | A empathic | C | A dismissive", {}),
    ("empathy", "fail", "C problem | A dismissive", {}),
    ("empathy", "fail", "A greeting | C negative", LEFT),
    ("empathy", "undetermined", "C negative | U empathic | C | A information", {}),
    ("empathy", "undetermined", "U negative | A information | C | A", {}),
    ("empathy", "undetermined", "C negative | A empathic | C | U dismissive", {}),
    ("empathy", "pass", "C negative | A | A | A empathic", {}),
    # dismissive, a flag without weight
    ("dismissive", "pass", "C negative | A empathic", {}),
    ("dismissive", "fail", "C negative | A dismissive", {}),
    # forbidden: no forbidden agent segment, by model or phrase
    ("forbidden", "pass", "C problem | A information", {}),
    ("forbidden", "fail", "C problem | A brush_off", {}),
    ("forbidden", "fail", "C problem | A ignorance/phrase", {}),
    ("forbidden", "fail", "C problem | A blame@0.6 blame/phrase", {}),
    ("forbidden", "pass", "C profanity | A information", {}),
    ("forbidden", "pass", "C | A -guarantee@0.3", {}),
    ("forbidden", "undetermined", "C | A | U overfamiliar | C", {}),
    # hold: announced, and ended with thanks or an apology by a later agent turn
    ("hold", "na", "C problem | A information", {}),
    ("hold", "pass", "C | A hold | C | A thanks information", {}),
    ("hold", "pass", "C | A hold | C | A hold apology", {}),
    ("hold", "fail", "C | A hold | C | A information", {}),
    ("hold", "fail", "C | A thanks hold | C | A information", {}),
    # «thanks for waiting» and on with the case: the wait was before, in the queue
    ("hold", "na", "C | A thanks hold | A information | C | A information", {}),
    ("hold", "pass", "C | A thanks hold | A information | C | A apology", {}),
    ("hold", "na", "C | A thanks hold | A information | C", {}),
    ("hold", "fail", "C | A thanks hold | A information | C | A", {"silences": [(2, 90)]}),
    ("hold", "fail", "C | A thanks hold | A information | C | A", {"silences": [(4, 90)]}),
    ("hold", "fail", "C | A hold | A information | C | A information", {}),
    ("hold", "fail", "C | A hold | C | A information | C | A thanks", {}),
    ("hold", "fail", "C | A hold | C", {}),
    ("hold", "pass", "C | A hold | A thanks | C | A information", {}),
    ("hold", "pass", "C | A hold | C | A thanks | C | A hold | C | A apology", {}),
    ("hold", "fail", "C | A hold | C | A thanks | C | A hold | C | A", {}),
    ("hold", "fail", "C | A hold | C | A thanks | A hold | C | A information", {}),
    ("hold", "fail", "C | A hold | A thanks | A hold | C | A information", {}),
    ("hold", "pass", "C | A hold | C | A thanks | A hold | A apology | C | A information", {}),
    ("hold", "pass", "C | A hold | C | A thanks | A hold thanks | C | A information", {}),
    ("hold", "pass", "C | A hold | C | A thanks | A hold | A information | C", {}),
    ("hold", "fail", "C | A action | C | A information", {"silences": [(3, 90)]}),
    ("hold", "pass", "C | A hold | C | A thanks", {"silences": [(3, 90)]}),
    ("hold", "pass", "C | A hold | C | A thanks | A hold | C | A thanks", {"silences": [(6, 90)]}),
    ("hold", "fail", "C | A hold | C | A hold | A thanks | C | A thanks", {"silences": [(6, 90)]}),
    ("hold", "pass", "C | A hold | A thanks information | C", {"silences": [(2, 95)]}),
    ("hold", "fail", "C | A | A hold | A thanks | C", {"silences": [(2, 95), (3, 95)]}),
    ("hold", "pass", "C | A hold | C | A action | C | A thanks", {"silences": [(5, 60)]}),
    ("hold", "fail", "C | A hold | C | A action | C | A information", {"silences": [(5, 60)]}),
    ("hold", "na", "C | A action | C | A information", {"silences": [(3, 29.9)]}),
    ("hold", "na", "C | A | C information | A", {"silences": [(2, 90)]}),
    ("hold", "fail", "C | A | C question | A", {"silences": [(2, 90)]}),
    ("hold", "na", "C | A | C | A", {"silences": [(3, 300)], **CHAT}),
    ("hold", "fail", "C | A hold | C | A hold information", CHAT),
    ("hold", "undetermined", "C | A hold | U thanks | C | A information", {}),
    # next_steps: a commitment; na when resolved on the spot
    ("next_steps", "pass", "C problem | A commitment", PENDING),
    ("next_steps", "pass", "C problem | A commitment", {}),
    ("next_steps", "na", "C problem | A action", {}),
    ("next_steps", "fail", "C problem | A information", PENDING),
    ("next_steps", "fail", "C problem | A transfer", LOST),
    ("next_steps", "pass", "C problem | A commitment guarantee", LOST),
    ("next_steps", "undetermined", "C problem | U commitment | A information", LOST),
    ("next_steps", "fail", "C problem | A information", {"resolution": None}),
    # further_help: asked; na when the customer breaks off
    ("further_help", "pass", "C | A further_help | C | A closing", {}),
    ("further_help", "fail", "C | A information | C | A closing", {}),
    ("further_help", "na", "C | A information", LEFT),
    ("further_help", "na", "C | A further_help", LEFT),
    ("further_help", "fail", "C | A information", {"ending": "agent_left"}),
    # closing: polite farewell or thanks in the agent's last two turns
    ("closing", "pass", "C | A | C | A closing polite", {}),
    ("closing", "pass", "C | A thanks polite | C | A information", {}),
    ("closing", "fail", "C | A thanks polite | C | A | C | A", {}),
    ("closing", "fail", "C | A | C | A closing", {}),
    ("closing", "fail", "C | A | C | A polite", {}),
    ("closing", "fail", "C | A | C | A closing polite impolite", {}),
    ("closing", "pass", "C | A | C | A closing | A polite", {}),
    ("closing", "na", "C | A closing polite", LEFT),
    ("closing", "undetermined", "C | A | C | U closing polite", {}),
    # resolution
    ("resolution", "pass", "C | A", {}),
    ("resolution", "partial", "C | A", PENDING),
    ("resolution", "fail", "C | A", LOST),
    ("resolution", "undetermined", "C | A", {"resolution": None}),
    # critical errors: model and phrase agree, or a probability of at least .95
    ("profanity", "fail", "C | A profanity", {}),
    ("profanity", "fail", "C | A profanity@0.95", {}),
    ("profanity", "undetermined", "C | A profanity@0.94", {}),
    ("profanity", "undetermined", "C | A profanity/phrase", {}),
    ("profanity", "fail", "C | A profanity@0.5 profanity/phrase", {}),
    ("profanity", "fail", "C | A profanity@0.3 profanity/phrase", {}),
    ("profanity", "undetermined", "C | A profanity/phrase | C | A profanity@0.7", {}),
    ("profanity", "pass", "C profanity | A", {}),
    ("profanity", "undetermined", "C | A | U profanity", {}),
    ("sensitive_request", "fail", "C | A verification sensitive_request", {}),
    ("sensitive_request", "pass", "C | A verification", {}),
    ("unverified_disclosure", "pass", "C | A information", {}),
    ("unverified_disclosure", "fail", "C | A disclosure", {}),
    ("unverified_disclosure", "undetermined", "C | A disclosure@0.8", {}),
    ("unverified_disclosure", "na", "C | A disclosure | C | A verification", {}),
    ("unverified_disclosure", "na", "C | A verification | C | A disclosure", {}),
    ("unverified_disclosure", "pass", "C | A action disclosure", {}),
    ("unverified_disclosure", "pass", "C | A disclosure", {"metadata": {"verified": "true"}}),
]


@pytest.mark.parametrize(
    ("criterion_id", "outcome", "line", "about"),
    CASES,
    ids=[f"{c[0]}-{c[1]}-{i}" for i, c in enumerate(CASES)],
)
def test_default_standard_decides_as_the_codebook_says(criterion_id, outcome, line, about):
    assert result(criterion_id, line, **about).outcome == outcome


def test_every_outcome_of_every_weighted_criterion_is_in_the_table():
    seen = {(c, o) for c, o, _, _ in CASES}
    for criterion in DEFAULT.criteria:
        assert (criterion.id, "pass") in seen
        assert (criterion.id, "fail") in seen


def test_weights_are_those_of_the_codebook():
    weights = {c.id: c.weight.default for c in DEFAULT.criteria if DEFAULT.weighs(c)}
    assert weights == {
        "greeting": 5, "introduction": 5, "verification": 10, "needs": 8, "politeness": 12,
        "empathy": 13, "forbidden": 15, "hold": 3, "next_steps": 4, "further_help": 4,
        "closing": 4, "resolution": 17,
    }  # fmt: skip


PERFECT = (
    "A greeting introduction polite | C problem negative | A empathic question | C"
    " | A verification | C | A disclosure action commitment | C confirms_resolved"
    " | A further_help | C | A closing polite"
)


def test_perfect_conversation_scores_100_without_flags():
    done = evaluate(PERFECT)
    assert (done.score, done.status, done.band) == (100.0, "scored", "good")
    assert (done.flag, done.flags, done.critical) == (False, (), ())
    assert done.coverage == 1.0


def test_pending_earns_half_of_the_resolution():
    # 97 points apply without the hold; 17 / 2 are lost: 100 x 88.5 / 97 = 91.237…
    assert evaluate(PERFECT, resolution="pending").score == 91.2


@pytest.mark.parametrize(
    ("line", "about", "flags"),
    [
        ("A impolite | C", {}, ("low_score", "impolite")),
        (PERFECT + " | C | A impolite closing", {}, ("impolite",)),
        (PERFECT + " | C | A dismissive | C | A closing polite", {}, ("dismissive",)),
        (PERFECT, {"resolution": "unresolved"}, ("unresolved",)),
        (PERFECT + " | C | A profanity | C | A closing polite", {},
         ("critical:profanity", "low_score")),
        ("C | A disclosure", {}, ("critical:unverified_disclosure", "low_score")),
    ],
)  # fmt: skip
def test_flags(line, about, flags):
    done = evaluate(line, **about)
    assert done.flags == flags
    assert done.flag


def test_critical_error_sets_the_score_to_0_and_keeps_the_raw_score():
    done = evaluate(PERFECT + " | C | A profanity@0.7 profanity/phrase | C | A closing polite")
    assert (done.score, done.status) == (0.0, "provisional")
    assert done.critical == ("profanity",)
    assert done.raw_score == 84.5  # forbidden's 15 of 97 points are lost


def test_little_that_can_be_determined_gives_no_score():
    done = evaluate("U greeting impolite | C problem negative | U disclosure | C | A",
                    resolution=None)  # fmt: skip
    assert done.score is None
    assert done.status == "low_coverage"
    assert "low_coverage" in done.flags
    assert done.coverage < 0.7


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("C problem", "not scored: agent turns 0, needed 1"),
        ("A greeting", "not scored: customer turns 0, needed 1"),
        ("A | O | U", "not scored: customer turns 0, needed 1"),
    ],
)
def test_conversation_without_both_sides_is_skipped(line, reason):
    done = evaluate(line)
    assert (done.status, done.score, done.flag) == ("skipped", None, False)
    assert done.skip_reason == reason


def test_other_languages_are_skipped():
    assert evaluate("A | C", language="de").skip_reason == (
        "not scored: the standard does not cover the language de"
    )
