import json
import re

import pytest

from convqa.config import shipped_configs
from convqa.erase import erase_conversation
from convqa.errors import StoreError
from convqa.report.run import report_run
from convqa.schema import Rejected
from convqa.standard import load_standard
from convqa.store.manifest import count_parts, write_manifest
from convqa.store.parts import Chunk, write_chunk
from convqa.store.standard import write_standard
from stored_results import manifest, stored


@pytest.fixture
def run_directory(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    write_manifest(run, manifest())
    write_standard(run, load_standard(shipped_configs() / "standards" / "default.yaml"))
    rejected = Rejected("broken.json", 0, 7, "turns[0].text", "missing")
    write_chunk(run, 0, Chunk((stored("c1"),), (rejected,)))
    write_chunk(run, 1, Chunk((stored("c2"),), ()))
    return run


def test_run_directory_becomes_a_report(run_directory, tmp_path):
    path = tmp_path / "report.html"
    report_run(run_directory, path, language="nb")
    html = path.read_text(encoding="utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])
    assert sorted(c["id"] for c in data["conversations"]) == ["c1", "c2"]
    said = "".join(
        p if isinstance(p, str) else p[0] for p in data["conversations"][0]["turns"][1]["pieces"]
    )
    assert said == "  Hello. How are you? "
    assert data["criteria"]["greeting"]["name"] == "Hilsen"
    assert data["criteria"]["greeting"]["hint"]
    assert "3 lest = 2 vurdert + 0 hoppet over + 1 avvist." in html
    assert "Åpning" in html  # the name of a section


def test_what_was_erased_is_not_among_what_was_read(run_directory, tmp_path):
    write_manifest(run_directory, manifest(counts=count_parts(run_directory)))
    erase_conversation(run_directory, "c1")
    report_run(run_directory, tmp_path / "report.html", language="nb")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "2 lest = 1 vurdert + 0 hoppet over + 1 avvist." in html


def test_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(StoreError, match="no run directory"):
        report_run(tmp_path, tmp_path / "report.html")
