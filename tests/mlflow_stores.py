"""MLflow for tests: imported once with its own warnings ignored, stores and servers of a test."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import warnings
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import convqa.registry  # noqa: F401  # switches telemetry off before MLflow is imported

if find_spec("mlflow") is not None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow.genai
        import mlflow.pyfunc

TINY = Path(__file__).parent / "data" / "tiny-bundle"

# MLflow warns about its own type hints, and leaves database connections to the garbage collector.
MARKS = [
    pytest.mark.mlflow,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@cache
def _empty_database():
    """Return the content of a store without runs, which takes MLflow seconds to make."""
    with TemporaryDirectory() as place:
        mlflow.set_tracking_uri(f"sqlite:///{place}/mlflow.db")
        mlflow.search_experiments()
        return Path(place, "mlflow.db").read_bytes()


def store_in(folder):
    """Return the address of a store in a folder, made if it is not there."""
    path = folder / "mlflow.db"
    if not path.exists():
        path.write_bytes(_empty_database())
    return f"sqlite:///{path}"


def use_store(folder):
    """Make MLflow of this process keep runs, models and files in a folder."""
    mlflow.set_tracking_uri(store_in(folder))
    name = "convqa training"
    if mlflow.get_experiment_by_name(name) is None:
        mlflow.create_experiment(name, artifact_location=str(folder / "files"))
    return mlflow.set_experiment(name)


@contextmanager
def running(*words, environment, path="/health"):
    """Run a server of MLflow on a free port until the block ends, and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", *words, "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address + path, process)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait_for(address, process):
    end = time.monotonic() + 120
    while time.monotonic() < end:
        assert process.poll() is None, "the server has ended"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.2)
    raise TimeoutError(address)
