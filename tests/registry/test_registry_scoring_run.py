import json

import pytest

from convqa.errors import ConfigError
from mlflow_stores import MARKS, use_store
from runs_of_samples import SAMPLES, score

pytestmark = [*MARKS, pytest.mark.model]

mlflow = pytest.importorskip("mlflow")
scoring_run = pytest.importorskip("convqa.registry.scoring_run")


@pytest.fixture(scope="module")
def logged(tmp_path_factory):
    """The metrics and parameters of two runs logged to one experiment, and the first run."""
    folder = tmp_path_factory.mktemp("nights")
    score(folder / "one", [SAMPLES / "en"])
    score(folder / "two", [SAMPLES / "pl"])
    use_store(folder)
    ids = [scoring_run.log_scoring_run(folder / name, "nights") for name in ("one", "two", "two")]
    return folder, [mlflow.get_run(identifier) for identifier in ids]


def test_counts_are_those_of_the_manifest(logged):
    folder, (first, *_) = logged
    manifest = json.loads((folder / "one" / "manifest.json").read_text())
    counts = {k: v for k, v in manifest["counts"].items() if k != "skip_reasons"}
    metrics = first.data.metrics
    assert {name: metrics[f"counts/{name}"] for name in counts} == counts
    assert metrics["flagged/en"] == counts["flagged"] / counts["evaluated"]
    assert first.data.params["model_sha256"] == manifest["model"]["sha256"]
    assert first.data.params["standard_name"] == "default"


def test_shares_of_scores_and_outcomes_add_up(logged):
    metrics = logged[1][0].data.metrics
    for start in ("score_share/", "outcome/greeting."):
        assert sum(v for k, v in metrics.items() if k.startswith(start)) == pytest.approx(1)
    assert 0 < metrics["label/politeness.impolite"] < 1


def test_first_run_has_no_drift_and_the_same_figures_again_none(logged):
    first, second, _ = (run.data.metrics for run in logged[1])
    assert not [name for name in first if name.startswith("drift/")]
    assert second["drift/score_psi"] > 0
    assert second["drift/label"] > 0
    assert set(scoring_run.drift_metrics(second, second).values()) == {0}


def test_a_run_is_logged_once(logged):
    _, second, third = logged[1]
    assert third.info.run_id == second.info.run_id


def test_score_psi_is_the_sum_over_the_bins():
    before = {"conversations/all": 100.0, "score_share/00-10": 0.5, "score_share/90-100": 0.5}
    now = before | {"score_share/00-10": 0.2, "score_share/90-100": 0.8}
    found = scoring_run.drift_metrics(before, now)["drift/score_psi"]
    assert found == pytest.approx(0.3 * 0.9163 + 0.3 * 0.4700, abs=1e-4)  # by hand


def test_nothing_personal_is_logged(logged):
    folder, runs = logged
    everything = json.dumps([[r.data.params, r.data.metrics, r.data.tags] for r in runs])
    record = json.loads(next((SAMPLES / "en").glob("*.jsonl")).read_text().splitlines()[0])
    assert record["turns"][0]["text"]
    for private in (record["id"], record["agent_id"], record["team"], str(folder), "samples"):
        assert private not in everything
    for run in runs:
        assert mlflow.MlflowClient().list_artifacts(run.info.run_id) == []


def test_server_that_does_not_answer_is_one_clear_error(logged):
    mlflow.set_tracking_uri("http://127.0.0.1:9")
    with pytest.raises(ConfigError, match="could not be logged to MLflow at http://127"):
        scoring_run.log_scoring_run(logged[0] / "one", "nights")


def test_store_that_is_no_database_is_one_clear_error(logged, tmp_path):
    (tmp_path / "notes.db").write_text("no database")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'notes.db'}")
    with pytest.raises(ConfigError, match=r"notes\.db is no SQLite database"):
        scoring_run.log_scoring_run(logged[0] / "one", "nights")
