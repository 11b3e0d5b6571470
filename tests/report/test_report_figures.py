import pytest

from convqa.report.figures import Moments, share, t_quantile


def moments(*scores):
    made = Moments()
    for score in scores:
        made.add(score)
    return made


@pytest.mark.parametrize(
    ("degrees", "exact"), [(4, 2.7764), (9, 2.2622), (29, 2.0452), (999, 1.9623)]
)
def test_t_quantile_is_close_to_the_tables(degrees, exact):
    assert t_quantile(degrees) == pytest.approx(exact, abs=0.008)


def test_mean_has_the_t_interval_of_the_textbook():
    # mean 60, standard deviation 15.811, t(4) 2.776: 60 ± 19.6
    mean = moments(40, 50, 60, 70, 80).mean()
    assert mean.value == 60
    assert (mean.low, mean.high) == (pytest.approx(40.4, abs=0.1), pytest.approx(79.6, abs=0.1))


def test_mean_of_few_scores_has_no_interval():
    mean = moments(40, 80, 60, 70).mean()
    assert (mean.value, mean.low, mean.high) == (62.5, None, None)


def test_mean_of_nothing_is_missing():
    assert moments().mean() is None
    assert share(0, 0) is None


def test_interval_stays_on_the_scale():
    mean = moments(100, 100, 100, 100, 60).mean()
    assert mean.high == 100


def test_merged_moments_equal_those_of_all_scores():
    left, right = moments(10, 20, 30), moments(90, 80)
    left.merge(right)
    assert left == moments(10, 20, 30, 90, 80)
