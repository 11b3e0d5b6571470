import os
import signal
from functools import partial
from pathlib import Path

import pytest
from benchmarks.scoring import family

from convqa.engine.ray import run_ray
from convqa.export import EXPORTS
from runs_of_samples import SAMPLES, exported, score

pytestmark = [
    pytest.mark.model,
    pytest.mark.ray,
    pytest.mark.slow,
    # Ray leaves sockets and files of its own processes to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def test_ray_gives_the_bytes_of_the_local_engine(tmp_path, monkeypatch):
    ray = pytest.importorskip("ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_worker_niceness", "0")  # of 15, which is slow beside other tests
    score(tmp_path / "local", [SAMPLES / "en", SAMPLES / "edge"], chunk_size=4)
    try:
        done = score(
            tmp_path / "ray",
            [SAMPLES / "en", SAMPLES / "edge"],
            chunk_size=4,
            engine=partial(run_ray, workers=2),
        )
    finally:
        ray.shutdown()
    assert len(done) == 4
    for name in EXPORTS:
        assert exported(tmp_path / "ray", name) == exported(tmp_path / "local", name)


def kill_a_worker():
    """Kill a process of Ray's that scores a chunk now; return whether there was one."""
    for pid in family(os.getpid()):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if command.startswith(b"ray::_score_chunk"):
            os.kill(pid, signal.SIGKILL)
            return True
    return False


def test_a_worker_that_is_killed_in_the_middle_changes_nothing(tmp_path, monkeypatch):
    ray = pytest.importorskip("ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_worker_niceness", "0")  # of 15, which is slow beside other tests
    score(tmp_path / "local", [SAMPLES / "en", SAMPLES / "da"], chunk_size=2)
    killed = []

    def engine(chunks, job):
        for done in run_ray(chunks, job, workers=2):
            if not any(killed):
                killed.append(kill_a_worker())
            yield done

    try:
        done = score(
            tmp_path / "ray", [SAMPLES / "en", SAMPLES / "da"], chunk_size=2, engine=engine
        )
    finally:
        ray.shutdown()
    assert any(killed)
    assert sorted(chunk.index for chunk in done) == list(range(12))
    for name in EXPORTS:
        assert exported(tmp_path / "ray", name) == exported(tmp_path / "local", name)
