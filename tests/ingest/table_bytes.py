"""The golden table as Parquet and Excel files, which cannot be written by hand."""

import csv
import io
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

TABLE = Path(__file__).parents[1] / "data" / "formats" / "table.csv"


def golden_rows() -> list[list[str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def parquet_bytes(rows=None, row_group_size=2) -> bytes:
    header, *body = rows or golden_rows()
    columns = dict(zip(header, zip(*body, strict=True), strict=True))
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, row_group_size=row_group_size)
    return out.getvalue()


def xlsx_bytes(rows=None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows or golden_rows():
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
