from datetime import date

import pytest
from report_runs import evaluation, skipped, small_run

from convqa.report.tally import Tally, day_of


def tallied(evaluations):
    tally = Tally()
    for made in evaluations:
        tally.add(made)
    return tally


def test_not_applicable_and_undetermined_are_counted_apart():
    outcomes = tallied(small_run()).criteria["hold"].outcomes
    assert outcomes == {"na": 11, "undetermined": 1}


def test_points_lost_are_points_of_the_score():
    # Half of 20 points, of 40 that applied: 25 of 100.
    tally = tallied([evaluation("a", resolution="partial")])
    assert tally.criteria["resolution"].points_lost == pytest.approx(25)
    assert tally.criteria["hold"].points_lost == 0


def test_skipped_conversations_are_in_no_figure():
    tally = tallied([skipped(), evaluation("a")])
    assert tally.statuses == {"skipped": 1, "scored": 1}
    assert tally.all.n == 1
    assert sum(group.n for group in tally.groups["language"].values()) == 1


def test_histogram_holds_every_score():
    tally = tallied(small_run())
    assert sum(tally.histogram) == 12
    assert tally.histogram[0] == 1  # the critical error
    assert tally.histogram[-1] == 9  # 100 belongs to the last bar


def test_bands_stand_from_the_best():
    assert tallied(small_run()).bands_best_first() == ["good", "fair", "poor"]


@pytest.mark.parametrize(
    ("given", "day"),
    [
        ("2026-11-02T23:30:00-05:00", date(2026, 11, 2)),
        ("2026-11-02", date(2026, 11, 2)),
        ("last night", None),
        (None, None),
    ],
)
def test_day_is_the_one_written(given, day):
    assert day_of(given) == day
