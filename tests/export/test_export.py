import csv
import dataclasses
import io
import json
import zipfile

import openpyxl
import pytest

from convqa.export import EXPORTS
from convqa.ingest.options import load_options
from convqa.ingest.readers import read_conversations
from convqa.registry import find_standard
from convqa.schema import Evidence, Rejected, Turn
from convqa.standard import load_standard
from convqa.store.parts import Chunk, write_chunk
from convqa.store.standard import write_standard
from stored_results import evaluation, stored

STANDARD = load_standard(find_standard("default"))
FORMULA = '=HYPERLINK("https://example.org")'


def exported(run, name):
    output = io.BytesIO()
    EXPORTS[name](run, output)
    return output.getvalue()


@pytest.fixture
def run(tmp_path):
    hostile = stored("c2")
    result = hostile.evaluation.criteria[0]
    result = result._replace(evidence=(Evidence(1, 0, 5, FORMULA, "model"),))
    hostile = dataclasses.replace(
        hostile,
        evaluation=evaluation("c2", criteria=(result,), team="@SUM(A1)", agent_id="-1+1"),
    )
    skipped = dataclasses.replace(
        stored("c3"),
        evaluation=evaluation(
            "c3", status="skipped", score=None, raw_score=None, resolution=None, criteria=(),
            band=None, flag=False, flags=(), skip_reason="language de is not supported",
        ),
    )  # fmt: skip
    write_standard(tmp_path, STANDARD)
    write_chunk(tmp_path, 0, Chunk((stored("c1"), hostile), ()))
    write_chunk(tmp_path, 1, Chunk((skipped,), ()))
    return tmp_path


def test_jsonl_has_every_conversation_with_the_fields_of_the_contract(run):
    first, second, third = (json.loads(line) for line in exported(run, "jsonl").splitlines())
    assert [first["conversation_id"], second["conversation_id"]] == ["c1", "c2"]
    assert first["score"] == 87.5
    assert first["resolution"] == {"label": "resolved", "probability": 0.91}
    assert first["criteria"][0]["evidence"] == [
        {"turn": 0, "char_start": 0, "char_end": 5, "quote": "Hello", "source": "model"}
    ]
    assert set(first["criteria"][0]) >= {
        "id", "outcome", "points", "max_points", "weight", "confidence", "reason", "evidence",
    }  # fmt: skip
    assert first["standard"] == {"name": "v", "version": "1.0", "sha256": "ab"}
    assert (third["status"], third["score"]) == ("skipped", None)
    assert third["skip_reason"] == "language de is not supported"


def test_csv_has_a_row_a_conversation_and_columns_for_each_criterion(run):
    rows = list(csv.DictReader(io.StringIO(exported(run, "csv").decode())))
    assert [row["conversation_id"] for row in rows] == ["c1", "c2", "c3"]
    assert (rows[0]["greeting.outcome"], rows[0]["greeting.points"]) == ("fail", "0.0")
    assert rows[2]["greeting.outcome"] == ""
    assert rows[2]["score"] == ""


def test_formulas_are_text_in_spreadsheets(run):
    rows = list(csv.DictReader(io.StringIO(exported(run, "csv").decode())))
    assert rows[1]["team"] == "'@SUM(A1)"
    book = openpyxl.load_workbook(io.BytesIO(exported(run, "xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert FORMULA in [cell.value for cell in cells]
    assert all(cell.data_type == "s" for cell in cells if cell.value == FORMULA)


def test_xlsx_has_a_sheet_of_criteria_to_filter(run):
    book = openpyxl.load_workbook(io.BytesIO(exported(run, "xlsx")))
    sheet = book["Criteria"]
    header = [cell.value for cell in sheet[1]]
    first = dict(zip(header, (cell.value for cell in sheet[2]), strict=True))
    assert (first["criterion"], first["outcome"], first["quote"]) == ("greeting", "fail", "Hello")
    assert (first["conversation_id"], first["weight"]) == ("c1", 5)
    assert sheet.auto_filter.ref == "A1:P3"
    assert sheet.freeze_panes == "A2"
    assert book["Conversations"].max_row == 4
    book.close()


def test_vcon_holds_the_stored_dialog_and_the_evaluation(run):
    vcon = json.loads(exported(run, "vcon").splitlines()[0])
    assert vcon["vcon"] == "0.0.2"
    assert vcon["dialog"][1]["body"] == "  Hello. How are you? "
    assert vcon["dialog"][1]["start"] == "2026-11-01T10:00:01+00:00"
    assert vcon["parties"][vcon["dialog"][1]["originator"]] == {"name": "a1", "role": "agent"}
    assert vcon["parties"][vcon["dialog"][2]["originator"]] == {"role": "customer"}
    assert vcon["analysis"][0]["body"]["score"] == 87.5


def test_exported_vcon_is_read_back_with_the_same_turns(run, tmp_path):
    path = tmp_path / "exported.vcon.jsonl"
    path.write_bytes(exported(run, "vcon"))
    first, *_ = read_conversations(str(path), load_options())
    assert not isinstance(first, Rejected), first.reason
    before = stored("c1").segmented.conversation.turns
    assert [(t.role, t.text) for t in first.turns] == [(t.role, t.text) for t in before]
    assert [t.agent_id for t in first.turns] == [t.agent_id for t in before]


def test_vcon_of_another_conversation_has_another_uuid(run):
    uuids = [json.loads(line)["uuid"] for line in exported(run, "vcon").splitlines()]
    assert len(set(uuids)) == 3


class Pipe(io.BytesIO):
    """The standard output before another program: it cannot be sought in."""

    def seekable(self):
        return False

    def tell(self):
        raise io.UnsupportedOperation

    def seek(self, *_):
        raise io.UnsupportedOperation


@pytest.mark.parametrize("name", EXPORTS)
def test_a_pipe_gets_the_bytes_of_a_file(run, name):
    pipe = Pipe()
    EXPORTS[name](run, pipe)
    assert pipe.getvalue() == exported(run, name)


@pytest.mark.parametrize("name", EXPORTS)
def test_same_run_exports_the_same_bytes(run, name):
    assert exported(run, name) == exported(run, name)


def test_xlsx_holds_no_time_of_this_machine(run):
    with zipfile.ZipFile(io.BytesIO(exported(run, "xlsx"))) as book:
        assert {entry.date_time[0] for entry in book.infolist()} == {1980}
        assert b"2026-11-01T10:00:00Z" in book.read("docProps/core.xml")


def test_control_characters_do_not_break_the_workbook(tmp_path):
    bad = stored()
    evidence = (Evidence(1, 0, 3, "a\x00b", "model"),)
    result = bad.evaluation.criteria[0]._replace(evidence=evidence)
    bad = dataclasses.replace(bad, evaluation=evaluation("c1", criteria=(result,)))
    write_chunk(tmp_path, 0, Chunk((bad,), ()))
    book = openpyxl.load_workbook(io.BytesIO(exported(tmp_path, "xlsx")))
    assert book["Criteria"]["H2"].value == "a\ufffdb"
    book.close()


def test_vcon_of_a_conversation_dated_to_the_end_of_time_counts_from_1970(tmp_path):
    undated = stored()
    conversation = dataclasses.replace(
        undated.segmented.conversation, started_at="9999-12-31T23:59:59"
    )
    undated = dataclasses.replace(
        undated,
        segmented=dataclasses.replace(undated.segmented, conversation=conversation),
        evaluation=evaluation("c1", started_at="9999-12-31T23:59:59"),
    )
    write_chunk(tmp_path, 0, Chunk((undated,), ()))
    vcon = json.loads(exported(tmp_path, "vcon"))
    assert vcon["created_at"] == "1970-01-01T00:00:00+00:00"
    assert vcon["dialog"][1]["start"] == "1970-01-01T00:00:01+00:00"


def test_vcon_gives_a_turn_without_times_the_start_of_the_conversation(tmp_path):
    untimed = stored()
    conversation = dataclasses.replace(
        untimed.segmented.conversation, turns=(Turn("agent", "Hi"),), started_at=None
    )
    segmented = dataclasses.replace(untimed.segmented, conversation=conversation, segments=())
    untimed = dataclasses.replace(
        untimed,
        segmented=segmented,
        vectors=(),
        tokens=(),
        evaluation=evaluation("c1", started_at=None),
    )
    write_chunk(tmp_path, 0, Chunk((untimed,), ()))
    vcon = json.loads(exported(tmp_path, "vcon"))
    assert vcon["dialog"][0]["start"] == "1970-01-01T00:00:00+00:00"
