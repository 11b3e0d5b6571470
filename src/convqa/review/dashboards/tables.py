"""One table of figures: shown on a page and saved as a file from the same cells."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from convqa.export.record import neutralised
from convqa.export.xlsx import write_table
from convqa.report.charts import whisker
from convqa.report.figures import SMALLEST_GROUP, Mean, t_quantile
from convqa.report.figures import share as share_interval
from convqa.report.wording import Wording

# From here on two groups are compared: at 30 the half-width of the 95 % interval of a mean is 0.37
# standard deviations (t with 29 degrees of freedom is 2.05, divided by the root of 30).
FEWEST_TO_COMPARE = 30


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `shown` on the page, `saved` in the file; a `chart` is only drawn."""

    heading: str
    is_number: bool = False
    shown: bool = True
    saved: bool = True


@dataclass(frozen=True, slots=True)
class Cell:
    """What the page says, and the value that the file holds; `link` leads to conversations."""

    text: str | Markup
    value: str | float | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its charts; `notes` say what is left out and why. `name` is in addresses."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    lead: str = ""
    charts: Sequence[Markup] = ()
    legend: Sequence[str] = ()
    notes: Sequence[str] = field(default=())

    def as_csv(self) -> bytes:
        """Return the table as UTF-8 with a mark for spreadsheets, formulas made text."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow([neutralised(heading) for heading in self._headings()])
        for row in self._values():
            writer.writerow([neutralised(v) if isinstance(v, str) else v for v in row])
        return text.getvalue().encode("utf-8-sig")

    def as_xlsx(self) -> bytes:
        """Return the table as a workbook."""
        file = io.BytesIO()
        write_table(file, self.title, self._headings(), self._values())
        return file.getvalue()

    def _headings(self) -> list[str]:
        return [column.heading for column in self.columns if column.saved]

    def _values(self) -> list[list[str | float | bool | None]]:
        return [
            [cell.value for cell, column in zip(row, self.columns, strict=True) if column.saved]
            for row in self.rows
        ]


def text(value: str, link: str = "") -> Cell:
    """Return a cell of words."""
    return Cell(value, value, link)


def number(value: float | None, words: Wording, decimals: int = 0) -> Cell:
    """Return a cell of a number, a dash where there is none."""
    if value is None:
        return Cell("–")
    return Cell(words.number(value, decimals), round(value, 4))


def interval_of(mean: float, sd: float | None, n: int) -> Mean:
    """Return a mean score with its t interval, without one below five."""
    if sd is None or n < SMALLEST_GROUP:
        return Mean(mean, None, None)
    margin = t_quantile(n - 1) * sd / n**0.5
    return Mean(mean, max(0.0, mean - margin), min(100.0, mean + margin))


def mean_columns(words: Wording, heading: str) -> list[Column]:
    """Return the columns of `mean_cells`."""
    return [
        Column(words("figures.chart"), saved=False),
        Column(heading, is_number=True),
        Column(words("figures.interval"), is_number=True, saved=False),
        Column(words("figures.low"), shown=False),
        Column(words("figures.high"), shown=False),
    ]


def mean_cells(mean: Mean, words: Wording) -> list[Cell]:
    """Return a mean on the scale of 0–100: drawn, as a number, with its interval."""
    said = words.number(mean.value, 1)
    ends = Cell("")
    if mean.low is not None and mean.high is not None:
        ends = Cell(f"{words.number(mean.low, 1)} – {words.number(mean.high, 1)}")
        said = words("figures.mean_said", mean=said, interval=str(ends.text))
    return [
        Cell(whisker(mean, said)), number(mean.value, words, 1), ends,
        number(mean.low, words, 1), number(mean.high, words, 1),
    ]  # fmt: skip


def share_columns(words: Wording, heading: str, *, is_drawn: bool = False) -> list[Column]:
    """Return the columns of `share_cells`."""
    drawn = [Column(words("figures.chart"), saved=False)] if is_drawn else []
    return [
        *drawn,
        Column(heading, is_number=True),
        Column(words("figures.interval"), is_number=True, saved=False),
        Column(words("figures.low"), shown=False),
        Column(words("figures.high"), shown=False),
    ]


def share_cells(n_hits: int, n: int, words: Wording, *, is_drawn: bool = False) -> list[Cell]:
    """Return a share in percent with its Wilson interval; dashes of nothing."""
    found = share_interval(n_hits, n)
    if found is None:
        return [Cell("")] * is_drawn + [Cell("–"), Cell(""), Cell(""), Cell("")]
    ends = f"{words.percent(found.low)} – {words.percent(found.high)}"
    drawn = Mean(100 * found.share, 100 * found.low, 100 * found.high)
    said = words("figures.mean_said", mean=words.percent(found.share), interval=ends)
    return [
        *([Cell(whisker(drawn, said))] if is_drawn else []),
        Cell(words.percent(found.share), round(found.share, 4)),
        Cell(ends),
        Cell("", round(found.low, 4)),
        Cell("", round(found.high, 4)),
    ]
