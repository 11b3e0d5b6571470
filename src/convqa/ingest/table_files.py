"""The rows of CSV, TSV, Parquet and Excel files, one by one, whatever the size of the file."""

import csv
import logging
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, TextIO, TypeAlias
from xml.etree.ElementTree import ParseError

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from convqa.errors import TranscriptError
from convqa.ingest.limits import Limits
from convqa.ingest.recognise import sniff_delimiter
from convqa.unpack import bomb_reason, is_bomb

if TYPE_CHECKING:
    import _csv  # the only module in which the type of a CSV reader has a name

logger = logging.getLogger(__name__)

Cell: TypeAlias = str | None

_BATCH_ROWS = 1000
_MAX_LINE_CHARS = 1 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header: its line in the file, from 1, and its cells as text."""

    line: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """The names of the columns, and the rows as they are read."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


def read_delimited(stream: TextIO, *, max_chars: int) -> Table:
    """Return the table in a CSV or TSV file; the header shows what divides its columns.

    Args:
        stream: The text.
        max_chars: The most that a cell may have.

    Raises:
        TranscriptError: There is no header.
    """
    lines = _Lines(stream)
    header = next((line for line in lines if line.strip()), "")
    delimiter = sniff_delimiter(header)
    if header.lower().startswith("sep=") and len(header.strip()) == 5:  # a line Excel understands
        delimiter, header = header[4], next(lines, "")
    if delimiter is None:
        raise TranscriptError("the first line names no columns, divided by comma, ; or tab")
    csv.field_size_limit(max_chars)
    reader = csv.reader(chain([header], lines), delimiter=delimiter)
    columns = tuple(name.strip() for name in next(reader))
    return Table(columns, _delimited_rows(reader, lines))


def read_parquet(stream: BinaryIO) -> Table:
    """Return the table in a Parquet file.

    Raises:
        TranscriptError: It is damaged.
    """
    try:
        file = pq.ParquetFile(stream)
        return Table(tuple(file.schema_arrow.names), _parquet_rows(file))
    except _PARQUET_FAULTS as err:
        raise TranscriptError("a damaged Parquet file") from err


@contextmanager
def read_xlsx(stream: BinaryIO, limits: Limits) -> Iterator[Table]:
    """Give the table on the first sheet of an Excel file that has one.

    Raises:
        TranscriptError: It is damaged, another kind of archive, or absurdly large.
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            if not any(name.startswith("xl/") for name in names):
                raise TranscriptError("a ZIP archive; unpack it and give the files in it")
            _check_unpacked_size(archive, limits)
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except _XLSX_FAULTS as err:
        raise TranscriptError("a damaged Excel file") from err
    try:
        rows = _xlsx_rows(book)
        header = next((row for row in rows if any(row.cells)), None)
        if header is None:
            raise TranscriptError("an Excel file without cells")
        yield Table(tuple((name or "").strip() for name in header.cells), rows)
    finally:
        book.close()


def _check_unpacked_size(archive: zipfile.ZipFile, limits: Limits) -> None:
    """Refuse an archive that is too large when unpacked; `zipfile` unpacks no more than it says."""
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    stored = sum(entry.compress_size for entry in entries)
    if unpacked > limits.max_workbook_bytes:
        raise TranscriptError(
            f"more than {limits.max_workbook_mib} MiB when unpacked; save it as CSV"
        )
    if is_bomb(unpacked, stored, limits.max_unpacked_ratio):
        raise TranscriptError(bomb_reason(limits.max_unpacked_ratio))


# Texts that are no UTF-8 and dates beyond Python's are ValueErrors.
_PARQUET_FAULTS = (pa.ArrowException, OSError, ValueError, OverflowError)
_XLSX_FAULTS = (
    zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    OSError, EOFError, NotImplementedError, zlib.error,
)  # fmt: skip  # what openpyxl and zipfile raise on damaged files


class _Lines:
    """The lines of a text, very long ones in pieces; `is_done` once the text has ended.

    The pieces keep a file without line ends from filling the memory.
    """

    def __init__(self, stream: TextIO) -> None:
        self.is_done = False
        self.n_read = 0
        self._stream = stream

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(_MAX_LINE_CHARS)
        if not line:
            self.is_done = True
            raise StopIteration
        self.n_read += 1
        return line.replace("\0", "\ufffd")


def _delimited_rows(reader: "_csv.Reader", lines: _Lines) -> Iterator[Row]:
    while True:
        line = lines.n_read + 1
        try:
            cells = next(reader)
            # A row ends with its line; only one whose quotation goes on asks for more.
            if lines.is_done:
                raise csv.Error
        except StopIteration:
            return
        except csv.Error as err:
            raise TranscriptError(
                f"the quotation mark in the row on line {line} is never closed; what follows "
                "cannot be read"
            ) from err
        if any(cell.strip() for cell in cells):
            yield Row(line, cells)


def _parquet_rows(file: pq.ParquetFile) -> Iterator[Row]:
    line = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                line += 1
                yield Row(line, [_text(value) for value in values])
    except _PARQUET_FAULTS as err:
        raise TranscriptError("a damaged Parquet file; what follows cannot be read") from err


def _xlsx_rows(book: openpyxl.Workbook) -> Iterator[Row]:
    try:
        for number, sheet in enumerate(book.worksheets):
            has_rows = False
            for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                cells = [_text(value) for value in values]
                if any(cells):
                    has_rows = True
                    yield Row(line, cells)
            if has_rows:
                n_left = len(book.worksheets) - 1 - number
                if n_left:
                    logger.warning("an Excel file: %d sheets after the first are not read", n_left)
                return
    except _XLSX_FAULTS as err:
        raise TranscriptError("a damaged Excel file; what follows cannot be read") from err


def _text(value: object) -> Cell:
    """Return a cell as text: numbers without loss, dates and times as ISO 8601."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
