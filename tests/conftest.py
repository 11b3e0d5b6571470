"""What a machine may lack: tests that need it are skipped; in CI nothing may lack."""

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of the code.
settings.register_profile("convqa", deadline=None)
settings.load_profile("convqa")

ROOT = Path(__file__).parents[1]

MISSING = {
    need: remedy
    for need, is_there, remedy in (
        ("browser", Path("/usr/bin/chromium").exists(), "Chromium: apt-get install chromium"),
        ("ray", importlib.util.find_spec("ray") is not None, "Ray: pip install 'convqa[ray]'"),
        (
            "mlflow",
            importlib.util.find_spec("mlflow") is not None,
            "MLflow: pip install 'convqa[mlflow]'",
        ),
        ("torch", importlib.util.find_spec("torch") is not None, "torch: make training"),
        ("model", any((ROOT / "models").glob("*/*/manifest.json")), "a bundle in models/"),
    )
    if not is_there
}


def pytest_sessionstart():
    if os.environ.get("CI") and MISSING:
        pytest.exit(f"CI needs {'; '.join(MISSING.values())}", returncode=1)


def pytest_runtest_setup(item):
    for need, remedy in MISSING.items():
        if item.get_closest_marker(need) is not None:
            pytest.skip(f"needs {remedy}")
