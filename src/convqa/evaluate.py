"""How well a run agrees with what people decided, by language, with counts and intervals."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from convqa.agreement import Interval, cohen_kappa, count_label, f1, macro_f1, wilson_interval
from convqa.errors import ConfigError
from convqa.schema import Evaluation
from convqa.store.parts import read_evaluations

# A person writes `half` for what the machine calls `partial`.
GoldOutcome = Literal["pass", "partial", "half", "fail", "na"]


class Gold(BaseModel):
    """What a person decided about a conversation; keys that are not listed are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    resolution: str | None = None
    ending: str | None = None
    criteria: dict[str, GoldOutcome]
    critical: list[str] = []
    score: float
    flag: bool


class _GoldLine(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    gold: Gold


@dataclass(frozen=True, slots=True)
class CriterionAgreement:
    """Machine against person on one criterion: exact outcomes, and how well faults are found."""

    criterion: str
    agreement: Interval
    kappa: float | None
    n_fails: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Agreement:
    """Machine against person on a group of conversations.

    `score_error` is the mean absolute difference of the scores, `score_bias` the mean of machine
    minus person, both on 0–100. Conversations without a machine's score are left out of these two.
    `outcomes` is None where people judged no criterion.
    """

    group: str
    n: int
    n_scored: int
    outcomes: Interval | None
    flags: Interval
    score_error: float | None
    score_bias: float | None
    resolution_f1: float | None
    ending_f1: float | None
    criteria: tuple[CriterionAgreement, ...]


def read_gold(path: Path) -> dict[str, Gold]:
    """Return people's decisions by conversation id, from JSON Lines with `id` and `gold`.

    Raises:
        ConfigError: The file cannot be read, a line is no decision, or there is none at all.
    """
    gold: dict[str, Gold] = {}
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is no UTF-8 text; give a JSON Lines file") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = _GoldLine.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ConfigError(
                f"{path}:{number}: {where or 'line'}: {first['msg']}; a line needs id and "
                "gold with criteria, score and flag"
            ) from error
        gold[row.id] = row.gold
    if not gold:
        raise ConfigError(f"{path}: holds no line with id and gold")
    return gold


def agreement_by_language(run: Path, gold: Mapping[str, Gold]) -> list[Agreement]:
    """Return the agreement in each language, then over all.

    Raises:
        ConfigError: No conversation of the run is in the gold file.
    """
    pairs = [
        (e, gold[e.conversation_id]) for e in read_evaluations(run) if e.conversation_id in gold
    ]
    if not pairs:
        raise ConfigError(f"{run}: none of its conversations is in the gold file; compare the ids")
    languages = sorted({e.language or "?" for e, _ in pairs})
    groups = {x: [p for p in pairs if (p[0].language or "?") == x] for x in languages}
    return [_agreement(name, group) for name, group in (groups | {"all": pairs}).items()]


def _agreement(group: str, pairs: Sequence[tuple[Evaluation, Gold]]) -> Agreement:
    by_criterion = _outcomes_by_criterion(pairs)
    outcomes = [pair for outcome_pairs in by_criterion.values() for pair in outcome_pairs]
    scores = [(e.score, g.score) for e, g in pairs if e.score is not None]
    errors = [machine - person for machine, person in scores]
    return Agreement(
        group=group,
        n=len(pairs),
        n_scored=len(scores),
        outcomes=_share_agreed(outcomes) if outcomes else None,
        flags=wilson_interval(sum(e.flag == g.flag for e, g in pairs), len(pairs)),
        score_error=sum(map(abs, errors)) / len(errors) if errors else None,
        score_bias=sum(errors) / len(errors) if errors else None,
        resolution_f1=_macro_f1(
            (g.resolution, e.resolution.label if e.resolution else None) for e, g in pairs
        ),
        ending_f1=_macro_f1((g.ending, e.ending) for e, g in pairs),
        criteria=tuple(_criterion(name, found) for name, found in by_criterion.items()),
    )


def _outcomes_by_criterion(
    pairs: Iterable[tuple[Evaluation, Gold]],
) -> dict[str, list[tuple[str, str]]]:
    """Return pairs of machine's and person's outcome for each criterion that a person judged."""
    by_criterion: dict[str, list[tuple[str, str]]] = {}
    for evaluation, gold in pairs:
        machine = {c.id: c.outcome for c in evaluation.criteria}
        for criterion, outcome in gold.criteria.items():
            person = "partial" if outcome == "half" else outcome
            by_criterion.setdefault(criterion, []).append(
                (machine.get(criterion, "undetermined"), person)
            )
    return by_criterion


def _criterion(name: str, outcomes: Sequence[tuple[str, str]]) -> CriterionAgreement:
    machine, person = [m for m, _ in outcomes], [p for _, p in outcomes]
    fails = count_label(person, machine, "fail")
    return CriterionAgreement(
        criterion=name,
        agreement=_share_agreed(outcomes),
        kappa=cohen_kappa(machine, person),
        n_fails=fails.support,
        precision=fails.precision,
        recall=fails.recall,
        f1=f1(fails),
    )


def _share_agreed(outcomes: Sequence[tuple[str, str]]) -> Interval:
    return wilson_interval(sum(m == p for m, p in outcomes), len(outcomes))


def _macro_f1(labels: Iterable[tuple[str | None, str | None]]) -> float | None:
    judged = [(person, machine or "none") for person, machine in labels if person is not None]
    return macro_f1([p for p, _ in judged], [m for _, m in judged])


def agreement_record(agreement: Agreement) -> str:
    """Return an agreement as one line of JSON, shares rounded to four decimals."""
    return json.dumps(_rounded(agreement), ensure_ascii=False)


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, tuple):
        return [_rounded(v) for v in value]
    if isinstance(value, Agreement | CriterionAgreement | Interval):
        return {name: _rounded(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
