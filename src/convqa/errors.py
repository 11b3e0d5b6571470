"""Errors a user can act on.

ConvqaError
├── TranscriptError     a record cannot be read
├── ConfigError         a YAML file or an option is wrong
├── ModelBundleError    model files are missing, changed or do not fit together
├── StoreError          a run directory or a database cannot be used
└── ReviewError         what a person asked of the review desk cannot be done

A message says what was found, where, and what would be right, in one line, and never holds
transcript text. The command line prints it and exits with 2; any other exception is a bug.
"""

from collections.abc import Sequence
from datetime import date


class ConvqaError(Exception):
    """Base of all errors that are the input's or the configuration's fault."""


class TranscriptError(ConvqaError):
    """A record cannot be read; it is rejected and the run goes on.

    Args:
        reason: What is wrong and what would be right, without transcript text.
        field: Dotted name of the field at fault, such as `turns[3].start`; empty for the record.
    """

    def __init__(self, reason: str, *, field: str = "") -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.reason = reason
        self.field = field


class ConfigError(ConvqaError):
    """A YAML file or an option is wrong."""


class ModelBundleError(ConvqaError):
    """Model files are missing, changed or do not fit together."""


class StoreError(ConvqaError):
    """A run directory or a database cannot be used."""


class ReviewError(ConvqaError):
    """What a person asked of the review desk cannot be done, or not any more.

    Args:
        message: For the command line and programs, in English.
        key: Names what the desk tells people instead, in their language.
        values: What those words need: `n` decides between singular and plural, `criterion` and
            `outcome` are codes, whatever else is a name, a number or a moment.
    """

    def __init__(self, message: str, key: str, **values: str | int | date | Sequence[str]) -> None:
        super().__init__(message)
        self.key = key
        self.values = values
