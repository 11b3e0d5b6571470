"""YAML files of the reading side, checked against a model."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from convqa.config import read_yaml
from convqa.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


def load_yaml(path: Path, model: type[Model]) -> Model:
    """Return the contents of a YAML file as a model.

    Raises:
        ConfigError: The file cannot be read or does not fit the model; one line with its place.
    """
    file = read_yaml(path)
    try:
        return model.model_validate({} if file.value is None else file.value)
    except ValidationError as err:
        fault = err.errors(include_url=False, include_context=False)[0]
        key = ".".join(str(step) for step in fault["loc"])
        known = ", ".join(model.model_fields)
        remedy = f"; known keys: {known}" if len(fault["loc"]) <= 1 else ""
        place = f"{path}:{file.line_of(fault['loc'])}"
        raise ConfigError(f"{place}: {key or 'the file'}: {fault['msg']}{remedy}") from err
