"""What the dashboards ask the database: moves, customers, the random sample, small groups."""

import datetime as dt

import pytest
from desk_runs import add_people, standard, talk, write_run

from convqa.store.customers import by_score_range, satisfaction_correlation
from convqa.store.desk_settings import DeskSettings, change_settings
from convqa.store.figures import ScoreFigure, score_figures
from convqa.store.filters import Filters
from convqa.store.loading import load_run
from convqa.store.moves import criterion_moves, find_newest, score_moves
from convqa.store.reading import find_key
from convqa.store.reviews import Correction, save_review
from convqa.store.sampled import sampled_errors
from convqa.store.samples import draw_sample
from convqa.store.small_groups import guarded, may_be_shown
from convqa.store.users import find_viewer


def talks(day, n, kind, *, start=0, team="blue", **more):
    return [
        talk(f"{team}-{day}-{kind}-{i}", kind=kind, team=team, agent_id=f"a{i % 6}",
             started_at=f"2026-11-{day:02}T{i:02}:00:00Z", **more)
        for i in range(start, start + n)
    ]  # fmt: skip


@pytest.fixture
def desk(database, tmp_path):
    """Six good and no bad ones on the 20th; two good and six bad ones on the 21st."""
    people = add_people(database)
    found = [
        *talks(20, 6, "pass", metadata={"csat": 5, "recontact": False}),
        *talks(21, 2, "pass", metadata={"csat": 4, "recontact": False}),
        *talks(21, 6, "fail", start=2, metadata={"csat": 1, "recontact": True}),
        *talks(21, 3, "fail", team="red"),
    ]
    load_run(database, write_run(tmp_path / "run", found))
    return database, people


def test_what_moved_since_yesterday(desk):
    database, people = desk
    newest = find_newest(database, people["max"], Filters())
    assert (newest.day, newest.standard, newest.model) == (
        dt.date(2026, 11, 21), "small 1.0", "model 1",
    )  # fmt: skip
    after, before = score_moves(database, people["max"], Filters(), newest, 1)
    assert (after.stretch, after.n, after.mean) == ("after", 8, pytest.approx(43.75))
    assert after.sd == pytest.approx(34.7182, abs=1e-3)  # of two times 100 and six times 25
    assert (before.stretch, before.n, before.mean, before.sd) == ("before", 6, 100.0, 0.0)
    shares = {
        (m.stretch, m.what): (m.n, m.mean)
        for m in criterion_moves(database, people["max"], Filters(), newest, 1)
    }
    assert shares["before", "kind"] == (6, 1.0)
    assert shares["after", "kind"] == (8, 0.25)


def test_a_foreign_team_moves_nothing(desk):
    database, people = desk
    newest = find_newest(database, people["rex"], Filters())
    moved = score_moves(database, people["rex"], Filters(), newest, 7)
    assert [(m.n, m.mean) for m in moved] == [(3, None)]  # too few of the red team
    nobody = find_newest(database, people["rex"], Filters(team="blue"))
    assert nobody is None


def test_only_the_newest_standard_is_compared(desk, tmp_path):
    database, people = desk
    later = standard("2.0", greeting=20)
    load_run(
        database,
        write_run(tmp_path / "two", talks(22, 6, "pass", used=later), used=later, inputs="g"),
    )
    newest = find_newest(database, people["max"], Filters())
    assert newest.standard == "small 2.0"
    moved = score_moves(database, people["max"], Filters(), newest, 1, ("team",))
    assert [(m.stretch, m.group, m.n) for m in moved] == [("after", ("blue",), 6)]


def test_satisfaction_goes_with_the_score(desk):
    database, people = desk
    low, high = by_score_range(database, people["max"], Filters())
    assert (low.low, low.n, low.mean_csat, low.n_recontact, low.n_again) == (20, 6, 1.0, 6, 6)
    assert (high.low, high.n, high.mean_csat, high.n_again) == (80, 8, 4.75, 0)
    found = satisfaction_correlation(database, people["max"], Filters())
    assert found.n == 14
    assert found.r == pytest.approx(0.98, abs=0.02)
    assert satisfaction_correlation(database, people["rex"], Filters()).r is None


def test_the_random_sample_shows_the_error_rate(desk):
    database, people = desk
    draw_sample(database, people["max"], "six", Filters(last_day=dt.date(2026, 11, 20)),
                size=6, seed=1)  # fmt: skip
    for i in range(6):
        key = find_key(database, people["rita"], f"blue-20-pass-{i}")
        outcome = "fail" if i == 0 else "pass"
        state = "corrected" if i == 0 else "confirmed"
        save_review(database, people["rita"], key, Correction("kind", state, outcome))
    beside = find_key(database, people["rita"], "blue-21-fail-2")
    save_review(database, people["rita"], beside, Correction("kind", "corrected", "pass"))
    found = sampled_errors(database, people["max"], Filters())
    assert (found.n_drawn, found.n_reviewed, found.n_wrong) == (6, 6, 1)
    assert (found.n_flagged, found.n_flagged_wrongly, found.n_missed) == (0, 0, 1)
    assert found.mean_change == pytest.approx(75 / 6)
    assert sampled_errors(database, people["rex"], Filters()).n_drawn == 0


def figure(name, n, n_agents, *, is_hidden=False):
    return ScoreFigure((name,), is_hidden, n, n_agents, None if is_hidden else 50.0, 1.0, 0, 0, 0,
                       None, 0, None)  # fmt: skip


def test_what_is_hidden_cannot_be_worked_out_from_the_rest(desk):
    database, people = desk
    known = (figure("a", 90, 9), figure("b", 3, 1, is_hidden=True), figure("c", 20, 6))
    assert [f.is_hidden for f in guarded(known, people["max"], 5)] == [False, True, False]
    change_settings(database, people["root"], DeskSettings(aggregate_only=True))
    viewer = find_viewer(database, "max")
    assert [f.is_hidden for f in guarded(known, viewer, 5)] == [False, True, True]
    assert [f.is_hidden for f in guarded(known[::2], viewer, 5)] == [False, False]


def test_a_selection_that_leaves_few_out_is_not_shown(desk):
    database, people = desk
    root = people["root"]
    assert may_be_shown(database, root, Filters(team="red"))
    change_settings(database, root, DeskSettings(aggregate_only=True))
    root, max_ = find_viewer(database, "root"), find_viewer(database, "max")
    assert not may_be_shown(database, root, Filters(team="red"))
    assert not may_be_shown(database, root, Filters(team="blue"))  # the rest are three of red
    assert may_be_shown(database, max_, Filters(team="blue"))  # who sees no red ones at all
    assert may_be_shown(database, root, Filters())
    assert score_figures(database, root, Filters())[0].n == 17
