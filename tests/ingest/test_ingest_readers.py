"""Whatever a file holds, each of its records becomes a conversation or a reason."""

import gzip
import json

import pytest
import zstandard

from convqa.errors import ConfigError
from convqa.ingest import IngestOptions, read_conversations
from convqa.schema import Conversation, Rejected

TURN = {"role": "agent", "text": "Hei på deg"}


def read(path, data, **options):
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(read_conversations(str(path), IngestOptions(**options)))


def lines(*records):
    return "\n".join(
        record if isinstance(record, str) else json.dumps(record) for record in records
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n\n", "empty"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"RIFF....WAVE", "recording"),
        (bytes(range(256)) * 9, "binary data"),
        (b"just a few words", "no known transcript format"),
        (b'{"customer": "Ola"}', "an object with the keys customer is in no known"),
        (b"PK\x03\x04 broken", "damaged Excel file"),
        (b"PAR1 broken", "damaged Parquet file"),
        (b"\x1f\x8b broken", "gzip data is damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_rejected(tmp_path, data, reason):
    found = read(tmp_path / "file", data)
    assert [type(item) for item in found] == [Rejected]
    assert reason in found[0].reason


def test_a_file_that_does_not_exist_is_one_rejected(tmp_path):
    found = list(read_conversations(str(tmp_path / "gone.jsonl"), IngestOptions()))
    assert [item.reason for item in found] == ["cannot be read: No such file or directory"]


def test_an_unknown_format_is_refused_at_once():
    with pytest.raises(ConfigError, match=r"known are .*deepgram"):
        read_conversations("any", IngestOptions(format="betamax"))


def test_a_broken_record_costs_only_itself(tmp_path):
    good = {"id": "a", "turns": [TURN]}
    bad_time = {"id": "b", "turns": [TURN, {**TURN, "start": 5, "end": 3}]}
    no_text = {"id": "c", "turns": [{"role": "agent"}]}
    found = read(
        tmp_path / "x.jsonl",
        lines(good, "{oops", bad_time, "", no_text, {"id": "d", "turns": []}, {**good, "id": "e"}),
    )
    places = [
        item.id if isinstance(item, Conversation) else (item.record, item.line, item.field)
        for item in found
    ]
    assert places == [
        "a", (1, 2, ""), (2, 3, "turns[1].end"), (3, 5, "turns[0].text"), (4, 6, "turns"), "e",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        lines({"id": "a", "turns": [TURN]}, {"id": "b", "turns": [TURN]}),
        json.dumps([{"id": "a", "turns": [TURN]}, {"id": "b", "turns": [TURN]}], indent=1),
        json.dumps({"n": 2, "conversations": [{"id": x, "turns": [TURN]} for x in "ab"]}),
        json.dumps({"id": "a", "turns": [TURN]}, indent=1)
        + json.dumps({"id": "b", "turns": [TURN]}, indent=1),
    ],
)
def test_json_comes_in_lines_lists_and_documents(tmp_path, data):
    assert [item.id for item in read(tmp_path / "x", data)] == ["a", "b"]


def test_a_broken_item_of_a_list_costs_only_itself(tmp_path):
    good = '{"id": "%s", "turns": [{"role": "agent", "text": "x"}]}'
    found = read(tmp_path / "x.json", f'[{good % "a"}, {{"id": oops}}, {good % "b"}]')
    assert [isinstance(item, Rejected) for item in found] == [False, True, False]


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_compressed_files_are_read_like_others(tmp_path, compress):
    data = compress(lines({"id": "a", "turns": [TURN]}).encode())
    assert [item.id for item in read(tmp_path / "x", data)] == ["a"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_json_of_any_encoding_is_read(tmp_path, encoding):
    text = json.dumps({"id": "a", "turns": [TURN]}, ensure_ascii=False)
    (found,) = read(tmp_path / "x.jsonl", text.encode(encoding))
    assert found.turns[0].text == "Hei på deg"


def test_ids_that_are_missing_are_made_from_name_and_content(tmp_path):
    data = lines({"turns": [TURN]}, {"turns": [TURN]})
    first = [item.id for item in read(tmp_path / "calls.jsonl", data)]
    (tmp_path / "other").mkdir()
    again = [item.id for item in read(tmp_path / "other" / "calls.jsonl", data)]
    different = [item.id for item in read(tmp_path / "calls.jsonl", data + "\n")]
    assert first == again
    assert first[1] == f"{first[0]}-1"
    assert first[0].startswith("calls-")
    assert set(first).isdisjoint(different)


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\\u0000b", "a\ufffdb"), ("a\\ud800b", "a\ufffdb"), ("\\ud83d\\ude00", "😀")],
)
def test_characters_that_no_store_takes_are_replaced(tmp_path, text, kept):
    data = '{"id": "a", "turns": [{"role": "agent", "text": "TEXT"}]}'.replace("TEXT", text)
    (found,) = read(tmp_path / "x.jsonl", data)
    assert found.turns[0].text == kept


@pytest.mark.parametrize(
    ("key", "value"), [("start", "NaN"), ("end", "Infinity"), ("start", "-1"), ("start", "1e12"),
                       ("confidence", "95"), ("start", '"soon"'), ("speaker_id", "[]")]
)  # fmt: skip
def test_values_that_make_no_sense_are_named(tmp_path, key, value):
    data = f'{{"id": "a", "turns": [{{"role": "agent", "text": "x", "{key}": {value}}}]}}'
    (found,) = read(tmp_path / "x.jsonl", data)
    assert isinstance(found, Rejected)
    assert found.field == f"turns[0].{key}"


@pytest.mark.parametrize("data", [b"[" * 10_000, b'{"turns":' * 10_000, b'{"a":[' * 10_000])
def test_absurdly_deep_json_is_rejected(tmp_path, data):
    assert [type(item) for item in read(tmp_path / "x.json", data)] == [Rejected]


def test_reasons_hold_no_transcript_text(tmp_path):
    secret = "kodeord"
    for data in (
        f'{{"id": "a", "turns": [{{"role": "agent", "text": "{secret}", "start": "{secret}"}}]}}',
        f'{{"id": "a", "turns": "{secret}"}}',
        f'{{"id": "a", "{secret} min": 1}}',
        f"c1,agent,{secret}\nc1,customer,{secret}\n",
        f"role,text,start\nagent,{secret},{secret}\n",
        f"{secret} {secret}",
    ):
        found = read(tmp_path / "x", data)
        assert all(isinstance(item, Rejected) for item in found)
        assert not any(secret in item.reason or secret in item.field for item in found)
