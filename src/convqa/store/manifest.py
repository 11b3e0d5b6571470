"""`manifest.json`: what a run is, so that it can be resumed, repeated and believed."""

import logging
import platform
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from convqa.cpu import vector_instructions
from convqa.errors import StoreError
from convqa.output import open_atomic
from convqa.store.parts import check_parts, finished_chunks, read_table, remove_leftovers

logger = logging.getLogger(__name__)

_LIBRARIES = ("convqa", "numpy", "onnxruntime", "tokenizers", "pyarrow", "spacy",
              "lingua-language-detector", "phonenumbers")  # fmt: skip


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputRecord(_Frozen):
    """One input file; `is_known` when an earlier run (`--since-run`) has already scored it.

    `stamp` (size, time of change, number) is that of this machine and is not stored.
    """

    path: str
    sha256: str
    size: int
    is_known: bool = False
    stamp: tuple[int, int, int] | None = Field(default=None, exclude=True)


class VersionRecord(_Frozen):
    """Name, version and digest of the standard or the model."""

    name: str
    version: str
    sha256: str


class Options(_Frozen):
    """What else decides the results."""

    format: str | None
    mapping_sha256: list[str]
    ingest_sha256: str | None
    redact: bool
    chunk_size: int


class Environment(_Frozen):
    """Byte-identical results hold for the same libraries and CPU features."""

    python: str
    libraries: dict[str, str]
    cpu_features: list[str]


class Counts(_Frozen):
    """read = evaluated + rejected + skipped (+ erased later)."""

    read: int
    evaluated: int
    rejected: int
    skipped: int
    flagged: int
    erased: int
    skip_reasons: dict[str, int]


class Manifest(_Frozen):
    """Everything that makes a run: the same plan gives the same bytes.

    `heads` are the labels of the model's own heads, each with the role that it reads. `counts` and
    `n_chunks` are those of a run that has ended; older runs do not tell their chunks.
    """

    format: Literal[1] = 1
    state: Literal["running", "finished"]
    inputs: list[InputRecord]
    options: Options
    standard: VersionRecord
    model: VersionRecord
    heads: dict[str, str] = {}
    environment: Environment
    counts: Counts | None = None
    n_chunks: int | None = None


def current_environment() -> Environment:
    """Return the libraries and CPU features of this machine."""
    return Environment(
        python=platform.python_version(),
        libraries={name: version(name) for name in _LIBRARIES},
        cpu_features=vector_instructions(),
    )


def write_manifest(run: Path, manifest: Manifest) -> None:
    """Write `manifest.json`, atomically."""
    with open_atomic(run / "manifest.json") as file:
        file.write(manifest.model_dump_json(indent=2).encode() + b"\n")


def read_manifest(run: Path) -> Manifest:
    """Return the manifest of a run directory.

    Raises:
        StoreError: The folder is no run directory, or its manifest is damaged.
    """
    path = run / "manifest.json"
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise StoreError(
            f"{run}: no run directory (it has no manifest.json); give the --out folder of "
            "`convqa score`"
        ) from error
    except (OSError, ValidationError) as error:
        raise StoreError(f"{path}: not a manifest of convqa, or damaged") from error


def read_ended(run: Path) -> Manifest:
    """Return the manifest of a run that has ended, whatever became of its parts since.

    Raises:
        StoreError: The folder is no run directory, its manifest is damaged, or the run has not
            ended.
    """
    manifest = read_manifest(run)
    if manifest.state != "finished":
        raise StoreError(f"{run}: this run is not finished; run its `convqa score` again first")
    return manifest


def read_finished(run: Path) -> Manifest:
    """Return the manifest of a run that has ended and has all its parts.

    Raises:
        StoreError: As for `read_ended`, or a part is missing.
    """
    manifest = read_ended(run)
    check_parts(run, manifest.n_chunks)
    return manifest


def difference(old: Manifest, new: Manifest) -> str | None:
    """Return how two plans differ, in a few words, or None where they are the same run."""
    changed_inputs = _changed_inputs(old.inputs, new.inputs)
    if changed_inputs:
        return changed_inputs
    for name in ("standard", "model"):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            return f"another {name} ({_named(before)} there, {_named(after)} now)"
    for name in Options.model_fields:
        before, after = getattr(old.options, name), getattr(new.options, name)
        if before != after:
            return f"another {name.removesuffix('_sha256')} ({before} there, {after} now)"
    before, after = (m.environment.libraries.get("convqa") for m in (old, new))
    if before != after:
        return f"another version of convqa ({before} there, {after} now)"
    return None


def _named(record: VersionRecord) -> str:
    return f"{record.name} {record.version} {record.sha256[:8]}"


def _changed_inputs(old: Sequence[InputRecord], new: Sequence[InputRecord]) -> str | None:
    before, after = ({i.path: i for i in inputs} for inputs in (old, new))
    for path in sorted(before.keys() | after.keys()):
        if path not in after:
            return f"other inputs ({path} is missing now)"
        if path not in before:
            return f"other inputs ({path} is new)"
        if before[path].sha256 != after[path].sha256:
            return f"other inputs ({path} has changed)"
        if before[path].is_known != after[path].is_known:
            there, now = (
                "left out" if i.is_known else "scored" for i in (before[path], after[path])
            )
            return f"another --since-run ({path} {there} there, {now} now)"
    return None


def count_parts(run: Path, *, erased: int = 0) -> Counts:
    """Return the counts of a run from its parts: a resumed run counts like an unbroken one."""
    statuses: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    flagged = rejected = 0
    for index in finished_chunks(run):
        table = read_table(run, "evaluations", index, ["status", "flag", "skip_reason"])
        statuses.update(table["status"].to_pylist())
        reasons.update(r for r in table["skip_reason"].to_pylist() if r is not None)
        flagged += pc.sum(table["flag"]).as_py() or 0
        rejected += read_table(run, "rejected", index, ["record"]).num_rows
    total = statuses.total()
    return Counts(
        read=total + rejected + erased,
        evaluated=total - statuses["skipped"],
        rejected=rejected,
        skipped=statuses["skipped"],
        flagged=flagged,
        erased=erased,
        skip_reasons=dict(sorted(reasons.items())),
    )


def start_run(run: Path, manifest: Manifest) -> None:
    """Write the plan of a run that starts or goes on.

    Raises:
        StoreError: The directory holds another run, or results without their manifest.
    """
    if not (run / "manifest.json").exists() and finished_chunks(run):
        raise StoreError(
            f"{run}: holds results whose manifest.json is gone, so nobody knows of what; choose "
            "another --out"
        )
    if (run / "manifest.json").exists():
        before = read_manifest(run)
        if other := difference(before, manifest):
            raise StoreError(f"{run}: holds a run with {other}; choose another --out for a new run")
        if before.environment != manifest.environment:
            logger.warning(
                "%s: begun with other libraries or another processor; the bytes of its results may "
                "differ from those of an unbroken run",
                run,
            )
        keep = {"counts": before.counts, "environment": before.environment}
        manifest = manifest.model_copy(update=keep)
    remove_leftovers(run)
    write_manifest(run, manifest.model_copy(update={"state": "running"}))


def check_there(run: Path) -> None:
    """Refuse to write into a run directory that was taken away: a new one would lack the rest.

    Raises:
        StoreError: It is gone.
    """
    if not (run / "manifest.json").exists():
        raise StoreError(
            f"{run}: the run directory is gone, or its store cannot be reached any more; score "
            "again, or the same command again when it is back"
        )


def finish_run(run: Path) -> None:
    """Count the parts of a run and mark it as finished."""
    manifest = read_manifest(run)
    ended = {
        "state": "finished",
        "counts": count_parts(run, erased=manifest.counts.erased if manifest.counts else 0),
        "n_chunks": len(finished_chunks(run)),
    }
    write_manifest(run, manifest.model_copy(update=ended))
