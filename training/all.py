"""Make a bundle from the data: all steps in order, each resumed or skipped where it can be.

Run as `python -m training.all` (`make train`). A step is skipped when it ran to its end before on
the same data (the project's own, public sets, the bundle to go on from), settings and earlier
steps, as `steps.json` in the working folder remembers; a fine-tuning that was cut short goes on
from its last checkpoint.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

from training import (
    align,
    assemble,
    export,
    fetch_base,
    fine_tune,
    fit_heads,
    parity,
    vocabulary,
)
from training.corpora import Split, part_of, read_conversations
from training.public_sets import data_digests
from training.settings import Paths, Settings, run_step

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it runs, which settings it depends on, and a file that it writes.

    A step `of_base` makes the pretrained encoder ready; going on from a bundle does without.
    """

    name: str
    run: Callable[[Paths], object]
    sections: tuple[str, ...]
    writes: str
    of_base: bool = False


STEPS = (
    Step("vocabulary", vocabulary.run, ("base",), "tokenizer.json"),
    Step("align", align.align, ("base",), "aligned.pt", of_base=True),
    Step("fine_tune", fine_tune.fine_tune, ("fine_tune",), "network.pt"),
    Step("export", export.export, ("export",), "encoder.onnx"),
    Step("fit_heads", fit_heads.fit, ("heads",), "heads.pt"),
    Step("parity", parity.run, (), "parity.json"),
    Step(
        "assemble", assemble.assemble,
        ("name", "version", "clean_false_flag_share", "storage_floor"), "bundle/manifest.json",
    ),
)  # fmt: skip


def start_digest(paths: Paths, settings: Settings) -> str:
    """Return what all steps depend on: the data sets, and the encoder or bundle to begin with."""
    text = json.dumps([data_digests(paths.corpora), paths.hub, settings.base.digest()])
    return hashlib.sha256(text.encode()).hexdigest()


def step_digest(before: str, step: Step, settings: Settings) -> str:
    """Return what identifies a step: the digest of what came before, and its settings."""
    chosen = settings.model_dump(mode="json", include=set(step.sections))
    text = json.dumps([before, step.name, chosen], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def run(paths: Paths) -> None:
    """Run what has not run to its end."""
    settings = paths.load()
    bundle = settings.base.bundle
    steps = [step for step in STEPS if bundle is None or not step.of_base]
    digest = start_digest(paths, settings)
    talks = read_conversations(paths.corpora)
    for split in get_args(Split):
        part_of(talks, split, paths.corpora)
    if bundle is None:
        fetch_base.run(paths)
    paths.work.mkdir(parents=True, exist_ok=True)
    record = paths.work / "steps.json"
    done: dict[str, str] = json.loads(record.read_text()) if record.exists() else {}
    for step in steps:
        digest = step_digest(digest, step, settings)
        if done.get(step.name) == digest and (paths.work / step.writes).exists():
            logger.info("%s: as before", step.name)
            continue
        started = time.monotonic()
        step.run(paths)
        done[step.name] = digest
        record.write_text(json.dumps(done, indent=1))
        logger.info("%s: %.1f min", step.name, (time.monotonic() - started) / 60)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    run_step("all", run)
