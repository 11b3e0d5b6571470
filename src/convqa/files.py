"""Input files: which ones are meant, and their bytes, wherever they lie.

Local paths, folders, globs and every URL that fsspec knows (`s3://`, `https://`, …). Compression is
recognised from the first bytes, not from the name. Nothing is read before it is asked for.
"""

import glob
import hashlib
import io
import logging
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import fsspec

from convqa.errors import ConfigError, StoreError
from convqa.unpack import BoundedStream, GzipStream, ZstdStream

logger = logging.getLogger(__name__)

# In a folder only these are transcripts; recordings, notes and reports beside them are left alone.
# Files without a suffix are read too: that is how some cloud exports name their parts.
TRANSCRIPT_SUFFIXES = frozenset(
    {"", ".jsonl", ".ndjson", ".json", ".vcon", ".csv", ".tsv", ".parquet", ".xlsx", ".txt"}
    | {".vtt", ".srt"}
)
COMPRESSED_SUFFIXES = frozenset({".gz", ".zst"})

_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_BUFFER_BYTES = 1 << 16
_HOLDS_RESULTS = "holds results of convqa; give the transcripts instead"


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read: a local path or a URL, and its stored size in bytes where it is known."""

    path: str
    size: int | None


def expand_inputs(patterns: Sequence[str]) -> list[InputFile]:
    """Return the files meant by paths, folders, globs and URLs, sorted, each once.

    Folders are read with all folders in them, without run directories of convqa, without hidden
    files, without links that lead out of the folder and without files whose suffix is not in
    `TRANSCRIPT_SUFFIXES`. A file that is named, by itself or by a glob, is always taken.

    Raises:
        ConfigError: A path does not exist or is a run directory, one or a match of a glob is no
            regular file, or nothing matches a glob or lies in a folder.
    """
    found: dict[str, InputFile] = {}
    for pattern in patterns:
        matches = _expand_url(pattern) if "://" in pattern else _expand_local(pattern)
        for file in sorted(matches, key=lambda file: file.path):
            key = file.path if "://" in file.path else os.path.realpath(file.path)
            found.setdefault(key, file)
    for file in found.values():
        if not file.path.isprintable():
            shown = file.path.encode("utf-8", "backslashreplace").decode()
            raise ConfigError(f"{shown}: the name is no printable UTF-8; rename the file")
    return sorted(found.values(), key=lambda file: file.path)


def open_bytes(
    path: str, on_read: Callable[[bytes], None] | None = None, *, max_ratio: int | None = None
) -> BinaryIO:
    """Open a path or URL for reading from its start, decompressed if it is gzip or Zstandard.

    The stream reads ahead by 64 KiB at most and need not be seekable.

    Args:
        path: A local path or a URL.
        on_read: Called with the bytes, as stored, each time some were read. With it, storage that
            fails is a `StoreError`: what cannot be read now must not pass for read.
        max_ratio: How many times its stored size a compressed file may have when it is unpacked,
            beyond 64 MiB; None for a file that is trusted.

    Raises:
        OSError: The file cannot be opened or, while reading, its compressed data is damaged
            or unpacks to more than `max_ratio` allows.
        StoreError: The same failing storage, where `on_read` is given.
    """
    counted = _CountedStream(path, on_read)
    stored = _buffered(counted)
    try:
        magic = stored.peek(4)[:4]
    except OSError:
        stored.close()
        raise
    if magic.startswith(_GZIP_MAGIC):
        return _buffered(BoundedStream(GzipStream(stored), lambda: counted.n_read, max_ratio))
    if magic == _ZSTD_MAGIC:
        return _buffered(BoundedStream(ZstdStream(stored), lambda: counted.n_read, max_ratio))
    return stored


Stamp = tuple[int, int, int]


def stamp_of(path: str) -> Stamp | None:
    """Return size, time of the last change and number of a local file: what changes when it does.

    None for a URL, and for a file that is not there.
    """
    if "://" in path:
        return None
    try:
        status = os.stat(path)  # noqa: PTH116  # once for each of a million files
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def sha256_file(path: str) -> str:
    """Return the SHA-256 of a file as stored (compressed files are not unpacked), in hex."""
    digest = hashlib.sha256()
    with _open_stored(path) as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def bare_name(path: str) -> str:
    """Return the file name without folders, without `.gz` or `.zst` and without its suffix."""
    name = PurePosixPath(path.replace("\\", "/"))
    if name.suffix.lower() in COMPRESSED_SUFFIXES:
        name = name.with_suffix("")
    return name.stem


def suffix_of(path: str) -> str:
    """Return the lower-case suffix of a file name, that before `.gz` or `.zst` if it has one."""
    name = PurePosixPath(path.replace("\\", "/"))
    if name.suffix.lower() in COMPRESSED_SUFFIXES:
        name = name.with_suffix("")
    return name.suffix.lower()


def _open_stored(path: str) -> BinaryIO:
    if "://" not in path:
        return Path(path).open("rb")
    try:
        return cast("BinaryIO", fsspec.open(path, "rb").open())
    except (ImportError, ValueError) as err:
        raise OSError(f"this kind of URL cannot be opened: {_one_line(err)}") from err


def _buffered(raw: object) -> io.BufferedReader:
    return io.BufferedReader(cast("io.RawIOBase", raw), _BUFFER_BYTES)


def _expand_local(pattern: str) -> list[InputFile]:
    path = Path(pattern)
    if path.is_dir():
        if _is_run_directory(path):
            raise ConfigError(f"{pattern}: {_HOLDS_RESULTS}")
        files = list(_walk(path))
        if not files:
            raise ConfigError(f"{pattern}: the folder holds no transcript files")
        return files
    if path.exists():
        return [_local_file(path)]
    if not glob.has_magic(pattern):
        raise ConfigError(f"{pattern}: no such file or folder")
    return _expand_glob(pattern)


def _expand_glob(pattern: str) -> list[InputFile]:
    matches: list[InputFile] = []
    for match in glob.glob(pattern, recursive=True):  # noqa: PTH207  # takes absolute patterns
        found = Path(match)
        if not found.is_dir():
            matches.append(_local_file(found))
        elif not _is_run_directory(found):
            matches += _walk(found)
    if not matches:
        raise ConfigError(f"{pattern}: no file matches")
    return matches


def _local_file(path: Path) -> InputFile:
    is_regular = path.is_file()
    if not is_regular and path.exists():
        raise ConfigError(f"{path}: no regular file; it is read twice, so save it as a file")
    return InputFile(os.path.normpath(path), path.stat().st_size if is_regular else None)


def _walk(folder: Path) -> Iterator[InputFile]:
    root = folder.resolve()
    n_ignored = 0
    for parent, folders, names in os.walk(folder, onerror=_refuse_folder):
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and not _is_run_directory(Path(parent, name))
        ]
        for name in names:
            path = Path(parent, name)
            if name.startswith(".") or not path.is_file():
                continue
            if suffix_of(name) in TRANSCRIPT_SUFFIXES and path.resolve().is_relative_to(root):
                yield _local_file(path)
            else:
                n_ignored += 1
    if n_ignored:
        logger.warning("%s: files left out that are no transcripts by name: %d", folder, n_ignored)


def _is_run_directory(folder: Path) -> bool:
    """Tell the results of an earlier run, which lie beside its inputs, from transcripts."""
    return (folder / "manifest.json").is_file() and (folder / "standard.json").is_file()


def _refuse_folder(err: OSError) -> None:
    raise ConfigError(f"{err.filename}: cannot be listed: {err.strerror}") from err


def _expand_url(pattern: str) -> list[InputFile]:
    try:
        system, path = fsspec.core.url_to_fs(pattern)
        # A question mark in a web address is no wildcard, and a chain of file systems
        # ("zip://a.json::s3://…") names one file.
        if "::" in pattern or pattern.startswith(("http://", "https://")):
            infos = [system.info(path)] if system.exists(path) else []
            return _url_files(pattern, [pattern], infos)
        if glob.has_magic(path):
            infos = list(system.glob(path, detail=True).values())
        elif system.isdir(path):
            found = system.find(path, detail=True)
            runs = _run_directories(found)
            if PurePosixPath(path) in runs:
                raise ConfigError(f"{pattern}: {_HOLDS_RESULTS}")
            infos = [
                info
                for name, info in found.items()
                if _is_transcript_url(name, path) and runs.isdisjoint(PurePosixPath(name).parents)
            ]
        else:
            infos = [system.info(path)] if system.exists(path) else []
    except (ImportError, ValueError, OSError) as err:
        raise ConfigError(f"{pattern}: {_one_line(err)}") from err
    infos = [info for info in infos if info.get("type") != "directory"]
    return _url_files(pattern, [system.unstrip_protocol(info["name"]) for info in infos], infos)


def _url_files(
    pattern: str, paths: Sequence[str], infos: Sequence[dict[str, object]]
) -> list[InputFile]:
    if not infos:
        raise ConfigError(f"{pattern}: no such file, and nothing matches")
    sizes = [info.get("size") for info in infos]
    return [
        InputFile(path, size if isinstance(size, int) else None)
        for path, size in zip(paths, sizes, strict=True)
    ]


def _run_directories(names: Collection[str]) -> set[PurePosixPath]:
    """Return the folders that `_is_run_directory` tells, by the names of all files."""
    manifests = (PurePosixPath(name) for name in names if name.endswith("/manifest.json"))
    return {path.parent for path in manifests if str(path.with_name("standard.json")) in names}


def _is_transcript_url(name: str, folder: str) -> bool:
    steps = PurePosixPath(name.removeprefix(folder)).parts
    is_hidden = any(step.startswith(".") for step in steps)
    return not is_hidden and suffix_of(name) in TRANSCRIPT_SUFFIXES


def _one_line(err: Exception) -> str:
    return " ".join(str(err).split()) or type(err).__name__


class _CountedStream(io.RawIOBase):
    """A stored file that says how much of it was read, and whose failure is a `StoreError`."""

    def __init__(self, path: str, on_read: Callable[[bytes], None] | None) -> None:
        self.n_read = 0
        self._path = path
        self._on_read = on_read
        try:
            self._raw = _open_stored(path)
        except OSError as err:
            raise self._failure(err) from err

    def _failure(self, err: OSError) -> OSError | StoreError:
        if self._on_read is None:
            return err
        return StoreError(
            f"{self._path}: cannot be read now ({_one_line(err)}); run the same command again when "
            "it can be"
        )

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what io passes
        try:
            chunk = self._raw.read(len(buffer))
        except OSError as err:
            raise self._failure(err) from err
        buffer[: len(chunk)] = chunk
        self.n_read += len(chunk)
        if self._on_read is not None:
            self._on_read(chunk)
        return len(chunk)

    def close(self) -> None:
        self._raw.close()
        super().close()
