import hashlib
import json
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from convqa.engine.local import run_local
from convqa.errors import StoreError
from convqa.export import EXPORTS
from convqa.ingest.options import load_options
from convqa.pipeline import Job, Records, Scorer, read_chunks
from convqa.registry import find_bundle
from convqa.schema import Conversation, Source, Turn
from convqa.store.manifest import InputRecord, read_manifest, write_manifest
from convqa.store.parts import finished_chunks, read_chunk, read_evaluations
from runs_of_samples import SAMPLES, exported, score

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def samples_run(tmp_path_factory):
    run = tmp_path_factory.mktemp("samples") / "run"
    score(run, [SAMPLES])
    return run


def transcript(conversation_id, text="Hello, this is Ann from Acme, how can I help you today?"):
    turns = [
        {"role": "agent", "text": text},
        {"role": "customer", "text": "My parcel has not arrived and I am quite worried about it."},
        {"role": "agent", "text": "I am sorry about the wait. I have sent a new one just now."},
    ]
    return json.dumps({"id": conversation_id, "language": "en", "turns": turns})


def planned(path):
    data = path.read_bytes()
    return InputRecord(path=str(path), sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def write_lines(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return path


def test_every_sample_is_accounted_for(samples_run):
    counts = read_manifest(samples_run).counts
    assert counts.read == 75
    assert counts.read == counts.evaluated + counts.rejected + counts.skipped
    assert counts.rejected == 1
    assert len(list(read_evaluations(samples_run))) == counts.evaluated + counts.skipped


def test_every_lost_point_has_words_or_a_place(samples_run):
    for evaluation in read_evaluations(samples_run):
        for result in evaluation.criteria:
            if result.outcome in {"fail", "partial"}:
                assert result.reason
                assert result.evidence, (evaluation.conversation_id, result.id)


def test_quotes_are_the_stored_words(samples_run):
    for index in finished_chunks(samples_run):
        for stored in read_chunk(samples_run, index).conversations:
            turns = stored.segmented.conversation.turns
            for result in stored.evaluation.criteria:
                for e in result.evidence:
                    assert turns[e.turn].text[e.char_start : e.char_end] == e.quote


def test_scores_can_be_redone_from_the_ledger(samples_run):
    for evaluation in read_evaluations(samples_run):
        weight = sum(c.weight for c in evaluation.criteria)
        points = sum(c.points for c in evaluation.criteria if c.weight)
        if evaluation.raw_score is not None:
            assert evaluation.raw_score == pytest.approx(100 * points / weight, abs=0.051)


def test_personal_data_is_not_stored(samples_run):
    texts = [
        turn.text
        for index in finished_chunks(samples_run)
        for stored in read_chunk(samples_run, index).conversations
        for turn in stored.segmented.conversation.turns
    ]
    assert any("[CARD]" in text for text in texts)
    assert not any("4111 1111 1111 1111" in text or "@example." in text for text in texts)


@pytest.mark.parametrize("workers", [1, 2])
def test_exports_do_not_depend_on_chunks_or_processes(samples_run, tmp_path, workers):
    score(tmp_path / "run", [SAMPLES], chunk_size=7, engine=partial(run_local, workers=workers))
    for name in EXPORTS:
        assert exported(tmp_path / "run", name) == exported(samples_run, name)


def test_finished_run_is_not_scored_again(samples_run):
    assert score(samples_run, [SAMPLES]) == []


def test_directory_of_another_run_is_refused(samples_run):
    with pytest.raises(StoreError, match="is missing now"):
        score(samples_run, [SAMPLES / "nb"])


def test_directory_of_a_run_without_redaction_is_refused(samples_run):
    with pytest.raises(StoreError, match="another redact"):
        score(samples_run, [SAMPLES], redact=False)


def test_conversation_with_an_id_that_was_read_is_rejected(tmp_path):
    first = write_lines(tmp_path / "a.jsonl", transcript("c1"), transcript("c2"))
    second = write_lines(tmp_path / "b.jsonl", transcript("c2"), transcript("c3"))
    score(tmp_path / "run", [first, second])
    (rejected,) = read_chunk(tmp_path / "run", 0).rejected
    assert (rejected.path, rejected.record, rejected.field) == (str(second), 0, "id")
    assert [e.conversation_id for e in read_evaluations(tmp_path / "run")] == ["c1", "c2", "c3"]


def test_known_files_are_counted_and_not_scored_again(tmp_path):
    first = write_lines(tmp_path / "a.jsonl", transcript("c1"))
    score(tmp_path / "one", [first])
    second = write_lines(tmp_path / "b.jsonl", transcript("c2"))
    score(tmp_path / "two", [first, second], since_run=tmp_path / "one")
    known, new = read_evaluations(tmp_path / "two")
    assert (known.status, known.score) == ("skipped", None)
    assert "--since-run" in known.skip_reason
    assert new.status == "scored"
    stored = read_chunk(tmp_path / "two", 0).conversations[0]
    assert stored.segmented.conversation.turns == ()


def test_conversation_that_breaks_a_stage_is_rejected_and_the_rest_scored(tmp_path):
    score(tmp_path / "run", [write_lines(tmp_path / "a.jsonl", transcript("c1"))])
    scorer = Scorer(Job(tmp_path / "run", find_bundle("convqa-multilingual"), True), threads=1)
    source = Source("f.jsonl", "native", 3, 4)
    broken = Conversation("bad", (Turn("agent", None),), source)
    (good,) = next(read_chunks([planned(tmp_path / "a.jsonl")], load_options(), 500)).records
    done = scorer.score_chunk(Records(1, (broken, good), 0))
    assert (done.n_rejected, done.n_evaluated) == (1, 1)
    (rejected,) = read_chunk(tmp_path / "run", 1).rejected
    assert (rejected.record, rejected.line) == (3, 4)
    assert "internal error (AttributeError)" in rejected.reason or "TypeError" in rejected.reason


def test_input_that_cannot_be_read_now_ends_the_run_and_loses_nothing(tmp_path):
    lines = [transcript(f"c{i}") for i in range(60)]
    first = write_lines(tmp_path / "a.jsonl", *lines)
    second = write_lines(tmp_path / "b.jsonl", transcript("z"))
    content = second.read_bytes()
    run = tmp_path / "run"

    def scoring_then_losing(chunks, job):
        for done in run_local(chunks, job, workers=1):
            second.unlink(missing_ok=True)
            yield done

    with pytest.raises(StoreError, match=r"b.jsonl: cannot be read now"):
        score(run, [first, second], engine=scoring_then_losing)
    second.write_bytes(content)
    score(run, [first, second])
    ids = [e.conversation_id for e in read_evaluations(run)]
    assert ids == [*(f"c{i}" for i in range(60)), "z"]


def test_unfinished_run_makes_no_file_known(tmp_path):
    first = write_lines(tmp_path / "a.jsonl", transcript("c1"))
    score(tmp_path / "one", [first])
    manifest = read_manifest(tmp_path / "one")
    write_manifest(tmp_path / "one", manifest.model_copy(update={"state": "running"}))
    with pytest.raises(StoreError, match="not finished"):
        score(tmp_path / "two", [first], since_run=tmp_path / "one")


def test_results_of_a_run_inside_the_input_folder_are_no_input(tmp_path):
    write_lines(tmp_path / "a.jsonl", transcript("c1"))
    score(tmp_path / "run", [tmp_path])
    assert score(tmp_path / "run", [tmp_path]) == []


def test_first_chunks_are_small_so_that_results_are_seen_soon(tmp_path):
    path = write_lines(tmp_path / "a.jsonl", *(transcript(f"c{i}") for i in range(200)))
    file = planned(path)
    chunks = list(read_chunks([file], load_options(), 100))
    assert [len(c.records) for c in chunks] == [20, 40, 80, 60]
    assert chunks[-1].bytes_read == path.stat().st_size


SCORE_SLOWLY = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from runs_of_samples import score
score(Path(sys.argv[2]), [Path(sys.argv[3])], chunk_size=5)
"""


@pytest.mark.slow
def test_killed_run_goes_on_to_the_same_bytes(samples_run, tmp_path):
    run = tmp_path / "run"
    command = [sys.executable, "-c", SCORE_SLOWLY, Path(__file__).parent, run, SAMPLES]
    for wanted in (1, 3, 5):
        process = subprocess.Popen(command)
        deadline = time.monotonic() + 60
        while len(finished_chunks(run)) < wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert read_manifest(run).state == "running"
    score(run, [SAMPLES], chunk_size=5)
    assert exported(run) == exported(samples_run)
    assert read_manifest(run).counts == read_manifest(samples_run).counts
