"""What a machine may lack: tests that need it are skipped with the reason, and fail in CI."""

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no fault of the code.
settings.register_profile("convqa", deadline=None)
settings.load_profile("convqa")

ROOT = Path(__file__).parents[1]

NEEDS = {
    "browser": (
        lambda: Path("/usr/bin/chromium").exists(),
        "needs Chromium (apt-get install chromium)",
    ),
    "ray": (
        lambda: importlib.util.find_spec("ray") is not None,
        "needs Ray (pip install 'convqa[ray]')",
    ),
    "training": (
        lambda: importlib.util.find_spec("torch") is not None,
        "needs torch and transformers (make training)",
    ),
    "model": (
        lambda: any((ROOT / "models").glob("*/*/manifest.json")),
        "needs a model bundle in models/",
    ),
}


def pytest_runtest_setup(item):
    for marker, (is_there, reason) in NEEDS.items():
        if item.get_closest_marker(marker) is not None and not is_there():
            if os.environ.get("CI"):
                pytest.fail(f"CI {reason}", pytrace=False)
            pytest.skip(reason)
