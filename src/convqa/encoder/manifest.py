"""What a bundle says about itself in `manifest.json`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FORMAT_VERSION = 1

Task = Literal["politeness", "empathy", "acts", "emotion", "forbidden", "resolution", "ending"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(_Part):
    """The labels of one task, in the order of the head's columns.

    `activation` is `softmax` where exactly one label holds, else `sigmoid`. A calibrated
    probability is that of `scale * logit + bias`. A label needs its threshold to be present; of
    softmax labels the likeliest one that reaches its own is, so one of them must have 0. Labels
    that may be held against somebody have the high ones.
    """

    task: Task
    activation: Literal["softmax", "sigmoid"]
    labels: tuple[str, ...] = Field(min_length=1)
    scale: tuple[float, ...]
    bias: tuple[float, ...]
    thresholds: tuple[float, ...]

    @model_validator(mode="after")
    def _one_number_a_label(self) -> "Output":
        n = len(self.labels)
        if not len(self.scale) == len(self.bias) == len(self.thresholds) == n:
            raise ValueError(f"{self.task}: scale, bias and thresholds must each have {n} numbers")
        if not all(0 <= threshold < 1 for threshold in self.thresholds):
            raise ValueError(f"{self.task}: thresholds must lie between 0 and 1")
        if self.activation == "softmax" and min(self.thresholds) > 0:
            raise ValueError(
                f"{self.task}: one label must have threshold 0, to hold when none does"
            )
        return self


class Head(_Part):
    """One head: its name in `heads.safetensors` and its outputs in the order of its columns."""

    name: Literal["agent", "customer", "conversation"]
    outputs: tuple[Output, ...]


class DataSet(_Part):
    """A data set that the bundle was trained on."""

    name: str
    licence: str
    use: str


class Manifest(_Part):
    """`manifest.json`.

    `vector_scale` is the steps of the int8 vectors for one unit, `max_tokens` where a text is cut,
    special tokens counted. Findings with a probability under `storage_floor` are not kept. `files`
    gives the sha256 of every other file of the bundle.
    """

    format_version: Literal[1]
    name: str
    version: str
    languages: tuple[str, ...]
    width: int = Field(gt=0)
    max_tokens: int = Field(ge=8)
    vector_scale: float = Field(gt=0)
    storage_floor: float = Field(ge=0, lt=1)
    heads: tuple[Head, ...]
    data_sets: tuple[DataSet, ...]
    files: dict[str, str]
