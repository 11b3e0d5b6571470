from datetime import date, timedelta

import pytest
from report_runs import evaluation

from convqa.report.groups import breakdowns, over_time
from convqa.report.tally import Tally
from convqa.report.wording import load_wording

WORDS = load_wording("en")


def tallied(evaluations):
    tally = Tally()
    for made in evaluations:
        tally.add(made)
    return tally


def on_days(n_days, step=1, each=5):
    first = date(2026, 1, 1)
    return tallied(
        evaluation(f"d{d}-{i}", started_at=f"{first + timedelta(days=d * step)}T08:00:00")
        for d in range(n_days)
        for i in range(each)
    )


def test_groups_stand_in_the_order_of_their_names():
    run = [
        evaluation(f"{agent}-{i}", agent_id=agent, empathy="fail" if agent == "Ada" else "pass")
        for agent in ("zoe", "Ada", "mia")
        for i in range(5)
    ]
    agents = next(b for b in breakdowns(tallied(run), WORDS) if b.title == "By agent")
    assert [row.name for row in agents.rows] == ["Ada", "mia", "zoe"]


def test_dimension_with_one_value_compares_nothing():
    run = [evaluation(f"c{i}") for i in range(9)]
    assert breakdowns(tallied(run), WORDS) == ()


def test_conversations_without_an_agent_are_a_group_without_a_filter():
    run = [evaluation(f"a{i}") for i in range(5)]
    run += [evaluation(f"n{i}", agent_id=None) for i in range(5)]
    agents = next(b for b in breakdowns(tallied(run), WORDS) if b.title == "By agent")
    assert [(row.name, row.query) for row in agents.rows] == [
        ("ada", "agent=ada"),
        ("not given", ""),
    ]


def test_mean_and_share_come_with_their_intervals():
    run = [evaluation(f"a{i}", channel="call") for i in range(5)]
    run += [evaluation(f"b{i}", empathy="fail" if i < 2 else "pass") for i in range(10)]
    channels = next(b for b in breakdowns(tallied(run), WORDS) if b.title == "By channel")
    chat = next(row for row in channels.rows if row.name == "Chat")
    # Eight times 100 and twice 62.5: mean 92.5, standard deviation 15.81, t(9) 2.262.
    assert (chat.n, chat.mean, chat.interval) == ("10", "92.5", "81.2 – 100.0")
    assert (chat.flagged, chat.flagged_interval) == ("20%", "6% – 51%")


@pytest.mark.parametrize(
    ("tally", "first", "n"),
    [
        (on_days(10), "1 Jan 2026", 10),
        (on_days(60), "Week 1, 2026", 9),
        (on_days(30, step=30), "Jan 2026", 28),
    ],
    ids=["days", "weeks", "months"],
)
def test_time_goes_by_days_weeks_or_months(tally, first, n):
    shown = over_time(tally, WORDS)
    assert shown.rows[0].name == first
    assert len(shown.rows) == n
    assert len(shown.charts) == 2


def test_one_day_has_no_development():
    assert over_time(on_days(1), WORDS) is None


def test_days_with_few_conversations_are_not_shown():
    shown = over_time(on_days(3, each=4), WORDS)
    assert shown.rows == shown.charts == ()
    assert shown.notes == ("3 periods with fewer than 5 conversations each are not shown.",)


def by(title, run):
    return next((b for b in breakdowns(tallied(run), WORDS) if b.title == title), None)


def test_mystery_shops_stand_beside_the_rest():
    run = [evaluation(f"a{i}", empathy="fail", metadata={"mystery_shop": True}) for i in range(5)]
    run += [evaluation(f"b{i}", metadata={"mystery_shop": False}) for i in range(3)]
    run += [evaluation(f"c{i}") for i in range(4)]
    shops = by("By mystery shopping", run)
    assert [(row.name, row.n, row.mean) for row in shops.rows] == [
        ("All others", "7", "100.0"),
        ("Mystery shops", "5", "62.5"),
    ]


def test_scores_are_shown_by_what_customers_answered():
    run = [evaluation(f"a{i}", metadata={"csat": 5}) for i in range(5)]
    run += [evaluation(f"b{i}", empathy="fail", metadata={"csat": "2"}) for i in range(6)]
    run += [evaluation(f"c{i}", metadata={"csat": "n/a"}) for i in range(6)]
    run += [evaluation(f"d{i}", metadata={"csat": 10}) for i in range(5)]
    answers = by("By customer satisfaction", run)
    assert [(row.name, row.n, row.mean, row.query) for row in answers.rows] == [
        ("2", "6", "62.5", ""),
        ("5", "5", "100.0", ""),
        ("10", "5", "100.0", ""),
    ]


def test_percentages_of_satisfaction_are_shown_by_tens():
    run = [evaluation(f"c{i}", metadata={"csat": value}) for i, value in enumerate(
        [88, 81.5, 85, 89, 80, 100, 95, 90, 99, 91])]  # fmt: skip
    assert [r.name for r in by("By customer satisfaction", run).rows] == ["80–90", "90–100"]


def test_customers_who_came_back_stand_beside_those_who_did_not():
    # A column with gaps is read as numbers.
    run = [evaluation(f"a{i}", metadata={"recontact": 1.0}) for i in range(5)]
    run += [evaluation(f"b{i}", metadata={"recontact": False}) for i in range(5)]
    run += [evaluation(f"c{i}") for i in range(5)]
    assert [(r.name, r.n) for r in by("By repeated contact", run).rows] == [
        ("Contacted us again", "5"),
        ("Did not", "5"),
    ]
