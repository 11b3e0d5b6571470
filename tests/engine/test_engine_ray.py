from functools import partial

import pytest

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
