"""Corrections as training labels: what there is, and the files to take away."""

from typing import cast

from fastapi import HTTPException, Request
from fastapi.responses import Response

from convqa.review.access import MANAGERS, NavItem, Pages
from convqa.review.label_files import (
    FORMATS,
    LabelFormat,
    Labels,
    collect_labels,
    label_studio_config,
)
from convqa.review.labelling import REASONS
from convqa.review.render import render
from convqa.review.visit import Visit, visit_of
from convqa.store.filters import Filters
from convqa.store.label_export import record_export
from convqa.store.labelled import read_reviewed

pages = Pages(nav=(NavItem("labels.nav", "/labels", MANAGERS),))

_CONFIG = "label-studio-config"


def _labels(visit: Visit) -> Labels:
    memory = visit.desk.scored
    return collect_labels(read_reviewed(visit.database, visit.reader, Filters(), memory=memory))


@pages.get("/labels", MANAGERS)
def labels(request: Request) -> Response:
    """Show the labels of each head, random samples and others apart."""
    visit = visit_of(request)
    found = _labels(visit)
    left_out = [(reason, found.left_out[reason]) for reason in REASONS if reason in found.left_out]
    return render(
        request, "labels.html.j2", sheets=found.sheets, left_out=left_out, formats=tuple(FORMATS),
        config=_CONFIG,
    )  # fmt: skip


@pages.get("/labels/{name}/{file_format}", MANAGERS)
def download(request: Request, name: str, file_format: str) -> Response:
    """Give a sheet as a file; the audit log keeps who took it."""
    visit = visit_of(request)
    sheet = next((s for s in _labels(visit).sheets if s.name == name), None)
    if sheet is None or file_format not in (*FORMATS, _CONFIG):
        raise HTTPException(404)
    if file_format == _CONFIG:
        text, media_type, ending = label_studio_config(sheet), "application/xml", "xml"
    else:
        chosen = FORMATS[cast(LabelFormat, file_format)]
        text, media_type, ending = chosen.write(sheet), chosen.media_type, chosen.ending
        record_export(visit.database, visit.reader, sheet.name, len(sheet.rows))
    return Response(
        text, media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{sheet.name}.{ending}"'},
    )  # fmt: skip
