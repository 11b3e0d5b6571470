"""One file a format, written by hand: what is recognised in it, who speaks, and when."""

from pathlib import Path

import pytest
from table_bytes import parquet_bytes, xlsx_bytes

from convqa.ingest import FORMATS, IngestOptions, read_conversations
from convqa.ingest.json_files import DOCUMENT_FORMATS
from convqa.ingest.json_text import parse_json
from convqa.schema import Conversation

FOLDER = Path(__file__).parents[1] / "data" / "formats"

# File → format, language, channel, start; then role, speaker, start, end and text of each turn of
# its first conversation.
EXPECTED = {
    "native.jsonl": (
        "native", "nb", "chat", "2026-03-02T09:00:00+01:00",
        [
            ("other", None, 0.0, None, "Du chatter nå med oss."),
            ("customer", None, 2.5, None, "Hei, strømmen er borte igjen."),
            ("agent", None, 30.0, 31.0, "Så kjedelig! Jeg sjekker med én gang."),
        ],
    ),
    "table.csv": (
        "csv", "en", "chat", "2026-03-02T09:00:00+00:00",
        [
            ("agent", "Nora", 0.0, None, "Hello, this is Nora. How can I help?"),
            ("customer", "customer", 42.0, None, "My bill doubled.\nWhy?"),
        ],
    ),
    "table.tsv": (
        "tsv", None, None, None,
        [
            ("agent", "kundebehandler", 0.0, 2.1, "Hei, du snakker med Kari."),
            ("customer", "kunde", 2.5, 4.0, "Jeg har ikke fått fakturaen."),
        ],
    ),
    "plain.txt": (
        "text", "sv", "chat", None,
        [
            ("agent", "Kundtjänst", 5.0, None, "Hej! Vad kan jag hjälpa till med?"),
            ("customer", "Kund", 31.0, None, "Jag blev debiterad två gånger.\nDet är inte okej."),
            ("other", "Bot", 62.0, None, "Ärendet har kopplats vidare."),
        ],
    ),
    "whisperx.txt": (
        "text", None, None, None,
        [
            ("unknown", "SPEAKER_00", None, None, "Good afternoon, Hillside Water."),
            ("unknown", "SPEAKER_01", None, None, "Hi, my tap water is brown."),
        ],
    ),
    "whisperx.tsv": (
        "whisperx_tsv", None, "call", None,
        [
            ("unknown", "SPEAKER_00", 0.48, 2.9, "Dzień dobry, w czym pomóc?"),
            ("unknown", "SPEAKER_01", 3.1, 5.0, "Nie działa mi internet."),
        ],
    ),
    "whisperx.json": (
        "whisperx", "ro", "call", None,
        [
            ("unknown", "SPEAKER_00", 0.5, 2.4, "Bună ziua, cu ce vă ajut?"),
            ("unknown", None, 3.0, 4.5, "Nu am net."),
        ],
    ),
    "cues.vtt": (
        "webvtt", None, "call", None,
        [
            ("agent", "Agent", 0.5, 2.9, "Guten Tag & hello, Hillside Water."),
            ("unknown", "Anna Berg", 3.1, 5.0, "Hi, the water is brown."),
            ("agent", "Agent", 5.2, 8.0, "Since when?"),
            ("unknown", "Anna Berg", 5.2, 8.0, "Since Monday."),
        ],
    ),
    "cues.srt": (
        "srt", None, "call", None,
        [
            ("unknown", "SPEAKER_00", 1.0, 3.2, "God dag, du taler med Mette."),
            ("unknown", "SPEAKER_01", 3.5, 6.0, "Hej, mit internet er væk."),
            ("unknown", None, 6.1, 7.0, "Okay: så ser vi på det."),
        ],
    ),
    "vcon.json": (
        "vcon", None, "chat", "2026-03-02T09:00:05+00:00",
        [
            ("customer", "1", 0.0, None, "Vannet er brunt."),
            ("agent", "0", 30.0, 34.0, "Det var leit å høre."),
            ("other", "2", 60.0, None, "Fra oss alle"),
        ],
    ),
    "vcon_recording.json": (
        "vcon", "pl", "call", "2026-03-02T08:59:50+00:00",
        [
            ("unknown", "0", 0.0, None, "Proszę o telefon."),
            ("agent", "1", 10.5, 12.0, "Dzień dobry, wodociągi."),
            ("unknown", "SPEAKER_01", 12.5, 14.0, "Nie mam wody."),
        ],
    ),
    "contact_lens.json": (
        "contact_lens", "sv", "call", None,
        [
            ("other", "ivr", 0.0, 1.5, "Samtalet kan spelas in."),
            ("agent", "AGENT", 1.62, 4.1, "Hej, välkommen till Vattenbolaget."),
            ("customer", "c-9", 5.0, 8.0, "Fakturan till [NAME] är fel."),
        ],
    ),
    "contact_lens_chat.json": (
        "contact_lens_chat", "da", "chat", "2026-03-02T09:00:00+00:00",
        [
            ("customer", "p-c", 0.0, None, "Hej, mit vand er brunt"),
            ("agent", "p-a", 40.25, None, "Det er jeg ked af at høre."),
        ],
    ),
    "contact_lens_realtime.json": (
        "contact_lens_chat", None, "chat", "2026-03-02T10:00:00+00:00",
        [
            ("other", "p-s", 0.0, None, "You are number 2."),
            ("customer", "p-c", 5.0, None, "My tap water is brown"),
            ("agent", "p-a", 45.0, None, "I am sorry to hear that."),
        ],
    ),
}  # fmt: skip


def read(path):
    found = list(read_conversations(str(path), IngestOptions()))
    assert all(isinstance(item, Conversation) for item in found)
    return found


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_golden_file_is_read_as_written(name):
    format_name, language, channel, started_at, turns = EXPECTED[name]
    first = read(FOLDER / name)[0]
    assert first.source.format == format_name
    assert (first.language, first.channel, first.started_at) == (language, channel, started_at)
    found = [(t.role, t.speaker_id, t.start_s, t.end_s, t.text) for t in first.turns]
    assert found == turns


@pytest.mark.parametrize("make", [parquet_bytes, xlsx_bytes])
def test_parquet_and_excel_hold_what_the_table_holds(tmp_path, make):
    (tmp_path / "table").write_bytes(make())
    expected = read(FOLDER / "table.csv")
    found = read(tmp_path / "table")
    assert [item.turns for item in found] == [item.turns for item in expected]
    assert [item.metadata for item in found] == [item.metadata for item in expected]
    assert [item.agent_id for item in found] == ["n17", "n18"]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.name)
def test_exactly_one_format_matches_each_document(path):
    document = parse_json(path.read_bytes())
    names = [name for name, known in DOCUMENT_FORMATS.items() if known.matches(document)]
    assert len(names) == 1


def test_every_format_has_a_golden_file():
    formats = {item.source.format for path in FOLDER.iterdir() for item in read(path)}
    assert formats | {"parquet", "xlsx", "json"} == set(FORMATS)  # any of the JSON formats


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_the_name_of_a_file_does_not_decide(tmp_path, path):
    (tmp_path / "export").write_bytes(path.read_bytes())
    assert [item.turns for item in read(tmp_path / "export")] == [item.turns for item in read(path)]


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_a_file_is_read_the_same_when_its_format_is_named(path):
    recognised = read(path)
    options = IngestOptions(format=recognised[0].source.format)
    assert list(read_conversations(str(path), options)) == recognised


def test_words_are_found_in_their_turns():
    turn = read(FOLDER / "whisperx.json")[0].turns[0]
    words = [(turn.text[w.char_start : w.char_end], w.start_s, w.end_s) for w in turn.words]
    assert words[0] == ("Bună", 0.5, 0.8)
    assert [word[0] for word in words] == ["Bună", "ziua,", "ce", "vă", "ajut?"]
    assert turn.confidence == 0.8


def test_what_a_conversation_says_of_itself_is_kept():
    first, second = read(FOLDER / "native.jsonl")
    assert (first.id, first.agent_id, first.team, first.queue) == ("nb-1", "a-17", "Nord", "strøm")
    assert first.turns[2].agent_id == "a-18"
    assert first.metadata == {"csat": 4, "domain": "energy"}
    assert (second.id, second.language, second.channel) == ("4711", "pl", "call")
    assert second.turns[0].confidence == 0.93
    assert second.turns[1].role == "unknown"
