"""Training labels that follow from corrections."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from fastapi.responses import Response

from convqa.review.access import MANAGERS
from convqa.review.api.access import ApiAccess, Caller
from convqa.review.api.models import (
    LabelItem,
    LabelSheet,
    LabelSheets,
    Paged,
    PageOf,
    Problem,
)
from convqa.review.label_files import (
    FORMATS,
    LabelFormat,
    Labels,
    Sheet,
    collect_labels,
    label_record,
)
from convqa.store.filters import Filters
from convqa.store.label_export import record_export
from convqa.store.labelled import read_reviewed

router = APIRouter(tags=["labels"])

Manager = Annotated[Caller, Depends(ApiAccess(MANAGERS))]


def _labels(caller: Caller) -> Labels:
    memory = caller.desk.scored
    return collect_labels(read_reviewed(caller.database, caller.viewer, Filters(), memory=memory))


@router.get("/labels")
def list_sheets(caller: Manager) -> LabelSheets:
    """Return which labels there are: a sheet for each head, random samples and others apart."""
    found = _labels(caller)
    sheets = [
        LabelSheet(
            name=s.name, role=s.role, head=s.head, drawn=s.drawn, n_rows=len(s.rows),
            n_corrected=s.n_corrected, n_conversations=s.n_conversations,
        )
        for s in found.sheets
    ]  # fmt: skip
    return LabelSheets(sheets=sheets, left_out=dict(found.left_out))


def _sheet(caller: Caller, name: str) -> Sheet:
    for sheet in _labels(caller).sheets:
        if sheet.name == name:
            return sheet
    raise HTTPException(404, "there is no such sheet of labels")


@router.get("/labels/{name}", responses={404: {"model": Problem}})
def read_sheet(caller: Manager, name: str, query: Annotated[Paged, Query()]) -> PageOf[LabelItem]:
    """Return a page of a sheet; the audit log keeps who took it."""
    rows = _sheet(caller, name).rows
    start = (query.page - 1) * query.size
    shown = rows[start : start + query.size]
    record_export(caller.database, caller.viewer, name, len(shown))
    return PageOf(
        items=[LabelItem.model_validate(label_record(row)) for row in shown],
        page=query.page, size=query.size, is_more=start + query.size < len(rows),
    )  # fmt: skip


@router.get(
    "/labels/{name}/{file_format}", response_class=Response,
    responses={200: {"content": {"application/jsonl": {}, "application/json": {}}},
               404: {"model": Problem}},
)  # fmt: skip
def read_file(caller: Manager, name: str, file_format: LabelFormat) -> Response:
    """Return a sheet as a file for `convqa train heads`, Argilla or Label Studio."""
    chosen, sheet = FORMATS[file_format], _sheet(caller, name)
    record_export(caller.database, caller.viewer, name, len(sheet.rows))
    return Response(chosen.write(sheet), media_type=chosen.media_type)
