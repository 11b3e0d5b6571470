"""Files damaged in every way: no reader crashes, and no input vanishes without a word."""

import gzip
import json
import random
from pathlib import Path

import pytest
from table_bytes import parquet_bytes, xlsx_bytes

from convqa.ingest import IngestOptions, read_conversations
from convqa.schema import Conversation, Rejected

FOLDER = Path(__file__).parents[1] / "data" / "formats"
FILES = {
    **{path.name: path.read_bytes() for path in sorted(FOLDER.iterdir())},
    "table.parquet": parquet_bytes(),
    "table.xlsx": xlsx_bytes(),
    "native.jsonl.gz": gzip.compress((FOLDER / "native.jsonl").read_bytes()),
}
N_VARIANTS = 40
# Things that break readers: in place of bytes, and in place of JSON values.
SCRAPS = [
    b"\x00",
    b"\xff",
    b"\n",
    b'"',
    b"{",
    b"}",
    b"[",
    b",",
    b"\\ud800",
    b"-->",
    b"1e999",
    b"NaN",
]
VALUES = [None, True, -1, 1e300, "", "x", [], {}, [[]], [None], {"": 0}, "\ud800", "\0", 10**30]


def check(path, data):
    path.write_bytes(data)
    found = list(read_conversations(str(path), IngestOptions()))
    assert found
    for item in found:
        assert isinstance(item, Conversation | Rejected)
        if isinstance(item, Rejected):
            assert item.reason
            assert "\n" not in item.reason
        else:
            check_conversation(item)


def check_conversation(conversation):
    assert conversation.id
    assert len(conversation.id) <= 512
    assert conversation.turns
    for turn in conversation.turns:
        turn.text.encode()
        assert "\0" not in turn.text
        assert turn.start_s is None or turn.start_s >= 0
        if turn.start_s is not None and turn.end_s is not None:
            assert turn.end_s >= turn.start_s
        for word in turn.words:
            assert 0 <= word.char_start < word.char_end <= len(turn.text)


def damaged_bytes(data, rng):
    kind = rng.randrange(5)
    at, length = rng.randrange(len(data)), rng.randrange(1, 40)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + data[at + length :]
    if kind == 2:
        return data[:at] + rng.choice(SCRAPS) + data[at:]
    if kind == 3:
        return data[:at] + rng.randbytes(length) + data[at + length :]
    return data[:at] + data[max(0, at - 200) : at] * 2 + data[at:]


def damaged_json(value, rng):
    """Return the value with one thing in it exchanged, found by walking down at random."""
    if isinstance(value, dict | list) and value and rng.random() < 0.85:
        copy = value.copy()
        key = rng.choice(list(copy) if isinstance(copy, dict) else range(len(copy)))
        if rng.random() < 0.1:
            del copy[key]
        else:
            copy[key] = damaged_json(copy[key], rng)
        return copy
    return rng.choice(VALUES)


@pytest.mark.parametrize("name", sorted(FILES))
def test_damaged_bytes_are_read_or_rejected(tmp_path, name):
    rng = random.Random(name)
    for _ in range(N_VARIANTS):
        check(tmp_path / name, damaged_bytes(FILES[name], rng))


@pytest.mark.parametrize("name", [name for name in sorted(FILES) if name.endswith(".json")])
def test_damaged_documents_are_read_or_rejected(tmp_path, name):
    rng = random.Random(name)
    document = json.loads(FILES[name])
    for _ in range(3 * N_VARIANTS):
        check(tmp_path / name, json.dumps(damaged_json(document, rng)).encode())


# A message of Genesys is a part of a conversation, no conversation.
@pytest.mark.parametrize(
    "name",
    [name for name in sorted(FILES) if name.endswith(".json") and name != "genesys_messages.json"],
)
def test_many_documents_of_a_vendor_come_in_lines_and_lists(tmp_path, name):
    document = json.loads(FILES[name])
    one = list(read_conversations(str(FOLDER / name), IngestOptions()))
    (tmp_path / "lines").write_text(json.dumps(document) + "\n" + json.dumps(document))
    (tmp_path / "list").write_text(json.dumps([document, document], indent=1))
    for path in (tmp_path / "lines", tmp_path / "list"):
        found = list(read_conversations(str(path), IngestOptions()))
        assert [item.turns for item in found] == [item.turns for item in one * 2]


def test_messages_that_are_parts_of_a_conversation_are_joined(tmp_path):
    messages = json.loads(FILES["genesys_messages.json"])
    others = json.loads(FILES["genesys_messages.json"].replace(b"00000000000a", b"00000000000z"))
    native = {"id": "n", "turns": [{"role": "agent", "text": "x"}]}
    records = [*messages, native, *others]
    (tmp_path / "lines").write_text("\n".join(map(json.dumps, records)))
    found = list(read_conversations(str(tmp_path / "lines"), IngestOptions()))
    assert [(len(item.turns), item.source.line) for item in found] == [(2, 1), (1, 3), (2, 4)]
