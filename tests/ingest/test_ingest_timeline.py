import pytest

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftTurn
from convqa.ingest.timeline import Instant, find_date, get_instant, get_seconds, in_order, place


@pytest.mark.parametrize(
    ("value", "per_second", "epoch_s", "text"),
    [
        ("2026-03-02T09:00:00Z", 1, 1772442000.0, "2026-03-02T09:00:00Z"),
        ("2026-03-02 10:00:00+01:00", 1, 1772442000.0, "2026-03-02T10:00:00+01:00"),
        (1772442000, 1, 1772442000.0, "2026-03-02T09:00:00+00:00"),
        ("1772442000", 1, 1772442000.0, "2026-03-02T09:00:00+00:00"),
        # The first eight digits would be a day of the year 1712.
        ("1712051800000", 1000, 1712051800.0, "2024-04-02T09:56:40+00:00"),
        (1772442000500000, 1_000_000, 1772442000.5, "2026-03-02T09:00:00.500000+00:00"),
    ],
)
def test_dates_of_every_kind_are_read(value, per_second, epoch_s, text):
    instant = get_instant({"at": value}, "at", per_second=per_second)
    assert instant == Instant(epoch_s, text)


@pytest.mark.parametrize("value", ["", "soon", None, [], -1, float("nan"), 1e20, True])
def test_what_is_no_date_is_refused(value):
    with pytest.raises(TranscriptError, match="at"):
        get_instant({"at": value}, "at")


def test_offsets_are_divided_into_seconds():
    assert get_seconds({"t": "1500"}, "t", per_second=1000) == 1.5
    with pytest.raises(TranscriptError, match=r"a\.t: negative"):
        get_seconds({"t": -0.5}, "t", at="a")


def test_a_header_may_have_an_unreadable_date():
    assert find_date({"at": "yesterday"}, "at") is None
    assert find_date({"at": 5}, "at") is None


def turn(text, start_s=None):
    return DraftTurn(None, text, start_s)


def test_turns_without_a_start_stay_behind_the_one_before_them():
    turns = [turn("c", 5.0), turn("d"), turn("a", 1.0), turn("b")]
    assert [item.text for item in in_order(turns)] == ["a", "b", "c", "d"]


def test_a_message_before_the_opening_is_the_start():
    messages = [
        (Instant(1_000_000_010.0, "x"), turn("b")),
        (Instant(999_999_990.0, "y"), turn("a")),
    ]
    turns, started_at = place(messages, Instant(1_000_000_000.0, "z"))
    assert [(item.text, item.start_s) for item in turns] == [("a", 0.0), ("b", 20.0)]
    assert started_at == "y"


def test_small_numbers_are_no_dates():
    turns, started_at = place([(Instant(2.5, "1970"), turn("a"))])
    assert (turns[0].start_s, started_at) == (2.5, None)


def test_without_any_date_nothing_is_placed():
    assert place([(None, turn("a"))]) == ((turn("a"),), None)
