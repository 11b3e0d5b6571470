"""The encoder alone, on the texts of a run."""

import pytest
from benchmarks.raw import cold_and_warm

from runs_of_samples import SAMPLES, score


@pytest.mark.model
def test_run_of_one_chunk_is_too_small_to_compare(tmp_path):
    score(tmp_path / "run", [SAMPLES / "en"])
    with pytest.raises(SystemExit, match="has one chunk alone"):
        cold_and_warm(tmp_path / "run", threads=1)
