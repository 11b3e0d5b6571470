"""Files made to fill the memory, to take for ever or to mislead: a reason, and the rest unharmed.

What happened before there were limits, measured on two cores with the texts of the comments:
redacting took four times as long for twice the numbers, the pairs of 10,000 answers of an agent
were all compared, ten lines of YAML aliases grew until the memory was full, and a bomb of 2 MB was
unpacked to its last byte.
"""

import gzip
import io
import json
import zipfile
from dataclasses import replace

import pytest
import zstandard

from convqa.config import read_yaml
from convqa.errors import ConfigError
from convqa.files import open_bytes
from convqa.ingest import IngestOptions, read_conversations
from convqa.ingest.options import load_options
from convqa.schema import Conversation, Rejected

TURNS = [
    {"role": "agent", "text": "Hello, this is Ann from Acme, how can I help you?"},
    {"role": "customer", "text": "My parcel has not arrived and I am worried about it."},
]
# Of everything a little, so that a test needs no large file; the shipped limits are tested below.
SMALL = """
limits:
  max_record_mib: 1
  max_turns: 50
  max_turn_chars: 5000
  max_conversation_chars: 20000
  max_metadata_chars: 1000
"""


def record(conversation_id, turns=TURNS, **others):
    return json.dumps({"id": conversation_id, "language": "en", "turns": turns, **others})


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("settings") / "ingest.yaml"
    path.write_text(SMALL)
    return load_options(settings=path)


def read_beside_good_ones(path, line, options):
    """Return what is read of a line between two sound conversations, and check that they are."""
    path.write_bytes(b"\n".join([record("before").encode(), line, record("after").encode()]))
    before, found, after = read_conversations(str(path), options)
    assert [before.id, after.id] == ["before", "after"]
    assert [turn.text for turn in after.turns] == [turn["text"] for turn in TURNS]
    return found


TOO_LARGE = [
    ("one line without end", b'{"id": "x", "turns": "' + b"x" * (3 << 20), "", "1 MiB"),
    ("one record", record("x", [*TURNS, {"role": "agent", "text": "y" * (1 << 20)}]).encode(),
     "", "1 MiB"),
    ("turns", record("x", TURNS * 26).encode(), "turns", "more than 50 turns"),
    ("a turn", record("x", [*TURNS, {"role": "agent", "text": "z" * 5001}]).encode(),
     "turns[2].text", "longer than 5000 characters"),
    ("many long turns", record("x", [{"role": "agent", "text": "z" * 4999}] * 5).encode(),
     "turns", "longer than 20000 characters"),
    ("metadata", record("x", metadata={"a": [{"b": "z" * 999}, "zz"]}).encode(),
     "metadata", "longer than 1000 characters"),
    ("deep lists", b'{"id": "x", "turns": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
     "", "depth limit"),
    ("deep objects", b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "", "depth limit"),
    ("deep metadata", b'{"id": "x", "turns": [{"role": "agent", "text": "hi"}], "metadata": {"a": '
     + b"[" * 500 + b"]" * 500 + b"}}", "metadata", "nested more than 32 levels"),
    ("NaN", b'{"id": "x", "turns": [{"role": "agent", "text": "hi", "start": NaN}]}',
     "turns[0].start", "finite number"),
    ("infinity", b'{"id": "x", "turns": [{"role": "agent", "text": "hi", "start": 1e999}]}',
     "", "infinity"),
    ("end before start", b'{"id": "x", "turns": [{"role": "agent", "text": "hi", "start": 9, '
     b'"end": 3}]}', "turns[0].end", "before the start"),
    ("an id of a book", record("x" * 513).encode(), "id", "longer than 512"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "field", "reason"), [case[1:] for case in TOO_LARGE], ids=[c[0] for c in TOO_LARGE]
)
def test_what_is_absurd_is_rejected_and_its_neighbours_are_read(
    tmp_path, small, line, field, reason
):
    found = read_beside_good_ones(tmp_path / "x.jsonl", line, small)
    assert isinstance(found, Rejected)
    assert (found.record, found.field) == (1, field)
    assert reason in found.reason
    assert "hi" not in found.reason


@pytest.mark.parametrize("n_turns", [10_000, 10_001])
def test_the_shipped_limit_of_turns(tmp_path, n_turns):
    line = record("x", [{"role": "agent", "text": "Hello"}] * n_turns).encode()
    found = read_beside_good_ones(tmp_path / "x.jsonl", line, IngestOptions())
    assert isinstance(found, Conversation if n_turns <= 10_000 else Rejected)


def test_the_shipped_limit_of_a_turn(tmp_path):
    line = record("x", [*TURNS, {"role": "agent", "text": "Hello. " * 1_500_000}]).encode()
    found = read_beside_good_ones(tmp_path / "x.jsonl", line, IngestOptions())
    assert found.reason == "longer than 200000 characters, the most a turn may have"


def test_signs_that_stores_and_screens_must_not_get_are_replaced_in_their_place(tmp_path):
    text = r'"a\u0000b \ud800 \u202egnp.exe\u202c \u2067x\u2069"'
    line = f'{{"id": "a\\u0000\\u202e", "turns": [{{"role": "agent", "text": {text}}}]}}'.encode()
    found = read_beside_good_ones(tmp_path / "x.jsonl", line, IngestOptions())
    assert found.turns[0].text == "a\ufffdb \ufffd \ufffdgnp.exe\u202c \u2067x\u2069"
    assert found.id == "a\ufffd\ufffd"


def test_turns_keep_the_order_of_the_file_where_times_run_backwards(tmp_path):
    turns = [{**TURNS[0], "start": 50, "end": 52}, {**TURNS[1], "start": 20, "end": 22}]
    line = record("x", turns).encode()
    found = read_beside_good_ones(tmp_path / "x.jsonl", line, IngestOptions())
    assert [turn.start_s for turn in found.turns] == [50, 20]


MIB = 1 << 20
PACK = {
    "gzip": lambda data: gzip.compress(data, 9),
    "zstd": lambda data: zstandard.compress(data, 19),
}


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("filling", [b" ", b"\n", b"x"], ids=["spaces", "lines", "letters"])
def test_a_bomb_is_left_when_it_is_known_for_one(tmp_path, kind, filling):
    # Frames one after another: one that unpacks to 80 MiB, and a thousand that would follow.
    sound = PACK[kind](record("before").encode() + b"\n")
    (tmp_path / "bomb.jsonl").write_bytes(sound + PACK[kind](filling * MIB) * 400)
    before, found = read_conversations(str(tmp_path / "bomb.jsonl"), IngestOptions())
    assert before.id == "before"
    assert found.reason == (
        "cannot be read: unpacks to more than 100 times its size, as no transcript does"
    )


@pytest.mark.parametrize("kind", PACK)
def test_what_was_packed_well_is_read_up_to_64_mib(tmp_path, kind):
    (tmp_path / "x").write_bytes(PACK[kind](b"\n" * (60 * MIB)))
    with open_bytes(str(tmp_path / "x"), max_ratio=100) as stream:
        n_bytes = sum(len(chunk) for chunk in iter(lambda: stream.read(MIB), b""))
    assert n_bytes == 60 * MIB


def test_white_space_before_everything_is_told(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(b" " * MIB + record("a").encode())
    (found,) = read_conversations(str(tmp_path / "x.jsonl"), IngestOptions())
    assert "hold white space alone" in found.reason


def test_a_workbook_that_is_a_bomb_is_not_unpacked(tmp_path):
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"x" * (70 * MIB))
    (tmp_path / "x.xlsx").write_bytes(book.getvalue())
    (found,) = read_conversations(str(tmp_path / "x.xlsx"), IngestOptions())
    assert "unpacks to more than 100 times its size" in found.reason


def test_a_workbook_that_is_large_is_not_unpacked(tmp_path, small):
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"x" * (2 * MIB))
    (tmp_path / "x.xlsx").write_bytes(book.getvalue())
    options = replace(small, limits=replace(small.limits, max_workbook_mib=1))
    (found,) = read_conversations(str(tmp_path / "x.xlsx"), options)
    assert "more than 1 MiB when unpacked" in found.reason


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (LAUGHS, "the aliases stand for more than 200,000 values"),
        ("a: " + "[" * 60 + "]" * 60, "nested more than 50 levels"),
        ("a: &a\n  b: *a\n", "an alias refers to itself"),
    ],
    ids=["aliases of aliases", "deep", "an alias of itself"],
)
def test_yaml_that_explodes_is_refused_in_one_line(tmp_path, text, reason):
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(ConfigError, match=reason) as caught:
        read_yaml(tmp_path / "x.yaml")
    assert "\n" not in str(caught.value)
