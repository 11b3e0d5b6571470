"""Tables of one row a turn, whatever their columns are called."""

import pytest
from table_bytes import golden_rows, parquet_bytes, xlsx_bytes

from convqa.errors import ConfigError
from convqa.ingest import ColumnMapping, IngestOptions, read_conversations
from convqa.ingest.mapping import load_mapping
from convqa.schema import Rejected


def read(tmp_path, data, **options):
    path = tmp_path / "table.csv"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return list(read_conversations(str(path), IngestOptions(**options)))


@pytest.mark.parametrize(
    "header",
    [
        "conversation_id,role,text,start",
        "Samtale-ID;Rolle;Melding;Starttid",
        "samtaleid;afsendertype;Besked;Tidspunkt",
        "Ärendenummer\tRoll\tMeddelande\tTid",
        "ID rozmowy;Rola;Treść;Początek",
        "id conversație;Rol;Mesaj;Început",
        "CHAT ID|Sender type|Body|Created at",
        "sep=;\nchat_id;role;text;start",
    ],
)
def test_headers_in_six_languages(tmp_path, header):
    delimiter = next(sign for sign in "\t;|," if sign in header.splitlines()[-1])
    rows = [["a", "agent", "Hei", "1.5"], ["a", "customer", "Ja, takk; hei", "2"]]
    body = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    (found,) = read(tmp_path, f"{header}\n{body}\n")
    assert found.id == "a"
    assert [(t.role, t.text, t.start_s) for t in found.turns] == [
        ("agent", "Hei", 1.5),
        ("customer", "Ja, takk; hei", 2.0),
    ]


def test_without_an_id_the_table_is_one_conversation(tmp_path):
    (found,) = read(tmp_path, "speaker,text\nAgent,Hi\nOla,Hello\n")
    assert [(turn.role, turn.speaker_id) for turn in found.turns] == [
        ("agent", "Agent"),
        ("unknown", "Ola"),
    ]


def test_columns_that_are_missing_are_named_with_those_that_are_known(tmp_path):
    (found,) = read(tmp_path, "conversation_id,speaker,remark\na,b,c\n")
    assert isinstance(found, Rejected)
    assert found.field == "columns"
    assert "the text (such as «text» or «message»)" in found.reason
    assert "columns found: conversation_id, speaker, 1 with other names;" in found.reason


def test_a_first_line_of_words_is_not_shown_where_a_cell_reads_like_a_column(tmp_path):
    (found,) = read(tmp_path, "call-1,participant,My card is 4111\ncall-1,participant,ok\n")
    assert "columns found: participant, 2 with other names;" in found.reason
    assert "4111" not in found.reason


def test_rows_of_an_id_that_comes_back_are_rejected(tmp_path):
    data = "id,role,text\na,agent,1\nb,agent,2\na,agent,3\na,agent,4\nc,agent,5\n"
    found = read(tmp_path, data)
    assert [item.line if isinstance(item, Rejected) else item.id for item in found] == [
        "a", "b", 4, "c",
    ]  # fmt: skip
    assert found[2].field == "id"


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ("b,agent", "turns[0].text"),
        ("b,agent,hi,1,2", "turns[0].text"),
        ("b,agent,hi,soon", "turns[0].start"),
        ("b,agent,hi,-2", "turns[0].start"),
        (",agent,hi,1", "id"),
        ("b,agent,,1", "turns"),
    ],
)
def test_a_broken_conversation_costs_only_itself(tmp_path, row, field):
    found = read(tmp_path, f"id,role,text,start\na,agent,hi,1\n{row}\nc,agent,hi,1\n")
    assert [item.id for item in found if not isinstance(item, Rejected)] == ["a", "c"]
    assert [(i.field, i.line) for i in found if isinstance(i, Rejected)] == [(field, 3)]


def test_a_quotation_mark_that_is_never_closed_is_reported(tmp_path):
    more = 'b,agent,hi\nb,agent,"hi\n' + "c,agent,more words to come\n" * 9
    found = read(tmp_path, f"id,role,text\na,agent,hi\n{more}")
    assert [item.line if isinstance(item, Rejected) else item.id for item in found] == ["a", 3]
    assert "the quotation mark in the row on line 4 is never closed" in found[1].reason


def test_a_text_cut_by_its_own_commas_is_refused(tmp_path):
    found = read(tmp_path, "id,role,text\na,agent,Hello, dear\nb,agent,Hello,,\n")
    assert isinstance(found[0], Rejected)
    assert "4 columns and the header 3" in found[0].reason
    assert found[1].turns[0].text == "Hello"


def test_a_mapping_goes_before_the_names(tmp_path):
    mapping = ColumnMapping(
        conversation={"id": "Sak"},
        turn={"role": "Hvem", "text": "Hva", "start": "Nar", "duration": "Lengde"},
        roles={"K": "customer", "O": "agent"},
        time_unit="ms",
        metadata={"product": "Vare"},
        language="no",
        channel="call",
    )
    data = (
        "text,Sak,Hvem,Hva,Nar,Lengde,Vare\nx,7,K,Hei,500,1500,strøm\nx,7,O,God dag,2500,,strøm\n"
    )
    (found,) = read(tmp_path, data, mappings=(mapping,))
    assert (found.id, found.language, found.channel) == ("7", "nb", "call")
    assert found.metadata == {"product": "strøm"}
    assert [(t.role, t.text, t.start_s, t.end_s) for t in found.turns] == [
        ("customer", "Hei", 0.5, 2.0),
        ("agent", "God dag", 2.5, None),
    ]


def test_a_mapped_column_that_the_table_lacks_is_named(tmp_path):
    mapping = ColumnMapping(turn={"text": "Hva"})
    (found,) = read(tmp_path, "id,role,text\na,agent,hi\n", mappings=(mapping,))
    assert found.reason.endswith("'Hva' that the table lacks")


def test_a_mapped_column_is_answered_with_the_nearest_and_with_no_words_of_customers(tmp_path):
    mapping = ColumnMapping(turn={"text": "Huset"})
    (found,) = read(tmp_path, "id,role,Hus\na,agent,hi\n", mappings=(mapping,))
    assert found.reason.endswith("'Huset' that the table lacks; did you mean 'Hus'?")
    (found,) = read(tmp_path, "1,role,Hei! Huset mitt brenner\na,agent,hi\n", mappings=(mapping,))
    assert "brenner" not in found.reason


def test_a_wrong_mapping_is_one_line(tmp_path):
    path = tmp_path / "mapping.yaml"
    path.write_text("turn:\n  words: x\n")
    with pytest.raises(ConfigError, match=r"mapping.yaml:2: turn.words"):
        load_mapping(path)


def test_after_a_transfer_each_turn_keeps_its_agent(tmp_path):
    data = "id,role,text,agent_id\na,agent,hi,n1\na,customer,hey,\na,agent,hello,n2\n"
    (found,) = read(tmp_path, data)
    assert found.agent_id == "n1"
    assert [turn.agent_id for turn in found.turns] == ["n1", None, "n2"]


def test_columns_that_change_within_a_conversation_are_no_metadata(tmp_path):
    (found,) = read(tmp_path, "id,role,text,city,mood\na,agent,hi,Oslo,1\na,agent,hey,Oslo,2\n")
    assert found.metadata == {"city": "Oslo"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1250", "iso8859-2"])
def test_tables_come_in_old_encodings(tmp_path, encoding):
    data = "id;rola;treść\n1;agent;Dzień dobry, w czym mogę pomóc?\n1;klient;Żaden kłopot\n"
    (found,) = read(tmp_path, data.encode(encoding))
    assert [turn.text for turn in found.turns] == [
        "Dzień dobry, w czym mogę pomóc?",
        "Żaden kłopot",
    ]


@pytest.mark.parametrize("make", [parquet_bytes, xlsx_bytes])
def test_damaged_tables_are_rejected(tmp_path, make):
    data = make()
    for damaged in (data[: len(data) // 2], data[:300] + b"\xff" * 300 + data[600:]):
        found = read(tmp_path, damaged)
        assert isinstance(found[-1], Rejected)
        assert "damaged" in found[-1].reason


def test_text_that_is_no_utf8_is_damage(tmp_path):
    data = parquet_bytes().replace(b"Verific imediat", b"Verific \xc8\xc8ediat")
    found = read(tmp_path, data)
    assert isinstance(found[-1], Rejected)
    assert "damaged" in found[-1].reason


def test_an_archive_of_something_else_is_told(tmp_path):
    data = xlsx_bytes().replace(b"xl/", b"yl/")
    (found,) = read(tmp_path, data)
    assert "a ZIP archive; unpack it" in found.reason


def test_dates_and_numbers_of_excel_are_read(tmp_path):
    rows = golden_rows()
    header, first, second = rows[0], rows[1], rows[2]
    first[4], second[4] = 12.5, 14.0
    (found,) = read(tmp_path, xlsx_bytes([header, first, second]))
    assert [turn.start_s for turn in found.turns] == [12.5, 14.0]


def test_a_table_of_whole_transcripts_is_no_plain_text(tmp_path):
    said = '"Agent: Hi there\nCustomer: My bill is wrong\nAgent: Sorry"'
    (found,) = read(tmp_path, f"id,transcript\n1,{said}\n2,{said}\n")
    assert isinstance(found, Rejected)
    assert "no column for the speaker" in found.reason
