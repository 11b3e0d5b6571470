"""Register a bundle, refuse a worse one, promote a better one: real bundles, a small test set."""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from mlflow_stores import MARKS, store_in
from runs_of_samples import SAMPLES, score

pytest.importorskip("mlflow", reason="needs MLflow: pip install 'convqa[mlflow]'")
pytest.importorskip("torch", reason="training needs torch, which the product does not")
pytest.importorskip("sklearn", reason="training needs scikit-learn")
pytest.importorskip("datasets", reason="training needs datasets")

import mlflow
from safetensors.numpy import load_file, save_file

from convqa.config import shipped_models
from convqa.registry import find_bundle
from convqa.schema import LANGUAGES
from training import promote, register

pytestmark = [*MARKS, pytest.mark.model]

AUTHORED = Path(__file__).parents[2] / "data" / "authored"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A store, a run, and a small part of the test set as the data of this project."""
    folder = tmp_path_factory.mktemp("promote")
    store = store_in(folder)
    mlflow.set_tracking_uri(store)
    mlflow.create_experiment(register.EXPERIMENT, artifact_location=str(folder / "files"))
    (folder / "corpora" / "authored").mkdir(parents=True)
    for language in LANGUAGES:
        for name, step in (("segments.3", 12), ("transcripts.2", 10)):
            file = f"{language}.{name}.jsonl"
            lines = (AUTHORED / file).read_text(encoding="utf-8").splitlines(keepends=True)
            text = "".join(lines[::step])
            (folder / "corpora" / "authored" / file).write_text(text, encoding="utf-8")
    score(folder / "run", [SAMPLES / "en"])
    return folder


@pytest.fixture(autouse=True)
def _own_cache(place, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))


def options(place, *more):
    paths = ["--corpora", str(place / "corpora"), "--work", str(place / "none")]
    return [*paths, "--tracking-uri", store_in(place), *map(str, more)]


def damaged(bundle, folder):
    """Return a copy of a bundle whose heads of agents say the opposite."""
    shutil.copytree(bundle, folder)
    tensors = load_file(folder / "heads.safetensors")
    tensors["agent.output.weight"] = np.negative(tensors["agent.output.weight"])
    save_file(tensors, folder / "heads.safetensors")
    manifest = json.loads((folder / "manifest.json").read_text())
    content = (folder / "heads.safetensors").read_bytes()
    manifest["files"]["heads.safetensors"] = hashlib.sha256(content).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def champion():
    """Return the number of the version that is champion."""
    return int(mlflow.MlflowClient().get_model_version_by_alias("convqa", "champion").version)


def test_the_worse_is_refused_with_reasons_and_the_better_promoted(place, capsys):
    shipped = find_bundle("convqa-multilingual")
    assert register.main(options(place, "--bundle", shipped)) == 0
    assert promote.main(options(place)) == 0
    assert champion() == 1

    assert promote.main(options(place)) == 1
    assert "both are the same bundle" in capsys.readouterr().out

    # A training's working folder, with figures that were measured before.
    damaged(shipped, place / "work" / "bundle")
    (logged,) = (place / "files").glob("*/artifacts/metrics.json")
    shutil.copy(logged, place / "work")
    assert register.main(options(place, "--work", place / "work")) == 0
    assert promote.main(options(place, "--run", place / "run")) == 1
    said = capsys.readouterr().out
    assert "Not promoted:\n- the mean of the task figures is not better" in said
    for language in LANGUAGES:
        assert f"- worse in the language {language}: " in said
    assert "12 conversations" in said
    assert "Largest changes" in said
    assert champion() == 1
    client = mlflow.MlflowClient()
    worse = client.get_model_version("convqa", "2")
    params = mlflow.get_run(worse.run_id).data.params
    assert params["fine_tune.max_tokens"]
    assert params["version"]
    tags = worse.tags
    assert tags["promotion"].startswith("refused against version 1: the mean")

    client.set_registered_model_alias("convqa", "champion", "2")
    client.set_registered_model_alias("convqa", "challenger", "1")
    assert promote.main(options(place, "--run", place / "run")) == 0
    assert champion() == 1
    tags = client.get_model_version("convqa", "1").tags
    assert tags["promotion"] == "promoted: better than version 2"
    assert tags["promotion_test_sha256"] == register.test_digest(place / "corpora")


def test_training_run_has_figures_pictures_and_digests(place):
    (run,) = mlflow.search_runs(
        experiment_names=[register.EXPERIMENT], output_format="list",
        filter_string="params.bundle_sha256 LIKE '%'", order_by=["start_time ASC"], max_results=1,
    )  # fmt: skip
    metrics, client = run.data.metrics, mlflow.MlflowClient()
    for language in ("all", *LANGUAGES):
        assert 0 < metrics[f"{language}/agent politeness.segments"] <= 1
    assert "all/resolution.transcripts" in metrics
    shown = client.get_model_version("convqa", "1").description
    assert shown == run.data.tags["mlflow.note.content"]
    value = metrics["all/agent politeness.all"]
    assert f"| agent politeness | all | macro-F1 | {value:.3f} |" in shown
    assert "clean conversations" in shown
    assert metrics["clean/flagged.all"] < 0.5
    assert run.data.params["data.authored test"] == register.test_digest(place / "corpora")
    assert [i.dataset.name for i in run.inputs.dataset_inputs] == ["authored test"]
    pictures = client.list_artifacts(run.info.run_id, "confusion")
    assert {"confusion/agent_politeness.png", "confusion/customer_emotion.png"} <= {
        p.path for p in pictures
    }
    path = client.download_artifacts(run.info.run_id, pictures[0].path, str(place))
    assert Path(path).read_bytes().startswith(b"\x89PNG")


def test_no_text_is_logged(place):
    words = {
        json.loads(line)["text"]
        for path in (place / "corpora" / "authored").glob("*.segments.*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    logged = [p for p in (place / "files").glob("*/artifacts/**/*.json") if p.is_file()]
    assert logged
    everything = "".join(path.read_text(encoding="utf-8") for path in logged)
    assert not [text for text in words if len(text) > 20 and text in everything]


def test_newest_finished_run_is_compared(place):
    assert promote.newest_run(place) == place / "run"
    assert promote.newest_run(shipped_models()) is None


def test_registry_without_challenger_is_one_clear_error(tmp_path, capsys, place):
    words = options(place)[:-1]
    assert promote.main([*words, store_in(tmp_path)]) == 2
    assert "models:/convqa@challenger: cannot be had" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("step", "own"), [(promote, ["--run"]), (register, ["--bundle"])], ids=["promote", "register"]
)
def test_help_names_the_options_of_the_step_beside_the_shared_ones(step, own, capsys):
    with pytest.raises(SystemExit) as ended:
        step.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    assert all(option in shown for option in [*own, "--tracking-uri", "--corpora", "--work"])
