"""What holds of every score, whatever was found."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hand_made import MODEL, conversation
from hypothesis import given, settings
from hypothesis import strategies as st

from convqa.config import shipped_configs
from convqa.scoring import ledger, score_conversation, score_outcomes, with_outcomes
from convqa.standard import load_standard
from convqa.standard.terms import LABELS

DEFAULT = load_standard(shipped_configs() / "standards" / "default.yaml")
WORDS = [w for kind in LABELS.values() for w in kind if w not in ("neutral", "none")]
VIOLATIONS = ["impolite", "dismissive", "profanity", "blame", "brush_off", "sensitive_request"]

probabilities = st.floats(0, 1).map(lambda p: f"{p:.2f}")
labels = st.builds(
    lambda sign, word, p: f"{sign}{word}@{p}", st.sampled_from(["", "-"]), st.sampled_from(WORDS),
    probabilities,
)  # fmt: skip
turns = st.builds(
    lambda role, words: " ".join([role, *words]), st.sampled_from("AAACCCUO"),
    st.lists(labels, max_size=4),
)  # fmt: skip
lines = st.lists(turns, min_size=2, max_size=12).map(" | ".join)
resolutions = st.sampled_from([None, "resolved", "pending", "unresolved"])


def evaluate(line, resolution="resolved", extra=()):
    segmented, findings = conversation(line, resolution=resolution)
    return score_conversation(segmented, [*findings, *extra], DEFAULT, MODEL)


@settings(deadline=None)
@given(lines, resolutions)
def test_score_and_shares_stay_in_bounds(line, resolution):
    done = evaluate(line, resolution)
    for score in (done.score, done.raw_score):
        assert score is None or 0 <= score <= 100
    assert 0 <= done.coverage <= 1
    for result in done.criteria:
        assert 0 <= result.confidence <= 1
        assert 0 <= result.points <= result.weight <= result.max_points


@settings(deadline=None)
@given(lines, resolutions)
def test_na_and_undetermined_leave_both_sides(line, resolution):
    for result in evaluate(line, resolution).criteria:
        if result.outcome in ("na", "undetermined"):
            assert (result.points, result.weight) == (0, 0)
        else:
            assert result.weight == result.max_points


@settings(deadline=None)
@given(lines, resolutions)
def test_ledger_redone_by_hand_gives_the_score(line, resolution):
    done = evaluate(line, resolution)
    if done.status == "skipped":
        return
    *rows, total = ledger(done)
    points = sum(Decimal(repr(r.points)) for r in rows)
    weight = sum(Decimal(repr(r.weight)) for r in rows)
    assert (Decimal(repr(total.points)), Decimal(repr(total.weight))) == (points, weight)
    if done.raw_score is not None:
        exact = (100 * points / weight).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
        assert done.raw_score == float(exact)
        assert total.formula == f"100 × {float(points):g} / {float(weight):g} = {exact}"
    if done.critical:
        assert done.score == 0


@settings(deadline=None)
@given(lines, st.lists(st.tuples(st.sampled_from(VIOLATIONS), st.integers(0, 11)), min_size=1))
def test_more_violations_never_raise_the_score(line, violations):
    # Every turn has been read by the models, so that nothing depends on an unknown speaker.
    said = line.replace("U", "A").split(" | ")
    before = evaluate(" | ".join(said))
    for word, turn in violations:
        turn %= len(said)
        if said[turn].startswith("A"):
            said[turn] += f" {word}"
    after = evaluate(" | ".join(said))
    if before.score is not None and after.score is not None:
        assert after.score <= before.score


@settings(deadline=None)
@given(lines)
def test_order_of_findings_does_not_matter(line):
    segmented, findings = conversation(line)
    done = score_conversation(segmented, findings, DEFAULT, MODEL)
    assert score_conversation(segmented, findings[::-1], DEFAULT, MODEL) == done


@pytest.mark.parametrize(
    ("points", "weight", "score"),
    [(1, 3, 33.3), (2, 3, 66.7), (1, 8, 12.5), (0.25, 100, 0.3), (0.05, 100, 0.1), (97, 97, 100),
     (0.35 * 3, 20, 5.3)],
)  # fmt: skip
def test_one_decimal_half_up(points, weight, score):
    results = list(evaluate("A greeting | C problem").criteria)
    results = [r._replace(points=0.0, weight=0.0, outcome="na") for r in results]
    results[0] = results[0]._replace(outcome="partial", points=points, weight=weight,
                         max_points=weight)  # fmt: skip
    assert score_outcomes(results, DEFAULT).raw_score == score


def test_correction_runs_only_the_second_step():
    done = evaluate("A greeting profanity polite | C problem")
    assert done.critical == ("profanity",)
    corrected = [
        r._replace(outcome="pass", points=r.max_points, weight=r.max_points)
        if r.id in ("profanity", "forbidden") else r
        for r in done.criteria
    ]  # fmt: skip
    final = with_outcomes(done, corrected, DEFAULT)
    assert final.critical == ()
    assert final.status == "scored"
    assert final.score > 0
    assert done.score == 0
