"""What a standard would do before it goes live: differences, tests, explanations and lint.

Nothing here runs a model on stored conversations; their findings are kept, phrases are matched
again.
"""

from convqa.preview.compare import (
    Change,
    CriterionChange,
    Difference,
    GroupChange,
    compare,
    compare_runs,
    diff_standards,
)
from convqa.preview.examples import ExampleResult, load_examples, run_examples
from convqa.preview.explain import Explanation, Flip, explain
from convqa.preview.run_lint import lint_on_runs

__all__ = [
    "Change",
    "CriterionChange",
    "Difference",
    "ExampleResult",
    "Explanation",
    "Flip",
    "GroupChange",
    "compare",
    "compare_runs",
    "diff_standards",
    "explain",
    "lint_on_runs",
    "load_examples",
    "run_examples",
]
