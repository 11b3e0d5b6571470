"""All figures of the README in one run, which puts them there: `make bench`.

    python -m benchmarks.bench

Every claim is a ratio of two figures measured here, one after the other, on the same machine. Where
other work was done on it meanwhile, the ratio of CPU times tells more than that of the rates.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from benchmarks import load, readme
from benchmarks.machine import describe
from benchmarks.rescoring import rescoring_rows
from benchmarks.scoring import Measured, measure
from convqa.encoder.bundle import TOKENIZER
from convqa.registry import find_bundle
from convqa.store.parts import finished_chunks, read_chunk

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "bench.md"
# Real agents repeat formulas; no figure is known for how much. Half is what the row is told for.
_REPETITION = 0.5
# Of the large runs, which have to end some day.
_REPETITION_OF_SIZES = 1.0
_TIMEOUT_S = 3600
_BUSY = (
    " So the machine was busy: rates, and ratios of rates, tell more of the other work than of "
    "convqa, and only CPU times can be compared. Of a short run most is the start of its processes."
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    long: int
    conversations: int
    sizes: tuple[int, ...]
    piped: int
    torch_python: str


@dataclass(slots=True)
class Table:
    """The rows as they are measured, written at once: a run that is broken off leaves some."""

    output: Path
    load: float
    rows: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)

    def add(self, what: str, one: str, other: str, ratio: str, by_cpu: str = "") -> None:
        self.rows.append((what, one, other, ratio, by_cpu))
        print("| " + " | ".join(self.rows[-1]) + " |", flush=True)
        self.output.write_text(self.markdown(), encoding="utf-8")

    def markdown(self) -> str:
        header = ("what", "measured", "against", "ratio", "by CPU time")
        lines = [header, ("---", "---", "---", "---:", "---:"), *self.rows]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        cores = os.cpu_count() or 1
        busy = "" if self.load < cores / 2 else _BUSY
        return (
            f"{table}\n\nMeasured {describe(self.versions)}; load average of other work at the "
            f"start {self.load:.1f} on {cores} cores.{busy}\n"
        )


def main() -> None:
    """Measure everything and write the table."""
    parser = argparse.ArgumentParser(description="Measure convqa.")
    parser.add_argument("--out", type=Path, default=RESULT)
    parser.add_argument(
        "--long", type=int, default=10_000, help="conversations for what start-up may not blur"
    )
    parser.add_argument("--conversations", type=int, default=1500, help="for other rows")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[1000, 10_000], help="memory, files"
    )
    parser.add_argument("--piped", type=int, default=40, help="conversations for transformers")
    parser.add_argument("--torch-python", default=sys.executable, help="a Python with transformers")
    args = parser.parse_args()
    # Ray gives its workers the niceness 15, which is slow where anything else runs.
    os.environ["RAY_worker_niceness"] = "0"  # noqa: SIM112  # its name in Ray
    plan = Plan(args.long, args.conversations, tuple(args.sizes), args.piped, args.torch_python)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    table = Table(args.out, os.getloadavg()[0])
    with tempfile.TemporaryDirectory() as folder:
        measure_all(Path(folder), plan, table)
    if args.out == RESULT:
        fill_readme(table.markdown())


def fill_readme(markdown: str) -> None:
    """Show a result in the README, and what follows from it for a cluster."""
    sizing = readme.sizing(cpu_ms_of(markdown))
    readme.put("bench", markdown)
    readme.put("sizing", sizing)


def cpu_ms_of(markdown: str) -> float:
    """Return the CPU milliseconds of a conversation that the first row of a table tells.

    Raises:
        ValueError: It tells none.
    """
    found = re.search(r"([\d.]+) ms CPU each", markdown)
    if found is None:
        raise ValueError("the table tells no CPU time")
    return float(found.group(1))


def measure_all(folder: Path, plan: Plan, table: Table) -> None:
    """Add all rows to the table."""
    add_speed(folder, plan, table)
    inputs = folder / "load.jsonl"
    load.write_lines(inputs, plan.conversations)
    two = measure(inputs, folder / "two", ["--workers", "2"])
    add_processes(folder, inputs, two, table)
    add_repetition(folder, plan, two, table)
    add_cache(folder / "two", table)
    largest = add_memory(folder, plan, table)
    add_files(folder, largest, table)
    for row in rescoring_rows(folder / "size", folder, largest):
        table.add(*row)


def add_speed(folder: Path, plan: Plan, table: Table) -> None:
    """A long run against the encoder alone and against the way most people would do it."""
    inputs = folder / "long.jsonl"
    load.write_lines(inputs, plan.long)
    whole = measure(inputs, folder / "long", ["--workers", "2"])
    add_raw(folder / "long", whole, table)
    add_pipelines(folder, plan, whole, table)


def add_raw(run: Path, whole: Measured, table: Table) -> None:
    """The whole command with two processes against the encoder alone in two processes."""
    jobs = [["--threads", "1", "--part", str(part), "--parts", "2"] for part in range(2)]
    raw = _together([[sys.executable, "-m", "benchmarks.raw", str(run), *job] for job in jobs])
    # Each works for its own time; together they give the sum of their rates.
    rate = sum(found["conversations"] / found["seconds"] for found in raw)
    tokens = sum(found["tokens"] / found["seconds"] for found in raw)
    share = sum(f["tokens"] for f in raw) / sum(f["conversations"] for f in raw)
    table.add(
        f"whole `convqa score`, 2 processes, {whole.conversations:,} conversations of "
        f"{share:.0f} tokens, no text twice",
        _rate(whole),
        f"encoder alone on the same texts: {rate:.1f} conversations/s, {tokens:,.0f} tokens/s, "
        f"{1000 * sum(f['cpu'] for f in raw) / whole.conversations:.0f} ms CPU each",
        f"{whole.rate / rate:.0%}",
        f"{sum(f['cpu'] for f in raw) / whole.cpu_seconds:.0%}",
    )


def add_processes(folder: Path, inputs: Path, two: Measured, table: Table) -> None:
    """Two processes against one with two threads, and Ray against local processes."""
    one = measure(inputs, folder / "one", ["--workers", "1"])
    table.add(
        "2 processes with a thread each", _rate(two), f"1 process with 2 threads: {_rate(one)}",
        _times(two.rate / one.rate), _times(one.cpu_ms / two.cpu_ms),
    )  # fmt: skip
    if find_spec("ray") is None:
        return
    ray = measure(inputs, folder / "ray", ["--engine", "ray", "--workers", "2"])
    table.add(
        "`--engine ray`, started on this machine, 2 tasks at a time",
        f"{ray.rate:.1f} conversations/s",
        f"`--engine local`, 2 processes: {_rate(two)}", _times(ray.rate / two.rate),
    )  # fmt: skip


def add_repetition(folder: Path, plan: Plan, distinct: Measured, table: Table) -> None:
    """A load in which agents repeat themselves against one in which no text comes twice."""
    inputs = folder / "repeated.jsonl"
    load.write_lines(inputs, plan.conversations, repetition=_REPETITION)
    repeated = measure(inputs, folder / "repeated", ["--workers", "2"])
    table.add(
        f"{_REPETITION:.0%} of the agents' sentences repeated", _rate(repeated),
        f"none repeated: {_rate(distinct)}", _times(repeated.rate / distinct.rate),
        _times(distinct.cpu_ms / repeated.cpu_ms),
    )  # fmt: skip


def add_cache(run: Path, table: Table) -> None:
    """A chunk whose texts were all seen before against the same chunk new."""
    found = _json([sys.executable, "-m", "benchmarks.raw", str(run), "--cold-and-warm"])
    warm, cold = (found["conversations"] / found[name] for name in ("warm", "cold"))
    table.add(
        "a chunk with all vectors in the cache, 1 thread", f"{warm:.1f} conversations/s",
        f"the same chunk new: {cold:.1f} conversations/s", _times(warm / cold),
    )  # fmt: skip


def add_pipelines(folder: Path, plan: Plan, whole: Measured, table: Table) -> None:
    """The whole command against four pipelines of transformers."""
    check = [plan.torch_python, "-c", "import torch, transformers"]
    if subprocess.run(check, capture_output=True).returncode:
        return
    texts = folder / "texts.json"
    write_texts(folder / "long", texts, plan.piped)
    script = ROOT / "benchmarks" / "pipelines.py"
    tokenizer = find_bundle("convqa-multilingual") / TOKENIZER
    for layers in (12, 6):
        for precision in ("fp32", "int8"):
            options = ["--layers", str(layers), "--precision", precision]
            command = [plan.torch_python, str(script), str(texts), str(tokenizer), *options]
            found = _json(command)
            table.versions |= found["versions"]
            rate = found["conversations"] / found["seconds"]
            cpu_ms = 1000 * found["cpu"] / found["conversations"]
            table.add(
                "whole `convqa score`, 2 processes (encoder of 6 layers)", _rate(whole),
                f"4 `transformers` pipelines, {layers} layers, {precision}, batches of "
                f"{found['batch_size']}: {rate:.2f} conversations/s, {cpu_ms:.0f} ms CPU each",
                _times(whole.rate / rate),
                _times(cpu_ms / whole.cpu_ms),
            )  # fmt: skip


def write_texts(run: Path, output: Path, count: int) -> None:
    """Write the texts of some conversations of a run as the models saw them."""
    texts = [
        [segment.text for segment in stored.segmented.segments]
        for index in finished_chunks(run)
        for stored in read_chunk(run, index).conversations
    ]
    output.write_text(json.dumps(texts[:count]), encoding="utf-8")


def add_memory(folder: Path, plan: Plan, table: Table) -> Measured:
    """Peak memory of runs of growing size, whose agents repeat themselves and customers do not.

    Returns what the last took; its results stay in the folder `size`.
    """
    peaks: list[Measured] = []
    for size in plan.sizes:
        inputs = folder / "size.jsonl"
        load.write_lines(inputs, size, repetition=_REPETITION_OF_SIZES)
        peaks.append(measure(inputs, folder / "size", ["--workers", "2"]))
        found = peaks[-1]
        table.add(
            f"memory of {size:,} conversations, 2 processes, {found.seconds:,.0f} s, all of them "
            "evaluated, agents' sentences repeated",
            f"largest process {found.peak_process_mb:.0f} MB, all {found.peak_all_mb:.0f} MB",
            f"{plan.sizes[0]:,} conversations: all {peaks[0].peak_all_mb:.0f} MB",
            _times(found.peak_all_mb / peaks[0].peak_all_mb),
        )
    return peaks[-1]


def add_files(folder: Path, one_file: Measured, table: Table) -> None:
    """A folder of one-call files against one file with the same calls, the largest of the sizes."""
    load.write_files(folder / "files", one_file.conversations, repetition=_REPETITION_OF_SIZES)
    many = measure(folder / "files", folder / "of-files", ["--workers", "2"])
    table.add(
        f"{one_file.conversations:,} files of one conversation", _rate(many),
        f"one file with them: {_rate(one_file)}", _times(many.rate / one_file.rate),
        _times(one_file.cpu_ms / many.cpu_ms),
    )  # fmt: skip


def _rate(measured: Measured) -> str:
    return f"{measured.rate:.1f} conversations/s, {measured.cpu_ms:.0f} ms CPU each"


def _times(ratio: float) -> str:
    return f"{ratio:.2f} ×" if ratio < 10 else f"{ratio:.0f} ×"


def _json(command: Sequence[str]) -> dict:
    return _together([command])[0]


def _together(commands: Sequence[Sequence[str]]) -> list[dict]:
    """Run commands at the same time and return the JSON that each prints last."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(os.cpu_count())}
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment)
        for command in commands
    ]
    found = []
    for process in running:
        output, _ = process.communicate(timeout=_TIMEOUT_S)
        if process.returncode:
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        found.append(json.loads(output.splitlines()[-1]))
    return found


if __name__ == "__main__":
    main()
