"""JSON Lines and CSV."""

import csv
import io
from pathlib import Path
from typing import BinaryIO

import orjson

from convqa.export.record import evaluation_record, neutralised
from convqa.schema import Evaluation
from convqa.store.parts import read_evaluations
from convqa.store.standard import read_standard

Cell = str | float | bool | None

_PLAIN_COLUMNS = (
    "conversation_id", "status", "skip_reason", "language", "channel", "agent_id", "team", "queue",
    "started_at", "score", "raw_score", "coverage", "band", "flag",
)  # fmt: skip
CONVERSATION_COLUMNS = (
    *_PLAIN_COLUMNS, "flags", "critical", "resolution", "resolution_probability", "ending",
)  # fmt: skip


def write_jsonl(run: Path, output: BinaryIO) -> None:
    """Write one evaluation a line, in the order read."""
    for evaluation in read_evaluations(run):
        output.write(orjson.dumps(evaluation_record(evaluation), option=orjson.OPT_APPEND_NEWLINE))


def write_csv(run: Path, output: BinaryIO) -> None:
    """Write one row a conversation, with outcome and points of each criterion, as UTF-8.

    Text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    criteria = [criterion.id for criterion in read_standard(run).criteria]
    text = io.TextIOWrapper(output, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    names = (f"{c}.{f}" for c in criteria for f in ("outcome", "points"))
    writer.writerow([*CONVERSATION_COLUMNS, *map(neutralised, names)])
    for evaluation in read_evaluations(run):
        cells = [*conversation_cells(evaluation), *_criterion_cells(evaluation, criteria)]
        writer.writerow([neutralised(c) if isinstance(c, str) else c for c in cells])
    text.detach()


def conversation_cells(evaluation: Evaluation) -> list[Cell]:
    """Return the cells of `CONVERSATION_COLUMNS`."""
    resolution = evaluation.resolution
    return [
        *(getattr(evaluation, name) for name in _PLAIN_COLUMNS),
        " ".join(evaluation.flags),
        " ".join(evaluation.critical),
        resolution.label if resolution else None,
        resolution.probability if resolution else None,
        evaluation.ending,
    ]


def _criterion_cells(evaluation: Evaluation, criteria: list[str]) -> list[Cell]:
    results = {c.id: c for c in evaluation.criteria}
    cells: list[Cell] = []
    for criterion in criteria:
        result = results.get(criterion)
        cells += [result.outcome, result.points] if result else [None, None]
    return cells
