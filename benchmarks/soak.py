"""A run that is killed at random moments, again and again, ends with the bytes of an unbroken one.

    python -m benchmarks.soak --kills 50

The process that leads the run is killed with SIGKILL wherever it is: while it starts, or when some
more chunks are done and a random time has passed. Then the same run is started again. Runs that
end before they are killed are compared with the unbroken one, byte by byte in every file, and a new
one is begun, until there were as many kills as asked for.
"""

import argparse
import hashlib
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from benchmarks import load
from benchmarks.machine import describe
from convqa.engine.local import run_local
from convqa.ingest.options import load_options
from convqa.pipeline import Job, run
from convqa.plan import RunOptions, plan_run
from convqa.registry import find_bundle, find_standard
from convqa.standard import load_standard
from convqa.store.parts import finished_chunks

ROOT = Path(__file__).parents[1]
# Small chunks, so that a run has many moments to be killed at.
CHUNK_SIZE = 10
_SHARE_AT_START = 0.2
_START_S = 4.0  # about what a process needs before its first chunk


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a soak; `finished` runs were compared, `equal` of them were the same.

    `kills_with_chunks` fell when some chunks were done and others not, `kills_within_chunk` when
    parts of a chunk were written and others not.
    """

    kills: int
    kills_with_chunks: int
    kills_within_chunk: int
    finished: int
    equal: int
    seconds: float


def soak(folder: Path, *, kills: int, conversations: int, workers: int, seed: int) -> Outcome:
    """Kill runs at random moments and compare what they end with."""
    start = time.monotonic()
    inputs = folder / "load.jsonl"
    load.write_lines(inputs, conversations, seed=seed)
    _start(folder / "unbroken", inputs, workers).wait()
    expected = digest(folder / "unbroken")
    chance = Random(seed)  # noqa: S311  # nothing secret
    n_kills = n_amid = n_within = n_finished = n_equal = 0
    out = folder / "run-0"
    while n_kills < kills or n_finished == 0:
        process = _start(out, inputs, workers)
        if n_kills < kills:
            _wait(process, out, chance)
        else:
            process.wait()
        if process.poll() == 0:
            n_finished += 1
            n_equal += digest(out) == expected
            out = folder / f"run-{n_finished}"
        elif process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
            n_kills += 1
            n_amid += bool(finished_chunks(out))
            n_within += _has_half_a_chunk(out)
        else:
            raise RuntimeError(f"a run ended with {process.returncode}")
    return Outcome(n_kills, n_amid, n_within, n_finished, n_equal, time.monotonic() - start)


def _wait(process: subprocess.Popen[bytes], out: Path, chance: Random) -> None:
    """Wait for a random moment, or until the process has ended.

    One time in five it is while the process starts; else up to three more chunks are done by then,
    and up to a second more has passed, in which others are begun.
    """
    if chance.random() < _SHARE_AT_START:
        wanted, rest_s = 0, chance.uniform(0, _START_S)
    else:
        wanted, rest_s = len(finished_chunks(out)) + chance.randint(1, 3), chance.uniform(0, 1)
    while process.poll() is None and len(finished_chunks(out)) < wanted:
        time.sleep(0.01)
    with suppress(subprocess.TimeoutExpired):
        process.wait(rest_s)


def _has_half_a_chunk(out: Path) -> bool:
    finished = set(finished_chunks(out))
    parts = [*out.glob("*/*part-*")]
    return any(p.suffix == ".tmp" or int(p.stem.split("-")[1]) not in finished for p in parts)


def digest(directory: Path) -> str:
    """Return the SHA-256 of all files of a run with their names, but for its locks."""
    found = hashlib.sha256()
    for file in sorted(path for path in directory.rglob("*") if path.is_file()):
        if not file.name.startswith("."):
            found.update(f"{file.relative_to(directory)}\0".encode())
            found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()


def _start(out: Path, inputs: Path, workers: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "benchmarks.soak", "--score", str(out), str(inputs)]
    return subprocess.Popen([*command, "--workers", str(workers)], cwd=ROOT)


def score(out: Path, inputs: Path, workers: int) -> None:
    """Score in small chunks; this is what is killed."""
    options = RunOptions(model=find_bundle("convqa-multilingual"))
    standard = load_standard(find_standard("default"))
    manifest = plan_run([str(inputs)], standard, options, lambda *_: None)
    small = manifest.options.model_copy(update={"chunk_size": CHUNK_SIZE})
    manifest = manifest.model_copy(update={"options": small})
    job = Job(out, options.model, True)
    for _ in run(manifest, standard, job, load_options(), partial(run_local, workers=workers)):
        pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a soak and write its result."""
    parser = argparse.ArgumentParser(description="Kill runs and compare what they end with.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--conversations", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "soak.json")
    parser.add_argument("--score", nargs=2, type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args(arguments)
    if args.score:
        score(*args.score, args.workers)
        return
    with tempfile.TemporaryDirectory() as folder:
        outcome = soak(
            Path(folder), kills=args.kills, conversations=args.conversations,
            workers=args.workers, seed=args.seed,
        )  # fmt: skip
    result = {
        "kills": outcome.kills,
        "kills_with_finished_chunks": outcome.kills_with_chunks,
        "kills_within_a_chunk": outcome.kills_within_chunk,
        "runs_finished_and_compared": outcome.finished,
        "runs_equal_to_the_unbroken_one": outcome.equal,
        "conversations": args.conversations,
        "workers": args.workers,
        "seconds": round(outcome.seconds),
        "measured": describe(),
    }
    args.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))
    if outcome.equal < outcome.finished:
        sys.exit(1)


if __name__ == "__main__":
    main()
