"""One chunk of a run as Parquet parts: written as a whole or not at all, and read back as types.

A chunk is finished when its part in `evaluations/` is there: that part is put in place last, each
by an atomic rename, so a run that is killed leaves finished chunks and nothing half-written.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from convqa.errors import StoreError
from convqa.output import open_atomic
from convqa.schema import (
    Evaluation,
    Finding,
    Rejected,
    SegmentedConversation,
    Turn,
    Version,
)
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
class Found:
    """A conversation with what was found in it, whatever was decided: what scoring needs.

    The segments of `segmented` and `vectors` are empty unless they were asked for; `is_segmented`
    tells whether there are any. `skip_reason` is that of the run.
    """

    segmented: SegmentedConversation
    findings: tuple[Finding, ...]
    model: Version
    skip_reason: str | None
    is_segmented: bool
    vectors: tuple[bytes, ...] = ()


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
    return _part_numbers(run, "evaluations")


def _part_numbers(run: Path, table: str) -> list[int]:
    paths = (run / table).glob(f"part-{6 * '[0-9]'}.parquet")
    return sorted(int(path.stem.removeprefix("part-")) for path in paths)


def check_parts(run: Path, n_chunks: int | None) -> None:
    """Refuse a finished run of which a part was taken away: the rest must not pass for the whole.

    Args:
        run: The run directory.
        n_chunks: How many chunks the run had when it ended; None where its manifest does not tell,
            then as many as the last part that is there says.

    Raises:
        StoreError: A part is missing.
    """
    if n_chunks is None:
        n_chunks = 1 + max((n for table in TABLES for n in _part_numbers(run, table)), default=-1)
    for index in range(n_chunks):
        for table in TABLES:
            path = part_path(run, table, index)
            if not path.exists():
                raise StoreError(
                    f"{path}: missing; the run directory is damaged, score again into a new one"
                )


def remove_leftovers(run: Path) -> None:
    """Remove what a killed process left: temporary files, and parts of chunks it did not finish.

    Copies of parts under other names go too: nothing would erase what is in them.
    """
    finished = {part_path(run, "evaluations", index).name for index in finished_chunks(run)}
    for table in TABLES:
        for path in (run / table).glob("*part-*"):
            if path.name not in finished:
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
    conversations = chunk.conversations
    segments = rows.segment_columns((c.segmented, c.vectors, c.tokens) for c in conversations)
    _write_columns(run, "segments", index, segments)
    write_findings(run, index, ((c.segmented.conversation.id, c.findings) for c in conversations))
    _write_columns(run, "rejected", index, rows.rejected_columns(chunk.rejected))
    # Last: this part marks the chunk as finished.
    write_evaluations(run, index, ((c.segmented, c.evaluation) for c in conversations))


def write_findings(run: Path, index: int, found: Iterable[tuple[str, Sequence[Finding]]]) -> None:
    """Write the findings of a chunk from pairs of conversation id and findings."""
    _write_columns(run, "findings", index, rows.finding_columns(found))


def write_evaluations(
    run: Path, index: int, evaluated: Iterable[tuple[SegmentedConversation, Evaluation]]
) -> None:
    """Write the evaluations of a chunk."""
    _write_columns(run, "evaluations", index, rows.evaluation_columns(evaluated))


def _write_columns(run: Path, table: str, index: int, columns: rows.Columns) -> None:
    write_table(run, table, index, pa.table(columns, schema=TABLES[table]))


def write_table(run: Path, table: str, index: int, rows: pa.Table) -> None:
    """Write one part of a table in the place of what was there."""
    with open_atomic(part_path(run, table, index)) as file:
        pq.write_table(rows, file, compression="zstd")


def read_table(run: Path, table: str, index: int, columns: Sequence[str] | None = None) -> pa.Table:
    """Return one part of a table, all its columns or those named."""
    path = part_path(run, table, index)
    try:
        with pq.ParquetFile(path) as file:
            part = file.read(columns=columns, use_threads=False)
        # Columns that are not there were left out.
        return part if columns is None else part.select(list(columns))
    except (OSError, KeyError, pa.ArrowException) as error:
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


def read_found(
    run: Path,
    index: int,
    *,
    with_segments: bool,
    with_vectors: bool = False,
    without_labels: Mapping[str, Collection[str]] | None = None,
) -> list[Found]:
    """Return the conversations of a chunk with what was found, in the order read.

    Without segments and vectors, which are most of a run, this takes a third of the time. Findings
    of `without_labels` (labels by kind) are left out, unless somebody of unknown role speaks in the
    chunk: scoring then asks of every finding which turns a model has read.
    """
    wanted = (*decode.CONVERSATION_COLUMNS, "skip_reason", "model")
    evaluations = read_table(run, "evaluations", index, wanted)
    columns = decode.SEGMENT_COLUMNS if with_segments else (*decode.TURN_COLUMNS, "segment")
    vectors = decode.VECTOR_COLUMNS if with_vectors else ()
    table = read_table(run, "segments", index, (*columns, *vectors))
    if with_segments:
        pieces = decode.pieces_of(table)
    else:
        pieces = {name: decode.Pieces(turns) for name, turns in decode.turns_of(table).items()}
    has_segments = set(table.filter(pc.is_valid(table["segment"]))["conversation_id"].to_pylist())
    rows = read_table(run, "findings", index)
    if without_labels and "unknown" not in table["role"].unique().to_pylist():
        rows = rows.filter(pc.invert(_is_labelled(rows, without_labels)))
    findings = decode.findings_of(rows)
    read = zip(
        decode.segmented_of(evaluations, pieces), decode.versions_of(evaluations, "model"),
        decode.column(evaluations, "skip_reason"), strict=True,
    )  # fmt: skip
    found = []
    for segmented, model, skip_reason in read:
        name = segmented.conversation.id
        found.append(
            Found(
                segmented, findings.get(name, ()), model, skip_reason, name in has_segments,
                pieces.get(name, decode.NO_PIECES).vectors,
            )
        )  # fmt: skip
    return found


def _is_labelled(findings: pa.Table, labels: Mapping[str, Collection[str]]) -> pa.BooleanArray:
    """Return whether each row has one of some labels of its kind."""
    kinds, names = (findings[name].combine_chunks() for name in ("kind", "label"))
    is_labelled = np.zeros((len(kinds.dictionary), len(names.dictionary)), bool)
    for row, kind in enumerate(kinds.dictionary.to_pylist()):
        these = labels.get(kind, ())
        is_labelled[row] = [name in these for name in names.dictionary.to_pylist()]
    return pa.array(is_labelled[kinds.indices, names.indices])


def keep_part(source: Path, run: Path, table: str, index: int) -> None:
    """Give a run the part of another run as it is.

    Both have the same file where they lie on one file system: parts are replaced and never written
    into, so what is erased in one stays in the other.

    Raises:
        StoreError: The part cannot be read, or the run directory not be written.
    """
    old, new = part_path(source, table, index), part_path(run, table, index)
    try:
        new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new.unlink(missing_ok=True)
        status = old.stat()
        if S_IMODE(status.st_mode) == 0o600 and status.st_uid == os.geteuid():
            new.hardlink_to(old)
            return
    except OSError:  # another file system, or one without links: it is copied
        pass
    try:
        content = old.read_bytes()
    except OSError as error:
        raise StoreError(f"{old}: cannot be read ({error.strerror})") from error
    with open_atomic(new) as file:
        file.write(content)


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
