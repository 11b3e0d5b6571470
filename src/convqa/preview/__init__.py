"""What a standard or a model would do before it goes live: differences, tests, explanations, lint.

For another standard no model runs on stored conversations: their findings are kept, and phrases are
matched again where they are other ones. Only `diff_models` labels the stored text anew.
"""

from convqa.preview.compare import (
    Change,
    CriterionChange,
    Difference,
    GroupChange,
    compare,
    compare_runs,
)
from convqa.preview.examples import (
    ExampleResult,
    lists_with_meaning,
    load_examples,
    run_examples,
)
from convqa.preview.explain import Explanation, Flip, explain
from convqa.preview.models import diff_models
from convqa.preview.phrase_lint import lint_phrases
from convqa.preview.run_lint import lint_on_runs
from convqa.preview.standards import diff_runs, diff_standards

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
    "diff_models",
    "diff_runs",
    "diff_standards",
    "explain",
    "lint_on_runs",
    "lint_phrases",
    "lists_with_meaning",
    "load_examples",
    "run_examples",
]
