"""What a bundle says about itself in `manifest.json`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Since 2 a graph has no mask, so its batches must not be padded, and heads may read the past.
FORMAT_VERSION = 2

# Small letters, digits and `_`, as the names of a standard.
NAME_PATTERN = r"^[a-z][a-z0-9_]*$"

Task = Literal["politeness", "empathy", "acts", "emotion", "forbidden", "resolution", "ending"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Columns(_Part):
    """Labels in the order of a head's columns.

    `activation` is `softmax` where exactly one label holds, else `sigmoid`. A calibrated
    probability is that of `scale * logit + bias`. A label needs its threshold to be present; of
    softmax labels the likeliest one that reaches its own is, so one of them must have 0. Labels
    that may be held against somebody have the high ones.
    """

    activation: Literal["softmax", "sigmoid"]
    labels: tuple[str, ...] = Field(min_length=1)
    scale: tuple[float, ...]
    bias: tuple[float, ...]
    thresholds: tuple[float, ...]

    @model_validator(mode="after")
    def _one_number_a_label(self) -> "Columns":
        n = len(self.labels)
        what = ", ".join(self.labels)
        if not len(self.scale) == len(self.bias) == len(self.thresholds) == n:
            raise ValueError(f"{what}: scale, bias and thresholds must each have {n} numbers")
        if not all(0 <= threshold < 1 for threshold in self.thresholds):
            raise ValueError(f"{what}: thresholds must lie between 0 and 1")
        if self.activation == "softmax" and min(self.thresholds) > 0:
            raise ValueError(f"{what}: one label must have threshold 0, to hold when none does")
        return self


class Output(Columns):
    """The labels of one task of a built-in head."""

    task: Task


class CustomHead(Columns):
    """A head of an organisation's own, which reads the segments of one role.

    A yes/no head has one label, its own name.
    """

    name: str = Field(pattern=NAME_PATTERN, max_length=60)
    role: Literal["agent", "customer"]

    @property
    def finding_labels(self) -> tuple[str, ...]:
        """The labels as findings and standards write them: `NAME`, or `NAME.LABEL` of several."""
        return tuple(
            label if label == self.name else f"{self.name}.{label}" for label in self.labels
        )


class Parent(_Part):
    """The bundle that this one was made from, the head that was fitted, and by which labels."""

    name: str
    version: str
    sha256: str
    head: str
    labels_sha256: str


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
    gives the sha256 of every other file of the bundle. `custom_heads` and `parent` are what
    `convqa train heads` adds.
    """

    format_version: Literal[1, 2]
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
    custom_heads: tuple[CustomHead, ...] = ()
    parent: Parent | None = None

    @model_validator(mode="after")
    def _names_are_unique(self) -> "Manifest":
        names = [head.name for head in self.custom_heads]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two heads are named {', '.join(twice)}")
        return self

    @property
    def head_labels(self) -> dict[str, str]:
        """The labels of all custom heads, as findings and standards write them, with their role."""
        return {label: head.role for head in self.custom_heads for label in head.finding_labels}
