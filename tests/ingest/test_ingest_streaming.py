"""Large files are read in little memory, and what is too large is rejected."""

import json
import tracemalloc

import pytest

from convqa.ingest import IngestOptions, read_conversations
from convqa.schema import Conversation, Rejected

TURNS = [
    {"role": role, "text": f"Jeg har et spørsmål om faktura nummer {i}. " * 9, "start": i}
    for i, role in enumerate(["customer", "agent"] * 8)
]
MIB = 1 << 20


def conversation(number):
    return json.dumps({"id": f"c{number}", "turns": TURNS}, ensure_ascii=False)


def native(file, n):
    file.writelines(f"{conversation(i)}\n" for i in range(n))


def listed(file, n):
    file.write("[" + ",\n".join(conversation(i) for i in range(n)) + "]")


def wrapped(file, n):
    file.write('{"count": 1, "conversations": [')
    file.write(",".join(conversation(i) for i in range(n)) + "]}")


def table(file, n):
    file.write("id,role,text\n")
    for i in range(n):
        file.writelines(f'c{i},{turn["role"]},"{turn["text"]}"\n' for turn in TURNS)


def text(file, n):
    for i in range(n):
        file.write(f"# c{i}\n")
        file.writelines(f"{turn['role']}: {turn['text']}\n" for turn in TURNS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("write", "size_mib", "peak_mib"),
    # A list or an object that fits into one record is read at once, so its peak is higher.
    [(native, 50, 8), (listed, 25, 88), (wrapped, 25, 88), (table, 25, 8), (text, 10, 8)],
)
def test_memory_does_not_grow_with_the_file(tmp_path, write, size_mib, peak_mib):
    n = size_mib * MIB // len(conversation(0).encode())
    path = tmp_path / "large"
    with path.open("w", encoding="utf-8") as file:
        write(file, n)
    tracemalloc.start()
    try:
        n_read = sum(
            isinstance(item, Conversation)
            for item in read_conversations(str(path), IngestOptions())
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert n_read == n
    assert peak < peak_mib * MIB


def test_a_line_of_20_mb_is_rejected_and_the_next_is_read(tmp_path):
    path = tmp_path / "x.jsonl"
    turn = json.dumps({"role": "agent", "text": "x" * 20_000_000})
    path.write_text(f'{{"id": "a", "turns": [{turn}]}}\n{conversation(1)}\n')
    first, second = read_conversations(str(path), IngestOptions())
    assert isinstance(first, Rejected)
    assert "longer than 16 MiB" in first.reason
    assert second.id == "c1"


@pytest.mark.parametrize(
    "data",
    [
        '{"id": "a", "turns": [{"role": "agent", "text": "' + "x" * 20_000_000 + '"}]}',
        '[{"id": "a", "turns": [{"role": "agent", "text": "' + "x" * 20_000_000 + '"}]}]',
        "WEBVTT\n\n00:01.000 --> 00:02.000\n" + "x" * 20_000_000,
        "Agent: hi\n" + "x" * 20_000_000,
        "role,text\n" + f"agent,{'x' * 1_000_000}\n" * 20,
    ],
    ids=["line", "list", "cues", "text", "table"],
)
def test_a_record_of_20_mb_is_rejected(tmp_path, data):
    path = tmp_path / "x"
    path.write_text(data)
    found = list(read_conversations(str(path), IngestOptions()))
    assert [type(item) for item in found] == [Rejected]
    assert "longer than 16 MiB" in found[0].reason
