from random import Random

from report_runs import evaluation, skipped

from convqa.report.selection import Selection


def choose(evaluations, size):
    selection = Selection(size)
    for made in evaluations:
        selection.add(made)
    return [(c.evaluation.conversation_id, c.choice) for c in selection.chosen()]


def many(n_flagged, n_clear):
    flagged = [evaluation(f"bad-{i:03}", empathy="fail") for i in range(n_flagged)]
    return flagged + [evaluation(f"fine-{i:03}") for i in range(n_clear)]


def test_all_are_shown_where_they_fit():
    run = [*many(3, 4), skipped()]
    shown = choose(run, 10)
    assert sorted(id_ for id_, _ in shown) == sorted(
        e.conversation_id for e in run if e.status != "skipped"
    )


def test_riskiest_come_first():
    run = [
        evaluation("low", empathy="fail", resolution="fail"),
        evaluation("dismissive", empathy="fail"),
        evaluation("critical", critical=("profanity",)),
        evaluation("two", critical=("profanity", "sensitive_request")),
    ]
    assert [id_ for id_, _ in choose(run, 10)] == ["two", "critical", "low", "dismissive"]


def test_places_are_kept_for_good_work_and_a_sample():
    shown = choose(many(200, 200), 50)
    kinds = [choice for _, choice in shown]
    assert len(shown) == 50
    assert kinds.count("best") == 5
    # The sample is drawn from all the rest, flagged ones included, and says which are.
    drawn = shown[45:]
    assert all(choice == ("flagged" if "bad" in id_ else "sample") for id_, choice in drawn)


def test_best_prefers_the_harder_of_two_with_equal_scores():
    run = [evaluation("easy", empathy="na"), evaluation("deep", hold="pass")]
    assert choose(run, 10)[0] == ("deep", "best")


def test_choice_does_not_depend_on_the_order_of_the_run():
    run = many(120, 300)
    expected = choose(run, 40)
    Random(7).shuffle(run)
    assert choose(run, 40) == expected


def test_no_conversation_is_shown_twice():
    ids = [id_ for id_, _ in choose(many(30, 100), 60)]
    assert len(ids) == len(set(ids)) == 60
