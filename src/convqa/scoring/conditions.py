"""Whether something applies to a conversation, and the conditions of a criterion."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from convqa.scoring.reasons import joined
from convqa.scoring.view import View
from convqa.standard.parts import Condition, Range, Scope
from convqa.values import read_number


class Held(NamedTuple):
    """Why a condition holds, in labels; `is_missing` where it does by their being found nowhere."""

    labels: str
    is_missing: bool = False


def is_in_scope(scope: Scope, view: View) -> bool:
    """Return whether language, channel, queue, team and metadata are all as asked."""
    conversation = view.conversation
    for allowed, given in (
        (scope.languages, view.language),
        (scope.channels, conversation.channel),
        (scope.queues, conversation.queue),
        (scope.teams, conversation.team),
    ):
        if allowed and given not in allowed:
            return False
    return all(
        _holds(test, _value(conversation.metadata, key)) for key, test in scope.metadata.items()
    )


def first_that_holds(conditions: Sequence[Condition], view: View) -> Held | None:
    """Return why the first condition that holds does, None where none holds."""
    for condition in conditions:
        if _condition_holds(condition, view):
            return _why(condition)
    return None


def _condition_holds(condition: Condition, view: View) -> bool:
    if not is_in_scope(condition, view):
        return False
    for kind, wanted in (("resolution", condition.resolution), ("ending", condition.ending)):
        found = view.whole_label(kind) if wanted else None
        if wanted and (found is None or found[0] not in wanted):
            return False
    if not all(view.match(target).hits for target in condition.found):
        return False
    return not any(
        match.hits or match.is_open or match.may_hide
        for match in (view.match(target) for target in condition.missing)
    )


def _why(condition: Condition) -> Held:
    parts = [*condition.resolution, *condition.ending]
    if not parts:
        parts = [label for target in condition.found for _, label in target.pairs()]
    parts.extend(condition.metadata)
    scopes = (*condition.languages, *condition.channels, *condition.queues, *condition.teams)
    if parts or scopes:
        return Held(joined(parts or scopes))
    missing = (label for target in condition.missing for _, label in target.pairs())
    return Held(joined(missing), is_missing=True)


def _value(metadata: Mapping[str, object], key: str) -> object:
    """Return the value of a key; one that is not there may name a key within a key, `crm.tier`."""
    if key in metadata:
        return metadata[key]
    outer, _, inner = key.partition(".")
    within = metadata.get(outer)
    return _value(within, inner) if inner and isinstance(within, Mapping) else None


def _holds(test: Range | tuple[object, ...], value: object) -> bool:
    if isinstance(test, Range):
        if test.exists is not None and test.exists != (value is not None):
            return False
        if test.at_least is None and test.at_most is None:
            return True
    if isinstance(value, list | tuple):
        return any(_holds(test, one) for one in value)
    if not isinstance(test, Range):
        return any(_word(value) == _word(wanted) for wanted in test)
    number = read_number(value)
    if number is None:
        return False
    is_under = test.at_least is not None and number < test.at_least
    return not is_under and (test.at_most is None or number <= test.at_most)


def _word(value: object) -> str:
    """Return a value as a word, so that `true`, `True` and a JSON true are one, and 4 and 4.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip().casefold()
