"""What the report is told about the run and about the criteria."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from convqa.schema import Version

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CriterionInfo:
    """How a criterion is named and explained to people.

    Each text maps a language to words: `ask` says what is asked of the agent, `hint` what to do
    next time, `appeal` when an appeal is worth while, `section` names the part of the standard.
    """

    id: str
    name: Texts
    ask: Texts = field(default_factory=dict)
    hint: Texts = field(default_factory=dict)
    appeal: Texts = field(default_factory=dict)
    section: Texts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What became of the records of a run: read = evaluated + rejected + skipped.

    `skip_reasons` and `rejected_reasons` map a reason, free of transcript text, to how often it was
    given. `started_at` and `finished_at` are ISO 8601; without them the report has no time of its
    own, and the same run gives the same bytes.
    """

    read: int
    evaluated: int
    rejected: int
    skipped: int
    standard: Version
    model: Version
    convqa_version: str
    redacted: bool = True
    skip_reasons: Mapping[str, int] = field(default_factory=dict)
    rejected_reasons: Mapping[str, int] = field(default_factory=dict)
    started_at: str | None = None
    finished_at: str | None = None


def text_in(texts: Texts, language: str, default: str = "") -> str:
    """Return a text in a language, else in English, else in any language, else `default`."""
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), default) or default
