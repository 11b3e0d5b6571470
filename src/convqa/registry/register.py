"""A bundle logged to MLflow as a model and registered under the project's name."""

import shutil
import tempfile
from pathlib import Path

import mlflow
from mlflow.entities.model_registry import ModelVersion

from convqa import __version__
from convqa.encoder.bundle import load_bundle
from convqa.registry.model import ARTIFACT, EXAMPLE, SIGNATURE
from convqa.registry.tracked import CHALLENGER, DIGEST_TAG, MODEL_NAME

_CODE = Path(__file__).with_name("from_code.py")


def register_bundle(folder: Path) -> ModelVersion:
    """Log a bundle in the active run and register it as `convqa`, alias `challenger`.

    Raises:
        ModelBundleError: The bundle is damaged.
    """
    info = load_bundle(folder).version_info
    with tempfile.TemporaryDirectory() as place:
        # MLflow keeps an artifact under the name of its folder, which for a bundle is a version.
        copy = shutil.copytree(folder, Path(place) / ARTIFACT)
        logged = mlflow.pyfunc.log_model(
            name=info.name,
            python_model=str(_CODE),
            artifacts={ARTIFACT: str(copy)},
            signature=SIGNATURE,
            input_example=EXAMPLE,
            pip_requirements=[f"convqa[mlflow]=={__version__}"],
            registered_model_name=MODEL_NAME,
            metadata={"bundle": info.name, "bundle_version": info.version},
        )
    client = mlflow.MlflowClient()
    number = str(logged.registered_model_version)
    for key, value in ((DIGEST_TAG, info.sha256), ("bundle", f"{info.name} {info.version}")):
        client.set_model_version_tag(MODEL_NAME, number, key, value)
    client.set_registered_model_alias(MODEL_NAME, CHALLENGER, number)
    return client.get_model_version(MODEL_NAME, number)
