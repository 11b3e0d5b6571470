"""Phrase lists as written: one YAML file a language, or lists inside a standard.

How phrases are written is told in `convqa.detect.phrase_patterns`; `convqa.detect.phrases` matches
them.
"""

import re
from collections import Counter
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator

from convqa.standard.parts import Part, Share, Slug, Whole, any_given, unknown_word, wrong
from convqa.standard.terms import FORBIDDEN, Language

# Long enough to know a phrase by, short enough for a table.
_MAX_NAME = 40


class PhraseRule(Part):
    """Phrases that mean one thing, with an id of their own.

    `unless` are longer phrases in whose place a hit does not count. `is_exact` asks for diacritics
    as written, where dropping them gives another word. `meaning` are whole sentences whose
    paraphrases are found by the model, `unlike` sentences that are near and not meant; `threshold`
    is the likeness in [0, 1] it takes, that of the standard unless given.
    """

    model_config = ConfigDict(json_schema_extra=any_given("say", "meaning"))

    id: str = Field(min_length=1, max_length=80)
    say: Annotated[
        tuple[str, ...],
        BeforeValidator(
            lambda v: v if isinstance(v, list | tuple) else (v,),
            json_schema_input_type=str | tuple[str, ...],
        ),
    ] = ()
    unless: tuple[str, ...] = ()
    is_exact: bool = False
    meaning: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    unlike: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    threshold: Share | None = None

    @model_validator(mode="after")
    def _check_words(self) -> "PhraseRule":
        if not self.say and not self.meaning:
            raise wrong("looks for nothing; give say, meaning, or both", key="say")
        if (self.unlike or self.threshold is not None) and not self.meaning:
            raise wrong("unlike and threshold belong to meaning; give meaning too", key="meaning")
        return self


def _short_name(phrase: str) -> str:
    """Return the id of a plainly written phrase: its words, of alternatives the first."""
    first = re.sub(r"\(([^|()]*)[^()]*\)", r"\1", phrase)
    first = re.sub(r"\{([^,{}]*)[^{}]*\}", r"\1", first)
    words = re.findall(r"[^\W_]+", first.replace("'", "").casefold())
    return "-".join(words)[:_MAX_NAME].rstrip("-") or phrase


class PhraseList(Part):
    """Phrases with one purpose in one language.

    With `forbidden` a hit is a finding of that category, otherwise of kind `phrase` with the label
    `<list>.<rule>`. A phrase written plainly is named by its words. `counts_when_quoted` leaves out
    the check for quotation, negation, report and warning, for required formulas. `rescued_by` are
    phrases that make up for a hit when they follow it in the same segment («not my department, but
    I'll…»), or in what the same speaker says next. `unless` are phrases in whose place no phrase of
    the list counts.
    """

    id: Slug
    language: Language
    role: Literal["agent", "customer", "other"] = "agent"
    forbidden: str | None = Field(default=None, json_schema_extra={"enum": [*FORBIDDEN, None]})
    counts_when_quoted: bool = False
    rescued_by: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    phrases: tuple[PhraseRule, ...] = Field(min_length=1, json_schema_extra={"minItems": 1})

    @field_validator("phrases", mode="before", json_schema_input_type=tuple[str | PhraseRule, ...])
    @classmethod
    def _name_plain_phrases(cls, value: object) -> object:
        if not isinstance(value, list | tuple):
            return value
        used: Counter[str] = Counter()
        rules: list[object] = []
        for item in value:
            if not isinstance(item, str):
                rules.append(item)
                continue
            name = _short_name(item)
            used[name] += 1
            number = f"-{used[name]}" if used[name] > 1 else ""
            rules.append({"id": name + number, "say": [item]})
        return rules

    @model_validator(mode="after")
    def _check_category(self) -> "PhraseList":
        if self.forbidden is not None and self.forbidden not in FORBIDDEN:
            raise unknown_word("forbidden category", self.forbidden, list(FORBIDDEN),
                               key="forbidden")  # fmt: skip
        return self


class Cues(Part):
    """Words before a phrase that take away its force, in one language.

    Within `reach` words before it and in the same sentence: `negation` («never give anyone your
    PIN»), `report` («the message says…»), `warning` («a fraudster who…»). `after` are such words
    behind it («… is a scam»). `real_words` are words that are no typing errors although one letter
    parts them from a word of a phrase.
    """

    negation: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    warning: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    real_words: tuple[str, ...] = ()
    reach: Whole = Field(default=6, ge=1, le=40)


class PhraseFile(Part):
    """A file of phrase lists in one language."""

    language: Language
    cues: Cues = Cues()
    lists: tuple[PhraseList, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _hand_down_language(cls, value: object) -> object:
        if not isinstance(value, dict) or not isinstance(value.get("lists"), list):
            return value
        language = value.get("language")
        lists = [
            {"language": language, **item} if isinstance(item, dict) else item
            for item in value["lists"]
        ]
        return {**value, "lists": lists}
