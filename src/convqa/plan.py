"""What a run will be, fixed before it starts: inputs by digest, standard, model and options."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from convqa.encoder import load_bundle
from convqa.errors import ConfigError
from convqa.files import expand_inputs, sha256_file, stamp_of
from convqa.schema import Version
from convqa.standard import Standard, check_heads, check_version
from convqa.store.manifest import (
    InputRecord,
    Manifest,
    Options,
    VersionRecord,
    current_environment,
    read_finished,
)

# Small enough that a killed run repeats seconds and two workers stay under 1.5 GB together, large
# enough that Parquet parts compress well. Measured on 1,000 conversations: 250 take 1,243 MB, 500
# 1,329 MB and no less time.
CHUNK_SIZE = 250


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What decides the results of a run, beside its inputs and its standard."""

    model: Path
    model_sha256: str | None = None
    format: str | None = None
    mappings: tuple[Path, ...] = ()
    ingest: Path | None = None
    redact: bool = True
    since_run: Path | None = None


def plan_run(
    patterns: Sequence[str],
    standard: Standard,
    options: RunOptions,
    on_file: Callable[[int, int], None],
) -> Manifest:
    """Return the manifest of the run that these inputs and options make.

    Args:
        patterns: Files, folders, globs and URLs.
        standard: The speech standard to score against.
        options: Everything else that decides the results.
        on_file: Called after each file with the number of files read and of all files.

    Raises:
        ConfigError: An input does not exist or cannot be read, or the standard names a head that
            the model lacks, or has the version of the earlier run's and other content.
        ModelBundleError: The model is missing, damaged or another than asked for.
        StoreError: `options.since_run` is no run directory, or not finished.
    """
    bundle = load_bundle(options.model, sha256=options.model_sha256)
    heads = bundle.manifest.head_labels
    check_heads(standard, heads, f"model {bundle.path}")
    since = options.since_run
    known: set[str] = set()
    if since is not None:
        earlier = read_finished(since)
        check_version(standard.version_info, recorded_version(earlier.standard), str(since))
        known = {i.sha256 for i in earlier.inputs}
    files = expand_inputs(patterns)
    inputs = []
    for number, file in enumerate(files, 1):
        stamp = stamp_of(file.path)  # before the digest: what changes after it must be seen
        digest = _sha256_input(file.path)
        is_known = digest in known
        inputs.append(
            InputRecord(
                path=file.path,
                sha256=digest,
                size=file.size or 0,
                is_known=is_known,
                stamp=stamp,
            )
        )
        on_file(number, len(files))
    return Manifest(
        state="running",
        inputs=inputs,
        options=Options(
            format=options.format,
            mapping_sha256=[_sha256_config(path) for path in options.mappings],
            ingest_sha256=_sha256_config(options.ingest) if options.ingest else None,
            redact=options.redact,
            chunk_size=CHUNK_SIZE,
        ),
        standard=version_record(standard.version_info),
        model=version_record(bundle.version_info),
        heads=heads,
        environment=current_environment(),
    )


def version_record(version: Version) -> VersionRecord:
    """Return a version in the form of the manifest."""
    return VersionRecord(name=version.name, version=version.version, sha256=version.sha256)


def recorded_version(record: VersionRecord) -> Version:
    """Return a version from the form of the manifest."""
    return Version(record.name, record.version, record.sha256)


def _sha256_input(path: str) -> str:
    try:
        return sha256_file(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror or error})") from error


def _sha256_config(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
