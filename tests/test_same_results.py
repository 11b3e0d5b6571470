"""Exports do not depend on order, chunks, neighbours in a batch or the number of processes."""

import json
from functools import partial

import pytest
from benchmarks.load import conversations
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from convqa.engine.local import run_local
from runs_of_samples import exported, score

pytestmark = [pytest.mark.model, pytest.mark.slow]

# One without a stated language, with repeated texts among them.
RECORDS = [
    {**record, "language": None} if number % 4 == 0 else record
    for number, record in enumerate(conversations(8, repetition=0.5))
]


def lines_by_id(run):
    lines = exported(run).splitlines()
    return {json.loads(line)["conversation_id"]: line for line in lines}


def write(path, records):
    path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))
    return path


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Each conversation scored in a run of its own: the line of its export."""
    lines = {}
    for number, record in enumerate(RECORDS):
        folder = tmp_path_factory.mktemp(f"alone-{number}")
        score(folder / "run", [write(folder / "one.jsonl", [record])])
        lines |= lines_by_id(folder / "run")
    return lines


@settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(
    order=st.permutations(range(len(RECORDS))),
    n_files=st.integers(1, 4),
    chunk_size=st.integers(1, 9),
)
def test_in_any_order_files_and_chunks_a_conversation_scores_as_if_alone(
    alone, tmp_path_factory, order, n_files, chunk_size
):
    folder = tmp_path_factory.mktemp("any")
    for number in range(n_files):
        chosen = [RECORDS[i] for i in order[number::n_files]]
        write(folder / f"{number}.jsonl", chosen)
    score(folder / "run", [folder / f"{n}.jsonl" for n in range(n_files)], chunk_size=chunk_size)
    assert lines_by_id(folder / "run") == alone


def test_in_several_processes_a_conversation_scores_as_if_alone(alone, tmp_path):
    engine = partial(run_local, workers=3)
    score(tmp_path / "run", [write(tmp_path / "x.jsonl", RECORDS)], chunk_size=1, engine=engine)
    assert lines_by_id(tmp_path / "run") == alone
