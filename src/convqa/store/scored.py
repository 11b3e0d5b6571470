"""What the detectors found in a conversation: read from its run, for the database keeps none."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from convqa.errors import StoreError
from convqa.schema import Finding, SegmentedConversation
from convqa.store import decode
from convqa.store.database import Database
from convqa.store.parts import finished_chunks, read_table
from convqa.store.tables import conversations, runs
from convqa.store.viewers import Viewer, open_row


def read_findings(
    database: Database, viewer: Viewer, key: int
) -> tuple[SegmentedConversation, tuple[Finding, ...]] | None:
    """Return a conversation as the detectors saw it, and what they found.

    None where the directory of its run is not on this machine any more, or lacks it.

    Raises:
        ReviewError: There is no such conversation that this viewer may open.
    """
    with database.reading() as connection:
        conversation_id = open_row(connection, viewer, key).conversation_id
        directory: str = connection.execute(
            select(runs.c.directory)
            .join(conversations, conversations.c.run_id == runs.c.id)
            .where(conversations.c.id == key)
        ).scalar_one()
    try:
        return _from_run(Path(directory), conversation_id)
    except StoreError:  # moved, removed or damaged since it was loaded
        return None


def _from_run(
    run: Path, conversation_id: str
) -> tuple[SegmentedConversation, tuple[Finding, ...]] | None:
    for index in finished_chunks(run):
        ids = read_table(run, "evaluations", index, ["conversation_id"])["conversation_id"]
        if not pc.any(pc.equal(ids, conversation_id)).as_py():
            continue
        evaluation, segments, findings = (
            _rows_of(run, table, index, conversation_id)
            for table in ("evaluations", "segments", "findings")
        )
        (segmented,) = decode.segmented_of(evaluation, decode.pieces_of(segments))
        return segmented, decode.findings_of(findings).get(conversation_id, ())
    return None


def _rows_of(run: Path, table: str, index: int, conversation_id: str) -> pa.Table:
    read = read_table(run, table, index)
    return read.filter(pc.equal(read["conversation_id"], conversation_id))
