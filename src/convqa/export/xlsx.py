"""XLSX: the conversations, and one row for each criterion of each, ready to filter."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import Cell as WorkbookCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from convqa.export.tables import CONVERSATION_COLUMNS, Cell, conversation_cells
from convqa.schema import Evaluation
from convqa.store.parts import read_evaluations

CRITERION_COLUMNS = (
    "criterion", "outcome", "points", "max_points", "weight", "confidence", "reason", "quote",
    "turn", "conversation_id", "agent_id", "team", "language", "channel", "started_at", "score",
)  # fmt: skip

# Limits of the format (Excel specifications and limits).
_MAX_ROWS = 1_048_576
_MAX_CELL_CHARS = 32_767

_WIDTHS = {"reason": 60, "quote": 60, "conversation_id": 24, "started_at": 22, "flags": 28}
_HEADER_FONT = Font(bold=True)
_HEADER_FILL = PatternFill("solid", fgColor="E8EEF4")


def write_xlsx(run: Path, output: BinaryIO) -> None:
    """Write a workbook with the sheets `Conversations` and `Criteria`.

    A sheet that is full is continued in another (`Criteria 2`).
    """
    workbook = Workbook(write_only=True)
    _write_sheets(
        workbook,
        "Conversations",
        CONVERSATION_COLUMNS,
        (conversation_cells(e) for e in read_evaluations(run)),
    )
    _write_sheets(
        workbook,
        "Criteria",
        CRITERION_COLUMNS,
        (row for e in read_evaluations(run) for row in _criterion_rows(e)),
    )
    _save(workbook, output, _latest_start(run))


def _criterion_rows(evaluation: Evaluation) -> Iterator[list[Cell]]:
    for result in evaluation.criteria:
        first = result.evidence[0] if result.evidence else None
        yield [
            result.id,
            result.outcome,
            result.points,
            result.max_points,
            result.weight,
            result.confidence,
            result.reason,
            " … ".join(e.quote for e in result.evidence),
            first.turn if first else None,
            evaluation.conversation_id,
            result.agent_id or evaluation.agent_id,
            evaluation.team,
            evaluation.language,
            evaluation.channel,
            evaluation.started_at,
            evaluation.score,
        ]


def _write_sheets(
    workbook: Workbook, title: str, columns: Sequence[str], rows: Iterable[list[Cell]]
) -> None:
    number, n_rows = 1, 1
    sheet = _start_sheet(workbook, title, columns)
    for row in rows:
        if n_rows == _MAX_ROWS:
            sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{n_rows}"
            number, n_rows = number + 1, 1
            sheet = _start_sheet(workbook, f"{title} {number}", columns)
        sheet.append([_writable(sheet, cell) for cell in row])
        n_rows += 1
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{n_rows}"


def _start_sheet(workbook: Workbook, title: str, columns: Sequence[str]) -> Worksheet:
    sheet = cast("Worksheet", workbook.create_sheet(title))
    sheet.freeze_panes = "A2"
    for index, name in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = _WIDTHS.get(name, 14)
    header = []
    for name in columns:
        cell = WriteOnlyCell(sheet, name)
        cell.font, cell.fill = _HEADER_FONT, _HEADER_FILL
        header.append(cell)
    sheet.append(header)
    return sheet


def _writable(sheet: Worksheet, cell: Cell) -> Cell | WorkbookCell:
    """Return a cell that holds text as text, never as a formula, and nothing XML refuses."""
    if not isinstance(cell, str):
        return cell
    text = ILLEGAL_CHARACTERS_RE.sub("\ufffd", cell)[:_MAX_CELL_CHARS]
    if not text.startswith("="):
        return text
    written = WriteOnlyCell(sheet, text)
    written.data_type = "s"
    return written


def _latest_start(run: Path) -> str:
    """Return the time the workbook gives as its own: that of the latest conversation."""
    return max((e.started_at for e in read_evaluations(run) if e.started_at), default="")


def _save(workbook: Workbook, output: BinaryIO, made_at: str) -> None:
    """Write a workbook, the same bytes everywhere: straight into a pipe, a ZIP file has others."""
    with TemporaryFile() as saved, TemporaryFile() as fixed:
        workbook.save(saved)
        _copy_without_clock(saved, fixed, made_at)
        fixed.seek(0)
        copyfileobj(fixed, output)


def _copy_without_clock(source: BinaryIO, output: BinaryIO, made_at: str) -> None:
    """Copy a workbook with the clock of this machine taken out of it."""
    stamp = (
        made_at[:19] + "Z"
        if re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", made_at)
        else ("1980-01-01T00:00:00Z")
    )
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "docProps/core.xml":
                content = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", stamp.encode(), content)
            # The earliest time that a ZIP entry can hold.
            fixed = zipfile.ZipInfo(entry.filename, date_time=(1980, 1, 1, 0, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, content)


def write_table(
    output: BinaryIO, title: str, columns: Sequence[str], rows: Iterable[list[Cell]]
) -> None:
    """Write a workbook with one table; it gives no time as its own.

    Args:
        output: Where to.
        title: Of the sheet; what a sheet's name may not hold is left out.
        columns: Their headings.
        rows: Cells in the order of the columns; text is never run as a formula.
    """
    workbook = Workbook(write_only=True)
    # Excel: at most 31 characters, none of []:*?/\.
    name = re.sub(r"[\[\]:*?/\\]", " ", title)[:31].strip("' ")
    _write_sheets(workbook, name or "1", columns, rows)
    _save(workbook, output, "")
