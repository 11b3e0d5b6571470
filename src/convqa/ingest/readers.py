"""Any transcript file → its conversations, and a reason for each record that is none.

Nothing vanishes: every record of a file becomes a `Conversation` or a `Rejected`, and a file in
which none is found is one `Rejected`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from convqa.errors import ConfigError, TranscriptError
from convqa.ingest.assemble import assemble
from convqa.ingest.draft import DraftConversation
from convqa.ingest.encodings import HEAD_BYTES
from convqa.ingest.found import FileReader, Found
from convqa.ingest.json_files import DOCUMENT_FORMATS, read_json_as, read_json_file
from convqa.ingest.json_text import too_long
from convqa.ingest.options import IngestOptions
from convqa.ingest.plain_text import has_blocks, read_lines
from convqa.ingest.recognise import Kind, binary_content, recognise
from convqa.ingest.source_file import SourceFile, open_source
from convqa.ingest.subtitles import read_subtitles, read_timed_lines
from convqa.ingest.table_files import Table, read_delimited, read_parquet, read_xlsx
from convqa.ingest.tables import read_table
from convqa.schema import Conversation, Rejected, Source

_MAX_LINE_CHARS = 1 << 20
_BLANK_HEAD = f"the first {HEAD_BYTES >> 10} KiB hold white space alone; no transcript begins so"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands, and the id it gets if the file gives none."""

    path: str
    record: int
    fallback_id: str


def read_conversations(
    path: str, options: IngestOptions, on_read: Callable[[bytes], None] | None = None
) -> Iterator[Conversation | Rejected]:
    """Yield what a file holds, in its order.

    Args:
        path: A local path or a URL, plain or compressed with gzip or Zstandard.
        options: How to read it; by default the format is recognised from the content.
        on_read: Called with the stored bytes each time some were read.

    Yields:
        A `Conversation` for each that can be read, and a `Rejected` in the place of each that
        cannot. A file that cannot be read, is empty or is in no known format is one `Rejected`.

    Raises:
        ConfigError: The format that the options name is unknown.
    """
    if options.format is not None and options.format not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise ConfigError(f"unknown transcript format {options.format!r}; known are {known}")
    return _read(path, options, on_read)


def _read(
    path: str, options: IngestOptions, on_read: Callable[[bytes], None] | None
) -> Iterator[Conversation | Rejected]:
    n_records = 0
    try:
        with open_source(path, on_read, max_ratio=options.limits.max_unpacked_ratio) as file:
            derived_id = file.derived_id
            for found in _find(file, options):
                fallback_id = f"{derived_id}-{n_records}" if n_records else derived_id
                yield _finish(found, Place(path, n_records, fallback_id), options)
                n_records += 1
            if n_records == 0:
                yield Rejected(path, 0, None, "", "holds no conversation")
    except TranscriptError as err:
        yield Rejected(path, n_records, None, err.field, err.reason)
    except OSError as err:
        # What the system says names the file and the fault, never the content.
        reason = " ".join(f"cannot be read: {err.strerror or err}".split())
        yield Rejected(path, n_records, None, "", reason)


def _find(file: SourceFile, options: IngestOptions) -> Iterator[Found]:
    if not file.head.strip():
        is_whole = len(file.raw_head) < HEAD_BYTES
        raise TranscriptError("the file is empty" if is_whole else _BLANK_HEAD)
    if options.format is not None:
        yield from FORMATS[options.format](file, options)
        return
    kind = recognise(file)
    if kind is None:
        content = binary_content(file) or (
            "text in no known transcript format; known are "
            f"{', '.join(sorted(FORMATS))}; name one, or describe a table with a mapping"
        )
        raise TranscriptError(content)
    yield from _BY_KIND[kind](file, options)


def _finish(found: Found, place: Place, options: IngestOptions) -> Conversation | Rejected:
    draft = found.draft
    try:
        if isinstance(draft, TranscriptError):
            raise draft
        return assemble(
            draft,
            source=Source(place.path, found.format, place.record, found.line),
            fallback_id=place.fallback_id,
            roles=options.roles,
            limits=options.limits,
        )
    except TranscriptError as err:
        return Rejected(place.path, place.record, found.line, err.field, err.reason)


def _read_text(file: SourceFile, options: IngestOptions) -> Iterator[Found]:
    stream = file.text()
    lines = iter(partial(stream.readline, _MAX_LINE_CHARS), "")
    are_blocks = has_blocks(file.head.decode("utf-8", "replace"))
    max_chars = options.limits.max_record_bytes
    for line, draft in read_lines(lines, max_chars=max_chars, are_blocks=are_blocks):
        yield Found(draft, line, "text")


def _read_subtitles(name: str, file: SourceFile, options: IngestOptions) -> Iterator[Found]:
    max_chars = options.limits.max_record_bytes
    text = file.text().read(max_chars)
    if len(text) == max_chars:
        raise too_long(max_chars)
    read = read_timed_lines if name == "whisperx_tsv" else read_subtitles
    yield Found(read(text, options.roles), 1, name)


def _rows(
    table: Table, options: IngestOptions
) -> Iterator[tuple[int, DraftConversation | TranscriptError]]:
    return read_table(
        table,
        options.columns,
        options.mappings,
        max_chars=options.limits.max_record_bytes,
    )


def _read_delimited(file: SourceFile, options: IngestOptions) -> Iterator[Found]:
    name = "tsv" if b"\t" in file.head.lstrip().split(b"\n", 1)[0] else "csv"
    table = read_delimited(file.text(), max_chars=options.limits.max_record_bytes)
    for line, draft in _rows(table, options):
        yield Found(draft, line, name)


def _read_parquet(file: SourceFile, options: IngestOptions) -> Iterator[Found]:
    with file.seekable() as stream:
        table = read_parquet(stream)
        for line, draft in _rows(table, options):
            yield Found(draft, line, "parquet")


def _read_xlsx(file: SourceFile, options: IngestOptions) -> Iterator[Found]:
    with file.seekable() as stream, read_xlsx(stream, options.limits) as table:
        for line, draft in _rows(table, options):
            yield Found(draft, line, "xlsx")


# Formats by the names that `--format` takes; a JSON format may come one document a line.
FORMATS: dict[str, FileReader] = {
    "json": read_json_file,
    **{name: partial(read_json_as, name) for name in DOCUMENT_FORMATS},
    "csv": _read_delimited,
    "tsv": _read_delimited,
    "parquet": _read_parquet,
    "xlsx": _read_xlsx,
    "text": _read_text,
    "webvtt": partial(_read_subtitles, "webvtt"),
    "srt": partial(_read_subtitles, "srt"),
    "whisperx_tsv": partial(_read_subtitles, "whisperx_tsv"),
}

_BY_KIND: dict[Kind, FileReader] = {
    "json": read_json_file,
    "table": _read_delimited,
    "parquet": _read_parquet,
    "xlsx": _read_xlsx,
    "text": _read_text,
    "webvtt": partial(_read_subtitles, "webvtt"),
    "srt": partial(_read_subtitles, "srt"),
    "whisperx_tsv": partial(_read_subtitles, "whisperx_tsv"),
}
