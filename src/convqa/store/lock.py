"""Who may write into a run directory: one process that leads the run, and its workers."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from time import monotonic, sleep

from convqa.errors import StoreError

_WORKERS = ".workers"
# A worker sees within a second that its run was killed, and a chunk is written in less than ten.
_PATIENCE_S = 30


@contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold a run directory for this process alone; the lock ends with the process, however it ends.

    Raises:
        StoreError: Another process holds it, or the folder cannot be made.
    """
    try:
        run.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(run / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(
            f"{run}: cannot be used as run directory ({error.strerror}); choose another --out"
        ) from error
    with os.fdopen(descriptor) as file:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"{run}: another process is writing this run; wait for it or choose another --out"
            ) from error
        _wait_for_workers(run)
        yield


def hold_as_worker(run: Path) -> int:
    """Tell that this process writes chunks of a run, until the descriptor returned is closed.

    The lock of the run ends with the process that leads it. A worker that outlives it by a moment
    must not write a part between those of the process that goes on.
    """
    descriptor = os.open(run / _WORKERS, os.O_RDWR | os.O_CREAT, 0o600)
    flock(descriptor, LOCK_SH)
    return descriptor


def _wait_for_workers(run: Path) -> None:
    """Wait until the workers of a killed run have ended, which takes them about a second."""
    descriptor = os.open(run / _WORKERS, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = monotonic() + _PATIENCE_S
    try:
        while True:
            try:
                flock(descriptor, LOCK_EX | LOCK_NB)
            except OSError as error:
                if monotonic() > deadline:
                    raise StoreError(
                        f"{run}: workers of a run that was killed are still writing; end them "
                        "and run the same command again"
                    ) from error
                sleep(0.05)
            else:
                return
    finally:
        os.close(descriptor)
