"""When a challenger may become champion. `training/README.md` states the rule in words."""

from collections.abc import Iterator, Mapping

from convqa.schema import LANGUAGES
from training.contest import Answers, Contest, Gain, Share

# Measured between two bundles of this size: 95 % of resampled differences lie within 0.015 to 0.025
# of a language, within 0.006 to 0.06 of a task. So a loss over MARGIN counts where its interval is
# below zero, and a loss over LARGE counts whatever its interval.
MARGIN = 0.02
LARGE = 0.05
# One language has 54 clean conversations: so many more of them may be flagged by chance.
_MORE_FLAGGED = 2
# Share of the impolite and dismissive texts; a model that finds nothing would flag nothing falsely.
_LESS_FOUND = 0.02


def reasons_against(found: Contest, champion: Answers, challenger: Answers) -> list[str]:
    """Return why the challenger may not become champion, one reason a sentence; empty if it may."""
    return [
        *_mean(found.mean),
        *_losses("in the language", found.languages),
        *_losses("at", found.tasks),
        *_false_flags(champion, challenger),
        *_missed(champion.grave_found, challenger.grave_found),
    ]


def _mean(mean: Gain) -> Iterator[str]:
    if mean.low <= 0:
        yield (
            f"the mean of the task figures is not better by more than noise: {mean.before:.3f} → "
            f"{mean.after:.3f}, difference {mean.low:+.3f} to {mean.high:+.3f}"
        )


def _losses(where: str, gains: Mapping[str, Gain]) -> Iterator[str]:
    for name, gain in gains.items():
        if gain.change < -LARGE or (gain.change < -MARGIN and gain.high < 0):
            yield f"worse {where} {name}: {gain.before:.3f} → {gain.after:.3f}"


def _false_flags(champion: Answers, challenger: Answers) -> Iterator[str]:
    for kind, before, after in (
        ("flagged", champion.clean_flagged, challenger.clean_flagged),
        ("critical", champion.clean_critical, challenger.clean_critical),
    ):
        for key in ("all", *LANGUAGES):
            allowed = before[key][0] + (0 if key == "all" else _MORE_FLAGGED)
            if after[key][0] > allowed:
                yield (
                    f"more clean conversations are {kind} ({key}): {before[key][0]} → "
                    f"{after[key][0]} of {after[key][1]}"
                )


def _missed(before: Mapping[str, Share], after: Mapping[str, Share]) -> Iterator[str]:
    for label, (n, total) in before.items():
        if after[label][0] < n - _LESS_FOUND * total:
            yield f"fewer {label} texts are found: {n} → {after[label][0]} of {total}"
