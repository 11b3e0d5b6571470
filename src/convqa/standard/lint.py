"""Static checks of a standard: what it says is allowed, but can hardly be meant."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from convqa.standard.criteria import CombinedCriterion, Criterion, LabelCriterion
from convqa.standard.model import Standard, phrases_of, targets_of
from convqa.standard.parts import Target

CUSTOMER_ACTS = frozenset(
    {"problem", "complaint", "escalation", "churn", "confirms_resolved", "denies_resolved"}
)
AGENT_ACTS = frozenset(
    {"introduction", "verification", "paraphrase", "apology", "hold", "action", "commitment",
     "disclosure", "refusal", "transfer", "further_help"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LintIssue:
    """A doubt about a standard: where, what, and what would be right."""

    level: Literal["error", "warning"]
    criterion: str
    message: str


def _error(criterion: str, message: str) -> LintIssue:
    return LintIssue("error", criterion, message)


def _warning(criterion: str, message: str) -> LintIssue:
    return LintIssue("warning", criterion, message)


def lint_standard(standard: Standard) -> list[LintIssue]:
    """Return the doubts about a standard in the order of its criteria, errors being certain."""
    issues = [
        issue
        for criterion in standard.criteria
        for check in (_texts, _scope, _labels, _phrases)
        for issue in check(criterion, standard)
    ]
    return [*issues, *_pairs(standard), *_lists(standard)]


def _texts(criterion: Criterion, standard: Standard) -> Iterator[LintIssue]:
    missing = [x for x in standard.languages if x not in criterion.texts]
    if missing:
        yield _warning(criterion.id, f"has no texts in {', '.join(missing)}; reports show the id")


def _scope(criterion: Criterion, standard: Standard) -> Iterator[LintIssue]:
    scope = criterion.applies_to
    if scope is not None and scope.languages:
        useless = [x for x in scope.languages if x not in standard.languages]
        if len(useless) == len(scope.languages):
            yield _error(
                criterion.id, f"is unreachable: the standard has no language {', '.join(useless)}"
            )
    is_part = any(
        isinstance(c, CombinedCriterion) and criterion.id in c.of for c in standard.criteria
    )
    if not (standard.weighs(criterion) or criterion.severity or is_part or _is_meant(criterion)):
        yield _warning(
            criterion.id,
            "has neither weight nor severity: a coaching note; write weight: 0 if it is meant",
        )
    for condition in criterion.na_when:
        held = condition.model_fields_set
        if (
            scope is not None
            and held
            and all(getattr(condition, key, None) == getattr(scope, key, None) for key in held)
        ):
            yield _error(criterion.id, "never applies: na_when says the same as applies_to")


def _is_meant(criterion: Criterion) -> bool:
    """Return whether `weight: 0` is written, and so a coaching note is what is meant."""
    return "weight" in criterion.model_fields_set


def _labels(criterion: Criterion, _: Standard) -> Iterator[LintIssue]:
    for key, target in targets_of(criterion):
        foreign = CUSTOMER_ACTS if target.role == "agent" else AGENT_ACTS
        never = [act for act in target.act if act in foreign]
        if never:
            yield _error(
                criterion.id, f"{key}: no {target.role} turn is ever labelled {', '.join(never)}"
            )


def _phrases(criterion: Criterion, standard: Standard) -> Iterator[LintIssue]:
    for key, target, label in phrases_of(criterion):
        list_id = label.partition(".")[0]
        lists = [x for x in standard.all_phrase_lists if x.id == list_id]
        missing = [x for x in standard.languages if x not in {y.language for y in lists}]
        if missing:
            yield _warning(
                criterion.id, f"{key}: list {list_id} has no phrases in {', '.join(missing)}"
            )
        if lists and all(x.role != target.role for x in lists):
            yield _error(
                criterion.id,
                f"{key}: list {list_id} is matched on {lists[0].role} turns, "
                f"not on {target.role} turns; give the list `role: {target.role}`",
            )
        category = next((x.forbidden for x in lists if x.forbidden is not None), None)
        if category is not None:
            yield _error(
                criterion.id,
                f"{key}: phrases of list {list_id} are found as forbidden: {category}, never as "
                "phrase; look for that, or leave `forbidden` out of the list",
            )


def _pairs(standard: Standard) -> Iterator[LintIssue]:
    labels = [c for c in standard.criteria if isinstance(c, LabelCriterion)]
    for i, one in enumerate(labels):
        for other in labels[i + 1 :]:
            if not _ask_the_same(one, other):
                continue
            if one.expect != other.expect:
                yield _error(other.id, f"contradicts {one.id}: one wants what the other forbids")
            elif standard.weighs(one) and standard.weighs(other):
                yield _warning(other.id, f"overlaps {one.id}: the same words are paid twice")


def _ask_the_same(one: LabelCriterion, other: LabelCriterion) -> bool:
    """Return whether two criteria look for the same, so that both can mean the same words."""
    if one.applies_to != other.applies_to or _anywhere(one.find) != _anywhere(other.find):
        return False
    if one.expect == other.expect:
        return True
    barred = one.find.window if one.expect == "absent" else other.find.window
    is_same_place = barred is None or one.find.window == other.find.window
    return is_same_place and (one.na_when, one.pass_when) == (other.na_when, other.pass_when)


def _anywhere(target: Target) -> Target:
    return target.model_copy(update={"window": None})


def _lists(standard: Standard) -> Iterator[LintIssue]:
    used = {label.partition(".")[0] for c in standard.criteria for _, _, label in phrases_of(c)}
    purposes: dict[tuple[str, str], set[str]] = {}
    for phrase_list in standard.all_phrase_lists:
        is_own = phrase_list in standard.phrase_lists
        if is_own and phrase_list.forbidden is None and phrase_list.id not in used:
            yield _warning(
                "", f"phrase list {phrase_list.id} ({phrase_list.language}) is used by no criterion"
            )
        said = Counter(s.casefold() for rule in phrase_list.phrases for s in rule.say)
        for phrase, n in said.items():
            if n > 1:
                yield _warning(
                    "",
                    f"phrase list {phrase_list.id} "
                    f"({phrase_list.language}) has {phrase!r} {n} times",
                )
            purposes.setdefault((phrase_list.language, phrase), set()).add(
                phrase_list.forbidden or phrase_list.id
            )
    for (language, phrase), lists in purposes.items():
        if len(lists) > 1:
            yield _warning(
                "", f"{phrase!r} ({language}) is in several lists: {', '.join(sorted(lists))}"
            )
