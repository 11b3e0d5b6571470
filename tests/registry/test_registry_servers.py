"""A real tracking server, and the model served by MLflow, over HTTP as users have them."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from convqa.encoder.bundle import load_bundle
from mlflow_stores import MARKS, TINY, running, store_in
from runs_of_samples import SAMPLES

pytestmark = MARKS

mlflow = pytest.importorskip("mlflow")
register = pytest.importorskip("convqa.registry.register")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The environment of a user of a tracking server that has the tiny bundle as champion."""
    folder = tmp_path_factory.mktemp("server")
    environment = dict(os.environ) | {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # nothing here asks for jobs
        "OMP_NUM_THREADS": "1",
        # As in an activated environment: MLflow starts `uvicorn` by name.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "XDG_CACHE_HOME": str(folder / "cache"),
    }
    words = ("server", "--workers", "1", "--backend-store-uri", store_in(folder),
             "--artifacts-destination", str(folder / "files"))  # fmt: skip
    with running(*words, environment=environment) as address:
        mlflow.set_tracking_uri(address)
        mlflow.set_experiment("convqa training")
        with mlflow.start_run():
            version = register.register_bundle(TINY)
        mlflow.MlflowClient().set_registered_model_alias("convqa", "champion", version.version)
        yield environment | {"MLFLOW_TRACKING_URI": address}


def test_score_takes_the_champion_of_a_server_and_logs_to_it(served, tmp_path):
    words = ["score", str(SAMPLES / "en"), "--out", str(tmp_path / "run"), "--workers", "1",
             "--model", "models:/convqa@champion", "--mlflow-experiment", "nights"]  # fmt: skip
    subprocess.run([Path(sys.executable).with_name("convqa"), *words], env=served,
                   stdout=subprocess.DEVNULL, check=True)  # fmt: skip
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert manifest["model"]["sha256"] == load_bundle(TINY).version_info.sha256
    (run,) = mlflow.search_runs(experiment_names=["nights"], output_format="list")
    assert run.data.metrics["counts/evaluated"] == manifest["counts"]["evaluated"]


def test_model_served_by_mlflow_answers_with_labels(served):
    words = ("models", "serve", "-m", "models:/convqa@champion", "--env-manager", "local")
    rows = [{"role": "agent", "text": "Good morning!", "context": "Hello?"}]
    with running(*words, environment=served, path="/ping") as address:
        request = urllib.request.Request(
            f"{address}/invocations", json.dumps({"dataframe_records": rows}).encode(),
            {"Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as response:
            (answer,) = json.load(response)["predictions"]
    assert set(answer["politeness"]["probabilities"]) == {"polite", "neutral", "impolite"}
    assert answer["emotion"] is None
