"""The settings of a training run, read from `configs/training.yaml` and the command line."""

import argparse
import hashlib
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from convqa.encoder.bundle import MANIFEST
from convqa.errors import ConfigError, ConvqaError, ModelBundleError
from training.public_sets import Corpora

logger = logging.getLogger(__name__)

ROOT = Path(__file__).parents[1]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BaseSettings(_Section):
    """The pretrained encoder: the packages that carry it, and how much of it is kept.

    `bundle` is an earlier bundle to go on from instead, with its own vocabulary. Where
    `keeps_encoder`, its encoder stays as it is and only heads are fitted.
    """

    packages: tuple[str, ...]
    weights: str
    sha256: str
    tokenizer: str
    layers: tuple[int, ...]
    min_piece_count: int
    max_pieces: int
    align_pairs: int
    bundle: Path | None = None
    keeps_encoder: bool = False

    @model_validator(mode="after")
    def _has_an_encoder_to_keep(self) -> Self:
        if self.keeps_encoder and self.bundle is None:
            raise ValueError("keeps_encoder needs bundle: the one whose encoder is kept")
        return self

    def digest(self) -> str:
        """Return what identifies the start: these settings and the content of the bundle.

        Raises:
            ConfigError: There is no such bundle.
        """
        found = hashlib.sha256(self.model_dump_json().encode())
        if self.bundle is not None:
            found.update(bundle_file(self.bundle, MANIFEST).read_bytes())
        return found.hexdigest()


class FineTuneSettings(_Section):
    """One fine-tuning of encoder and heads; `learning_rate` is that of the top layer.

    Going on from a bundle, `new_files` are the writer files that it has not learnt from, such as
    `segments.8`; of all others each epoch reads another `known_share`. `start_share` of the weights
    that are saved are those of the start (Wortsman et al. 2022, https://arxiv.org/abs/2109.01903).
    """

    epochs: int
    max_minutes: float
    frozen_layers: int
    batch_examples: int
    max_tokens: int
    learning_rate: float
    head_learning_rate: float
    layer_decay: float
    warmup_share: float
    decay_share: float
    weight_decay: float
    label_smoothing: float
    vector_noise: float
    augment_share: float
    auxiliary_share: float
    average_decay: float
    whole_turn_share: float
    hidden: int
    dropout: float
    seed: int
    new_files: tuple[str, ...] = ()
    known_share: float = 1.0
    start_share: float = 0.0


class ExportSettings(_Section):
    """How the graph is quantised."""

    calibration_texts: int


class HeadSettings(_Section):
    """The heads that ship, fitted on the vectors that the exported graph gives.

    `vector_noise` is the deviation of what is added to those vectors, in the units of training. The
    logits of a role are the mean of those of `members` heads, each with `hidden` values. To go on
    from such a bundle, `hidden` of `fine_tune` must be at least their product. A label of
    politeness, empathy or emotion weighs (mean count / its count) ** `label_weight_power`.
    """

    members: int = Field(ge=1)
    hidden: int
    dropout: float
    vector_noise: float
    epochs: int
    learning_rate: float
    weight_decay: float
    label_weight_power: float = Field(ge=0, le=1)
    conversation_c: float
    vector_c: float

    @property
    def n_hidden(self) -> int:
        """Return the number of hidden values that a role has in the bundle."""
        return self.members * self.hidden


class Settings(_Section):
    """All of `configs/training.yaml`."""

    name: str
    version: str
    base: BaseSettings
    fine_tune: FineTuneSettings
    export: ExportSettings
    heads: HeadSettings
    clean_false_flag_share: float
    storage_floor: float


class Paths(_Section):
    """Where a run reads and writes; `hub` lets public sets come from the Hugging Face hub."""

    corpora: Path
    hub: bool = False
    base: Path
    work: Path
    settings: Path

    @classmethod
    def of(cls, options: argparse.Namespace) -> "Paths":
        """Take the paths out of read options, of which a step may have more."""
        return cls.model_validate({name: getattr(options, name) for name in cls.model_fields})

    @property
    def public(self) -> Corpora:
        """Return where public data sets are read from."""
        return Corpora(self.corpora, use_hub=self.hub)

    def load(self) -> Settings:
        """Read the settings file.

        Raises:
            ConfigError: There is none, or it is not one of a training.
        """
        try:
            content = yaml.safe_load(self.settings.read_text(encoding="utf-8"))
            return Settings.model_validate(content)
        except (OSError, yaml.YAMLError) as err:
            reason = " ".join(str(err).split())
            raise ConfigError(f"{self.settings}: cannot be read ({reason})") from err
        except ValidationError as err:
            first = err.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "the file"
            raise ConfigError(f"{self.settings}: {where}: {first['msg']}") from err


def bundle_file(bundle: Path, name: str) -> Path:
    """Return a file of the bundle that the settings go on from.

    Raises:
        ConfigError: It is not there.
    """
    if not (bundle / name).is_file():
        raise ConfigError(
            f"{bundle}: has no {name}, so it is no bundle to go on from; "
            "change `bundle` in the settings"
        )
    return bundle / name


def needed(path: Path, *, after: str) -> Path:
    """Return the path of a file that the step `after` writes.

    Raises:
        ModelBundleError: It is not there.
    """
    if not path.is_file():
        raise ModelBundleError(f"{path}: is not there; run `python -m training.{after}` first")
    return path


def run_step(name: str, step: Callable[[Paths], object]) -> None:
    """Run a step with the options of the command line; a mistake ends it in one line and with 2."""
    try:
        step(parse_paths(name))
    except ConvqaError as error:
        logger.error("training.%s: %s", name, error)
        sys.exit(2)


def parse_paths(step: str, argv: Sequence[str] | None = None) -> Paths:
    """Read the options of a step that has none but those that all share."""
    parser = argparse.ArgumentParser(prog=f"python -m training.{step}", parents=[shared_options()])
    return Paths.of(parser.parse_args(argv))


def shared_options() -> argparse.ArgumentParser:
    """Return the options that all steps share, for `parents` of a step's parser."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--corpora", type=Path, default=ROOT / "data", help="folder of data sets")
    parser.add_argument(
        "--hub", action="store_true", help="take public sets that are not there from the hub"
    )
    parser.add_argument("--base", type=Path, default=ROOT / "work" / "base", help="base encoder")
    parser.add_argument("--work", type=Path, default=ROOT / "work" / "train", help="working files")
    parser.add_argument("--settings", type=Path, default=ROOT / "configs" / "training.yaml")
    return parser
