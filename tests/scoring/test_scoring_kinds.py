"""What the default standard does not use: windows, timing, combinations, thresholds, conditions."""

import pytest
from hand_made import MODEL, conversation

from convqa.schema import Finding, Span
from convqa.scoring import score_conversation
from convqa.standard import Standard


def judge(criteria, line, *, extra=(), about=None, **conversation_about):
    """Return the last of some criteria on a conversation."""
    standard = Standard.model_validate({
        "name": "own", "version": "1", "languages": ["en"], **(about or {}),
        "sections": [{"id": "s", "criteria": criteria}],
    })  # fmt: skip
    segmented, findings = conversation(line, **conversation_about)
    done = score_conversation(segmented, [*findings, *extra], standard, MODEL)
    return done.criteria[-1]


def label(find, **about):
    return [{"id": "c", "kind": "label", "weight": 10, "find": find, **about}]


def timing(name, *values, turn=1):
    spans = (Span(turn, 0, 5),)
    return [Finding("timing", name, "timing", spans, value=float(v)) for v in values]


def timed(measure, **about):
    return [{"id": "c", "kind": "timing", "weight": 1, "measure": measure, **about}]


@pytest.mark.parametrize(
    ("criterion", "values", "outcome"),
    [
        (timed("response_s", at_most=60), (10, 60), "pass"),
        (timed("response_s", at_most=60), (10, 60.1), "fail"),
        (timed("response_s", at_most=35, statistic="mean"), (10, 60), "pass"),
        (timed("response_s", at_most=69, statistic="total"), (10, 60), "fail"),
        (timed("response_s", at_most=1, statistic="count"), (10, 60), "fail"),
        (timed("response_s", at_least=11), (10,), "fail"),
        (timed("response_s", at_least=5, at_most=15), (10,), "pass"),
        (timed("response_s", at_most=60), (), "na"),
        (timed("silence_s", at_most=60), (90,), "na"),
    ],
)
def test_timing(criterion, values, outcome):
    extra = timing("response_s", *values)
    assert judge(criterion, "C | A | C | A", extra=extra).outcome == outcome


@pytest.mark.parametrize(
    ("measure", "seen", "line", "outcome"),
    [
        ("interruption", "talk_share", "C | A", "na"),
        ("interruption", "overlap_s", "C | A", "pass"),
        ("silence_s", "duration_s", "C | A", "na"),
        ("silence_s", "longest_silence_s", "C | A", "pass"),
        ("hold_s", "talk_share", "C | A", "na"),
        ("hold_s", "duration_s", "C | A", "pass"),
        ("hold_s", "duration_s", "C | A hold", "na"),
        ("response_s", "talk_share", "C | A", "na"),
    ],
)
def test_none_is_counted_only_where_the_times_would_show_one(measure, seen, line, outcome):
    criterion = timed(measure, statistic="count", at_most=0)
    assert judge(criterion, line, extra=timing(seen, 0.5)).outcome == outcome


@pytest.mark.parametrize(
    ("measure", "value", "bound", "shown"),
    [
        ("response_s", 60.04, 60, "60.04"),
        ("response_s", 60, 60, "60.0"),
        ("response_s", 75.04, 60, "75.0"),
        ("talk_share", 0.65, 0.6, "0.65"),
        ("talk_share", 0.604, 0.6, "0.604"),
    ],
)
def test_a_value_is_shown_finely_enough_to_part_it_from_its_bound(measure, value, bound, shown):
    found = judge(timed(measure, at_most=bound), "C | A", extra=timing(measure, value))
    assert found.reason.endswith(f" = {shown}.")


def test_timing_points_at_the_worst_turn():
    extra = [*timing("response_s", 5, turn=1), *timing("response_s", 99, turn=3)]
    found = judge(timed("response_s", at_most=60), "C | A | C | A", extra=extra)
    assert [(e.turn, e.source) for e in found.evidence] == [(3, "timing")]
    found = judge(timed("response_s", at_least=200), "C | A | C | A", extra=extra)
    assert [(e.turn, e.source) for e in found.evidence] == [(1, "timing")]


def test_hold_that_is_too_long_points_at_its_announcement():
    found = judge(timed("hold_s", at_most=1), "C | A hold | C | A thanks")
    assert [e.turn for e in found.evidence] == [1]


def test_hold_length_runs_from_the_announcement_to_the_return():
    # Turns begin every 10 s and last 5: announced until 15 s, back at 30 s.
    line = "C | A hold | C | A thanks"
    assert judge(timed("hold_s", at_most=15), line).outcome == "pass"
    assert judge(timed("hold_s", at_most=14.9), line).outcome == "fail"
    assert judge(timed("hold_s", at_most=15), "C | A").outcome == "na"


@pytest.mark.parametrize(
    ("line", "starts", "length"),
    [
        # Back without a word of the customer's between.
        ("C | A hold | A thanks | C | A", (0, 3, 125, 140, 200), 117),
        # A message more before the wait.
        ("C | A hold | A | C | A thanks", (0, 3, 9, 15, 135), 127),
        ("C | A hold | A thanks", (0, 3, 900), 892),
    ],
)
def test_hold_ends_with_the_turn_after_the_pause_whatever_was_said_between(line, starts, length):
    for bound, outcome in ((length, "pass"), (length - 0.1, "fail")):
        found = judge(timed("hold_s", at_most=bound), line, starts=starts)
        assert found.outcome == outcome


def test_hold_in_a_chat_is_measured_by_the_only_times_there_are():
    about = {"channel": "chat", "starts": (0, 5, 8, 900), "lasts": None}
    line = "C | A hold | C | A"
    assert judge(timed("hold_s", at_most=895), line, **about).outcome == "pass"
    assert judge(timed("hold_s", at_most=894), line, **about).outcome == "fail"
    assert judge(timed("hold_s", at_most=1), line, **{**about, "channel": "call"}).outcome == "na"


@pytest.mark.parametrize(("seconds", "outcome"), [(10.0, "fail"), (10.1, "pass"), (31.0, "pass")])
def test_window_of_seconds(seconds, outcome):
    find = {"act": "greeting", "window": {"first_seconds": seconds}}
    assert judge(label(find), "C | A greeting | C").outcome == outcome


@pytest.mark.parametrize(("seconds", "outcome"), [(15, "fail"), (25, "undetermined")])
def test_window_of_seconds_holds_an_unknown_speaker_after_the_last_agent(seconds, outcome):
    find = {"act": "greeting", "window": {"first_seconds": seconds}}
    assert judge(label(find), "A | C | U greeting | A").outcome == outcome


def test_window_of_seconds_without_times_is_undetermined():
    find = {"act": "greeting", "window": {"first_seconds": 30}}
    found = judge(label(find), "C | A | C", times=False)
    assert found.outcome == "undetermined"
    assert found.reason == "Cannot be told: the transcript has no times."


@pytest.mark.parametrize(
    ("threshold", "line", "outcome"),
    [
        (0.7, "C | A greeting@0.6", "fail"),
        (0.6, "C | A greeting@0.6", "pass"),
        (0.3, "C | A -greeting@0.4", "pass"),
        (None, "C | A -greeting@0.4", "fail"),
        (None, "C | A greeting@0.2", "pass"),
    ],
)
def test_own_threshold_replaces_the_models_decision(threshold, line, outcome):
    find = {"act": "greeting", **({"threshold": threshold} if threshold else {})}
    assert judge(label(find), line).outcome == outcome


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("C | A greeting@0.9", "pass"),
        ("C | A greeting@0.79", "undetermined"),
        ("C | A -greeting@0.19", "fail"),
        ("C | A -greeting@0.3", "undetermined"),
    ],
)
def test_outcome_less_sure_than_asked_is_undetermined(line, outcome):
    found = judge(label({"act": "greeting"}, undetermined_below=0.8), line)
    assert found.outcome == outcome
    assert (found.weight == 0) == (outcome == "undetermined")


def test_what_would_pass_anyway_passes_where_it_is_too_unsure_too():
    criterion = label(
        {"act": "greeting"}, undetermined_below=0.8, pass_when=[{"channels": ["call"]}]
    )
    assert judge(criterion, "C | A greeting@0.6").outcome == "pass"


def test_a_condition_of_something_missing_names_what_is_missing():
    missing = {"missing": {"role": "customer", "act": ["problem", "question"]}}
    found = judge(label({"act": "apology"}, na_when=[missing]), "C | A")
    assert (found.outcome, found.reason) == (
        "na", "There was no occasion for it: problem / question.",
    )  # fmt: skip
    found = judge(label({"act": "apology"}, pass_when=[missing]), "C | A")
    assert (found.outcome, found.reason) == (
        "pass", "Never found, as it should be: problem / question.",
    )  # fmt: skip


BASE = [
    {"id": "a", "kind": "label", "weight": 1, "find": {"act": "greeting"}},
    {"id": "b", "kind": "label", "weight": 1, "find": {"act": "closing"}},
    {"id": "n", "kind": "resolution", "weight": 1,
     "points": {"resolved": 1, "pending": 0.5, "unresolved": 0},
     "applies_to": {"channels": ["chat"]}},
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "of", "line", "outcome"),
    [
        ("all", ["a", "b"], "C | A greeting closing", "pass"),
        ("all", ["a", "b"], "C | A greeting", "fail"),
        ("any", ["a", "b"], "C | A greeting", "pass"),
        ("any", ["a", "b"], "C | A", "fail"),
        ("not", ["a", "b"], "C | A", "pass"),
        ("not", ["a", "b"], "C | A greeting", "fail"),
        ("all", ["a", "n"], "C | A greeting", "pass"),
        ("all", ["n"], "C | A", "na"),
        ("all", ["a", "b"], "C | A closing | U greeting", "undetermined"),
        ("any", ["a", "b"], "C | A closing | U greeting", "pass"),
        ("all", ["a", "b"], "C | A | U -greeting@0.1 closing", "fail"),
    ],
)
def test_combinations(kind, of, line, outcome):
    combined = {"id": "c", "kind": kind, "of": of, "weight": 1}
    assert judge([*BASE, combined], line).outcome == outcome


@pytest.mark.parametrize(
    ("kind", "outcome", "agent", "turns", "confidence"),
    [("all", "fail", "bo", [3], 0.9), ("any", "pass", "anna", [1], 0.6)],
)
def test_combination_shows_and_charges_the_part_that_decided(
    kind, outcome, agent, turns, confidence
):
    clean = {"id": "x", "kind": "label", "expect": "absent", "find": {"forbidden": "blame"}}
    combined = {"id": "c", "kind": kind, "of": ["a", "x"], "weight": 1}
    found = judge(
        [*BASE, clean, combined], "C | A greeting@0.6 | C | A blame@0.9",
        agents=[None, "anna", None, "bo"],
    )  # fmt: skip
    assert (found.outcome, found.agent_id, found.confidence) == (outcome, agent, confidence)
    assert [e.turn for e in found.evidence] == turns


def test_partial_part_makes_a_partial_whole():
    combined = {"id": "c", "kind": "all", "of": ["a", "n"], "weight": 2}
    found = judge([*BASE, combined], "C | A greeting", channel="chat", resolution="pending")
    assert (found.outcome, found.points) == ("partial", 1.0)


@pytest.mark.parametrize(
    ("scope", "outcome"),
    [
        ({"languages": ["en"]}, "pass"),
        ({"channels": ["chat"]}, "na"),
        ({"queues": "billing"}, "pass"),
        ({"queues": ["sales"]}, "na"),
        ({"teams": ["team"]}, "pass"),
        ({"metadata": {"tier": "Gold"}}, "pass"),
        ({"metadata": {"tier": ["silver", "bronze"]}}, "na"),
        ({"metadata": {"csat": {"at_most": 2}}}, "pass"),
        ({"metadata": {"csat": {"at_least": 3}}}, "na"),
        ({"metadata": {"recontact": {"exists": False}}}, "pass"),
        ({"metadata": {"recontact": {"exists": True}}}, "na"),
        ({"metadata": {"tier": {"at_least": 1}}}, "na"),
    ],
)
def test_scope(scope, outcome):
    found = judge(
        label({"act": "greeting"}, applies_to=scope), "C | A greeting", queue="billing",
        metadata={"tier": "gold", "csat": "2"},
    )  # fmt: skip
    assert found.outcome == outcome


@pytest.mark.parametrize(
    ("queue", "channel", "weight"),
    [(None, "call", 4), (None, "chat", 3), ("vip", "chat", 2), (None, None, 4)],
)
def test_most_specific_weight_wins(queue, channel, weight):
    weights = {"default": 5, "queues": {"vip": 2}, "channels": {"chat": 3}, "languages": {"en": 4}}
    found = judge(
        label({"act": "greeting"}, weight=weights), "C | A greeting", queue=queue, channel=channel
    )
    assert (found.weight, found.points) == (weight, weight)


def test_every_opportunity_must_be_answered_when_asked():
    criterion = [{
        "id": "c", "kind": "response", "weight": 1, "within_turns": 1, "every": True,
        "to": {"role": "customer", "act": "question"}, "answer": {"act": "information"},
    }]  # fmt: skip
    assert judge(criterion, "C question | A information | C question | A").outcome == "fail"
    assert judge(criterion, "C question | A information | C | A").outcome == "pass"


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("C question | A | C question | A information | C question | U | A information", "fail"),
        ("C question | A information | C question | U | A", "undetermined"),
    ],
)
def test_an_unknown_speaker_excuses_only_the_opportunity_it_stands_near(line, outcome):
    criterion = [{
        "id": "c", "kind": "response", "weight": 1, "within_turns": 1, "every": True,
        "to": {"role": "customer", "act": "question"}, "answer": {"act": "information"},
    }]  # fmt: skip
    assert judge(criterion, line).outcome == outcome


@pytest.mark.parametrize(
    ("line", "confidence"),
    [
        ("C question@0.51 | A", 0.51),
        ("C question@0.8 | A -information@0.25", 0.6),
        ("C question@0.6 | A | C question@0.9 | A", 0.9),
    ],
)
def test_an_answer_is_missing_only_as_surely_as_it_was_due(line, confidence):
    answered = {
        "id": "c", "kind": "response", "weight": 1, "to": {"role": "customer", "act": "question"},
        "answer": {"act": "information"},
    }  # fmt: skip
    found = judge([answered], line)
    assert (found.outcome, found.confidence) == ("fail", confidence)
    greeting = {"id": "any", "kind": "label", "weight": 1, "find": {"act": "greeting"}}
    critical = {**answered, "weight": 0, "severity": "critical"}
    assert judge([greeting, critical], line).outcome == "undetermined"


def test_a_wait_was_not_ended_only_as_surely_as_no_end_was_seen():
    criterion = [{"id": "c", "kind": "hold", "weight": 1, "announce": {"act": "hold"},
                  "end": {"act": "thanks"}}]  # fmt: skip
    found = judge(criterion, "C | A hold@0.8 | C | A -thanks@0.25 | C | A -thanks@0.4")
    assert (found.outcome, found.confidence) == ("fail", 0.6)


def test_head_of_ones_own_is_a_label():
    assert judge(label({"head": "upsell"}), "C | A upsell").outcome == "pass"
    assert judge(label({"head": "upsell"}), "C | A").outcome == "fail"


def test_evidence_has_exact_offsets_and_charges_who_spoke():
    criterion = label({"act": "greeting"})
    found = judge(criterion, "C | A | C | A greeting", agents=[None, "anna", None, "bo"])
    evidence = found.evidence[0]
    assert (evidence.turn, evidence.char_start) == (3, 0)
    assert evidence.quote == "these are the agent words of turn number 3 of the talk"
    assert found.agent_id == "bo"


def test_omission_points_at_the_turn_where_it_was_due():
    opening = label({"act": "greeting", "window": {"first_turns": 2}})
    found = judge(opening, "C | A | C | A | C | A", agents=[None, "anna", None, "bo", None, "eve"])
    assert [(e.turn, e.source) for e in found.evidence] == [(1, "rule")]
    assert found.agent_id == "anna"
    assert [e.turn for e in judge(label({"act": "greeting"}), "C | A | C | A").evidence] == [3]


def test_model_and_phrase_together_are_surer_than_either():
    criterion = label({"forbidden": "blame"}, expect="absent")
    alone = judge(criterion, "C | A blame@0.6").confidence
    phrase = judge(criterion, "C | A blame/phrase").confidence
    both = judge(criterion, "C | A blame@0.6 blame/phrase").confidence
    assert (alone, phrase, both) == (0.6, 0.9, 0.96)


@pytest.mark.parametrize(
    ("test", "metadata", "applies"),
    [
        ({"mystery_shop": True}, {"mystery_shop": True}, True),
        ({"mystery_shop": True}, {"mystery_shop": "true"}, True),
        ({"mystery_shop": True}, {"mystery_shop": False}, False),
        ({"mystery_shop": True}, {}, False),
        ({"csat": {"at_most": 2}}, {"csat": 2}, True),
        ({"csat": {"at_most": 2}}, {"csat": "2"}, True),
        ({"csat": {"at_most": 2}}, {"csat": 3}, False),
        ({"csat": {"at_most": 2}}, {}, False),
        ({"csat": {"at_least": 4}}, {"csat": "nan"}, False),
        ({"csat": {"at_least": 4}}, {"csat": 10**400}, False),
        ({"csat": 4}, {"csat": 4.0}, True),
        ({"csat": 4}, {"csat": "4"}, True),
        ({"csat": 4}, {"csat": 4.5}, False),
        ({"recontact": {"exists": False}}, {}, True),
        ({"recontact": {"exists": False}}, {"recontact": 0}, False),
        ({"tags": ["vip", "press"]}, {"tags": ["new", "VIP"]}, True),
        ({"tags": ["vip", "press"]}, {"tags": ["new"]}, False),
        ({"tags": {"exists": True}}, {"tags": []}, True),
        ({"tags": {"exists": False}}, {"tags": []}, False),
        ({"tags": {"exists": True}}, {"tags": ["new"]}, True),
        ({"crm.tier": "gold"}, {"crm": {"tier": "Gold"}}, True),
        ({"crm.tier": "gold"}, {"crm.tier": "gold"}, True),
        ({"crm.tier": "gold"}, {"crm": "gold"}, False),
    ],
)
def test_conditions_on_metadata(test, metadata, applies):
    criterion = label({"act": "greeting"}, applies_to={"metadata": test})
    found = judge(criterion, "A greeting | C", metadata=metadata)
    assert (found.outcome == "pass") is applies
