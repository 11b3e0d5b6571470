"""How far sets of answers agree, with counts and intervals."""

from convqa.agreement.bootstrap import Estimate, estimate_alpha, estimate_kappa
from convqa.agreement.intervals import Interval, wilson_interval
from convqa.agreement.measures import (
    Counted,
    cohen_kappa,
    count_label,
    f1,
    krippendorff_alpha,
    macro_f1,
)

__all__ = [
    "Counted",
    "Estimate",
    "Interval",
    "cohen_kappa",
    "count_label",
    "estimate_alpha",
    "estimate_kappa",
    "f1",
    "krippendorff_alpha",
    "macro_f1",
    "wilson_interval",
]
