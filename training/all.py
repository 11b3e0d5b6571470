"""Make a bundle from the data: all steps in order, each resumed or skipped where it can be.

Run as `python -m training.all` (`make train`). A step is skipped when it ran to its end before on
the same data, settings and earlier steps, as `steps.json` in the working folder remembers; a
fine-tuning that was cut short goes on from its last checkpoint.
"""

import hashlib
import json
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
from training.settings import Paths, Settings, parse_paths

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


def data_digest(corpora: Path) -> str:
    """Return a digest of the names and contents of the project's own data."""
    digest = hashlib.sha256()
    for path in sorted((corpora / "authored").glob("*.jsonl")):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


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
    if bundle is None:
        fetch_base.run(paths)
    elif not bundle.is_dir():
        sys.exit(f"{bundle}: there is no such bundle to go on from; change it in {paths.settings}")
    paths.work.mkdir(parents=True, exist_ok=True)
    record = paths.work / "steps.json"
    done: dict[str, str] = json.loads(record.read_text()) if record.exists() else {}
    digest = data_digest(paths.corpora)
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
    run(parse_paths("all"))
