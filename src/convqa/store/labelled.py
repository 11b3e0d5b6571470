"""Corrected conversations with what the detectors found in them, for training labels.

Findings lie in the run directories, not in the database. A directory is read in passing, and not
again for what a `ScoredMemory` keeps of it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select

from convqa.errors import StoreError
from convqa.standard import Standard
from convqa.store import decode
from convqa.store.corrections import CorrectionRow, read_corrections
from convqa.store.database import Database
from convqa.store.filters import Filters
from convqa.store.final import standard_of
from convqa.store.parts import finished_chunks, read_table
from convqa.store.scored_memory import RUN_DIGEST, Scored, ScoredMemory
from convqa.store.tables import conversations, runs
from convqa.store.viewers import Viewer

# SQLite takes 32,766 values in a statement, PostgreSQL 65,535.
_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A conversation that people have reviewed.

    `scored` is what the detectors saw and found, None where its run is not on this machine.
    `corrections` are those of all criteria, by criterion id.
    """

    key: int
    conversation_id: str
    is_random: bool
    standard: Standard
    corrections: tuple[CorrectionRow, ...]
    scored: Scored | None


@dataclass(frozen=True, slots=True)
class _Place:
    conversation_id: str
    run: Path
    digest: str
    standard_id: int


def read_reviewed(
    database: Database, viewer: Viewer, filters: Filters, *, is_random: bool | None = None,
    memory: ScoredMemory | None = None,
) -> Iterator[Reviewed]:  # fmt: skip
    """Yield the reviewed conversations that match, run by run in the order they were scored.

    Args:
        database: Where.
        viewer: Only conversations that may be opened are in it.
        filters: Which conversations.
        is_random: Of random samples only, or of none; None for both.
        memory: Spares reading runs again.
    """
    corrections: dict[int, list[CorrectionRow]] = defaultdict(list)
    for row in read_corrections(database, viewer, filters, is_random=is_random):
        corrections[row.key].append(row)
    places = _places(database, list(corrections))
    keys = {place.conversation_id: key for key, place in places.items()}
    with database.reading() as connection:
        standards = {
            number: standard_of(connection, number)
            for number in {place.standard_id for place in places.values()}
        }
    memory = ScoredMemory(0) if memory is None else memory
    memory.forget_erased(database)
    by_run: dict[tuple[str, Path], set[str]] = defaultdict(set)
    for place in places.values():
        by_run[place.digest, place.run].add(place.conversation_id)
    for (digest, run), wanted in by_run.items():
        scored = memory.known(digest)
        read = dict(_read_run(run, wanted - scored.keys()))
        memory.keep(digest, read)
        scored |= read
        for name in sorted(wanted):
            yield _reviewed(
                places[keys[name]], corrections[keys[name]], standards, scored.get(name)
            )


def _reviewed(
    place: _Place,
    corrections: list[CorrectionRow],
    standards: dict[int, Standard],
    scored: Scored | None,
) -> Reviewed:
    first = corrections[0]
    return Reviewed(
        key=first.key,
        conversation_id=place.conversation_id,
        is_random=first.is_random,
        standard=standards[place.standard_id],
        corrections=tuple(corrections),
        scored=scored,
    )


def _places(database: Database, keys: list[int]) -> dict[int, _Place]:
    places = {}
    with database.reading() as connection:
        for start in range(0, len(keys), _AT_ONCE):
            query = (
                select(conversations.c.id, conversations.c.conversation_id, runs.c.directory,
                       RUN_DIGEST, conversations.c.standard_id)
                .join(runs, runs.c.id == conversations.c.run_id)
                .where(conversations.c.id.in_(keys[start : start + _AT_ONCE]))
            )  # fmt: skip
            for key, name, directory, digest, standard_id in connection.execute(query):
                places[key] = _Place(name, Path(directory), digest, standard_id)
    return places


def _read_run(run: Path, wanted: Collection[str]) -> Iterator[tuple[str, Scored]]:
    """Yield some conversations of a run by id; none where it was moved, removed or damaged."""
    if not wanted:
        return
    ids = pa.array(sorted(wanted), pa.string())
    try:
        for index in finished_chunks(run):
            evaluations = _of(run, "evaluations", index, ids)
            if not evaluations.num_rows:
                continue
            pieces = decode.pieces_of(_of(run, "segments", index, ids))
            findings = decode.findings_of(_of(run, "findings", index, ids))
            for segmented in decode.segmented_of(evaluations, pieces):
                name = segmented.conversation.id
                yield name, (segmented, findings.get(name, ()))
    except StoreError:
        return


def _of(run: Path, table: str, index: int, ids: pa.Array) -> pa.Table:
    read = read_table(run, table, index)
    return read.filter(pc.is_in(read["conversation_id"], value_set=ids))
