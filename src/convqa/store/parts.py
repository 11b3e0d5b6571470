"""One chunk of a run as Parquet parts: written as a whole or not at all, and read back as types.

A chunk is finished when its part in `evaluations/` is there: that part is put in place last, each
by an atomic rename, so a run that is killed leaves finished chunks and nothing half-written.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from convqa.errors import StoreError
from convqa.output import open_atomic
from convqa.schema import Evaluation, Finding, Rejected, SegmentedConversation, Turn
from convqa.store import decode, rows
from convqa.store.layout import TABLES

# `evaluations` last: its part marks the chunk as finished.
_WRITE_ORDER = ("segments", "findings", "rejected", "evaluations")


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A conversation with all that was found and decided about it.

    `vectors` and `tokens` have one entry a segment: the quantised vector as bytes (one signed byte
    a dimension) and the number of model tokens. Both are empty where the models did not run.
    """

    segmented: SegmentedConversation
    findings: tuple[Finding, ...]
    evaluation: Evaluation
    vectors: tuple[bytes, ...] = ()
    tokens: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """The results of one chunk, in the order read."""

    conversations: tuple[StoredConversation, ...]
    rejected: tuple[Rejected, ...]


def part_path(run: Path, table: str, index: int) -> Path:
    """Return where part number `index` of a table lies."""
    return run / table / f"part-{index:06d}.parquet"


def is_finished(run: Path, index: int) -> bool:
    """Tell whether chunk number `index` was written to its end."""
    return part_path(run, "evaluations", index).exists()


def finished_chunks(run: Path) -> list[int]:
    """Return the numbers of the finished chunks in order."""
    return sorted(int(p.stem.split("-")[1]) for p in (run / "evaluations").glob("part-*.parquet"))


def remove_leftovers(run: Path) -> None:
    """Remove what a killed process left: temporary files, and parts of chunks it did not finish."""
    finished = set(finished_chunks(run))
    for table in TABLES:
        for path in (run / table).glob("*part-*"):
            if path.suffix == ".tmp" or int(path.stem.split("-")[1]) not in finished:
                path.unlink()


def remove_chunks(run: Path, *, first: int) -> None:
    """Remove the parts of chunk number `first` and of all after it: they will be scored again."""
    for index in (i for i in finished_chunks(run) if i >= first):
        for table in reversed(_WRITE_ORDER):  # `evaluations` first: without it the chunk is undone
            part_path(run, table, index).unlink(missing_ok=True)


def write_chunk(run: Path, index: int, chunk: Chunk) -> None:
    """Write the four parts of a chunk.

    Raises:
        StoreError: The disk is full or the folder cannot be written.
    """
    columns = {
        "evaluations": rows.evaluation_columns(
            (c.segmented, c.evaluation) for c in chunk.conversations
        ),
        "findings": rows.finding_columns(
            (c.segmented.conversation.id, c.findings) for c in chunk.conversations
        ),
        "segments": rows.segment_columns(
            (c.segmented, c.vectors, c.tokens) for c in chunk.conversations
        ),
        "rejected": rows.rejected_columns(chunk.rejected),
    }
    for table in _WRITE_ORDER:
        write_table(run, table, index, pa.table(columns[table], schema=TABLES[table]))


def write_table(run: Path, table: str, index: int, rows: pa.Table) -> None:
    """Write one part of a table in the place of what was there."""
    with open_atomic(part_path(run, table, index)) as file:
        pq.write_table(rows, file, compression="zstd")


def read_table(run: Path, table: str, index: int, columns: Sequence[str] | None = None) -> pa.Table:
    """Return one part of a table, all its columns or those named."""
    path = part_path(run, table, index)
    try:
        names = None if columns is None else list(columns)
        return pq.read_table(path, columns=names, partitioning=None)
    except (OSError, pa.ArrowException) as error:
        raise StoreError(
            f"{path}: cannot be read as Parquet; the run directory is damaged, score again into a "
            "new one"
        ) from error


def read_chunk(run: Path, index: int) -> Chunk:
    """Return a chunk as it was written."""
    evaluations = read_table(run, "evaluations", index)
    pieces = decode.pieces_of(read_table(run, "segments", index))
    findings = decode.findings_of(read_table(run, "findings", index))
    conversations = []
    for evaluation, segmented in zip(
        decode.evaluations_of(evaluations), decode.segmented_of(evaluations, pieces), strict=True
    ):
        said = pieces.get(evaluation.conversation_id, decode.NO_PIECES)
        found = findings.get(evaluation.conversation_id, ())
        conversations.append(
            StoredConversation(segmented, found, evaluation, said.vectors, said.tokens)
        )
    return Chunk(tuple(conversations), tuple(read_rejected(run, index)))


def read_rejected(run: Path, index: int) -> Iterator[Rejected]:
    """Yield the rejected records of a chunk."""
    for row in read_table(run, "rejected", index).to_pylist():
        yield Rejected(**row)


def read_evaluations(run: Path, indexes: Iterable[int] | None = None) -> Iterator[Evaluation]:
    """Yield the evaluations of a run in the order read."""
    for index in finished_chunks(run) if indexes is None else indexes:
        yield from decode.evaluations_of(read_table(run, "evaluations", index))


def read_turns(run: Path, conversation_ids: Collection[str]) -> dict[str, tuple[Turn, ...]]:
    """Return the stored turns of some conversations of a run, by id."""
    wanted = pa.array(sorted(conversation_ids), pa.string())
    turns: dict[str, tuple[Turn, ...]] = {}
    for index in finished_chunks(run):
        table = read_table(run, "segments", index, decode.TURN_COLUMNS)
        turns |= decode.turns_of(table.filter(pc.is_in(table["conversation_id"], value_set=wanted)))
    return turns
