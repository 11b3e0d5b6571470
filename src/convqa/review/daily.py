"""What a running desk does once a day: erase what is older than the settings keep."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from convqa.errors import StoreError
from convqa.store.database import Database
from convqa.store.erasing import apply_retention

logger = logging.getLogger(__name__)

DAY_S = 24 * 3600.0


@contextmanager
def daily_retention(database: Database, *, every_s: float = DAY_S) -> Iterator[None]:
    """Erase by age now and every day, beside what the block does.

    Several desks over one database may do it: what one has erased is not there for the next.
    """
    ended = threading.Event()
    thread = threading.Thread(
        target=_repeat, args=(database, ended, every_s), name="retention", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _repeat(database: Database, ended: threading.Event, every_s: float) -> None:
    while True:
        try:
            done = apply_retention(database)
            if done is not None:
                logger.info("retention: %d conversations erased", done.n_erased)
        except StoreError as error:
            # The database may be back tomorrow.
            logger.error("retention: %s", error)
        if ended.wait(every_s):
            return
