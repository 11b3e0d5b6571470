"""Doubts about a standard that only show on conversations: what never or always happens."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from convqa.schema import Evaluation
from convqa.standard import LintIssue, Standard

# With 30 conversations and no failure the rate is below 10 % with 95 % confidence (rule of three).
_MIN_CONVERSATIONS = 30


def lint_on_runs(standard: Standard, evaluations: Iterable[Evaluation]) -> list[LintIssue]:
    """Return a warning for each criterion that decided nothing in the evaluations.

    Args:
        standard: The standard. Criteria that the evaluations do not have, as those of another
            standard lack some, are named in one warning and not judged.
        evaluations: Of any number of conversations; fewer than 30 give no warnings.
    """
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    n = 0
    for evaluation in evaluations:
        n += evaluation.status != "skipped"
        for result in evaluation.criteria:
            outcomes[result.id][result.outcome] += 1
    if n < _MIN_CONVERSATIONS:
        return []
    unseen = [c.id for c in standard.criteria if c.id not in outcomes]
    issues = []
    if unseen:
        message = f"not in the runs, which another standard scored: {', '.join(unseen)}; rescore"
        issues.append(LintIssue("warning", "", f"{message} them first"))
    for criterion in standard.criteria:
        if criterion.id in unseen:
            continue
        doubt = _doubt(outcomes[criterion.id], is_alert=not standard.weighs(criterion))
        if doubt:
            issues.append(LintIssue("warning", criterion.id, f"{doubt} in {n} conversations"))
    return issues


def _doubt(counts: Counter[str], *, is_alert: bool) -> str:
    decided = counts["pass"] + counts["partial"] + counts["fail"]
    if not decided and counts["undetermined"]:
        return "could never be determined"
    if not decided:
        return "never applied"
    if decided < _MIN_CONVERSATIONS:
        return ""
    if counts["fail"] == decided:
        return "always failed"
    # An alert that never rings is what everybody hopes for.
    return "always passed" if counts["pass"] == decided and not is_alert else ""
