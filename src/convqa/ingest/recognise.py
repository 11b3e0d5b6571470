"""What kind of file this is, from its first bytes; the name only decides what the bytes leave open.

Kinds are containers: `json` holds documents of any JSON format, `table` stands for CSV and TSV.
"""

import re
from typing import Literal

from convqa.ingest.plain_text import label_of
from convqa.ingest.source_file import SourceFile

Kind = Literal["json", "table", "parquet", "xlsx", "webvtt", "srt", "whisperx_tsv", "text"]

# A list of numbers or times in brackets begins a line of plain text: "[00:01:12] Anna: …".
_JSON = re.compile(rb"\s*+(?:\{\s*+[\"}]|\[\s*+[\[{\"\]])")
_CUE = re.compile(rb"\s*+(?:\d+[ \t]*\r?\n)?(?:\d+:)?\d\d:\d\d[,.]\d{1,3}[ \t]+-->")
_WHISPERX_TSV = re.compile(rb"start\tend\t(?:speaker\t)?text\r?\n")
_SAMPLE_LINES = 200
_DELIMITERS = "\t;,|"

_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\v\f\r\x1b")
_BINARY = (
    (b"%PDF", "a PDF document; export the transcript as text"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file; save it as .xlsx or .csv"),
    (b"RIFF", "a recording; only transcripts can be read"),
    (b"ID3", "a recording; only transcripts can be read"),
    (b"OggS", "a recording; only transcripts can be read"),
    (b"\x89PNG", "a picture; only transcripts can be read"),
    (b"\xff\xd8\xff", "a picture; only transcripts can be read"),
    (b"BZh", "bzip2 data; unpack it, or compress it as .gz or .zst"),
    (b"\xfd7zXZ", "xz data; unpack it, or compress it as .gz or .zst"),
    (b"7z\xbc\xaf", "a 7-Zip archive; unpack it"),
)
_BY_SUFFIX: dict[str, Kind] = {
    ".csv": "table", ".tsv": "table", ".vtt": "webvtt", ".srt": "srt", ".txt": "text",
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".vcon": "json",
}  # fmt: skip


def recognise(file: SourceFile) -> Kind | None:
    """Return the kind of a file, None where it is none that is known."""
    if file.raw_head.startswith(b"PAR1"):
        return "parquet"
    if file.raw_head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if binary_content(file) is not None:
        return None
    head = file.head.lstrip()
    if head.startswith(b"WEBVTT"):
        return "webvtt"
    if _JSON.match(head):
        return "json"
    if _WHISPERX_TSV.match(head):
        return "whisperx_tsv"
    if _CUE.match(head):
        return "srt"
    return _kind_of_text(head.decode("utf-8", "replace"), file.suffix)


def binary_content(file: SourceFile) -> str | None:
    """Return what a file that is no text holds and what to do about it, None for text."""
    for magic, content in _BINARY:
        if file.raw_head.startswith(magic):
            return content
    # A control character now and then is damage; many are no text in any of our encodings.
    if len(file.head.translate(None, _CONTROLS)) < len(file.head) * 0.98:
        return "binary data; only transcripts can be read"
    return None


def sniff_delimiter(head: str) -> str | None:
    """Return the sign that divides the first line into most columns, None where none does."""
    line = head.split("\n", 1)[0]
    best = max(_DELIMITERS, key=line.count)
    return best if best in line else None


def _kind_of_text(head: str, suffix: str) -> Kind | None:
    lines = [line for line in head.splitlines() if line.strip()][:_SAMPLE_LINES]
    share = sum(label_of(line) is not None for line in lines) / max(1, len(lines))
    by_suffix = _BY_SUFFIX.get(suffix)
    # Texts of several lines in a cell begin with labels; the header of their table does not.
    if by_suffix == "table" and lines and label_of(lines[0]) is None and sniff_delimiter(lines[0]):
        return "table"
    # Lines without a label go on with the turn above, so a transcript may have few labels.
    if share >= 0.5 or (share >= 0.1 and by_suffix != "table" and not _is_table(lines)):
        return "text"
    return "table" if _is_table(lines) else by_suffix


def _is_table(lines: list[str]) -> bool:
    """Tell a table by a first line of short names and by the delimiter in the lines after it."""
    delimiter = sniff_delimiter(lines[0]) if lines else None
    if delimiter is None or any(len(name) > 40 for name in lines[0].split(delimiter)):
        return False
    rows = lines[1:]
    return sum(delimiter in row for row in rows) >= len(rows) / 2
