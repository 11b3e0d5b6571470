"""The vectors of a standard's examples, kept in the run: rescoring needs no model for them."""

import base64
import json
from collections.abc import Mapping
from pathlib import Path

from convqa.errors import StoreError
from convqa.output import open_atomic

_NAME = "meanings.json"


def write_meanings(run: Path, vectors: Mapping[str, bytes]) -> None:
    """Write the vectors by text; nothing where there are none."""
    if not vectors:
        return
    encoded = {text: base64.b64encode(vector).decode() for text, vector in sorted(vectors.items())}
    with open_atomic(run / _NAME) as file:
        file.write(json.dumps(encoded, ensure_ascii=False, indent=1).encode() + b"\n")


def read_meanings(run: Path) -> dict[str, bytes]:
    """Return the vectors by text, none where the standard of the run has no examples.

    Raises:
        StoreError: The file is damaged.
    """
    path = run / _NAME
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_bytes())
        return {text: base64.b64decode(vector) for text, vector in content.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise StoreError(f"{path}: damaged; remove it and rescore with --model") from error
