"""Values are cut out of JSON of any size and shape, and broken ones cost only themselves."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convqa.errors import TranscriptError
from convqa.ingest.json_text import has_list, json_lines, json_values, list_items, parse_json

VALUES = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=9,
)
MANY = 1 << 20
OBJECTS = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=3), max_size=5)


def texts(items):
    return [item.data for item in items]


class Dripping(io.BytesIO):
    """A stream that gives a few bytes at a time, so that every token is cut somewhere."""

    def __init__(self, data, size):
        super().__init__(data)
        self.size = size

    def read(self, size=-1):
        return super().read(min(size, self.size) if size >= 0 else size)


@given(OBJECTS, st.integers(1, 7), st.sampled_from([None, 2]))
def test_values_one_after_another_are_cut_apart(objects, size, indent):
    data = "\n".join(json.dumps(value, indent=indent) for value in objects).encode()
    cut = [json.loads(text) for text in texts(json_values(Dripping(data, size), max_bytes=MANY))]
    assert cut == objects


@given(OBJECTS, st.sampled_from([None, 2]))
def test_items_of_lists_are_cut_apart(objects, indent):
    plain = json.dumps(objects, indent=indent).encode()
    assert [
        json.loads(text) for text in texts(list_items(io.BytesIO(plain), max_bytes=MANY))
    ] == objects
    wrapped = json.dumps({"n": 3, "name": 'a"]', "all": objects, "x": [{}]}, indent=indent).encode()
    assert has_list(wrapped, "all")
    items = list_items(io.BytesIO(wrapped), max_bytes=MANY, key="all")
    assert [json.loads(text) for text in texts(items)] == objects


def test_lines_are_counted():
    items = list(list_items(io.BytesIO(b'[\n{"a":\n1},\n\n{"b":2}]'), max_bytes=MANY))
    assert [item.line for item in items] == [2, 5]
    lines = json_lines(io.BytesIO(b'{}\n\n{"a":1}'), max_bytes=MANY)
    assert [item.line for item in lines] == [1, 3]


@pytest.mark.parametrize(
    ("data", "n_values", "reason"),
    [
        (b'[{"a":1}, 7, {"b":2}]', 2, "an object is needed"),
        (b'[{"a":1}, {"b":', 1, "ends in the middle"),
        (b'[{"a":1}, {"b": "cut', 1, "ends in the middle"),
        (b'[{"a":1}', 1, "ends in the middle of the list"),
        (b'[{"a":1}] {"b":2}', 1, "what follows the list"),
    ],
)
def test_damage_in_a_list_is_reported(data, n_values, reason):
    found = texts(list_items(io.BytesIO(data), max_bytes=MANY))
    errors = [item for item in found if isinstance(item, TranscriptError)]
    assert len(found) - len(errors) == n_values
    assert [reason in error.reason for error in errors] == [True]


def test_a_line_that_is_too_long_costs_only_itself():
    data = b'{"a":1}\n{"b":"' + b"x" * 99 + b'"}\n{"c":3}'
    found = texts(json_lines(io.BytesIO(data), max_bytes=20))
    assert found[0] == b'{"a":1}\n'
    assert isinstance(found[1], TranscriptError)
    assert found[2] == b'{"c":3}'


def test_a_value_that_is_too_long_is_reported():
    data = b'{"a":1}{"b":"' + b"x" * 999_999 + b'"}'
    found = texts(json_values(io.BytesIO(data), max_bytes=100_000))
    assert found[0] == b'{"a":1}'
    assert "longer than" in str(found[1])


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (rb'{"a": "x\ud83dy"}', {"a": "x\ufffdy"}),
        (rb'{"a": "\ud83d\ude00 \\ud83d"}', {"a": "😀 \\ud83d"}),
        (b'{"a": NaN, "b": "NaN", "c": -Infinity}', {"a": "NaN", "b": "NaN", "c": "-Infinity"}),
        (b'{"a": "\xff"}', {"a": "\ufffd"}),
    ],
)
def test_what_strict_json_forbids_is_mended(data, value):
    assert parse_json(data) == value


@pytest.mark.parametrize("data", [b"{", b"[" * 10_000, b'{"a":' * 10_000, b"\x00", b'{"a": 1,}'])
def test_what_is_no_json_is_refused_without_its_text(data):
    with pytest.raises(TranscriptError, match="no valid JSON at character"):
        parse_json(data)
