"""Standards, mappings and model bundles by name or by path."""

import importlib.util
from pathlib import Path

from convqa.config import shipped_configs, shipped_models
from convqa.encoder.bundle import MANIFEST, list_bundles
from convqa.errors import ConfigError, ModelBundleError

TRACKED = "models:/"


def find_standard(name: str) -> Path:
    """Return the file of a standard: a path, or the name of a shipped one.

    Raises:
        ConfigError: There is no such file and none of that name ships.
    """
    return _find_config("standard", name)


def find_mapping(name: str) -> Path:
    """Return the file of a mapping of columns or fields: a path, or the name of a shipped one.

    Raises:
        ConfigError: There is no such file and none of that name ships.
    """
    return _find_config("mapping", name)


def _find_config(kind: str, name: str) -> Path:
    folder = shipped_configs() / f"{kind}s"
    for path in (Path(name), folder / f"{name}.yaml"):
        if path.is_file():
            return path
    names = ", ".join(sorted(p.stem for p in folder.glob("*.yaml") if "." not in p.stem))
    raise ConfigError(f"{name}: no such {kind}; give a YAML file or one of: {names}")


def find_bundle(name: str) -> Path:
    """Return the folder of a model bundle: a path, `name`, or `name/version`; the newest if unsaid.

    `models:/name@alias` and `models:/name/version` are fetched from the MLflow model registry.

    Raises:
        ModelBundleError: There is no such folder and none of that name ships, or the registry
            does not give it.
    """
    if name.startswith(TRACKED):
        return _tracked_bundle(name)
    if (Path(name) / MANIFEST).is_file():
        return Path(name)
    shipped = shipped_bundles()
    meant = [b for b in shipped if name in (b.parent.name, f"{b.parent.name}/{b.name}")]
    if meant:
        return max(meant, key=_version_key)
    known = ", ".join(f"{b.parent.name}/{b.name}" for b in shipped)
    raise ModelBundleError(f"{name}: no such model bundle; give a folder or one of: {known}")


def _tracked_bundle(uri: str) -> Path:
    if importlib.util.find_spec("mlflow") is None:
        raise ModelBundleError(
            f"{uri}: models of a registry need the package mlflow; install it with: "
            "pip install 'convqa[mlflow]'"
        )
    from convqa.registry.tracked import fetch_bundle

    return fetch_bundle(uri)


def shipped_bundles() -> list[Path]:
    """Return the folders of the bundles that ship, by name and version."""
    return list_bundles(shipped_models())


def _version_key(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.name.split(".") if part.isdecimal())
