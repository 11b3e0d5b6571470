"""Typed access to JSON documents and the times in them."""

import math

import pytest

from convqa.errors import TranscriptError
from convqa.ingest.fields import (
    get_id,
    get_list,
    get_number,
    get_objects,
    get_str,
    optional_id,
    optional_number,
    optional_str,
)
from convqa.ingest.times import parse_clock, parse_iso_duration, parse_iso_time

DOCUMENT = {"results": {"items": [{"start": "0.76", "text": "hei", "n": 3}, "oops"]}, "no": None}


def test_a_path_leads_to_the_value():
    assert get_number(DOCUMENT, "results", "items", 0, "start") == 0.76
    assert get_str(DOCUMENT, "results", "items", 0, "text") == "hei"
    assert get_id(DOCUMENT, "results", "items", 0, "n") == "3"


def test_a_refusal_names_the_whole_way():
    items = get_objects(DOCUMENT, "results", "items")
    at, first = next(items)
    with pytest.raises(TranscriptError, match=r"results\.items\[0\]\.end: missing; a finite"):
        get_number(first, "end", at=at)
    with pytest.raises(TranscriptError, match=r"results\.items\[1\]: an object is needed, not a s"):
        next(items)


def test_missing_values_of_optional_fields_are_none():
    assert optional_str(DOCUMENT, "no") is None
    assert optional_number(DOCUMENT, "nowhere", "at", 3) is None
    assert optional_id({"id": ""}, "id") is None


@pytest.mark.parametrize("value", [math.nan, math.inf, True, "abc", [], 10**400, "nan"])
def test_only_finite_numbers_are_numbers(value):
    with pytest.raises(TranscriptError, match=r"^x: .*a finite number is needed"):
        get_number({"x": value}, "x")


def test_refusals_hold_no_values():
    with pytest.raises(TranscriptError) as caught:
        get_list({"text": "a secret"}, "text")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:01:02,345", 62.345),
        ("01:02.5", 62.5),
        ("100:00:00", 360_000.0),
        ("1", None),
        ("aa:bb", None),
        ("٠١:٠٢", None),
    ],
)
def test_clock_times(text, seconds):
    assert parse_clock(text) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT0.76S", 0.76), ("PT1M2S", 62.0), ("P1DT1H", 90_000.0), ("PT", None), ("0.76", None)],
)
def test_iso_durations(text, seconds):
    assert parse_iso_duration(text) == seconds


def test_iso_times_differ_by_seconds_whatever_their_offset():
    first = parse_iso_time("2025-03-01T10:00:00Z")
    second = parse_iso_time("2025-03-01T12:00:05.5+02:00")
    assert first is not None
    assert second is not None
    assert second - first == 5.5
    assert parse_iso_time("yesterday") is None
    assert parse_iso_time("0001-01-01T00:00:00+23:59") is not None
