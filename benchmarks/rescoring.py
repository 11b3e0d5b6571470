"""`convqa rescore` and `convqa standards diff` as a user starts them, with their time."""

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from benchmarks.scoring import Measured
from convqa.registry import find_standard

# Words that are said often, and a gap.
_PHRASES = {
    "id": "house_words",
    "language": "en",
    "phrases": ["the", "thank you (very|so) much", "I will * for you"],
}


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds that a command took, and CPU seconds of all its processes."""

    seconds: float
    cpu_seconds: float


def rescoring_rows(
    run: Path, folder: Path, scored: Measured
) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield a row for each way to apply another standard to a run, against scoring it anew.

    Args:
        run: The directory of a run of the default standard.
        folder: Where the changed standards and the results go.
        scored: What the run took.
    """
    n = scored.conversations
    for what, done in measure_rescoring(run, folder):
        cpu_ms = 1000 * done.cpu_seconds / n
        yield (
            f"{what}, {n:,} conversations, {done.seconds:.0f} s",
            f"{n / done.seconds:,.0f} conversations/s, {cpu_ms:.2f} ms CPU each",
            f"scoring them anew: {scored.rate:.1f} a second, {scored.cpu_ms:.0f} ms CPU each",
            f"{scored.seconds / done.seconds:.0f} ×",
            f"{scored.cpu_ms / cpu_ms:.0f} ×",
        )


def measure_rescoring(run: Path, folder: Path) -> Iterator[tuple[str, Timed]]:
    """Yield what was done with the run, and what it took."""
    weights, phrases = changed_standards(folder)
    out = folder / "rescored"
    for what, standard in (("other weights, windows, thresholds", weights),
                           ("other phrases", phrases)):  # fmt: skip
        shutil.rmtree(out, ignore_errors=True)
        done = timed(["rescore", str(run), "--standard", str(standard), "--out", str(out)])
        yield f"`rescore` with {what}", done
        shutil.rmtree(out)
    done = timed(["standards", "diff", "default", str(weights), "--run", str(run)])
    yield "`standards diff` of other weights, windows, thresholds", done
    done = timed(["standards", "diff", "default", str(phrases), "--run", str(run)])
    yield "`standards diff` of other phrases", done


def changed_standards(folder: Path) -> tuple[Path, Path]:
    """Write the default standard with other weights and windows, and with other phrases."""
    content = yaml.safe_load(find_standard("default").read_text(encoding="utf-8"))
    phrases = folder / "phrases.yaml"
    lists = [*content.get("phrase_lists", []), _PHRASES]
    changed = {**content, "version": "bench-phrases", "phrase_lists": lists}
    phrases.write_text(yaml.safe_dump(changed, allow_unicode=True), encoding="utf-8")
    for section in content["sections"]:
        for number, criterion in enumerate(section["criteria"]):
            if isinstance(criterion.get("weight"), int | float):
                criterion["weight"] *= 1 + number % 3
            window = criterion.get("find", {}).get("window", {})
            if "first_turns" in window:
                window["first_turns"] += 1
    content["confidence"]["phrase"] = 0.85
    weights = folder / "weights.yaml"
    changed = {**content, "version": "bench-weights"}
    weights.write_text(yaml.safe_dump(changed, allow_unicode=True), encoding="utf-8")
    return weights, phrases


def timed(arguments: Sequence[str]) -> Timed:
    """Run a convqa command and return what it took.

    Raises:
        subprocess.CalledProcessError: The command failed.
    """
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "convqa", *arguments]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Timed(seconds, cpu)
