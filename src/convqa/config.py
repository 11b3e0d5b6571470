"""Where the files that ship with convqa lie.

In a wheel the top-level folders `configs/` and `models/` travel inside the package; in a checkout
they stand beside `src/`.
"""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped_configs() -> Path:
    """Return the folder of the shipped standards, phrase lists and settings."""
    return _shipped("configs")


def shipped_models() -> Path:
    """Return the folder that holds `<name>/<version>/` for each shipped model bundle."""
    return _shipped("models")


def _shipped(folder: str) -> Path:
    installed = _PACKAGE / f"_{folder}"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / folder
