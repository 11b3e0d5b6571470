import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from convqa.encoder.bundle import load_bundle
from convqa.errors import ModelBundleError
from convqa.registry import find_bundle
from mlflow_stores import MARKS, TINY, store_in, use_store

pytestmark = MARKS

mlflow = pytest.importorskip("mlflow")
register = pytest.importorskip("convqa.registry.register")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A registry with the tiny bundle as challenger."""
    folder = tmp_path_factory.mktemp("store")
    use_store(folder)
    with mlflow.start_run():
        register.register_bundle(TINY)
    return folder


@pytest.fixture(autouse=True)
def _own_cache(store, tmp_path, monkeypatch):
    use_store(store)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_bundle_of_an_alias_is_the_one_registered(tmp_path):
    folder = find_bundle("models:/convqa@challenger")
    assert load_bundle(folder).version_info == load_bundle(TINY).version_info
    assert folder.is_relative_to(tmp_path / "cache")
    assert find_bundle("models:/convqa/1") == folder


def test_bundle_that_is_known_is_not_fetched_again(monkeypatch):
    folder = find_bundle("models:/convqa@challenger")
    monkeypatch.setattr(mlflow.artifacts, "download_artifacts", None)
    assert find_bundle("models:/convqa@challenger") == folder


def test_cached_bundle_that_was_damaged_is_fetched_again():
    folder = find_bundle("models:/convqa@challenger")
    (folder / "heads.safetensors").write_bytes(b"x")
    assert load_bundle(find_bundle("models:/convqa@challenger")).path == folder


def test_damage_in_the_registry_is_one_clear_error(store, tmp_path):
    copy = shutil.copytree(TINY, tmp_path / "copy")
    with mlflow.start_run():
        register.register_bundle(copy)
    (newest,) = sorted(store.glob("files/models/*/artifacts"), key=os.path.getmtime)[-1:]
    (newest / "artifacts" / "bundle" / "heads.safetensors").write_bytes(b"x")
    with pytest.raises(ModelBundleError, match="damaged or was replaced"):
        find_bundle("models:/convqa/2")
    assert not list((tmp_path / "cache" / "convqa" / "bundles").iterdir())


@pytest.mark.parametrize("uri", ["models:/", "models:/x", "models:/a@b@c", "models:/convqa/../x"])
def test_what_is_no_name_of_a_model_is_refused(uri):
    with pytest.raises(ModelBundleError, match="models:/NAME@ALIAS"):
        find_bundle(uri)


def test_alias_that_nobody_set_is_one_clear_error():
    with pytest.raises(ModelBundleError, match=r"@champion: cannot be had from .*mlflow\.db"):
        find_bundle("models:/convqa@champion")


def test_store_that_is_not_there_is_not_made(tmp_path):
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'none.db'}")
    with pytest.raises(ModelBundleError, match="there is no registry"):
        find_bundle("models:/convqa@champion")
    assert not (tmp_path / "none.db").exists()


def test_store_that_is_no_database_is_one_clear_error(tmp_path):
    (tmp_path / "notes.db").write_text("no database")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'notes.db'}")
    with pytest.raises(ModelBundleError, match=r"notes\.db is no SQLite database"):
        find_bundle("models:/convqa@champion")


def test_password_of_a_server_is_not_told():
    mlflow.set_tracking_uri("http://user:secret@127.0.0.1:9")
    with pytest.raises(ModelBundleError, match=r"registry at http://127\.0\.0\.1:9 ") as caught:
        find_bundle("models:/convqa@champion")
    assert "secret" not in str(caught.value)


def test_model_is_code_and_plain_files_with_signature_and_example(store):
    (logged,) = list(store.glob("files/models/*/artifacts"))[:1]
    names = {path.name for path in logged.rglob("*") if path.is_file()}
    assert {"from_code.py", "encoder.onnx", "manifest.json", "input_example.json"} <= names
    assert {Path(name).suffix for name in names} == {
        "", ".json", ".onnx", ".py", ".safetensors", ".txt", ".yaml",
    }  # fmt: skip
    signature = mlflow.models.get_model_info("models:/convqa@challenger").signature
    assert signature.inputs.input_names() == ["role", "text", "context"]
    assert "forbidden_probabilities" in signature.outputs.input_names()


def test_loaded_model_labels_like_classify():
    model = mlflow.pyfunc.load_model("models:/convqa/1")
    rows = [{"role": "agent", "text": "Hello, Ann here."}, {"role": "customer", "text": "Hi"}]
    agent, customer = model.predict(rows).to_dict(orient="records")
    assert agent["politeness"]["label"] in agent["politeness"]["probabilities"]
    assert agent["emotion"] is None
    assert customer["emotion"]["label"] in ("negative", "neutral", "positive")
    assert customer["forbidden"] == []


def test_row_with_another_role_is_named_by_its_number():
    model = mlflow.pyfunc.load_model("models:/convqa/1")
    with pytest.raises(Exception, match="row 1: role: must be one of") as caught:
        model.predict([{"role": "agent", "text": "a"}, {"role": "boss", "text": "private"}])
    assert "private" not in str(caught.value)


_SILENT = """
import os, socket, sys
assert not {"CI", "PYTEST_CURRENT_TEST"} & set(os.environ)
attempts = []
def refuse(*args, **kwargs):
    attempts.append(repr(args[:2])); raise OSError("no network here")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
import convqa.registry
import mlflow
from pathlib import Path
from convqa.registry import find_bundle
from convqa.registry.register import register_bundle
from mlflow.telemetry import get_telemetry_client
with mlflow.start_run():
    register_bundle(Path(sys.argv[1]))
find_bundle("models:/convqa@challenger")
import json, time
time.sleep(1)  # telemetry is sent by a thread
print(json.dumps({"attempts": attempts, "client": get_telemetry_client() is not None,
                  "hub": os.environ["HF_HUB_DISABLE_TELEMETRY"]}))
"""


def test_nothing_is_sent_also_outside_ci_and_pytest(tmp_path):
    kept = {"PATH", "PYTHONPATH", "LANG", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name in kept}
    environment |= {
        "HOME": str(tmp_path), "OMP_NUM_THREADS": "1",
        "MLFLOW_TRACKING_URI": store_in(tmp_path),
    }  # fmt: skip
    found = subprocess.run(
        [sys.executable, "-c", _SILENT, str(TINY)], cwd=tmp_path, env=environment,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    report = json.loads(found.stdout.splitlines()[-1])
    assert report == {"attempts": [], "client": False, "hub": "1"}
