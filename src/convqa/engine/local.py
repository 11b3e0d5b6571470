"""Chunks scored on this machine, in this process or in several."""

import gc
import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import get_context
from threading import Thread
from time import sleep

from convqa.errors import StoreError
from convqa.pipeline import ChunkDone, Job, Records, Scorer
from convqa.store.lock import hold_as_worker

# Chunks waiting for each worker: enough to keep it busy, few enough to keep memory flat.
_QUEUED_PER_WORKER = 2

# Chunks scored in this process before others are started: 140 conversations, which take about as
# long as starting a process.
_CHUNKS_AT_ONCE = 3

# Objects made before a worker looks for cycles: those of some ten conversations.
_COLLECT_AFTER = 100_000

_scorer: Scorer | None = None


def run_local(chunks: Iterator[Records], job: Job, *, workers: int) -> Iterator[ChunkDone]:
    """Score chunks in `workers` processes and yield each as it is done, in any order.

    With one worker all happens in this process, with all cores for the models. A short run needs
    no more: the processes are started when the first chunks, which are small, are done.
    """
    cores = os.cpu_count() or 1
    scorer = Scorer(job, threads=cores)
    for chunk in chunks if workers == 1 else islice(chunks, _CHUNKS_AT_ONCE):
        yield scorer.score_chunk(chunk)
    more = next(chunks, None)
    if more is None:
        return
    threads = max(1, cores // workers)
    with ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),  # a forked onnxruntime session can hang
        initializer=_start_worker,
        initargs=(job, threads, os.getpid()),
    ) as pool:
        pending: set[Future[ChunkDone]] = set()
        try:
            for chunk in chain([more], chunks):
                pending.add(pool.submit(_score_chunk, chunk))
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


def _start_worker(job: Job, threads: int, parent: int) -> None:
    global _scorer
    Thread(target=_exit_with, args=(parent,), daemon=True).start()
    # Conversations make no cycles, so there is little to collect; looking for it took 2 ms of each.
    gc.set_threshold(_COLLECT_AFTER, 20, 50)
    hold_as_worker(job.run)  # until this process ends
    _scorer = Scorer(job, threads=threads)


def _exit_with(parent: int) -> None:
    """End this worker when the run's process is gone, killed perhaps, so that none is left over."""
    while os.getppid() == parent:
        sleep(1)
    os._exit(1)


def _score_chunk(chunk: Records) -> ChunkDone:
    if _scorer is None:
        raise RuntimeError("the worker was not started by run_local")
    return _scorer.score_chunk(chunk)
