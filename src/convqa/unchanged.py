"""Whether a file is, while it is read, the one that the run was planned with.

A run is known by the digests of its inputs. A file that somebody writes to between the plan and the
end of reading would give results that belong to no file; they must not stand in a run.
"""

import hashlib

from convqa.errors import StoreError
from convqa.files import Stamp, sha256_file, stamp_of


class ChangedInputError(StoreError):
    """An input is not the planned one any more; chunks from `first_chunk` on may hold it."""

    def __init__(self, path: str, first_chunk: int) -> None:
        super().__init__(
            f"{path}: changed while it was being read; nothing of it was scored. Score again into "
            "another --out when nobody writes to it"
        )
        self.first_chunk = first_chunk


class Watch:
    """Compares what is read of a file with what was planned."""

    def __init__(
        self, path: str, *, sha256: str, size: int, stamp: Stamp | None, first_chunk: int
    ) -> None:
        """Start before anything is read.

        Args:
            path: A local path or a URL.
            sha256: Of the file as planned.
            size: Its stored bytes, 0 where they are not known.
            stamp: What the file system said when it was planned; None for a URL.
            first_chunk: The chunk that will hold its first record.
        """
        self.n_read = 0
        self._path = path
        self._sha256 = sha256
        self._size = size
        self._stamp = stamp
        self._first_chunk = first_chunk
        self._digest = hashlib.sha256()

    def update(self, data: bytes) -> None:
        """Take the stored bytes that were read next."""
        self.n_read += len(data)
        self._digest.update(data)

    def check_untouched(self) -> None:
        """Refuse a file that was written to since it was planned; asked before a chunk is scored.

        A file that was only touched, or replaced by an equal one, is still the planned one.

        Raises:
            ChangedInputError: Its content is another.
        """
        if self._stamp is None:
            return
        now = stamp_of(self._path)
        if now != self._stamp:
            self._check_stored()
            self._stamp = now

    def check_whole(self) -> None:
        """Refuse a file of which other bytes were read than planned; asked when it was read.

        Raises:
            ChangedInputError: Its content is another.
        """
        if self._digest.hexdigest() == self._sha256:
            return
        if self._size and self.n_read >= self._size:
            raise ChangedInputError(self._path, self._first_chunk)
        # What cannot be read is left before its end.
        self._check_stored()

    def _check_stored(self) -> None:
        try:
            is_same = sha256_file(self._path) == self._sha256
        except OSError:
            is_same = False
        if not is_same:
            raise ChangedInputError(self._path, self._first_chunk)
