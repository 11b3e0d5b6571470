"""What a user gets from `pip install .`, tried in an empty environment."""

import subprocess
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = [pytest.mark.slow, pytest.mark.model]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(ROOT)], check=True, cwd=folder)
    return folder


def run(installed, *command):
    return subprocess.run(
        [installed / "venv" / "bin" / command[0], *map(str, command[1:])],
        capture_output=True,
        text=True,
        cwd=installed,
        check=False,
    )


def test_installed_package_scores_with_its_own_model_and_standard(installed):
    scored = run(installed, "convqa", "score", ROOT / "data" / "samples" / "ro", "--out", "run")
    assert scored.returncode == 0, scored.stderr
    assert "read 12 = evaluated 12" in scored.stdout
    reported = run(installed, "convqa", "report", "run", "--output", "report.html")
    assert reported.returncode == 0, reported.stderr
    assert (installed / "report.html").stat().st_size > 50_000


def test_core_needs_no_torch_and_no_transformers(installed):
    listed = run(installed, "pip", "list", "--format", "freeze").stdout.lower()
    names = {line.split("==")[0] for line in listed.splitlines()}
    assert "onnxruntime" in names
    assert not names & {"torch", "transformers", "scikit-learn", "mlflow", "ray"}


def test_shipped_models_are_whole(installed):
    verified = run(installed, "convqa", "models", "verify")
    assert verified.returncode == 0
    assert str(installed) in verified.stdout


def test_help_works_without_any_optional_package(installed):
    assert "score" in run(installed, "convqa", "--help").stdout
