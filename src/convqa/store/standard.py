"""The standard of a run, kept with its results: a file edited later changes nothing of them."""

from pathlib import Path

from pydantic import ValidationError

from convqa.errors import StoreError
from convqa.output import open_atomic
from convqa.standard import Standard


def write_standard(run: Path, standard: Standard) -> None:
    """Write `standard.json`, phrase lists included."""
    with open_atomic(run / "standard.json") as file:
        file.write(standard.model_dump_json(indent=1).encode() + b"\n")


def read_standard(run: Path) -> Standard:
    """Return the standard that a run was scored with.

    Raises:
        StoreError: The file is missing or damaged.
    """
    path = run / "standard.json"
    try:
        return Standard.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StoreError(f"{path}: missing or damaged; score again into a new directory") from error
