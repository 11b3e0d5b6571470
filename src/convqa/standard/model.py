"""A speech standard: what an organisation asks of its conversations, and what each thing is worth.

A standard in use is never edited: a change is a new version, and results keep the version, and the
digest, of the one they were scored by.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from convqa.schema import Version
from convqa.standard.criteria import AddressCriterion, CombinedCriterion, Criterion
from convqa.standard.parts import (
    Labels,
    Number,
    Part,
    Share,
    Slug,
    Target,
    Text,
    Texts,
    Whole,
    unknown_word,
    wrong,
)
from convqa.standard.phrases import PhraseFile, PhraseList
from convqa.standard.terms import ADDRESS, Language


class Band(Part):
    """A named range of scores, from `at_least` up to the next band."""

    name: Slug
    at_least: Number = Field(ge=0, le=100)


class Eligibility(Part):
    """What a conversation must hold to be scored at all: turns with words, and words in all."""

    agent_turns: Whole = Field(default=1, ge=0)
    customer_turns: Whole = Field(default=1, ge=0)
    words: Whole = Field(default=10, ge=0)


class Confidence(Part):
    """How sure evidence must be, each in [0, 1].

    `phrase` is what a phrase hit counts as; together with a model finding in the same turn the two
    are combined. `meaning` is the likeness from which a segment is a paraphrase of an example
    (`meaning:` of a phrase). A critical error needs model and phrase in the same turn or a
    confidence of `critical`. Where less than `coverage` of the applicable weight could be
    determined there is no score.
    """

    phrase: Share = 0.9
    # Chosen on tests/detect/meaning/: no near miss of those `for: tuning` reaches it.
    meaning: Share = 0.62
    critical: Share = 0.95
    coverage: Share = 0.7


class Section(Part):
    """Criteria that belong together in the report."""

    id: Slug
    texts: Texts = Field(default_factory=dict)
    criteria: tuple[Criterion, ...] = Field(min_length=1)


ExpectedOutcome = Literal["pass", "partial", "half", "fail", "na", "undetermined"]


class ExampleTurn(Part):
    """One turn of an example.

    `labels` stand in for the model, which would read them from the text.
    """

    role: Literal["agent", "customer", "other", "unknown"]
    text: str = Field(min_length=1)
    labels: Labels | None = None
    start_s: Number | None = None
    end_s: Number | None = None


class Example(Part):
    """A conversation and what the standard must make of it, run by `standards test`.

    Only what is given is compared. Without `resolution` and `ending` these are not known.
    """

    name: str
    language: Language
    channel: Literal["chat", "call"] | None = None
    queue: str | None = None
    metadata: dict[str, str | bool | int | float] = Field(default_factory=dict)
    resolution: Literal["resolved", "pending", "unresolved"] | None = None
    ending: Literal["closed", "customer_left", "agent_left"] | None = None
    turns: tuple[ExampleTurn, ...] = Field(min_length=1)
    expect: dict[str, ExpectedOutcome] = Field(default_factory=dict)
    critical: tuple[str, ...] | None = None
    flags: tuple[str, ...] | None = None
    score: Number | None = Field(default=None, ge=0, le=100)


class Standard(Part):
    """A whole standard.

    `phrase_files` are paths beside the standard, with `{language}` for one file a language; the
    loader reads them into `phrase_books`. `phrase_lists` are lists written in the standard itself.
    """

    name: Slug
    version: Annotated[str, Field(min_length=1, max_length=40)]
    languages: tuple[Language, ...] = Field(min_length=1)
    texts: dict[Language, Text] = Field(default_factory=dict)
    bands: tuple[Band, ...] = Field(
        default=(
            Band(name="good", at_least=85),
            Band(name="fair", at_least=60),
            Band(name="poor", at_least=0),
        ),
        json_schema_extra={"contains": {"properties": {"at_least": {"const": 0}}}},
    )
    low_score_below: Number = Field(default=60, ge=0, le=100)
    eligibility: Eligibility = Eligibility()
    confidence: Confidence = Confidence()
    phrase_files: Annotated[
        tuple[str, ...],
        BeforeValidator(
            lambda v: [v] if isinstance(v, str) else v,
            json_schema_input_type=str | tuple[str, ...],
        ),
    ] = ()
    phrase_lists: tuple[PhraseList, ...] = ()
    phrase_books: SkipJsonSchema[tuple[PhraseFile, ...]] = ()
    sections: tuple[Section, ...] = Field(min_length=1)
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _check_bands(self) -> "Standard":
        bounds = [band.at_least for band in self.bands]
        if not bounds or min(bounds) != 0 or len(set(bounds)) != len(bounds):
            raise wrong("bands need different at_least values, the lowest 0", key="bands")
        return self

    @model_validator(mode="after")
    def _check_ids(self) -> "Standard":
        seen: dict[str, bool] = {}
        for criterion in self.criteria:
            if criterion.id in seen:
                raise wrong(f"criterion id {criterion.id!r} is used twice; give each its own",
                            key="sections")  # fmt: skip
            if isinstance(criterion, CombinedCriterion):
                for other in criterion.of:
                    if other not in seen:
                        raise unknown_word("earlier criterion", other, sorted(seen), key="sections")
            seen[criterion.id] = True
        for example in self.examples:
            for criterion_id in example.expect:
                if criterion_id not in seen:
                    raise unknown_word("criterion", criterion_id, sorted(seen), key="examples")
        if not any(self.weighs(criterion) for criterion in self.criteria):
            raise wrong("no criterion has a weight, so no score is possible", key="sections")
        return self

    @staticmethod
    def weighs(criterion: Criterion) -> bool:
        """Return whether a criterion can earn points in any conversation."""
        weight = criterion.weight
        others = [*weight.queues.values(), *weight.channels.values(), *weight.languages.values()]
        return max(weight.default, *others, 0.0) > 0

    @cached_property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria in the order written."""
        return tuple(c for section in self.sections for c in section.criteria)

    @property
    def all_phrase_lists(self) -> tuple[PhraseList, ...]:
        """The lists of the phrase files, then those in the standard."""
        return (*(x for book in self.phrase_books for x in book.lists), *self.phrase_lists)

    @cached_property
    def version_info(self) -> Version:
        """Name, version, and the sha256 of the content, phrase lists included."""
        # Without defaults, so that a key that a later release adds does not change what is written.
        content = self.model_dump(
            mode="json", exclude={"phrase_files", "examples"}, exclude_defaults=True
        )
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode("utf-8")).hexdigest()
        return Version(self.name, self.version, digest)

    def band_of(self, score: float) -> str:
        """Return the name of the band a score lies in."""
        return max((b for b in self.bands if score >= b.at_least), key=lambda b: b.at_least).name


def targets_of(criterion: Criterion) -> Iterator[tuple[str, Target]]:
    """Yield every target of a criterion with its key, those of its conditions included."""
    for key in ("find", "to", "answer", "never", "first", "then", "announce", "end"):
        target = getattr(criterion, key, None)
        if isinstance(target, Target):
            yield key, target
    if isinstance(criterion, AddressCriterion):
        yield "address", Target(role=criterion.role, address=ADDRESS)
    for key in ("na_when", "pass_when"):
        for condition in getattr(criterion, key):
            for target in (*condition.found, *condition.missing):
                yield key, target


def phrases_of(criterion: Criterion) -> Iterator[tuple[str, Target, str]]:
    """Yield key, target and label for each phrase list or rule that a criterion names."""
    for key, target in targets_of(criterion):
        for labels in filter(None, (target, target.also, target.without)):
            for label in labels.phrase:
                yield key, target, label
