"""JSON of any shape is read by a mapping; the mappings that ship read the corpora they are for."""

import json

import pytest

from convqa.config import shipped_configs
from convqa.ingest import ColumnMapping, IngestOptions, load_options, read_conversations
from convqa.schema import Rejected

ABCD = [
    {
        "convo_id": 3592,
        "scenario": {"flow": "product_defect", "subflow": "return_size", "order": {}},
        "original": [
            ["agent", "Hello, what brings you here?"],
            ["customer", "This jacket is too small."],
            ["action", "Account has been pulled up."],
        ],
    }
]
HARPERVALLEY = {
    "sid": "0002f7",
    "task_type": "replace card",
    "segments": [
        {"index": 1, "speaker_role": "agent", "start_ms": 1669, "duration_ms": 2670,
         "human_transcript": "hello this is the bank", "transcript": "hello mr the bank"},
        {"index": 2, "speaker_role": "caller", "start_ms": 12890, "duration_ms": 330,
         "human_transcript": "hi", "transcript": "hi"},
    ],
}  # fmt: skip
SGD = {
    "id": "1_00000",
    "services": ["Restaurants_1"],
    "turns": [["customer", "I am hungry.", ["INFORM"]], ["agent", "Where to?", ["REQUEST"]]],
}


def read(tmp_path, data, mapping):
    path = tmp_path / "data.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return list(read_conversations(str(path), IngestOptions(mappings=(mapping,))))


def shipped(tmp_path, data, name):
    (mapping,) = load_options(mapping=shipped_configs() / "mappings" / f"{name}.yaml").mappings
    return read(tmp_path, data, mapping)


def outline(conversation):
    return [(turn.role, turn.text, turn.start_s, turn.end_s) for turn in conversation.turns]


def test_abcd(tmp_path):
    (found,) = shipped(tmp_path, ABCD, "abcd")
    assert (found.id, found.language, found.channel) == ("3592", "en", "chat")
    assert found.metadata == {"flow": "product_defect", "subflow": "return_size"}
    assert outline(found) == [
        ("agent", "Hello, what brings you here?", None, None),
        ("customer", "This jacket is too small.", None, None),
        ("other", "Account has been pulled up.", None, None),
    ]


def test_harpervalley(tmp_path):
    (found,) = shipped(tmp_path, HARPERVALLEY, "harpervalley")
    assert (found.id, found.channel) == ("0002f7", "call")
    assert outline(found) == [
        ("agent", "hello this is the bank", 1.669, 4.339),
        ("customer", "hi", 12.89, 13.22),
    ]


def test_sgd_in_lines(tmp_path):
    found = shipped(tmp_path, "\n".join(json.dumps(SGD) for _ in range(3)), "sgd")
    assert [outline(item)[1] for item in found] == [("agent", "Where to?", None, None)] * 3
    assert found[0].metadata == {"services": ["Restaurants_1"]}


@pytest.mark.parametrize("path", sorted((shipped_configs() / "mappings").glob("*.yaml")))
def test_every_shipped_mapping_loads(path):
    assert load_options(mapping=path).mappings[0].turn["text"]


@pytest.mark.parametrize("conversations", ["train", "data.train"])
def test_conversations_may_lie_deeper(tmp_path, conversations):
    mapping = ColumnMapping(
        conversations=conversations, turns="said", turn={"role": "by.kind", "text": "what"}
    )
    records = [{"said": [{"by": {"kind": "Kunde"}, "what": f"hei {i}"}]} for i in range(2)]
    data = {"version": 1, "train": records, "data": {"train": records}}
    found = read(tmp_path, data, mapping)
    assert [outline(item)[0][:2] for item in found] == [
        ("customer", "hei 0"),
        ("customer", "hei 1"),
    ]


def test_a_broken_record_names_the_field_of_the_file(tmp_path):
    mapping = ColumnMapping(turns="said", turn={"speaker": "by", "text": "what", "start": "at"})
    good = {"said": [{"by": "Agent", "what": "hei", "at": "2026-03-02T09:00:00Z"}]}
    records = [
        good,
        {"said": [{"by": "Agent"}]},
        {"said": [{"by": "Agent", "what": "hei", "at": "soon"}]},
        {"other": 1},
        {"said": [{"by": ["x"], "what": "hei"}]},
    ]
    found = read(tmp_path, records, mapping)
    assert [item.field for item in found if isinstance(item, Rejected)] == [
        "said[0].what", "said[0].at", "said", "said[0].by",
    ]  # fmt: skip
    assert found[0].started_at == "2026-03-02T09:00:00+00:00"


def test_several_mappings_and_known_formats_share_a_run(tmp_path):
    folder = shipped_configs() / "mappings"
    options = load_options(
        mapping=[folder / f"{name}.yaml" for name in ("abcd", "harpervalley", "sgd")]
    )
    native = {"id": "n", "turns": [{"role": "agent", "text": "hei"}]}
    for name, data in [("a", ABCD), ("h", HARPERVALLEY), ("s", SGD), ("n", native)]:
        (tmp_path / name).write_text(json.dumps(data))
    ids = [next(read_conversations(str(tmp_path / name), options)).id for name in "ahsn"]
    assert ids == ["3592", "0002f7", "1_00000", "n"]
