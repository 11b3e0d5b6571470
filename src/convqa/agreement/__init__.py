"""How far two sets of answers agree, with counts and intervals."""

from convqa.agreement.intervals import Interval, wilson_interval
from convqa.agreement.measures import Counted, cohen_kappa, count_label, f1, macro_f1

__all__ = [
    "Counted",
    "Interval",
    "cohen_kappa",
    "count_label",
    "f1",
    "macro_f1",
    "wilson_interval",
]
