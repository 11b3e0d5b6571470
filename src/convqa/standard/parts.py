"""What the criteria of a standard are made of: whom they apply to, what they look for, and where.

Every model is frozen and refuses keys it does not know, with the nearest one it does.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from convqa.config import suggest
from convqa.schema import Channel, FindingKind
from convqa.standard.terms import (
    ACTS,
    ADDRESS,
    ATTENTION,
    EMOTION,
    EMPATHY,
    ENDINGS,
    FORBIDDEN,
    LABELS,
    POLITENESS,
    RESOLUTIONS,
    Language,
)

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
# As in the JSON Schema, neither a number in quotes nor `true` is a number.
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]
Share = Annotated[Number, Field(ge=0, le=1)]
Seconds = Annotated[Number, Field(ge=0)]
Points = Annotated[Number, Field(ge=0, le=1000)]
TargetRole = Literal["agent", "customer", "other"]

_KINDS: tuple[FindingKind, ...] = (
    "act", "politeness", "empathy", "emotion", "forbidden", "attention", "address", "phrase",
    "head",
)  # fmt: skip


class Part(BaseModel):
    """A frozen piece of a standard that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, value: object) -> object:
        if isinstance(value, Mapping):
            for key in value:
                if key not in cls.model_fields:
                    raise unknown_word("key", str(key), sorted(cls.model_fields), key=str(key))
        return value


def unknown_word(
    what: str, word: str, known: list[str], *, key: str | int = ""
) -> PydanticCustomError:
    """Return the error for a word that is none of `known`; `key` says where under the model."""
    remedy = suggest(word, known) or f"; known: {', '.join(known)}"
    return PydanticCustomError(
        "unknown_word", "unknown {what} {word}{remedy}",
        {"what": what, "word": repr(word), "remedy": remedy, "key": key},
    )  # fmt: skip


def wrong(message: str, *, key: str | int = "") -> PydanticCustomError:
    """Return the error for a model whose keys do not fit together."""
    return PydanticCustomError("wrong", "{message}", {"message": message, "key": key})


def _as_list(value: object) -> object:
    return value if isinstance(value, list | tuple) else (value,)


# One word may stand without brackets: `act: greeting`. The input type tells editors so too.
Words = Annotated[
    tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...])
]


def one_of(known: Sequence[str]) -> WithJsonSchema:
    """Let editors complete and check words; the loader refuses others with the nearest one."""
    word: JsonDict = {"enum": list(known), "type": "string"}
    return WithJsonSchema({"anyOf": [word, {"items": word, "type": "array"}]})


def any_given(*keys: str) -> JsonDict:
    """Return the JSON Schema that asks for one of some keys, with something in it."""
    filled: JsonDict = {
        "type": ["array", "object", "string", "number"], "minItems": 1, "minProperties": 1
    }  # fmt: skip
    return {"anyOf": [{"required": [key], "properties": {key: filled}} for key in keys]}


class Text(Part):
    """What people read about a criterion, in one language."""

    name: str = Field(min_length=1)
    ask: str = Field(default="", description="What is asked of the agent, in a sentence.")
    hint: str = Field(default="", description="How to do better, said to the agent.")
    appeal: str = Field(default="", description="When an appeal is worth while.")


Texts = dict[Language, Text]


class Range(Part):
    """A number of the metadata between two bounds, both included, or merely there."""

    at_least: Number | None = None
    at_most: Number | None = None
    exists: bool | None = None


Scalar = str | bool | int | float
MetadataTest = Annotated[
    Range | tuple[Scalar, ...],
    BeforeValidator(
        lambda v: v if isinstance(v, dict | list | tuple | Range) else (v,),
        json_schema_input_type=Scalar | Range | tuple[Scalar, ...],
    ),
]


class Scope(Part):
    """To which conversations something applies: all keys that are given must hold."""

    languages: tuple[Language, ...] = ()
    channels: tuple[Channel, ...] = ()
    queues: Words = ()
    teams: Words = ()
    metadata: dict[str, MetadataTest] = Field(default_factory=dict)


class Labels(Part):
    """Labels of one or several kinds; any of them is meant.

    A phrase is named by its list, `opening`, or by list and rule, `opening.hello`; a head of one's
    own by its positive label. `attention` is what an inattentive agent does, `address` how somebody
    is addressed (du/De, Pan/Pani, tu/dumneavoastră); neither needs the model's heads to read it.
    """

    model_config = ConfigDict(json_schema_extra=any_given(*_KINDS))

    act: Annotated[Words, one_of(ACTS)] = ()
    politeness: Annotated[Words, one_of(POLITENESS)] = ()
    empathy: Annotated[Words, one_of(EMPATHY)] = ()
    emotion: Annotated[Words, one_of(EMOTION)] = ()
    forbidden: Annotated[Words, one_of(FORBIDDEN)] = ()
    attention: Annotated[Words, one_of(ATTENTION)] = ()
    address: Annotated[Words, one_of(ADDRESS)] = ()
    phrase: Words = ()
    head: Words = ()

    @model_validator(mode="after")
    def _check_labels(self) -> "Labels":
        if not self.pairs():
            raise wrong("looks for nothing; give act, politeness, empathy, emotion, forbidden, "
                        "attention, address, phrase or head")  # fmt: skip
        for kind, label in self.pairs():
            known = LABELS.get(kind)
            if known is not None and label not in known:
                raise unknown_word(f"{kind} label", label, sorted(known), key=kind)
        return self

    def pairs(self) -> tuple[tuple[FindingKind, str], ...]:
        """Return all (kind, label) in the order written."""
        return self.all_pairs

    @cached_property
    def all_pairs(self) -> tuple[tuple[FindingKind, str], ...]:
        """All (kind, label), put together once: scoring asks for them for every conversation."""
        return tuple((kind, label) for kind in _KINDS for label in getattr(self, kind))


class Window(Part):
    """Where to look; exactly one key. Turns are runs: all one side says before the other speaks."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": any_given("first_turns", "last_turns", "first_seconds")["anyOf"]
        }
    )

    first_turns: Whole | None = Field(default=None, ge=1)
    last_turns: Whole | None = Field(default=None, ge=1)
    first_seconds: Number | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _check_one(self) -> "Window":
        given = (self.first_turns, self.last_turns, self.first_seconds)
        if sum(v is not None for v in given) != 1:
            raise wrong("a window needs exactly one of first_turns, last_turns, first_seconds")
        return self


# Who the readers of some labels look at, as JSON Schema.
_OF_AGENTS: JsonDict = {"properties": {"role": {"const": "agent"}}}
_OF_SPEAKERS: JsonDict = {"properties": {"role": {"enum": ["agent", "customer"]}}}
_ROLES: JsonDict = {
    "emotion": {"required": ["role"], "properties": {"role": {"const": "customer"}}},
    **dict.fromkeys(("empathy", "forbidden", "attention"), _OF_AGENTS),
    **dict.fromkeys(("act", "politeness", "address", "head"), _OF_SPEAKERS),
}


class Target(Labels):
    """What to look for: labels, said by whom, where, and how sure.

    `also` must and `without` must not be found in the same turn. `threshold` replaces the model's
    own decision: a label is there when its probability reaches it. Of `other` (bots, system lines)
    only phrases are found, and its turns are not counted.
    """

    model_config = ConfigDict(json_schema_extra={**any_given(*_KINDS), "dependentSchemas": _ROLES})

    role: TargetRole = "agent"
    also: Labels | None = None
    without: Labels | None = None
    window: Window | None = None
    threshold: Share | None = None

    @model_validator(mode="after")
    def _check_role(self) -> "Target":
        if self.emotion and self.role != "customer":
            raise wrong("emotion is read of customers only; add role: customer", key="role")
        if (self.empathy or self.forbidden or self.attention) and self.role != "agent":
            raise wrong("empathy, forbidden and attention are read of agents only; role: agent",
                        key="role")  # fmt: skip
        if self.role == "other" and any(kind != "phrase" for kind, _ in self.pairs()):
            raise wrong("of other only phrases are found; give phrase, or role: agent or customer",
                        key="role")  # fmt: skip
        if self.role == "other" and self.window and self.window.first_seconds is None:
            raise wrong("turns of other are not counted; give first_seconds, or leave the window "
                        "out", key="window")  # fmt: skip
        if self.attention and (self.also or self.without or self.window):
            raise wrong("attention looks at the whole conversation; leave also, without and window "
                        "out", key="attention")  # fmt: skip
        return self


Targets = Annotated[
    tuple[Target, ...],
    BeforeValidator(_as_list, json_schema_input_type=Target | tuple[Target, ...]),
]


class Condition(Scope):
    """Something that holds of a conversation: all keys that are given must hold.

    Every target of `found` is there, and none of `missing`.
    """

    resolution: Annotated[Words, one_of(RESOLUTIONS)] = ()
    ending: Annotated[Words, one_of(ENDINGS)] = ()
    found: Targets = ()
    missing: Targets = ()

    @model_validator(mode="after")
    def _check_words(self) -> "Condition":
        for key, known in (("resolution", RESOLUTIONS), ("ending", ENDINGS)):
            for word in getattr(self, key):
                if word not in known:
                    raise unknown_word(key, word, list(known), key=key)
        if not self.model_fields_set:
            raise wrong("an empty condition would always hold; say what must hold")
        return self


class Weight(Part):
    """Points a criterion is worth; the most specific wins: queue, then channel, then language."""

    default: Points
    queues: dict[str, Points] = Field(default_factory=dict)
    channels: dict[Channel, Points] = Field(default_factory=dict)
    languages: dict[Language, Points] = Field(default_factory=dict)

    def applied(self, queue: str | None, channel: str | None, language: str | None) -> float:
        """Return the weight for a conversation."""
        if not (self.queues or self.channels or self.languages):
            return self.default
        for key, weights in (
            (queue, self.queues),
            (channel, self.channels),
            (language, self.languages),
        ):
            weight = dict(weights).get(key) if key is not None else None  # type: ignore[call-overload]
            if weight is not None:
                return float(weight)
        return self.default


Weighting = Annotated[
    Weight,
    BeforeValidator(
        lambda v: {"default": v} if isinstance(v, int | float) else v,
        json_schema_input_type=Points | Weight,
    ),
]
