"""Work spread over processes on this machine, which end when the process that started them ends."""

import ctypes
import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

from convqa.errors import StoreError
from convqa.store.lock import hold_as_worker

Task = TypeVar("Task")
Done = TypeVar("Done")

# Tasks waiting for each worker: enough to keep it busy, few enough to keep memory flat.
_QUEUED_PER_WORKER = 2

# Objects made before Python looks for cycles: those of some ten conversations.
_COLLECT_AFTER = 100_000

_work: Callable[[Any], Any] | None = None


def in_processes(
    tasks: Iterator[Task],
    make: Callable[[], Callable[[Task], Done]],
    *,
    workers: int,
    run: Path | None = None,
) -> Iterator[Done]:
    """Do tasks in `workers` processes and yield the result of each as it is done, in any order.

    Args:
        tasks: What is to be done.
        make: Called once in each process; returns what does a task.
        workers: How many processes.
        run: The run directory that the workers write into.

    Raises:
        StoreError: A worker was killed.
    """
    with ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),  # a forked onnxruntime session can hang
        initializer=_start_worker,
        initargs=(make, run, os.getpid()),
    ) as pool:
        pending: set[Future[Done]] = set()
        try:
            for task in tasks:
                pending.add(pool.submit(_do, task))
                if len(pending) >= workers * _QUEUED_PER_WORKER:
                    done, pending = wait(pending, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while pending:
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        except BrokenProcessPool as error:
            raise StoreError(
                "a worker process was killed, perhaps for want of memory; run the same command "
                "again to resume, with fewer --workers if it happens again"
            ) from error


def here_and_in_processes(
    tasks: Sequence[Task],
    make: Callable[[], Callable[[Task], Done]],
    *,
    workers: int,
    n_here: int,
    run: Path | None = None,
) -> Iterator[Done]:
    """Do tasks in `workers` processes, as `in_processes` does, or in this one.

    In this one are done up to `n_here` tasks, which take less time than starting processes, and
    any number for a single worker.
    """
    if workers > 1 and len(tasks) > n_here:
        yield from in_processes(iter(tasks), make, workers=min(workers, len(tasks)), run=run)
        return
    work = make()
    with rarely_collecting():
        for task in tasks:
            yield work(task)


def give_back_memory() -> None:
    """Give what is free to the system: glibc keeps it, 140 MB of a process that has scored."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if trim is not None:
            trim(0)


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Let Python look for cycles less often: conversations make none, and looking took 2 ms."""
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _start_worker(make: Callable[[], Callable[[Any], Any]], run: Path | None, parent: int) -> None:
    global _work
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C ends it without a traceback
    Thread(target=_exit_with, args=(parent,), daemon=True).start()
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
    if run is not None:
        hold_as_worker(run)  # until this process ends
    _work = make()
    # The heads' products are small, and every core has a worker: the threads of numpy's library
    # would only wait for one another. What `make` has loaded is limited.
    threadpool_limits(limits=1, user_api="blas")


def _exit_with(parent: int) -> None:
    """End this worker when its parent is gone, killed perhaps, so that none is left over."""
    while os.getppid() == parent:
        sleep(1)
    os._exit(1)


def _do(task: Any) -> Any:  # noqa: ANN401  # of the types that `in_processes` was called with
    if _work is None:
        raise RuntimeError("the worker was not started by in_processes")
    return _work(task)
