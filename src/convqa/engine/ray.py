"""Chunks scored as tasks of a Ray cluster; results are the same bytes as those of `engine.local`.

Ray is an extra: `pip install 'convqa[ray]'`. All workers must reach the run directory, the standard
and the model under the same paths.
"""

import logging
import os
from collections.abc import Iterator
from itertools import chain
from typing import Any

from convqa.errors import ConfigError
from convqa.pipeline import ChunkDone, Job, Records, Scorer
from convqa.store.lock import hold_as_worker
from convqa.store.manifest import Environment, current_environment

logger = logging.getLogger(__name__)

_QUEUED_PER_WORKER = 2


def run_ray(chunks: Iterator[Records], job: Job, *, workers: int) -> Iterator[ChunkDone]:
    """Score chunks as Ray tasks, at most `workers` at a time, and yield each as it is done.

    Connects to the cluster that `RAY_ADDRESS` names, else starts Ray on this machine. A task whose
    worker died is run again by Ray; a chunk is written by an atomic rename, so never twice.

    Raises:
        ConfigError: Ray is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise ConfigError(
            "--engine ray needs the package ray; install it with: pip install 'convqa[ray]'"
        ) from error
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray.init(
        address=os.environ.get("RAY_ADDRESS"), include_dashboard=False, log_to_driver=False,
        ignore_reinit_error=True,
    )  # fmt: skip
    score = ray.remote(num_cpus=1, max_retries=3)(_score_chunk)
    shared_job = ray.put(job)
    pending: list[Any] = []
    own, is_mixed = current_environment(), False
    try:
        for chunk in chain(chunks, [None]):  # the last pass waits for what is left
            if chunk is not None:
                pending.append(score.remote(chunk, shared_job))
            while pending and (chunk is None or len(pending) >= workers * _QUEUED_PER_WORKER):
                ready, pending = ray.wait(pending, num_returns=1)
                for done, environment in ray.get(ready):
                    if environment != own and not is_mixed:
                        is_mixed = True
                        logger.warning(
                            "workers have other libraries or processors than this machine; the "
                            "bytes of the results may differ from those of a local run"
                        )
                    yield done
    finally:
        # Nothing may be written any more once the run has ended, however it ended.
        if pending:
            ray.wait(pending, num_returns=len(pending))


_scorers: dict[Job, Scorer] = {}


def _score_chunk(chunk: Records, job: Job) -> tuple[ChunkDone, Environment]:
    if job not in _scorers:
        _scorers[job] = Scorer(job, threads=1)
    held = hold_as_worker(job.run)
    try:
        return _scorers[job].score_chunk(chunk), current_environment()
    finally:
        os.close(held)
