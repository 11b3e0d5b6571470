"""Output that another program reads."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from convqa.errors import StoreError


@contextmanager
def until_reader_leaves() -> Iterator[None]:
    """Write to the standard output until whoever reads it has seen enough (`| head`).

    Raises:
        StoreError: The standard output cannot be written, for want of space perhaps.
    """
    try:
        yield
        sys.stdout.flush()
    except OSError as error:
        if not _is_closed():
            raise
        # What is still buffered goes nowhere, so that the end of the process does not fail on it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise StoreError(
                f"the standard output cannot be written ({error.strerror or error}); free space "
                "or choose another place, then run the same command again"
            ) from error


def _is_closed() -> bool:
    """Return whether the standard output refuses what is written to it, and not something else."""
    try:
        sys.stdout.flush()
        os.write(sys.stdout.fileno(), b"\n")
    except OSError:
        return True
    return False
