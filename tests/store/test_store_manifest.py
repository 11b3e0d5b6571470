import multiprocessing
import re
import time

import pytest

from convqa.errors import StoreError
from convqa.store.layout import TABLES
from convqa.store.lock import locked
from convqa.store.manifest import (
    InputRecord,
    VersionRecord,
    difference,
    finish_run,
    read_finished,
    read_manifest,
    write_manifest,
)
from convqa.store.parts import Chunk, part_path, write_chunk
from stored_results import manifest, stored


def changed_option(**changes):
    base = manifest()
    return base.model_copy(update={"options": base.options.model_copy(update=changes)})


def test_manifest_read_back_equals_manifest_written(tmp_path):
    write_manifest(tmp_path, manifest())
    assert read_manifest(tmp_path) == manifest()


def test_a_folder_without_manifest_is_no_run(tmp_path):
    with pytest.raises(StoreError, match="no run directory"):
        read_manifest(tmp_path)


def test_a_damaged_manifest_is_one_clear_error(tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": 1, "state": "run')
    with pytest.raises(StoreError, match=r"manifest.json: not a manifest"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("table", ["evaluations", "segments"])
def test_a_run_of_which_a_part_is_gone_does_not_pass_for_whole(tmp_path, table):
    write_manifest(tmp_path, manifest())
    for index in range(2):
        write_chunk(tmp_path, index, Chunk((stored(f"c{index}"),), ()))
    read_finished(tmp_path)
    part_path(tmp_path, table, 1).unlink()
    with pytest.raises(StoreError, match=rf"{table}/part-000001.parquet: missing; .* damaged"):
        read_finished(tmp_path)


def test_a_run_whose_last_chunk_is_gone_does_not_pass_for_whole(tmp_path):
    write_manifest(tmp_path, manifest(state="running"))
    for index in range(2):
        write_chunk(tmp_path, index, Chunk((stored(f"c{index}"),), ()))
    finish_run(tmp_path)
    read_finished(tmp_path)
    for table in TABLES:
        part_path(tmp_path, table, 1).unlink()
    with pytest.raises(StoreError, match=r"part-000001.parquet: missing; .* damaged"):
        read_finished(tmp_path)


def test_counts_and_state_do_not_make_another_run():
    assert difference(manifest(state="running"), manifest(state="finished")) is None


@pytest.mark.parametrize(
    ("now", "named"),
    [
        (manifest(inputs=[]), "f.jsonl is missing now"),
        (
            manifest(inputs=[InputRecord(path="f.jsonl", sha256="11", size=10)]),
            "f.jsonl has changed",
        ),
        (
            manifest(inputs=[*manifest().inputs, InputRecord(path="g.jsonl", sha256="22", size=1)]),
            "g.jsonl is new",
        ),
        (
            manifest(inputs=[InputRecord(path="f.jsonl", sha256="00", size=10, is_known=True)]),
            r"another --since-run \(f.jsonl scored there, left out now\)",
        ),
        (
            manifest(standard=VersionRecord(name="v", version="1.1", sha256="cd")),
            r"another standard \(v 1.0 ab there, v 1.1 cd now\)",
        ),
        (
            manifest(model=VersionRecord(name="v", version="1.0", sha256="cd")),
            "another model",
        ),
        (changed_option(redact=False), r"another redact \(True there, False now\)"),
        (changed_option(mapping_sha256=["aa"]), "another mapping"),
    ],
)
def test_what_makes_another_run_is_named(now, named):
    assert re.search(named, difference(manifest(), now) or "")


def hold(run, ready):
    with locked(run):
        ready.set()
        time.sleep(60)


def test_lock_is_held_by_one_process_and_ends_with_it(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    holder = context.Process(target=hold, args=(tmp_path, ready))
    holder.start()
    assert ready.wait(30)
    with pytest.raises(StoreError, match="another process is writing this run"), locked(tmp_path):
        pass
    holder.kill()
    holder.join()
    with locked(tmp_path):
        assert (tmp_path / ".lock").exists()
