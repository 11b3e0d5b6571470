"""Steps of a training: when one is skipped, and what it says if something is not there."""

import logging
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

pytest.importorskip("torch", reason="training needs torch, which the product does not")
pytest.importorskip("datasets", reason="training reads public sets with datasets")

from training.settings import ROOT, Paths, run_step
from training.tiny_bundle import write_tiny_bundle

from training import (
    align,
    all,
    assemble,
    evaluate,
    export,
    fine_tune,
    fit_heads,
    parity,
    vocabulary,
)

TINY = ROOT / "tests" / "data" / "tiny-bundle"


def options(place: Path, *, bundle: Path | None = TINY) -> list[str]:
    """Return the options of a training in a folder that goes on from a bundle."""
    content = yaml.safe_load((ROOT / "configs" / "training.yaml").read_text(encoding="utf-8"))
    content["base"]["bundle"] = None if bundle is None else str(bundle)
    content["fine_tune"]["hidden"] = 8  # as in the tiny bundle
    (place / "settings.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    folders = [f"--{name}={place / name}" for name in ("corpora", "base", "work")]
    return [*folders, f"--settings={place / 'settings.yaml'}"]


def said(step, words, monkeypatch, caplog) -> str:
    """Run a step as a program and return the line with which it ends."""
    monkeypatch.setattr("sys.argv", ["step", *words])
    with caplog.at_level(logging.ERROR), pytest.raises(SystemExit) as ended:
        run_step("step", step)
    assert ended.value.code == 2
    (line,) = caplog.messages
    return line


@pytest.mark.parametrize(
    ("step", "there", "bundle", "lacks", "first"),
    [
        (vocabulary.run, (), None, "tokenizer.json", "fetch_base"),
        (align.align, (), None, "tokenizer.json", "vocabulary"),
        (fine_tune.fine_tune, (), TINY, "tokenizer.json", "vocabulary"),
        (export.export, ("tokenizer.json",), TINY, "network.pt", "fine_tune"),
        (assemble.assemble, (), TINY, "heads.pt", "fit_heads"),
    ],
)
def test_step_names_the_file_it_lacks_and_the_step_before(
    step, there, bundle, lacks, first, tmp_path, monkeypatch, caplog
):
    (tmp_path / "work").mkdir()
    for name in there:
        shutil.copy(TINY / name, tmp_path / "work")
    line = said(step, options(tmp_path, bundle=bundle), monkeypatch, caplog)
    assert lacks in line
    assert line.endswith(f"is not there; run `python -m training.{first}` first")


@pytest.mark.parametrize("step", [all.run, fit_heads.fit, parity.run])
def test_step_without_data_says_what_there_must_be(step, tmp_path, monkeypatch, caplog):
    (tmp_path / "corpora" / "authored").mkdir(parents=True)
    line = said(step, options(tmp_path), monkeypatch, caplog)
    assert "corpora: has nothing of the part 't" in line


def test_bundle_that_is_not_there_is_one_clear_error(tmp_path, monkeypatch, caplog):
    words = options(tmp_path, bundle=tmp_path / "none")
    assert "has no tokenizer.json" in said(vocabulary.run, words, monkeypatch, caplog)
    caplog.clear()
    assert "has no manifest.json" in said(all.run, words, monkeypatch, caplog)
    caplog.clear()
    assert "manifest.json: cannot be read" in said(evaluate.run, words, monkeypatch, caplog)


@pytest.mark.parametrize(
    ("content", "expected"), [(None, "cannot be read"), ("name: [", "cannot be read"), ("x: 1", "")]
)
def test_wrong_settings_file_is_one_clear_error(content, expected, tmp_path, monkeypatch, caplog):
    if content:
        (tmp_path / "wrong.yaml").write_text(content)
    line = said(all.run, [f"--settings={tmp_path / 'wrong.yaml'}"], monkeypatch, caplog)
    assert "wrong.yaml: " in line
    assert expected in line
    assert "\n" not in line


def test_training_begins_anew_with_other_public_data_or_another_bundle(tmp_path):
    bundle = tmp_path / "bundle"
    write_tiny_bundle(bundle)
    options(tmp_path, bundle=bundle)
    corpora = tmp_path / "corpora"
    paths = Paths(
        corpora=corpora, base=tmp_path, work=tmp_path, settings=tmp_path / "settings.yaml"
    )
    settings = paths.load()
    found = [all.start_digest(paths, settings)]
    (corpora / "emotion_xed").mkdir(parents=True)
    (corpora / "emotion_xed" / "lines.tsv.gz").write_bytes(b"1")
    found.append(all.start_digest(paths, settings))
    assert all.start_digest(paths, settings) == found[1]
    found.append(all.start_digest(paths.model_copy(update={"hub": True}), settings))
    write_tiny_bundle(bundle, seed=9)
    found.append(all.start_digest(paths, settings))
    assert len(set(found)) == 4


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("target", ["register", "promote"])
def test_target_takes_the_options_of_the_training(target):
    words = ["make", "--dry-run", target, "OPTIONS=--work elsewhere"]
    shown = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert " --work elsewhere\n" in shown.stdout
