"""Data packed with gzip or Zstandard, unpacked as it is read, and never more than it should be."""

import gzip
import io
import zlib
from collections.abc import Callable
from typing import BinaryIO

import zstandard

# A zstd block of 4 bytes can stand for 128 KiB, so what one read may yield is kept below 64 MiB.
_ZSTD_INPUT_BYTES = 1 << 11
# Below this nobody minds how well a file was packed.
_SMALL_BYTES = 64 << 20


def is_bomb(unpacked: int, stored: int, max_ratio: int) -> bool:
    """Tell packed data that is made to fill a memory: it unpacks to far more than text does."""
    return unpacked > max(_SMALL_BYTES, stored * max_ratio)


def bomb_reason(max_ratio: int) -> str:
    """Return why such data is not read."""
    return f"unpacks to more than {max_ratio} times its size, as no transcript does"


class BoundedStream(io.RawIOBase):
    """Unpacked data, until there is more of it than a transcript can have."""

    def __init__(
        self, unpacked: io.RawIOBase, n_stored: Callable[[], int], max_ratio: int | None
    ) -> None:
        self._unpacked = unpacked
        self._n_stored = n_stored
        self._max_ratio = max_ratio
        self._n_unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what io passes
        n_bytes = self._unpacked.readinto(buffer) or 0
        self._n_unpacked += n_bytes
        ratio = self._max_ratio
        if ratio is not None and is_bomb(self._n_unpacked, self._n_stored(), ratio):
            raise OSError(bomb_reason(ratio))
        return n_bytes

    def close(self) -> None:
        self._unpacked.close()
        super().close()


class GzipStream(io.RawIOBase):
    """The contents of a gzip file; closes the file with itself, unlike `gzip.GzipFile`."""

    def __init__(self, stored: BinaryIO) -> None:
        self._stored = stored
        self._members = gzip.GzipFile(fileobj=stored, mode="rb")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io passes a view
        try:
            data = self._members.read(len(buffer))
        except (EOFError, zlib.error, OSError) as err:
            raise OSError("the gzip data is damaged or incomplete") from err
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stored.close()
        super().close()


class ZstdStream(io.RawIOBase):
    """The contents of all Zstandard frames of a file.

    Unlike the library's own reader it notices when the last frame is incomplete.
    """

    def __init__(self, stored: BinaryIO) -> None:
        self._stored = stored
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._is_inside = False
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io passes a view
        try:
            while not self._ready and (chunk := self._stored.read(_ZSTD_INPUT_BYTES)):
                self._ready = memoryview(self._decompress(chunk))
        except zstandard.ZstdError as err:
            raise OSError("the Zstandard data is damaged") from err
        if not self._ready and self._is_inside:
            raise OSError("the Zstandard data is incomplete")
        n_bytes = min(len(buffer), len(self._ready))
        buffer[:n_bytes] = self._ready[:n_bytes]
        self._ready = self._ready[n_bytes:]
        return n_bytes

    def _decompress(self, chunk: bytes) -> bytes:
        data = bytearray()
        while chunk:
            data += self._frame.decompress(chunk)
            self._is_inside = not self._frame.eof
            chunk = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
        return bytes(data)

    def close(self) -> None:
        self._stored.close()
        super().close()
