"""A head of one's own from its labels to the report, with the shipped model."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[2]
LABELS = ROOT / "data" / "labels" / "refund_explained.jsonl"
TALK = {
    "id": "t1", "language": "en", "channel": "chat",
    "turns": [
        {"role": "agent", "text": "Hello, this is Ann."},
        {"role": "customer", "text": "The concert was cancelled. When do I get my money back?"},
        {"role": "agent", "text": "The full price goes back to your card within five days."},
        {"role": "customer", "text": "Thank you, that is all I wanted to know. Bye."},
    ],
}  # fmt: skip


def convqa(*arguments, stdin=None):
    return subprocess.run(
        [sys.executable, "-m", "convqa", *map(str, arguments)],
        capture_output=True,
        text=True,
        input=stdin,
        env={**os.environ, "COLUMNS": "160"},
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heads")
    result = convqa(
        "train", "heads", "--labels", LABELS, "--name", "refund_explained",
        "--precision", "0.8", "--out", folder / "bundle",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return folder, result.stdout


@pytest.fixture(scope="module")
def bundle(made):
    return made[0] / "bundle"


def standard(folder, head, role="agent"):
    criterion = {
        "id": "refunds", "kind": "label", "weight": 10, "find": {"head": head, "role": role},
        "texts": {"en": {"name": "Refund explained"}},
    }  # fmt: skip
    content = {"name": "own", "version": "1.0.0", "languages": ["en"],
               "sections": [{"id": "s", "criteria": [criterion]}]}  # fmt: skip
    path = folder / "own.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.fixture
def talk(tmp_path):
    path = tmp_path / "talk.jsonl"
    path.write_text(json.dumps(TALK) + "\n")
    return path


def test_training_shows_figures_by_language_and_whether_more_would_help(made):
    _, said = made
    rows = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    assert f"{len(rows)} segments of agents" in said
    for language in ("en", "nb", "da", "sv", "pl", "ro"):
        assert any(line.split()[:1] == [language] for line in said.splitlines()), language
    assert "Gain of the last doubling" in said
    assert "for a precision of 0.8" in said
    for row in rows:
        assert row["text"] not in said


def test_models_commands_know_the_new_bundle(bundle):
    assert "refund_explained" in convqa("models", "list", bundle.parent).stdout
    assert "\n## Head `refund_explained`" in convqa("models", "show", bundle).stdout
    result = convqa("models", "verify", bundle)
    assert (result.returncode, result.stdout[:5]) == (0, "whole")


def test_run_directories_beside_bundles_are_passed_over(bundle):
    run = bundle.parent / "a-run"
    run.mkdir()
    (run / "manifest.json").write_text("{}")
    result = convqa("models", "list", bundle.parent)
    assert result.returncode == 0, result.stderr
    assert "a-run" not in result.stdout


def test_folder_without_bundles_is_told(tmp_path):
    result = convqa("models", "list", tmp_path)
    assert result.returncode == 2
    assert "holds no model bundle" in result.stderr


def test_a_standard_scores_by_the_head_and_the_report_shows_it(bundle, talk, tmp_path):
    own = standard(tmp_path, "refund_explained")
    run = tmp_path / "run"
    result = convqa("score", talk, "--out", run, "--standard", own, "--model", bundle)
    assert result.returncode == 0, result.stderr
    export = convqa("export", run, "--format", "jsonl", "--output", "-")
    evaluation = json.loads(export.stdout)
    (criterion,) = evaluation["criteria"]
    assert criterion["outcome"] == "pass"
    assert criterion["evidence"][0]["quote"] == TALK["turns"][2]["text"]
    assert criterion["evidence"][0]["source"] == "model"
    assert evaluation["model"]["version"].endswith("+1.refund_explained")
    (part,) = (run / "findings").glob("*.parquet")
    assert "refund_explained" in [
        f["label"] for f in pq.read_table(part).to_pylist() if f["kind"] == "head"
    ]
    assert convqa("report", run).returncode == 0
    assert "Refund explained" in (run / "report.html").read_text(encoding="utf-8")
    again = convqa("rescore", run, "--standard", own, "--out", tmp_path / "again")
    assert again.returncode == 0, again.stderr


@pytest.mark.parametrize(
    ("head", "role", "said"),
    [
        ("refund_explaned", "agent", "the model has no head 'refund_explaned'"),
        ("refund_explained", "customer", "reads agent turns, not customer turns"),
    ],
)
def test_a_head_that_the_model_lacks_is_one_clear_error(bundle, talk, tmp_path, head, role, said):
    own = standard(tmp_path, head, role)
    result = convqa("score", talk, "--out", tmp_path / "run", "--standard", own, "--model", bundle)
    assert result.returncode == 2
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    lint = convqa("standards", "lint", own, "--model", bundle)
    assert lint.returncode == 1
    assert said in lint.stdout


def test_a_run_without_the_head_is_not_rescored_by_it(talk, tmp_path):
    run = tmp_path / "run"
    assert convqa("score", talk, "--out", run).returncode == 0
    own = standard(tmp_path, "refund_explained")
    for arguments in (
        ("rescore", run, "--standard", own, "--out", tmp_path / "again"),
        ("standards", "diff", "default", own, "--run", run),
    ):
        result = convqa(*arguments)
        assert result.returncode == 2
        assert "the model has no head 'refund_explained'; it has none" in result.stderr
        assert "`convqa score … --model` with its bundle finds it" in result.stderr


def test_a_run_is_not_rescored_with_the_bundle_of_a_new_head(bundle, talk, tmp_path):
    run = tmp_path / "run"
    assert convqa("score", talk, "--out", run).returncode == 0
    own = standard(tmp_path, "refund_explained")
    options = ("--standard", own, "--model", bundle, "--out", tmp_path / "again")
    result = convqa("rescore", run, *options)
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert f"such as a new head, needs `convqa score … --model {bundle}`" in result.stderr


def test_lint_without_a_model_says_that_heads_were_not_looked_up(tmp_path):
    result = convqa("standards", "lint", standard(tmp_path, "refund_explained"))
    assert result.returncode == 0
    assert "add --model BUNDLE" in result.stdout


def test_classify_shows_the_head_under_its_name(bundle):
    line = {"id": 1, "role": "agent", "text": TALK["turns"][2]["text"],
            "context": TALK["turns"][1]["text"]}  # fmt: skip
    result = convqa("classify", "-", "--model", bundle, stdin=json.dumps(line) + "\n")
    found = json.loads(result.stdout)["heads"]["refund_explained"]
    assert found["labels"] == ["refund_explained"]
    assert found["probabilities"]["refund_explained"] > 0.5


def test_bad_label_file_is_one_line_and_exit_2(tmp_path):
    rows = LABELS.read_text(encoding="utf-8").splitlines()
    broken = json.loads(rows[3]) | {"role": "bot"}
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join([*rows[:3], json.dumps(broken)]), encoding="utf-8")
    result = convqa("train", "heads", "--labels", path, "--name", "a", "--out", tmp_path / "b")
    assert result.returncode == 2
    assert result.stderr == f"convqa: {path}:4: role: must be agent or customer\n"
    assert not (tmp_path / "b").exists()


def test_correction_that_teaches_nothing_writes_nothing_and_is_exit_1(tmp_path):
    path = ROOT / "data" / "authored" / "en.segments.3.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    agents = [row for row in rows if row["role"] == "agent"][:60]
    asked = "".join(json.dumps(row) + "\n" for row in agents)
    seen = [json.loads(line) for line in convqa("classify", "-", stdin=asked).stdout.splitlines()]
    labels = tmp_path / "labels.jsonl"
    labels.write_text(
        "".join(
            json.dumps({**row, "conversation_id": row["id"], "label": found["acts"]}) + "\n"
            for row, found in zip(agents, seen, strict=True)
        ),
        encoding="utf-8",
    )
    result = convqa("train", "heads", "--labels", labels, "--name", "acts", "--out", tmp_path / "n")
    assert result.returncode == 1, result.stderr
    assert "F1 before" in result.stdout
    assert "nothing written: the present head is right on every row" in result.stdout
    assert not (tmp_path / "n").exists()


def test_missing_library_is_one_line(tmp_path):
    blocked = "import sys; sys.modules['sklearn'] = None; from convqa.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", blocked, "train", "heads", "--labels", LABELS, "--name", "a",
         "--out", tmp_path / "b"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr == (
        "convqa: train heads needs scikit-learn; install it with: pip install 'convqa[heads]'\n"
    )
