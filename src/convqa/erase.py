"""Conversations removed from a run directory, with all that was found in them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from convqa.store.lock import locked
from convqa.store.manifest import count_parts, read_ended, write_manifest
from convqa.store.parts import finished_chunks, read_table, remove_leftovers, write_table

# Made from the tables and made again on request, so they go with what is erased.
_DERIVED = ("report.html", "evaluations.jsonl", "evaluations.csv", "evaluations.xlsx",
            "evaluations.vcon.jsonl")  # fmt: skip

# Text goes first: an erasure that is killed leaves no text behind and is finished by a second one.
_TABLES = ("segments", "findings", "evaluations")


@dataclass(frozen=True, slots=True)
class Erased:
    """How many conversations were removed, and how many could not be dated."""

    n_erased: int
    n_undated: int


def erase_conversation(run: Path, conversation_id: str) -> Erased:
    """Remove the conversation with this id, and the report and exports made in the run directory.

    Raises:
        StoreError: The directory holds no finished run.
    """
    return _erase(run, lambda ids, _: [i == conversation_id for i in ids])


def erase_before(run: Path, date: str) -> Erased:
    """Remove the conversations that started before a day.

    Args:
        run: The run directory.
        date: The first day that is kept, `YYYY-MM-DD`. Conversations without a date are kept and
            counted.
    """
    return _erase(run, lambda _, starts: [s is not None and s[:10] < date for s in starts])


def _erase(run: Path, is_meant: Callable[[list[str], list[str | None]], list[bool]]) -> Erased:
    n_erased = n_undated = 0
    read_ended(run)  # before the lock, which would make a folder that is not there
    with locked(run):
        manifest = read_ended(run)
        remove_leftovers(run)
        for index in finished_chunks(run):
            table = read_table(run, "evaluations", index, ["conversation_id", "started_at"])
            ids, starts = table["conversation_id"].to_pylist(), table["started_at"].to_pylist()
            meant = {i for i, hit in zip(ids, is_meant(ids, starts), strict=True) if hit}
            n_undated += starts.count(None)
            n_erased += len(meant)
            if meant:
                _remove_derived(run)
                for name in _TABLES:
                    rows = read_table(run, name, index)
                    kept = [i not in meant for i in rows["conversation_id"].to_pylist()]
                    write_table(run, name, index, rows.filter(pa.array(kept, pa.bool_())))
        if manifest.counts is not None:
            now = count_parts(run)
            counts = now.model_copy(
                update={"read": manifest.counts.read, "erased": manifest.counts.read - now.read}
            )
            write_manifest(run, manifest.model_copy(update={"counts": counts}))
    return Erased(n_erased, n_undated)


def _remove_derived(run: Path) -> None:
    for name in _DERIVED:
        (run / name).unlink(missing_ok=True)
        for unfinished in run.glob(f".{name}.*.tmp"):  # left by a killed process
            unfinished.unlink()
