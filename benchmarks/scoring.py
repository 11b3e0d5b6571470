"""`convqa score` as a user starts it, with its time and the memory of all its processes."""

import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# How often the memory is looked at: a look takes some 30 ms of CPU where processes are large, and a
# run may not lose more than 2 % of a core to it.
_INTERVAL_S = 0.25
_LOOKING_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Measured:
    """One run: seconds of the whole command, conversations, tokens, and MB of memory.

    `cpu_seconds` are those of all its processes that it waited for, not of Ray's. `peak_process_mb`
    is the most that a single process held, `peak_all_mb` the most that all held at one moment,
    pages that they share counted once.
    """

    seconds: float
    cpu_seconds: float
    conversations: int
    peak_process_mb: float
    peak_all_mb: float

    @property
    def rate(self) -> float:
        """Conversations a second."""
        return self.conversations / self.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds a conversation."""
        return 1000 * self.cpu_seconds / self.conversations


def measure(inputs: Path, out: Path, options: Sequence[str] = ()) -> Measured:
    """Score inputs into a new folder and return what it took.

    Raises:
        RuntimeError: The command failed, or not every conversation was evaluated.
    """
    shutil.rmtree(out, ignore_errors=True)
    command = [sys.executable, "-m", "convqa", "score", str(inputs), "--out", str(out), *options]
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        one = every = 0.0
        while process.poll() is None:
            looked = time.thread_time()
            sizes = [_memory_kb(pid) for pid in family(process.pid)]
            one = max([one, *(rss for rss, _ in sizes)])
            every = max(every, sum(pss for _, pss in sizes))
            time.sleep(max(_INTERVAL_S, (time.thread_time() - looked) / _LOOKING_SHARE))
    seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if process.returncode:
        raise RuntimeError(f"convqa score ended with {process.returncode}")
    counts = json.loads((out / "manifest.json").read_bytes())["counts"]
    if counts["read"] != counts["evaluated"]:
        raise RuntimeError(f"not all conversations were evaluated: {counts}")
    return Measured(seconds, cpu, counts["read"], one / 1024, every / 1024)


def family(pid: int) -> list[int]:
    """Return a process and all that it started, and they."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        parent = int(stat.rpartition(")")[2].split()[1])
        parents.setdefault(parent, []).append(int(entry.name))
    family = [pid]
    for member in family:
        family += parents.get(member, [])
    return family


def _memory_kb(pid: int) -> tuple[int, int]:
    """Return the resident size of a process and its share of it, in kB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0, 0
    found = {line.split(":")[0]: int(line.split()[1]) for line in lines[1:]}
    return found.get("Rss", 0), found.get("Pss", 0)
