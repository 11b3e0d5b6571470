"""Progress on the terminal: what is being done, how far, how fast, and how long it will take."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class QuietConsole(Console):
    """A console that falls silent when its reader leaves, and keeps the exit code (`| head`)."""

    def on_broken_pipe(self) -> None:
        """Send the rest nowhere instead of ending the process, as rich would, with exit code 1."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# Ids and reasons may hold brackets, which are no markup.
console = QuietConsole(markup=False, highlight=False)
stderr = Console(stderr=True, markup=False, highlight=False)


class RateColumn(ProgressColumn):
    """Conversations a second."""

    def render(self, task: Task) -> Text:
        """Return the rate of the task's `done` field."""
        done, elapsed = task.fields.get("done", 0), task.elapsed or 0.0
        return Text(f"{done / elapsed:,.0f}/s" if elapsed > 0 and done else "")


@contextmanager
def hashing_progress() -> Iterator[Progress]:
    """Show the progress of reading the inputs' digests."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
        console=stderr, transient=True, disable=not stderr.is_terminal,
    ) as progress:  # fmt: skip
        yield progress


@contextmanager
def scoring_progress() -> Iterator[Progress]:
    """Show conversations done, their rate and the time left by the bytes read of all bytes."""
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"), TextColumn("{task.fields[done]:,} conversations"),
        RateColumn(), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
        console=stderr,
        disable=not stderr.is_terminal,
    ) as progress:  # fmt: skip
        yield progress
