import pytest
from desk_runs import add_people, talk, write_run

from convqa.store.desk_settings import DeskSettings, change_settings
from convqa.store.figures import agreement_counts, criterion_figures, score_figures
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.reading import find_key
from convqa.store.reviews import Correction, save_review
from convqa.store.samples import draw_sample
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
