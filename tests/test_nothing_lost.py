"""What goes wrong around a run ends it with a clear message, and never with a wrong result."""

import json
import os
import shutil
import subprocess
from functools import partial
from threading import Timer

import pytest

from convqa.engine.local import run_local
from convqa.errors import ConfigError, StoreError
from convqa.files import expand_inputs
from convqa.store import lock
from convqa.store.lock import hold_as_worker, locked
from convqa.store.manifest import read_manifest
from convqa.store.parts import finished_chunks, read_chunk, read_evaluations
from runs_of_samples import exported, score

pytestmark = pytest.mark.model

# Chunks of a few conversations, so that little text makes several.
SIZE = 4


def line(conversation_id):
    turns = [
        {"role": "agent", "text": "Hello, this is Ann from Acme, how can I help you today?"},
        {"role": "customer", "text": f"My parcel {conversation_id} has not arrived yet."},
        {"role": "agent", "text": "I am sorry about the wait. I have sent a new one just now."},
    ]
    return json.dumps({"id": conversation_id, "language": "en", "turns": turns}) + "\n"


def write(path, prefix, n=10):
    path.write_text("".join(line(f"{prefix}{i}") for i in range(n)))
    return path


def ids(run):
    return [e.conversation_id for e in read_evaluations(run)]


def interrupted(step, *, after):
    """Return an engine that has `step` happen when `after` chunks are scored."""

    def engine(chunks, job):
        for n_done, done in enumerate(run_local(chunks, job, workers=1), 1):
            if n_done == after:
                step()
            yield done

    return engine


@pytest.fixture
def two_files(tmp_path):
    return write(tmp_path / "a.jsonl", "a"), write(tmp_path / "b.jsonl", "b")


@pytest.mark.parametrize("keeps_its_size", [True, False])
def test_a_file_that_changes_while_it_is_read_ends_the_run(tmp_path, two_files, keeps_its_size):
    second = two_files[1]
    content = second.read_text()
    changed = content.replace("b9", "x9") if keeps_its_size else content + line("more")
    step = partial(second.write_text, changed)
    run = tmp_path / "run"
    with pytest.raises(StoreError, match=r"b.jsonl: changed while it was being read"):
        score(run, two_files, chunk_size=SIZE, engine=interrupted(step, after=3))
    assert read_manifest(run).state == "running"
    # Of the third chunk half is of the first file; it is scored again with it.
    assert ids(run) == [f"a{i}" for i in range(8)]
    with pytest.raises(
        StoreError, match=r"other inputs \(.*b.jsonl has changed\); choose another --out"
    ):
        score(run, two_files, chunk_size=SIZE)
    second.write_text(content)
    score(run, two_files, chunk_size=SIZE)
    score(tmp_path / "unbroken", two_files, chunk_size=SIZE)
    assert exported(run) == exported(tmp_path / "unbroken")


def test_a_change_that_the_file_system_does_not_show_is_seen_by_the_content(tmp_path, two_files):
    second = two_files[1]
    status = second.stat()

    def change():
        with second.open("r+") as file:  # the same file, of the same size
            file.write(second.read_text().replace("b9", "x9"))
        os.utime(second, ns=(status.st_atime_ns, status.st_mtime_ns))

    with pytest.raises(StoreError, match=r"b.jsonl: changed while it was being read"):
        score(tmp_path / "run", two_files, chunk_size=SIZE, engine=interrupted(change, after=1))
    assert ids(tmp_path / "run") == [f"a{i}" for i in range(8)]


def test_a_file_that_is_touched_or_replaced_by_an_equal_one_is_the_same(tmp_path, two_files):
    second = two_files[1]

    def replace():
        shutil.copy(second, tmp_path / "copy")
        (tmp_path / "copy").replace(second)
        os.utime(second)

    engine = interrupted(replace, after=3)
    score(tmp_path / "run", two_files, chunk_size=SIZE, engine=engine)
    assert len(ids(tmp_path / "run")) == 20


def test_a_file_that_is_left_before_its_end_may_still_be_the_planned_one(tmp_path):
    bad = tmp_path / "a.jsonl"
    bad.write_bytes(b"\0\1\2\3" * 100_000)
    score(tmp_path / "run", [bad, write(tmp_path / "b.jsonl", "b", n=2)])
    assert [r.reason for r in read_chunk(tmp_path / "run", 0).rejected] == [
        "binary data; only transcripts can be read"
    ]
    assert ids(tmp_path / "run") == ["b0", "b1"]


def test_a_run_directory_that_goes_away_is_told_and_not_made_anew(tmp_path, two_files):
    run = tmp_path / "run"
    step = partial(shutil.rmtree, run)
    with pytest.raises(StoreError, match="the run directory is gone"):
        score(run, two_files, chunk_size=SIZE, engine=interrupted(step, after=2))
    assert not run.exists()


def test_results_without_their_manifest_are_not_taken_for_those_of_a_new_run(tmp_path, two_files):
    run = tmp_path / "run"
    score(run, two_files[:1], chunk_size=SIZE)
    (run / "manifest.json").unlink()
    with pytest.raises(StoreError, match=r"results whose manifest.json is gone"):
        score(run, two_files[1:], chunk_size=SIZE)


def test_two_runs_on_one_folder_do_not_mix(tmp_path, two_files):
    run = tmp_path / "run"
    with locked(run), pytest.raises(StoreError, match="another process is writing this run"):
        score(run, two_files)
    assert finished_chunks(run) == []


def test_a_run_waits_for_the_workers_of_one_that_was_killed(tmp_path, two_files, monkeypatch):
    run = tmp_path / "run"
    run.mkdir()
    monkeypatch.setattr(lock, "_PATIENCE_S", 0.2)
    held = hold_as_worker(run)
    with pytest.raises(StoreError, match="workers of a run that was killed are still writing"):
        score(run, two_files)
    Timer(0.1, os.close, [held]).start()
    score(run, two_files)
    assert len(ids(run)) == 20


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_space(tmp_path, two_files):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine does not let root mount a disk")
    score(tmp_path / "unbroken", two_files, chunk_size=SIZE)
    files = [file for file in (tmp_path / "unbroken").rglob("*") if file.is_file()]
    needed = sum(-(-file.stat().st_size // 4096) * 4096 for file in files)
    parts = needed - (tmp_path / "unbroken" / "standard.json").stat().st_size
    try:
        rest = disk / "rest"
        rest.write_bytes(b"x" * ((8 << 20) - needed + parts // 2))  # half of the parts find space
        with pytest.raises(StoreError, match=r"No space left on device.*free space"):
            score(disk / "run", two_files, chunk_size=SIZE)
        assert not list(disk.rglob("*.tmp"))
        assert 0 < len(finished_chunks(disk / "run")) < 5
        rest.unlink()
        score(disk / "run", two_files, chunk_size=SIZE)
        assert exported(disk / "run") == exported(tmp_path / "unbroken")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_what_cannot_be_read_twice_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="pipe: no regular file; it is read twice"):
        expand_inputs([str(tmp_path / "pipe")])
    with pytest.raises(ConfigError, match="pipe: no regular file; it is read twice"):
        expand_inputs([str(tmp_path / "*")])
