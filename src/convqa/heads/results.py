"""What training a head found out, and what it says in a model card; never a text."""

from collections.abc import Iterator
from dataclasses import dataclass

from convqa.heads.curve import Curve
from convqa.heads.figures import LEAST_POSITIVES, LEAST_ROWS, Figure, Share
from convqa.heads.labels import LabelKind, LabelRole

_QUESTION = {"yes_no": "yes or no", "one_of": "one of several", "any_of": "any of several"}
_VERDICT = {
    "more": "More labels would help: the loss still falls with the last doubling.",
    "enough": "More labels of this kind would change little: the last doubling gained next to "
    "nothing.",
    "unclear": "Whether more labels would help cannot be told from so few.",
}
# The share of segments at which a precision is shown beside that of the label file.
_RARE = 0.05


@dataclass(frozen=True, slots=True)
class Refit:
    """A built-in head before the corrections, and what they change.

    Of `n_wrong` segments of the file that the head had wrong, `n_learnt` come out right by the new
    one. Of held-out segments `n_gained` come right and `n_lost` go wrong. `refusal` says why the
    correction should not be used; empty where it should.
    """

    before: tuple[Figure, ...]
    n_wrong: int
    n_learnt: int
    n_gained: int
    n_lost: int
    refusal: str

    @property
    def is_better(self) -> bool:
        """Whether the correction should be used."""
        return not self.refusal


@dataclass(frozen=True, slots=True)
class HeadReport:
    """Figures of one training; all from cross-validation over conversations.

    `counts` and `thresholds` go by label. `refit` is None for a head of one's own.
    """

    name: str
    role: LabelRole
    kind: LabelKind
    n_rows: int
    n_conversations: int
    n_folds: int
    counts: dict[str, int]
    thresholds: dict[str, float]
    precision: float | None
    log_loss: float
    figures: tuple[Figure, ...]
    curve: Curve
    refit: Refit | None
    warnings: tuple[str, ...]


def card_section(report: HeadReport) -> str:
    """Return a report as a section of a model card, in Markdown."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: HeadReport) -> Iterator[str]:
    what = "Head" if report.refit is None else "Corrections of"
    yield f"## {what} `{report.name}`"
    yield ""
    counts = ", ".join(f"{label} {n}" for label, n in report.counts.items())
    yield (
        f"Fitted by `convqa train heads` to {report.n_rows} segments of {report.role}s in "
        f"{report.n_conversations} conversations ({_QUESTION[report.kind]}: {counts}). Figures are "
        f"of {report.n_folds}-fold cross-validation in which no conversation and no repeated text "
        "is on both sides; 95 % intervals from resampled conversations."
    )
    yield ""
    for warning in report.warnings:
        yield f"- **Warning**: {warning}"
    if report.warnings:
        yield ""
    yield from _figure_table(report)
    yield ""
    if not all(map(is_measurable, report.figures)):
        yield f"\\* fewer than {LEAST_ROWS} segments or {LEAST_POSITIVES} positives: says little."
        yield ""
    yield from _threshold_lines(report)
    if report.refit is not None:
        refit = report.refit
        yield (
            f"- The head before had {refit.n_wrong} of these segments wrong; {refit.n_learnt} of "
            f"them come out right now. Of segments held out, {refit.n_gained} come right and "
            f"{refit.n_lost} go wrong."
        )
    yield ""
    yield from _curve_lines(report.curve)


def _figure_table(report: HeadReport) -> Iterator[str]:
    before = {} if report.refit is None else {f.group: f for f in report.refit.before}
    extra = "| F1 before " if before else ""
    yield f"| group | segments | positives | precision | recall {extra}| F1 |"
    yield "| --- | ---: | ---: | ---: | ---: " + ("| ---: " if before else "") + "| ---: |"
    for figure in report.figures:
        values = [figure.precision, figure.recall]
        if before:
            values.append(before[figure.group].f1)
        values.append(figure.f1)
        cells = [_shown(value) for value in values]
        name = figure.group if is_measurable(figure) else f"{figure.group} *"
        counts = [str(figure.n_rows), str(figure.n_positives)]
        yield f"| {' | '.join([name, *counts, *cells])} |"


def is_measurable(figure: Figure) -> bool:
    """Return whether there are rows and positives enough for a figure to mean something."""
    return figure.n_rows >= LEAST_ROWS and figure.n_positives >= LEAST_POSITIVES


def _threshold_lines(report: HeadReport) -> Iterator[str]:
    listed = ", ".join(f"{label} {value:g}" for label, value in report.thresholds.items())
    wanted = "" if report.precision is None else f", for a precision of {report.precision:g}"
    yield f"- Thresholds{wanted}: {listed}."
    if (rare := rare_precision(report)) is not None:
        share = report.figures[0].n_positives / report.n_rows
        yield (
            f"- Precision depends on how common it is: {share:.0%} of these segments are yes. "
            f"Where only {_RARE:.0%} are, expect a precision of about {rare:.2f}."
        )


def rare_precision(report: HeadReport) -> float | None:
    """Return the precision to expect of a yes/no head where few segments are yes."""
    everything = report.figures[0]
    recall, precision = everything.recall.value, everything.precision.value
    if report.kind != "yes_no" or recall is None or precision is None:
        return None
    hits = recall * everything.n_positives
    wrong = hits / precision - hits if precision > 0 else 0.0
    # Half a false alarm more (Jeffreys): none among few negatives does not mean none at all.
    false_rate = (wrong + 0.5) / (everything.n_rows - everything.n_positives + 1)
    found = recall * _RARE + false_rate * (1 - _RARE)
    return recall * _RARE / found if found > 0 else None


def _curve_lines(curve: Curve) -> Iterator[str]:
    yield "| labels trained on | log-loss | F1 |"
    yield "| ---: | ---: | ---: |"
    for point in curve.points:
        shown = "–" if point.f1 is None else f"{point.f1:.2f}"
        yield f"| {point.n_rows} | {point.log_loss:.3f} | {shown} |"
    yield ""
    yield f"{_VERDICT[curve.verdict]} Gain of the last doubling in log-loss: {_signed(curve.gain)}."


def _shown(share: Share) -> str:
    if share.value is None:
        return "–"
    return f"{share.value:.2f} ({share.low:.2f}–{share.high:.2f})"


def _signed(share: Share) -> str:
    return f"{share.value:+.3f} ({share.low:+.3f} to {share.high:+.3f})"
