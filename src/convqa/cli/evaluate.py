"""`convqa evaluate`."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from convqa.cli.options import ModelOption, StandardOption
from convqa.errors import ConfigError

if TYPE_CHECKING:
    from rich.table import Table

    from convqa.agreement import Interval
    from convqa.evaluate import Agreement


def evaluate(
    gold: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="JSON Lines: conversations with `gold`, or `id` and `gold` alone."
        ),
    ],
    run: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Compare this run instead of scoring the file."),
    ] = None,
    standard: StandardOption = "default",
    model: ModelOption = "convqa-multilingual",
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a language instead of tables.")
    ] = False,
) -> None:
    """Compare scores with what people decided, by language, with counts and intervals."""
    from convqa.evaluate import agreement_by_language, agreement_record, read_gold
    from convqa.store.manifest import read_finished

    decisions = read_gold(gold)
    if run is not None:
        read_finished(run)
        agreements = agreement_by_language(run, decisions)
    else:
        with TemporaryDirectory() as folder:
            _score(gold, Path(folder), standard, model)
            counts = read_finished(Path(folder)).counts
            if counts is None or not counts.evaluated:
                raise ConfigError(
                    f"{gold}: holds no conversation that can be scored; name the run that its "
                    "decisions are about with --run"
                )
            agreements = agreement_by_language(Path(folder), decisions)
    if as_json:
        for agreement in agreements:
            print(agreement_record(agreement))
        return
    from convqa.cli.progress import console

    if missing := len(decisions) - agreements[-1].n:
        console.print(f"{missing} of {len(decisions)} decisions are about conversations not scored")
    console.print(_group_table(agreements))
    console.print(_criterion_table(agreements[-1]))


def _score(gold: Path, out: Path, standard: str, model: str) -> None:
    from convqa.cli.score import local_engine, score_into
    from convqa.plan import RunOptions
    from convqa.registry import find_bundle, find_standard
    from convqa.standard import load_standard

    score_into(
        out,
        [str(gold)],
        load_standard(find_standard(standard)),
        RunOptions(model=find_bundle(model)),
        local_engine(workers=1),
    )


def _group_table(agreements: "list[Agreement]") -> "Table":
    from rich.table import Table

    table = Table("language", title="Machine against person", title_justify="left")
    for name in ("n", "outcomes agree", "flags agree", "score error", "score bias",
                 "resolution F1", "ending F1"):  # fmt: skip
        table.add_column(name, justify="right")
    for a in agreements:
        table.add_row(
            a.group, str(a.n), _share(a.outcomes), _share(a.flags), _figure(a.score_error, 1),
            _figure(a.score_bias, 1), _figure(a.resolution_f1), _figure(a.ending_f1),
        )  # fmt: skip
    return table


def _criterion_table(agreement: "Agreement") -> "Table":
    from rich.table import Column, Table

    table = Table(
        Column("criterion", overflow="fold"), title="Criteria, all languages", title_justify="left"
    )
    for name in ("agree", "kappa", "fails by people", "precision", "recall", "F1"):
        table.add_column(name, justify="right")
    for c in agreement.criteria:
        table.add_row(
            c.criterion, _share(c.agreement), _figure(c.kappa), str(c.n_fails),
            _figure(c.precision), _figure(c.recall), _figure(c.f1),
        )  # fmt: skip
    return table


def _share(interval: "Interval | None") -> str:
    if interval is None:
        return "–"
    return f"{interval.share:.2f} ({interval.low:.2f}–{interval.high:.2f})"


def _figure(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
