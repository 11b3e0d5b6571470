"""The criteria of a standard, one model for each kind.

Each has one of the outcomes pass, partial, fail, na and undetermined. `na_when` and `pass_when` are
lists of conditions of which any suffices; `pass_when` rescues what would fail otherwise.
"""

from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from convqa.schema import LANGUAGES, Channel
from convqa.standard.parts import (
    Condition,
    Number,
    Part,
    Scope,
    Seconds,
    Share,
    Slug,
    Target,
    Texts,
    Weight,
    Weighting,
    Whole,
    Words,
    any_given,
    unknown_word,
    wrong,
)
from convqa.standard.terms import RESOLUTIONS, Language, Measure

# What a fail raises has a severity, as JSON Schema.
_FLAG: JsonDict = {"dependentRequired": {"flag": ["severity"]}}


class CriterionBase(Part):
    """What all criteria share.

    `severity: critical` makes a fail set the score to 0 until a person confirms; `flag` keeps the
    score and flags the conversation. `flag` names either, the id unless given. Without weight and
    severity a criterion is a coaching note. Below `undetermined_below` the outcome is not believed.
    """

    model_config = ConfigDict(json_schema_extra=_FLAG)

    id: Slug
    weight: Weighting = Weight(default=0)
    severity: Literal["critical", "flag"] | None = None
    flag: Slug | None = None
    tags: tuple[str, ...] = ()
    applies_to: Scope | None = None
    na_when: tuple[Condition, ...] = ()
    pass_when: tuple[Condition, ...] = ()
    undetermined_below: Share = 0.0
    texts: Texts = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_flag(self) -> "CriterionBase":
        if self.flag is not None and self.severity is None:
            raise wrong("flag names what is raised; add severity: critical or flag", key="flag")
        return self

    @property
    def raises(self) -> str:
        """The name of the critical error or the flag that a fail raises."""
        return self.flag or self.id


class LabelCriterion(CriterionBase):
    """Something is said (`present`) or never said (`absent`)."""

    kind: Literal["label"]
    find: Target
    expect: Literal["present", "absent"] = "present"


class ResponseCriterion(CriterionBase):
    """After each opportunity `to`, an `answer` within so many turns of the one who answers.

    Passes when one opportunity is answered, or each with `every: true`. `never` fails it wherever
    found. Not applicable without an opportunity.
    """

    kind: Literal["response"]
    to: Target
    answer: Target
    within_turns: Whole = Field(default=2, ge=1)
    every: bool = False
    never: Target | None = None

    @model_validator(mode="after")
    def _check_answer(self) -> "ResponseCriterion":
        if self.answer.role == "other":
            raise wrong("turns of other are not counted, so they are never within_turns; "
                        "role: agent or customer", key="answer")  # fmt: skip
        return self


class OrderCriterion(CriterionBase):
    """`first` comes before `then`: before its first or before its last occurrence.

    Without any `then` it is not applicable (`na`), or passes by `first` alone (`judge_first`).
    """

    kind: Literal["order"]
    first: Target
    then: Target
    compare: Literal["first", "last"] = "first"
    if_no_then: Literal["na", "judge_first"] = "na"


class HoldCriterion(CriterionBase):
    """Every wait is announced, and the agent's next turn ends it as asked.

    A silence of `silence_s` seconds or more in a channel is a wait too; a channel not named has no
    such limit.
    """

    kind: Literal["hold"]
    announce: Target
    end: Target
    silence_s: dict[Channel, Seconds] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check_agent(self) -> "HoldCriterion":
        for key, target in (("announce", self.announce), ("end", self.end)):
            if target.role != "agent":
                raise wrong("waits are announced and ended by the agent; role: agent", key=key)
            if target.attention:
                raise wrong("attention looks at the whole conversation; give act or phrase",
                            key=key)  # fmt: skip
        return self


class TimingCriterion(CriterionBase):
    """A measure lies within bounds, both included.

    Not applicable where it was not measured, as times in a transcript without them.
    """

    kind: Literal["timing"]
    model_config = ConfigDict(json_schema_extra={**_FLAG, **any_given("at_most", "at_least")})

    measure: Measure
    statistic: Literal["longest", "mean", "total", "count"] = "longest"
    at_most: Number | None = Field(default=None, ge=0)
    at_least: Number | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _check_bounds(self) -> "TimingCriterion":
        if self.at_most is None and self.at_least is None:
            raise wrong("a timing criterion needs at_most or at_least")
        if self.at_most is not None and self.at_least is not None and self.at_least > self.at_most:
            raise wrong("at_least is above at_most, so nothing could pass", key="at_least")
        return self


AddressForm = Literal["formal", "informal", "consistent"]


class AddressCriterion(CriterionBase):
    """Somebody is addressed in the `form` asked for; `consistent` asks for one form throughout.

    Formal is De (nb, da), Ni (sv), Pan/Pani (pl), dumneavoastră (ro); informal is du, ty, tu.
    `form` may differ by language; a language not named, and one without two forms such as English,
    is not applicable, as is a conversation in which nobody is addressed either way.
    """

    kind: Literal["address"]
    form: Annotated[
        dict[Language, AddressForm],
        BeforeValidator(
            lambda v: dict.fromkeys(LANGUAGES, v) if isinstance(v, str) else v,
            json_schema_input_type=AddressForm | dict[Language, AddressForm],
        ),
    ]
    role: Literal["agent", "customer"] = "agent"


class ResolutionCriterion(CriterionBase):
    """How the need ended; `points` gives the share of the weight that each resolution earns."""

    kind: Literal["resolution"]
    points: dict[str, Share] = Field(
        json_schema_extra={
            "propertyNames": {"enum": list(RESOLUTIONS)}, "required": list(RESOLUTIONS)
        }
    )  # fmt: skip

    @model_validator(mode="after")
    def _check_points(self) -> "ResolutionCriterion":
        for label in self.points:
            if label not in RESOLUTIONS:
                raise unknown_word("resolution", label, list(RESOLUTIONS), key="points")
        missing = [label for label in RESOLUTIONS if label not in self.points]
        if missing:
            raise wrong(f"give points for {', '.join(missing)} too", key="points")
        return self


class CombinedCriterion(CriterionBase):
    """All, any or none of other criteria pass; those not applicable are left out."""

    kind: Literal["all", "any", "not"]
    of: Annotated[Words, Field(min_length=1, json_schema_extra={"minItems": 1})]


Criterion = Annotated[
    LabelCriterion
    | ResponseCriterion
    | OrderCriterion
    | HoldCriterion
    | TimingCriterion
    | AddressCriterion
    | ResolutionCriterion
    | CombinedCriterion,
    Field(discriminator="kind"),
]
