"""Chunks scored on this machine, in this process or in several."""

import os
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice

from convqa.pipeline import ChunkDone, Job, Records, Scorer
from convqa.processes import give_back_memory, in_processes

# Chunks scored in this process before others are started: 140 conversations, which take about as
# long as starting a process.
_CHUNKS_AT_ONCE = 3


def run_local(chunks: Iterator[Records], job: Job, *, workers: int) -> Iterator[ChunkDone]:
    """Score chunks in `workers` processes and yield each as it is done, in any order.

    With one worker all happens in this process, with all cores for the models. A short run needs
    no more: the processes are started when the first chunks, which are small, are done.
    """
    cores = os.cpu_count() or 1
    scorer = Scorer(job, threads=cores)
    for chunk in chunks if workers == 1 else islice(chunks, _CHUNKS_AT_ONCE):
        yield scorer.score_chunk(chunk)
    del scorer  # the workers have their own, and the memory is theirs
    give_back_memory()
    more = next(chunks, None)
    if more is None:
        return
    make = partial(_score_chunks, job, threads=max(1, cores // workers))
    yield from in_processes(chain([more], chunks), make, workers=workers, run=job.run)


def _score_chunks(job: Job, *, threads: int) -> Callable[[Records], ChunkDone]:
    """Return what scores a chunk in a worker."""
    return Scorer(job, threads=threads).score_chunk
