"""`convqa score` and `convqa rescore`."""

import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from convqa.cli.options import (
    ModelDigestOption,
    ModelOption,
    OutOption,
    RunDirectory,
    RunModelOption,
    StandardOption,
    WorkersOption,
)
from convqa.errors import ConfigError

if TYPE_CHECKING:
    from convqa.pipeline import ChunkDone, Engine
    from convqa.plan import RunOptions
    from convqa.standard import Standard
    from convqa.store.manifest import Manifest

EXIT_TOO_MANY_REJECTED = 3


def score(
    inputs: Annotated[
        list[str], typer.Argument(metavar="INPUT…", help="Files, folders, globs or URLs.")
    ],
    out: OutOption,
    standard: StandardOption = "default",
    model: ModelOption = "convqa-multilingual",
    model_sha256: ModelDigestOption = None,
    format: Annotated[
        str | None, typer.Option(metavar="NAME", help="The format, instead of recognising it.")
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE", help="YAML: which columns or fields hold what; may be given again."
        ),
    ] = None,
    ingest: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="YAML: whose names and labels are agents, customers, …"),
    ] = None,
    engine: Annotated[
        Literal["local", "ray"], typer.Option(help="Where chunks are scored.")
    ] = "local",
    workers: WorkersOption = None,
    since_run: Annotated[
        Path | None, typer.Option(metavar="DIR0", help="Leave out files this run has scored.")
    ] = None,
    max_rejected: Annotated[
        float,
        typer.Option(metavar="SHARE", min=0, max=1, help="More rejected than this is exit code 3."),
    ] = 0.01,
    redact: Annotated[
        bool, typer.Option(help="Replace personal data before anything is stored.")
    ] = True,
    mlflow_experiment: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Log counts and drift, never text, to this experiment."),
    ] = None,
) -> None:
    """Score transcripts against a speech standard; the same command resumes a stopped run."""
    from convqa.cli.summary import print_summary
    from convqa.plan import RunOptions
    from convqa.registry import find_bundle, find_mapping, find_standard
    from convqa.standard import load_standard
    from convqa.store.manifest import read_manifest

    log_run = _mlflow_logger(mlflow_experiment)
    options = RunOptions(
        model=find_bundle(model),
        model_sha256=model_sha256,
        format=format,
        mappings=tuple(find_mapping(name) for name in mapping or ()),
        ingest=ingest,
        redact=redact,
        since_run=since_run,
    )
    score_into(
        out,
        inputs,
        load_standard(find_standard(standard)),
        options,
        _engine(engine, workers or os.cpu_count() or 1),
    )
    print_summary(out)
    log_run(out)
    counts = read_manifest(out).counts
    if counts is not None and counts.read and counts.rejected / counts.read > max_rejected:
        raise typer.Exit(EXIT_TOO_MANY_REJECTED)


def _mlflow_logger(experiment: str | None) -> "Callable[[Path], object]":
    """Return what logs a finished run; asked for before scoring, so that a missing extra is told.

    Raises:
        ConfigError: MLflow is wanted and not installed.
    """
    if experiment is None:
        return lambda _: None
    if find_spec("mlflow") is None:
        raise ConfigError(
            "--mlflow-experiment needs the package mlflow; install it with: "
            "pip install 'convqa[mlflow]'"
        )
    from convqa.registry.scoring_run import log_scoring_run

    return partial(log_scoring_run, experiment=experiment)


def score_into(
    out: Path,
    inputs: Sequence[str],
    standard: "Standard",
    options: "RunOptions",
    engine: "Engine",
) -> None:
    """Score inputs into a run directory, showing the progress."""
    from convqa.cli.progress import hashing_progress
    from convqa.ingest.options import load_options
    from convqa.pipeline import Job, run
    from convqa.plan import plan_run

    ingest = load_options(
        format_name=options.format, mapping=options.mappings, settings=options.ingest
    )
    with hashing_progress() as progress:
        task = progress.add_task("reading inputs", total=None)
        manifest = plan_run(
            inputs,
            standard,
            options,
            lambda n, total: progress.update(task, completed=n, total=total),
        )
    job = Job(out.resolve(), options.model.resolve(), options.redact)
    _watch(run(manifest, standard, job, ingest, engine), manifest)


def local_engine(workers: int) -> "Engine":
    """Return the engine that scores on this machine."""
    from convqa.engine.local import run_local

    return partial(run_local, workers=workers)


def _engine(name: str, workers: int) -> "Engine":
    if name == "local":
        return local_engine(workers)
    from convqa.engine.ray import run_ray

    return partial(run_ray, workers=workers)


def _watch(done: "Iterator[ChunkDone]", manifest: "Manifest") -> None:
    """Show the progress of a run until it ends."""
    from convqa.cli.progress import scoring_progress

    total = sum(i.size for i in manifest.inputs)
    n_done = n_bytes = 0
    with scoring_progress() as progress:
        task = progress.add_task("loading", total=total or None, done=0)
        for chunk in done:
            n_done += chunk.n_evaluated + chunk.n_skipped + chunk.n_rejected
            n_bytes = max(n_bytes, chunk.bytes_read)  # chunks are done in any order
            progress.update(task, description="scoring", completed=n_bytes, done=n_done)
        progress.update(task, description="scored", completed=total)


def rescore(
    run: RunDirectory,
    out: OutOption,
    standard: StandardOption = "default",
    model: RunModelOption = None,
    workers: WorkersOption = None,
) -> None:
    """Apply another standard to a finished run, without running the models again."""
    from convqa.cli.encoding import encoder_of
    from convqa.cli.progress import scoring_progress
    from convqa.cli.summary import print_summary
    from convqa.registry import find_standard
    from convqa.rescore import rescore_run
    from convqa.standard import load_standard

    with scoring_progress() as progress:
        task = progress.add_task("scoring again", total=None, done=0)
        loaded, encode = load_standard(find_standard(standard)), encoder_of([run], model)
        n = workers or os.cpu_count() or 1
        for step in rescore_run(run, loaded, out, encode=encode, workers=n):
            progress.update(
                task, completed=step.n_chunks_done, total=step.n_chunks, done=step.n_conversations
            )
    print_summary(out)
