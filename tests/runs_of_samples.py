"""Runs of the shipped samples through the real pipeline, for tests from end to end."""

import io
from functools import partial
from pathlib import Path

from convqa.engine.local import run_local
from convqa.export import EXPORTS
from convqa.ingest.options import load_options
from convqa.pipeline import Job, run
from convqa.plan import RunOptions, plan_run
from convqa.registry import find_bundle, find_standard
from convqa.standard import load_standard

SAMPLES = Path(__file__).parents[1] / "data" / "samples"


def score(
    out, inputs, *, standard="default", chunk_size=500, engine=None, since_run=None, redact=True
):
    """Score inputs into `out` and return its manifest."""
    options = RunOptions(model=find_bundle("convqa-multilingual"), redact=redact,
                         since_run=since_run)  # fmt: skip
    standard = load_standard(find_standard(standard))
    manifest = plan_run([str(i) for i in inputs], standard, options, lambda *_: None)
    small = manifest.options.model_copy(update={"chunk_size": chunk_size})
    manifest = manifest.model_copy(update={"options": small})
    chunks = run(
        manifest,
        standard,
        Job(out, options.model, redact),
        load_options(),
        engine or partial(run_local, workers=1),
    )
    return list(chunks)


def exported(run_directory, name="jsonl"):
    output = io.BytesIO()
    EXPORTS[name](run_directory, output)
    return output.getvalue()
