"""What the README tells was measured, and the measurements lie beside their scripts."""

import json
from pathlib import Path

import pytest
from benchmarks.bench import cpu_ms_of
from benchmarks.readme import put, shown, sizing

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"


def test_the_tables_of_the_readme_are_those_of_the_last_measurement():
    result = (RESULTS / "bench.md").read_text(encoding="utf-8")
    assert shown("bench") == result.strip()
    assert shown("sizing") == sizing(cpu_ms_of(result))


def test_a_result_is_put_between_its_marks(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("a\n<!-- bench -->\nold\n<!-- /bench -->\nb\n")
    put("bench", "new\\1\n", readme)
    assert readme.read_text() == "a\n<!-- bench -->\nnew\\1\n<!-- /bench -->\nb\n"
    with pytest.raises(ValueError, match="no marks for other"):
        put("other", "", readme)


def test_cores_follow_from_the_time_of_a_conversation():
    table = sizing(36.0)
    assert "| 1,000,000 | 10.0 | 2 |" in table
    with pytest.raises(ValueError, match="no CPU time"):
        cpu_ms_of("| nothing |")


def test_the_last_soak_had_50_kills_and_lost_nothing():
    soak = json.loads((RESULTS / "soak.json").read_text(encoding="utf-8"))
    assert soak["kills"] >= 50
    assert soak["runs_equal_to_the_unbroken_one"] == soak["runs_finished_and_compared"] > 0
