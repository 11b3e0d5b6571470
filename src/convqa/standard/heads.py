"""Whether a model has the heads of one's own that a standard looks for."""

from collections.abc import Iterator, Mapping

from convqa.config import suggest
from convqa.errors import ConfigError
from convqa.standard.lint import LintIssue
from convqa.standard.model import Standard, targets_of


def names_heads(standard: Standard) -> bool:
    """Return whether a standard looks for heads at all."""
    return any(True for _ in lint_heads(standard, {}))


def lint_heads(standard: Standard, heads: Mapping[str, str]) -> Iterator[LintIssue]:
    """Yield an error for each head that a standard names and the model lacks.

    Args:
        standard: The speech standard.
        heads: The labels of the model's heads, as findings write them, each with its role.
    """
    for criterion in standard.criteria:
        for key, target in targets_of(criterion):
            for labels in filter(None, (target, target.also, target.without)):
                for label in labels.head:
                    if doubt := _doubt(label, target.role, heads):
                        yield LintIssue("error", criterion.id, f"{key}: {doubt}")


def check_heads(standard: Standard, heads: Mapping[str, str], where: str) -> None:
    """Refuse a standard that names a head which the model lacks.

    Args:
        standard: The speech standard.
        heads: As in `lint_heads`.
        where: What the heads are of, such as a model bundle.

    Raises:
        ConfigError: Names criterion and head, and what would be right.
    """
    for issue in lint_heads(standard, heads):
        raise ConfigError(f"standard {standard.name}: {issue.criterion}: {issue.message} ({where})")


def _doubt(label: str, role: str, heads: Mapping[str, str]) -> str:
    if label in heads:
        if heads[label] == role:
            return ""
        return f"head {label} reads {heads[label]} turns, not {role} turns"
    parts = [name for name in heads if name.startswith(f"{label}.")]
    if parts:
        return f"head {label} has several labels; write one of {', '.join(parts)}"
    remedy = suggest(label, sorted(heads)) or (
        f"; its heads: {', '.join(sorted(heads))}" if heads else "; it has none of its own"
    )
    return (
        f"the model has no head {label!r}{remedy}; train one with `convqa train heads`, then "
        "`convqa score … --model` with its bundle finds it"
    )
