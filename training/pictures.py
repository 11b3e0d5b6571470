"""Confusion tables as pictures, for the screens of MLflow."""

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Picture

from training.errors import Confusion

_CELL_INCHES = 0.62


def confusion_picture(title: str, table: Confusion) -> Picture:
    """Return a picture of a table: counts in the cells, colour by the share of the row."""
    n_rows, n_columns = len(table.rows), len(table.columns)
    picture = Picture(
        figsize=(2.6 + _CELL_INCHES * n_columns, 1.9 + _CELL_INCHES * n_rows), layout="constrained"
    )
    FigureCanvasAgg(picture)  # no window is ever opened
    axes = picture.subplots()
    shares = [[count / max(sum(row), 1) for count in row] for row in table.counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for y, row in enumerate(table.counts):
        for x, count in enumerate(row):
            # White on dark: Blues turns darker than middle grey at about 0.55.
            colour = "white" if shares[y][x] > 0.55 else "black"
            axes.text(x, y, f"{count:,}", ha="center", va="center", color=colour)
    axes.set_xticks(range(n_columns), table.columns, rotation=45, ha="right")
    axes.set_yticks(range(n_rows), table.rows)
    axes.set_xlabel("found")
    axes.set_ylabel("true")
    axes.set_title(title)
    return picture
