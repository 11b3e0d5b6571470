"""Bundles in an MLflow model registry: fetched once, kept by digest, and checked like any other.

Only the files of the bundle are taken. The code that was logged beside them is never run here, so
whoever can write to a registry cannot run code where transcripts are scored.
"""

import os
import re
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import mlflow
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from requests import RequestException

from convqa.encoder.bundle import load_bundle
from convqa.errors import ModelBundleError

MODEL_NAME = "convqa"
CHALLENGER = "challenger"
CHAMPION = "champion"
DIGEST_TAG = "bundle_sha256"
# Where the files of the bundle lie in a logged model.
BUNDLE_FOLDER = "artifacts/bundle"

_URI = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[^/@]+)|/(?P<version>\d+))")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SQLITE = "sqlite:///"
_SQLITE_HEADER = b"SQLite format 3\0"


def fetch_bundle(uri: str) -> Path:
    """Return the folder of the bundle that a registry names, downloaded unless it is known.

    Args:
        uri: `models:/name@alias` or `models:/name/version`; `MLFLOW_TRACKING_URI` (or
            `MLFLOW_REGISTRY_URI`) says which registry: `sqlite:///file.db` or a tracking server.

    Raises:
        ModelBundleError: The registry has no such model, cannot be reached, or gives files that are
            damaged or no bundle of convqa.
    """
    found = _URI.fullmatch(uri)
    if found is None:
        raise ModelBundleError(
            f"{uri}: is no model of a registry; give models:/NAME@ALIAS or models:/NAME/VERSION"
        )
    _check_store(uri)
    try:
        version = _model_version(**found.groupdict())
        kept = _kept(version.tags.get(DIGEST_TAG, ""))
        return kept or _download(version)
    except (MlflowException, RequestException, OSError) as err:
        code = getattr(err, "error_code", type(err).__name__)
        raise ModelBundleError(
            f"{uri}: cannot be had from the registry at {registry_name()} ({code}); check the name "
            "and MLFLOW_TRACKING_URI"
        ) from err


def registry_name() -> str:
    """Return the address of the registry without the user name and password it may hold."""
    address = str(mlflow.get_registry_uri())
    netloc = urlsplit(address).netloc
    return address.replace(netloc, netloc.rpartition("@")[2], 1) if "@" in netloc else address


def _check_store(uri: str) -> None:
    """Refuse a local store that is not there, which MLflow would make, empty, on asking."""
    address = mlflow.get_registry_uri()
    path = address.removeprefix(_SQLITE)
    if path != address and not Path(path).is_file():
        raise ModelBundleError(
            f"{uri}: there is no registry at {address}; set MLFLOW_TRACKING_URI to the one you mean"
        )
    if is_other_file(address):
        raise ModelBundleError(
            f"{uri}: {address} is no SQLite database; set MLFLOW_TRACKING_URI to the one you mean"
        )


def is_other_file(address: str) -> bool:
    """Return whether an address names a file that is there and is no SQLite database."""
    path = Path(address.removeprefix(_SQLITE))
    if not address.startswith(_SQLITE) or not path.is_file():
        return False
    with path.open("rb") as file:
        begun = file.read(len(_SQLITE_HEADER))
    return begun not in {b"", _SQLITE_HEADER}


def _model_version(name: str, alias: str | None, version: str | None) -> ModelVersion:
    client = mlflow.MlflowClient()
    if version is not None:
        return client.get_model_version(name, version)
    return client.get_model_version_by_alias(name, alias or CHAMPION)


def _kept(digest: str) -> Path | None:
    """Return the folder where a bundle was kept, None where it was not, or is not whole."""
    folder = _cache() / digest
    if not _SHA256.fullmatch(digest) or not folder.is_dir():
        return None
    try:
        return folder if load_bundle(folder).version_info.sha256 == digest else None
    except ModelBundleError:
        return None


def _download(version: ModelVersion) -> Path:
    """Download a bundle, check it, and keep it under the digest of its manifest."""
    cache = _cache()
    cache.mkdir(parents=True, exist_ok=True)
    source = f"models:/{version.name}/{version.version}/{BUNDLE_FOLDER}"
    with tempfile.TemporaryDirectory(dir=cache) as place:
        fetched = mlflow.artifacts.download_artifacts(artifact_uri=source, dst_path=place)
        folder = cache / load_bundle(Path(fetched)).version_info.sha256
        if _kept(folder.name) is None:
            shutil.rmtree(folder, ignore_errors=True)
            Path(fetched).rename(folder)
    return folder


def _cache() -> Path:
    """Return where fetched bundles are kept, by the XDG base directory specification."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "convqa" / "bundles"
