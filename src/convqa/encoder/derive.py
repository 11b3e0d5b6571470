"""Write a bundle that differs from another in its heads; the other is left as it is."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from convqa.encoder.bundle import HEADS, MANIFEST, Bundle, load_bundle
from convqa.encoder.manifest import CustomHead, Head, Parent
from convqa.encoder.weights import read_tensors
from convqa.errors import ConfigError, ModelBundleError

CARD = "MODEL_CARD.md"


@dataclass(frozen=True, slots=True)
class Change:
    """What a derived bundle has of its own; `tensors` replace or join those of the parent."""

    version: str
    parent: Parent
    heads: tuple[Head, ...]
    custom_heads: tuple[CustomHead, ...]
    tensors: Mapping[str, NDArray[np.generic]]
    card: str


def read_card(bundle: Bundle) -> str:
    """Return the model card of a bundle, empty where it has none."""
    return (bundle.path / CARD).read_text(encoding="utf-8") if has_card(bundle) else ""


def has_card(bundle: Bundle) -> bool:
    """Return whether the bundle has a model card."""
    return (bundle.path / CARD).is_file()


def check_is_new(folder: Path) -> None:
    """Refuse a folder that has anything in it.

    Raises:
        ConfigError: The folder is not empty, or is a file.
    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise ConfigError(f"{folder}: is there already; give the name of a new folder")


def derive_bundle(bundle: Bundle, folder: Path, change: Change) -> Bundle:
    """Write a bundle with changed heads into a new folder, whole or not at all, and load it.

    Raises:
        ConfigError: The folder is not empty.
        ModelBundleError: The folder cannot be written.
    """
    check_is_new(folder)
    folder = folder.resolve()
    temporary = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
    try:
        temporary.mkdir(parents=True)
        _fill(bundle, temporary, change)
        if folder.is_dir():
            folder.rmdir()
        temporary.rename(folder)
    except OSError as err:
        raise ModelBundleError(
            f"{folder}: cannot be written ({err.strerror}); free space or choose another place"
        ) from err
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return load_bundle(folder)


def _fill(bundle: Bundle, folder: Path, change: Change) -> None:
    for name in bundle.manifest.files:
        if name not in {HEADS, CARD}:
            shutil.copyfile(bundle.path / name, folder / name)
    tensors = {**read_tensors(bundle.path / HEADS), **change.tensors}
    (folder / HEADS).write_bytes(save(dict(sorted(tensors.items()))))
    (folder / CARD).write_text(change.card, encoding="utf-8")
    names = {*bundle.manifest.files, CARD}
    manifest = bundle.manifest.model_copy(
        update={
            "version": change.version,
            "parent": change.parent,
            "heads": change.heads,
            "custom_heads": change.custom_heads,
            "files": {
                name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
                for name in sorted(names)
            },
        }
    )
    text = manifest.model_dump_json(indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
