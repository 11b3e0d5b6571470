"""JSON Lines and CSV."""

import csv
import io
from pathlib import Path
from typing import BinaryIO

import orjson

from convqa.export.record import evaluation_record, neutralised
from convqa.schema import Evaluation
from convqa.store.parts import read_evaluations

CONVERSATION_COLUMNS = (
    "conversation_id", "status", "skip_reason", "language", "channel", "agent_id", "team", "queue",
    "started_at", "score", "raw_score", "coverage", "band", "flag", "flags", "critical",
    "resolution", "resolution_probability", "ending",
)  # fmt: skip


def write_jsonl(run: Path, output: BinaryIO) -> None:
    """Write one evaluation a line, in the order read."""
    for evaluation in read_evaluations(run):
        output.write(orjson.dumps(evaluation_record(evaluation), option=orjson.OPT_APPEND_NEWLINE))


def write_csv(run: Path, output: BinaryIO) -> None:
    """Write one row a conversation, with outcome and points of each criterion, as UTF-8."""
    criteria = criterion_ids(run)
    text = io.TextIOWrapper(output, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(
        [*CONVERSATION_COLUMNS, *(f"{c}.{f}" for c in criteria for f in ("outcome", "points"))]
    )
    for evaluation in read_evaluations(run):
        writer.writerow([*conversation_cells(evaluation), *_criterion_cells(evaluation, criteria)])
    text.detach()


def criterion_ids(run: Path) -> list[str]:
    """Return the ids of the criteria of a run, in the order of its standard."""
    return list(dict.fromkeys(c.id for e in read_evaluations(run) for c in e.criteria))


def conversation_cells(evaluation: Evaluation) -> list[str | float | bool | None]:
    """Return the cells of `CONVERSATION_COLUMNS`, texts neutralised."""
    resolution = evaluation.resolution
    cells: list[str | float | bool | None] = [
        *(getattr(evaluation, name) for name in CONVERSATION_COLUMNS[:14]),
        " ".join(evaluation.flags),
        " ".join(evaluation.critical),
        resolution.label if resolution else None,
        resolution.probability if resolution else None,
        evaluation.ending,
    ]
    return [neutralised(cell) if isinstance(cell, str) else cell for cell in cells]


def _criterion_cells(evaluation: Evaluation, criteria: list[str]) -> list[str | float | None]:
    results = {c.id: c for c in evaluation.criteria}
    cells: list[str | float | None] = []
    for criterion in criteria:
        result = results.get(criterion)
        cells += [result.outcome, result.points] if result else [None, None]
    return cells
