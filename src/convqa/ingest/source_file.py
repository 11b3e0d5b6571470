"""An opened transcript file: its first bytes, which decide what it is, and all of its bytes."""

import hashlib
import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TextIO, cast

from convqa.files import bare_name, open_bytes, suffix_of
from convqa.ingest.encodings import HEAD_BYTES, utf8_head, utf8_stream

# Tables that are read by seeking are kept in memory up to this size, beyond it on disk.
_SPOOL_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One opened file.

    `raw_head` holds the first 64 KiB, decompressed, `head` the same as UTF-8 without a byte order
    mark. A file can be read once, by one of the methods.
    """

    path: str
    raw_head: bytes
    head: bytes
    _rest: BinaryIO

    @property
    def suffix(self) -> str:
        """The lower-case suffix of the name, that before `.gz` or `.zst`."""
        return suffix_of(self.path)

    @property
    def derived_id(self) -> str:
        """An id for a file that gives none: its name and a digest of how it begins.

        Files of the same name in different folders are told apart, and the id stays the same
        wherever the file lies. 48 bits keep a million files of one name apart (chance of a clash
        about 1 in 500).
        """
        return f"{bare_name(self.path)}-{hashlib.sha256(self.raw_head).hexdigest()[:12]}"

    def utf8(self) -> BinaryIO:
        """Return the whole file as UTF-8 bytes."""
        return utf8_stream(self.raw_head, self._rest)

    def text(self) -> TextIO:
        """Return the whole file as text with every kind of line end read as a newline."""
        return io.TextIOWrapper(self.utf8(), encoding="utf-8", errors="replace")

    @contextmanager
    def seekable(self) -> Iterator[BinaryIO]:
        """Give the whole file as stored, in a stream that can be read in any order."""
        with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as copy:
            copy.write(self.raw_head)
            while chunk := self._rest.read(1 << 20):
                copy.write(chunk)
            copy.seek(0)
            yield cast("BinaryIO", copy)


@contextmanager
def open_source(
    path: str, on_read: Callable[[bytes], None] | None = None, *, max_ratio: int
) -> Iterator[SourceFile]:
    """Open a transcript file; `on_read` and `max_ratio` are those of `open_bytes`.

    Raises:
        OSError: It cannot be opened, or its compressed data is damaged or a bomb.
    """
    with open_bytes(path, on_read, max_ratio=max_ratio) as raw:
        raw_head = bytearray()
        while len(raw_head) < HEAD_BYTES and (chunk := raw.read(HEAD_BYTES - len(raw_head))):
            raw_head += chunk
        yield SourceFile(path, bytes(raw_head), utf8_head(bytes(raw_head)), raw)
