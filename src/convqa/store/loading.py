"""A run directory into the database: chunk by chunk, as often as one likes.

Loading the same run again changes nothing but where it lies. A newer run over the same
conversations gives them new machine results; reviews stay, and are marked where outcome or evidence
changed under them. What was erased from the run directory is erased here too, and what was erased
here does not come back.
"""

import hashlib
import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from convqa.schema import Turn
from convqa.standard import Standard
from convqa.store.audit import now, record
from convqa.store.chunks import Loading, load_chunk
from convqa.store.database import Database
from convqa.store.decode import TURN_COLUMNS, turns_of
from convqa.store.erasing import erase_keys
from convqa.store.manifest import Manifest, read_finished
from convqa.store.parts import finished_chunks, read_evaluations, read_table
from convqa.store.standard import read_standard
from convqa.store.tables import conversations, runs, standards

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading a run did; `is_new` is False where nothing had to be done."""

    run_id: int
    is_new: bool
    n_conversations: int
    n_erased: int = 0
    n_kept_out: int = 0


def load_run(database: Database, run: Path, *, actor: str = "system") -> Loaded:
    """Load a finished run; each chunk is kept as a whole.

    A load that was stopped is done by the next one.

    Raises:
        StoreError: The directory holds no finished run, or the database refused.
    """
    began = time.monotonic()
    manifest, standard = read_finished(run), read_standard(run)
    digest = hashlib.sha256((run / "manifest.json").read_bytes()).hexdigest()
    plan = _plan_digest(manifest)
    with database.writing() as connection:
        before = connection.execute(select(runs).where(runs.c.plan_sha256 == plan)).first()
        if before is not None:
            _note_directory(connection, before.id, run)
            if before.manifest_sha256 == digest:
                return Loaded(before.id, is_new=False, n_conversations=before.n_conversations)
        loading = _begin(connection, before, run, manifest, standard, plan)
    read: set[str] = set()
    loaded: set[str] = set()
    for index in finished_chunks(run):
        evaluations = list(read_evaluations(run, [index]))
        turns = _turns_of(run, index)
        with database.writing() as connection:
            loaded |= load_chunk(connection, loading, evaluations, turns)
        read.update(evaluation.conversation_id for evaluation in evaluations)
    n_erased, n_loaded, n_kept_out = 0, len(loaded), len(read) - len(loaded)
    with database.writing() as connection:
        if before is not None:
            n_erased = _erase_missing(connection, loading.run_id, read)
        connection.execute(
            update(runs)
            .where(runs.c.id == loading.run_id)
            .values(manifest_sha256=digest, n_conversations=n_loaded, loaded_at=now())
        )
        told = {"n_conversations": n_loaded, "n_erased": n_erased, "n_kept_out": n_kept_out}
        record(connection, actor, "run.load", plan[:12], told)
    logger.info("%s: %d loaded, %.1f s", run, n_loaded, time.monotonic() - began)
    return Loaded(loading.run_id, True, n_loaded, n_erased, n_kept_out)


def _plan_digest(manifest: Manifest) -> str:
    plan = manifest.model_dump_json(include={"inputs", "options", "standard", "model"})
    return hashlib.sha256(plan.encode()).hexdigest()


def _begin(
    connection: Connection, before: Row[Any] | None, run: Path, manifest: Manifest,
    standard: Standard, plan: str,
) -> Loading:  # fmt: skip
    sha256 = manifest.standard.sha256
    standard_id = connection.execute(
        select(standards.c.id).where(standards.c.sha256 == sha256)
    ).scalar()
    if standard_id is None:
        standard_id = connection.execute(
            insert(standards)
            .values(
                name=standard.name, version=standard.version, sha256=sha256,
                standard_json=standard.model_dump_json(),
            )
            .returning(standards.c.id)
        ).scalar_one()  # fmt: skip
    if before is not None:
        return Loading(before.id, standard_id, standard)
    run_id = connection.execute(
        insert(runs)
        .values(
            directory=str(run.resolve()), plan_sha256=plan, standard_id=standard_id,
            model_name=manifest.model.name, model_version=manifest.model.version,
            model_sha256=manifest.model.sha256, n_conversations=0, loaded_at=now(),
        )
        .returning(runs.c.id)
    ).scalar_one()  # fmt: skip
    return Loading(run_id, standard_id, standard)


def _note_directory(connection: Connection, run_id: int, run: Path) -> None:
    """Keep where a run lies now: what the database does not hold is read from there."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(directory=str(run.resolve())))


def _turns_of(run: Path, index: int) -> dict[str, tuple[Turn, ...]]:
    return turns_of(read_table(run, "segments", index, TURN_COLUMNS))


def _erase_missing(connection: Connection, run_id: int, read: Collection[str]) -> int:
    """Erase what was erased from the run directory since it was loaded, as a whole or in part.

    What was read and kept out for its age stays if it is here: an appeal may hold it.
    """
    held = connection.execute(
        select(conversations.c.id, conversations.c.conversation_id).where(
            conversations.c.run_id == run_id
        )
    )
    gone = {row.id: row.conversation_id for row in held if row.conversation_id not in read}
    erase_keys(connection, gone, reason="erased from the run directory")
    return len(gone)
