"""Time stamps as people and programs write them."""

import pytest

from convqa.ingest.stamps import Stamp, end_of, parse_stamp, to_offsets


def offsets(*texts, units_per_s=1.0):
    return to_offsets([text and parse_stamp(text, units_per_s=units_per_s) for text in texts])


@pytest.mark.parametrize(
    ("texts", "expected", "started_at"),
    [
        (["0.5", "12", None], (0.5, 12.0, None), None),
        (["0,5"], (0.5,), None),
        (["00:00:05", "00:01:12.5"], (5.0, 72.5), None),
        (["00:05", "59:59", "1:00:01"], (5.0, 3599.0, 3601.0), None),
        # Times of day: the first is later than a recording begins.
        (["10:02:11", "10:02:41"], (0.0, 30.0), None),
        (["10:02 AM", "1:02:30 pm"], (0.0, 10830.0), None),
        (["11:59 PM", "12:01 AM"], (0.0, 120.0), None),
        (["10:02", "10:05", "11:00"], (0.0, 180.0, 3480.0), None),
        (["23:59:50", "00:00:20", "00:00:19"], (0.0, 30.0, 29.0), None),
        # Two speak at once over midnight; silence until noon is no step back.
        (["23:59:50", "00:00:05", "23:59:58", "00:00:09"], (0.0, 15.0, 8.0, 19.0), None),
        (["23:50", "00:05", "13:00"], (0.0, 900.0, 47_400.0), None),
        (["2026-03-02T09:00:00Z", "2026-03-02T09:00:30Z"], (0, 30), "2026-03-02T09:00:00+00:00"),
        (["2026-03-02 09:00:00", None, "2026-03-02 08:59:00"], (60, None, 0),
         "2026-03-02T08:59:00+00:00"),
        (["2.3.2026 9:00", "02.03.2026 09:01:05"], (0, 65), "2026-03-02T09:00:00+00:00"),
        (["1772442000", "1772442030.5"], (0, 30.5), "2026-03-02T09:00:00+00:00"),
        (["1772442000000", "1772442030500"], (0, 30.5), "2026-03-02T09:00:00+00:00"),
    ],
)  # fmt: skip
def test_stamps_are_counted_from_the_start(texts, expected, started_at):
    assert offsets(*texts) == (expected, started_at)


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("10:02", "5.5", (0.0, 5.5)),  # a time of day, hours and minutes
        ("10:02", "0:05", (0.0, 5.0)),
        ("00:05", "5.5", (5.0, 10.5)),  # minutes and seconds of a recording
        ("10:02:00", "5.5", (0.0, 5.5)),
        ("2026-03-02T09:00:00Z", "5.5", (0.0, 5.5)),
        ("12", "5.5", (12.0, 17.5)),
    ],
)
def test_a_duration_is_in_seconds_whatever_the_start_is_written_in(start, duration, expected):
    began = parse_stamp(start)
    assert to_offsets([began, end_of(began, None, parse_stamp(duration))])[0] == expected


def test_milliseconds():
    assert offsets("480", "2900", units_per_s=1000.0) == ((0.48, 2.9), None)
    assert offsets("1772442000000", units_per_s=1000.0)[1] == "2026-03-02T09:00:00+00:00"


@pytest.mark.parametrize(
    "text", ["", "soon", "03/02/2026 09:00", "31.02.2026 10:00", "10:02:11 XM"]
)
def test_what_is_no_stamp_is_none(text):
    assert parse_stamp(text) is None


def test_numbers_that_are_not_finite_are_no_offsets():
    stamp = parse_stamp("nan")
    assert stamp is None or stamp == Stamp(stamp.value_s, "offset")
