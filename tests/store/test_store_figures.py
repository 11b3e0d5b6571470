import pytest
from desk_runs import add_people, talk, write_run

from convqa.store.desk_settings import DeskSettings, change_settings
from convqa.store.figures import agreement_counts, criterion_figures, score_figures
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.reading import find_key
from convqa.store.reviews import Correction, save_review
from convqa.store.round_reading import Answer
from convqa.store.rounds import close_round, create_round, save_answers
from convqa.store.samples import draw_sample
from convqa.store.small_groups import count_blind
from convqa.store.users import find_viewer


@pytest.fixture
def desk(database, tmp_path):
    """Blue: eight conversations of two agents; red: three; one of a mystery shopper."""
    people = add_people(database)
    talks = [
        talk(
            f"b{i}", kind="pass" if i % 2 else "fail", agent_id=f"a{i % 2 + 1}",
            started_at=f"2026-11-{1 + i:02}T23:30:00Z", metadata={"csat": i, "recontact": i < 4},
        )
        for i in range(8)
    ]  # fmt: skip
    talks += [talk(f"r{i}", team="red", agent_id="a9") for i in range(3)]
    talks.append(talk("shop", metadata={"mystery_shop": True}))
    load_run(database, write_run(tmp_path / "run", talks))
    return database, people


def test_scores_come_with_counts_and_spread(desk):
    database, people = desk
    (blue,) = score_figures(database, people["max"], Filters())
    assert (blue.n, blue.n_agents, blue.mean, blue.n_flagged) == (8, 2, 62.5, 4)
    assert blue.sd == pytest.approx(40.0892, abs=1e-3)  # of four times 25 and four times 100
    assert (blue.n_csat, blue.mean_csat, blue.recontact_share) == (8, 3.5, 0.5)


def test_small_groups_are_named_and_not_shown(desk):
    database, people = desk
    change_settings(database, people["root"], DeskSettings(smallest_group=2))
    blue, red = score_figures(database, people["root"], Filters(), ("team",))
    assert (blue.group, blue.is_hidden, blue.mean) == (("blue",), False, 62.5)
    assert (red.group, red.is_hidden, red.mean) == (("red",), True, None)  # of one agent
    hidden = {
        f.group[0]: f.is_hidden
        for f in criterion_figures(database, people["root"], Filters(), ("team",))
    }
    assert hidden == {"blue": False, "red": True}
    change_settings(database, people["root"], DeskSettings(smallest_group=5))
    by_agent = score_figures(database, people["root"], Filters(), ("agent_id",))
    assert [(f.n, f.is_hidden) for f in by_agent] == [(4, True), (4, True), (3, True)]


def test_aggregate_only_shows_no_single_agent(desk):
    database, people = desk
    change_settings(database, people["root"], DeskSettings(aggregate_only=True, smallest_group=2))
    max_ = find_viewer(database, "max")
    assert [f.is_hidden for f in score_figures(database, max_, Filters(), ("agent_id",))] == [
        True, True,
    ]  # fmt: skip
    assert score_figures(database, max_, Filters())[0].mean == 62.5


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("week", ["2026-10-26", "2026-11-02"]),
        ("month", ["2026-11-01"]),
        ("standard", ["small 1.0"]),
        ("model", ["model 1"]),
        ("mystery_shop", ["no", "yes"]),
        ("language", ["en"]),
    ],
)
def test_groupings(desk, by, groups):
    database, people = desk
    found = score_figures(database, people["max"], Filters(), (by,))
    assert [f.group[0] for f in found] == groups
    assert sum(f.n for f in found) == (9 if by == "mystery_shop" else 8)
    assert {
        f.group[0] for f in criterion_figures(database, people["max"], Filters(), (by,))
    } == set(groups)


def test_the_outcomes_of_people_count_before_those_of_the_machine(desk):
    database, people = desk
    key = find_key(database, people["rita"], "b0")
    save_review(database, people["rita"], key, Correction("kind", "corrected", "na"))
    kind = {f.criterion_id: f for f in criterion_figures(database, people["max"], Filters())}[
        "kind"
    ]
    assert kind.outcomes == {"pass": 4, "fail": 3, "na": 1}


def test_agreement_keeps_random_and_flagged_apart(desk):
    database, people = desk
    for name, outcome in (("b0", "pass"), ("b2", "pass")):
        key = find_key(database, people["rita"], name)
        save_review(database, people["rita"], key, Correction("kind", "corrected", outcome))
    first = Filters(last_day=None, text="b0")
    draw_sample(database, people["max"], "one", first, size=1, seed=1)
    counts = agreement_counts(database, people["max"], Filters())
    assert [(c.is_random, c.machine, c.human, c.n) for c in counts] == [
        (False, "fail", "pass", 1), (True, "fail", "pass", 1),
    ]  # fmt: skip


def counts(database, viewer):
    """Return how many conversations the scores, a criterion and the agreement are made of."""
    (scores,) = score_figures(database, viewer, Filters())
    kinds = [f for f in criterion_figures(database, viewer, Filters()) if f.criterion_id == "kind"]
    reviewed = sum(count.n for count in agreement_counts(database, viewer, Filters()))
    return scores.n, sum(kinds[0].outcomes.values()), reviewed


def test_a_conversation_in_rounds_counts_once_and_not_for_who_has_yet_to_see_it(desk):
    database, people = desk
    keys = [find_key(database, people["root"], name) for name in ("b0", "b1")]
    for key in keys:
        correction = Correction("kind", "corrected", "partial", (), "")
        save_review(database, people["rita"], key, correction)
    assert counts(database, people["max"]) == (8, 8, 2)
    rounds = [
        create_round(database, people["max"], "double", name, keys=keys, members=members)
        for name, members in (("first", ["max", "rolf"]), ("again", ["rita", "rolf"]))
    ]
    assert counts(database, people["root"]) == (11, 11, 2)
    assert counts(database, people["max"]) == (6, 6, 0)
    assert count_blind(database, people["max"], Filters()) == 2
    assert count_blind(database, people["max"], Filters(agent_id="a1")) == 1
    assert count_blind(database, people["root"], Filters()) == 0
    answers = {name: Answer("pass") for name in ("greeting", "kind", "insult", "both")}
    for username in ("max", "rolf"):
        save_answers(database, people[username], rounds[0], keys[0], answers, is_submitted=True)
    assert counts(database, people["max"]) == (7, 7, 1)
    close_round(database, people["max"], rounds[0])
    assert counts(database, people["max"]) == (8, 8, 2)
    assert counts(database, people["root"]) == (11, 11, 2)
