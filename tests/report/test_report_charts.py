from xml.etree.ElementTree import fromstring

import pytest

from convqa.report.charts import Bar, Point, histogram, stacked, timeline, whisker
from convqa.report.figures import Mean


def shapes(markup, kind):
    return [e for e in fromstring(markup).iter() if e.get("class") == kind]


def test_histogram_is_as_high_as_its_counts():
    bars = shapes(histogram([4, 0, 2], ["a", "b", "c"], "name"), "bar")
    heights = [float(bar.get("height")) for bar in bars]
    assert heights[0] == 2 * heights[2] > 0
    assert heights[1] == 0


def test_histogram_of_nothing_is_flat():
    assert {b.get("height") for b in shapes(histogram([0] * 20, [""] * 20, "n"), "bar")} == {"0.0"}


def test_stacked_bar_fills_its_width():
    bars = [Bar(0.25, "fill-pass", "x"), Bar(0.0, "fill-partial", "y"), Bar(0.75, "fill-fail", "z")]
    drawn = [e for e in fromstring(stacked(bars, "n")) if e.tag == "rect"]
    assert [float(e.get("width")) for e in drawn] == [75, 225]
    assert float(drawn[1].get("x")) == 75


def test_whisker_spans_its_interval():
    drawn = whisker(Mean(50, 25, 75), "n")
    (line,) = shapes(drawn, "interval")
    (dot,) = shapes(drawn, "dot")
    assert [float(line.get("x1")), float(dot.get("cx")), float(line.get("x2"))] == [52, 100, 148]


def test_whisker_without_interval_is_a_dot():
    assert shapes(whisker(Mean(50, None, None), "n"), "interval") == []


def test_timeline_goes_up_with_the_mean():
    points = [Point("a", "a", Mean(20, 10, 30)), Point("b", "b", Mean(80, 70, 90))]
    low, high = shapes(timeline(points, "n"), "dot")
    assert float(low.get("cy")) > float(high.get("cy"))
    assert float(low.get("cx")) < float(high.get("cx"))


@pytest.mark.parametrize("n", [1, 3, 42])
def test_timeline_has_a_label_where_there_is_room(n):
    points = [Point(f"day {i}", "", Mean(50, None, None)) for i in range(n)]
    labels = [e.text for e in shapes(timeline(points, "n"), "tick") if "day" in e.text]
    assert labels[0] == "day 0"
    assert len(labels) <= 4


def test_names_are_escaped():
    assert "<b>" not in whisker(Mean(1, None, None), "<b>\"'")
