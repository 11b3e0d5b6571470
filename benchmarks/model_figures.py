"""What the README shows of the shipped model: its figures, a summary, one criterion of a sample.

    python -m benchmarks.model_figures --metrics work/train/metrics.json --example en-05:empathy

The table comes from the figures that the training wrote beside the model card; what the whole
program makes of the held-out conversations and of the samples is scored here.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import readme
from convqa.agreement import Interval
from convqa.evaluate import Agreement, agreement_by_language, read_gold
from convqa.schema import LANGUAGES, Evaluation
from convqa.store.parts import read_evaluations

ROOT = Path(__file__).parents[1]
HELD_OUT = sorted((ROOT / "data" / "authored").glob("*.transcripts.2.jsonl"))
SAMPLES = ROOT / "data" / "samples"
# The rows of the table, in their order, with the source of their figures and its name.
_SEGMENT_TASKS = ("agent politeness", "agent empathy", "agent acts", "agent forbidden",
                  "customer emotion", "customer acts")  # fmt: skip
_ROWS = (
    *((task, "all", "segments and turns") for task in _SEGMENT_TASKS),
    ("resolution", "transcripts", "conversations"), ("ending", "transcripts", "conversations"),
)  # fmt: skip
# Reasons to flag a conversation that are about the agent's words.
_WORDING = ("impolite", "dismissive", "critical:profanity", "critical:sensitive_request")
_WEAKEST = 3
_LINE = 108  # characters of a line of the README
_WIDTH = "100"  # columns of the terminal in the README


def main() -> None:
    """Fill the blocks `summary`, `criterion` and `figures`."""
    parser = argparse.ArgumentParser(description="Show the shipped model in the README.")
    parser.add_argument("--metrics", type=Path, required=True, help="metrics.json of its training")
    parser.add_argument("--example", required=True, help="ID:CRITERION of a sample")
    args = parser.parse_args()
    metrics = json.loads(args.metrics.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        shown = score([SAMPLES.relative_to(ROOT)], Path(folder) / "samples")
        readme.put("summary", f"```\n{shown}\n```")
        readme.put("criterion", criterion(Path(folder) / "samples", *args.example.split(":")))
        gold = Path(folder) / "gold.jsonl"
        gold.write_text("".join(path.read_text(encoding="utf-8") for path in HELD_OUT))
        score([gold], Path(folder) / "held-out")
        told = [
            paragraph(part)
            for part in (apart(metrics), alone(metrics), end_to_end(Path(folder), gold))
        ]
    readme.put("figures", "\n\n".join(["\n".join(table(metrics)), *told]))


def score(inputs: Sequence[Path], out: Path) -> str:
    """Score inputs with the shipped model and return what the command prints."""
    command = [sys.executable, "-m", "convqa", "score", *map(str, inputs), "--out", str(out)]
    environment = {**os.environ, "COLUMNS": _WIDTH}
    done = subprocess.run(
        [*command, "--max-rejected", "0.05"], capture_output=True, text=True, env=environment,
        cwd=ROOT,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"convqa score ended with {done.returncode}: {done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def criterion(run: Path, conversation: str, name: str) -> str:
    """Return one criterion of a conversation as the JSON Lines export has it."""
    exported = run.with_suffix(".jsonl")
    command = [sys.executable, "-m", "convqa", "export", str(run), "--format", "jsonl"]
    subprocess.run([*command, "--output", str(exported)], check=True, capture_output=True)
    records = map(json.loads, exported.read_text(encoding="utf-8").splitlines())
    found = next(r for r in records if r["conversation_id"] == conversation)
    shown = next(c for c in found["criteria"] if c["id"] == name)
    return f"```json\n{json.dumps(shown, ensure_ascii=False, indent=2)}\n```"


def table(metrics: dict[str, Any]) -> Iterator[str]:
    """Yield the table of tasks and languages."""
    yield f"| task | held out | measure | all (95 % interval) | {' | '.join(LANGUAGES)} |"
    yield f"| --- | --- | --- | ---: |{' ---: |' * len(LANGUAGES)}"
    for task, source, unit in _ROWS:
        own = {
            figure["language"]: figure for figure in metrics["figures"]
            if (figure["task"], figure["source"]) == (task, source)
        }  # fmt: skip
        total = own["all"]
        cells = [_cell(own.get(language)) for language in LANGUAGES]
        interval = f"{total['value']:.2f} ({total['low']:.2f}–{total['high']:.2f})"
        yield (
            f"| {task} | {total['n']:,} {unit} | {total['measure']} | {interval} | "
            f"{' | '.join(cells)} |"
        )


def _cell(figure: dict[str, Any] | None) -> str:
    return f"{figure['value']:.2f}" if figure and figure["is_measurable"] else "–"


def apart(metrics: dict[str, Any]) -> Iterator[str]:
    """Yield the figures of single segments and of turns apart."""
    values = {
        (figure["task"], figure["source"]): f"{figure['value']:.2f}"
        for figure in metrics["figures"] if figure["language"] == "all"
    }  # fmt: skip
    both = [
        f"{task} {values[task, 'segments']} and {values[task, 'transcripts']}"
        for task in _SEGMENT_TASKS
    ]
    yield "Single segments, a third of them hard on purpose, and turns of conversations apart:"
    yield f"{_listed(both)}."


def paragraph(parts: Iterable[str]) -> str:
    """Return a paragraph, broken as the README is."""
    return textwrap.fill(" ".join(parts), _LINE, break_long_words=False, break_on_hyphens=False)


def alone(metrics: dict[str, Any]) -> Iterator[str]:
    """Yield what the models alone flag in clean conversations, and how long those are."""
    flagged, clean = metrics["clean_flagged"]["all"]
    yield f"Of {clean} held-out conversations with nothing impolite, dismissive or forbidden, the"
    yield f"models alone flag {flagged}. A conversation has about"
    yield f"{metrics['tokens_per_conversation']:.0f} tokens."


def end_to_end(folder: Path, gold: Path) -> Iterator[str]:
    """Yield how the whole program agrees with the writers of the held-out conversations."""
    *by_language, total = agreement_by_language(folder / "held-out", read_gold(gold))
    shares = ", ".join(f"{a.group} {_percent(a.outcomes)}" for a in _ordered(by_language))
    flagged, critical, clean = clean_flags(read_evaluations(folder / "held-out"), gold)
    found, false, true = unverified(read_evaluations(folder / "held-out"), gold)
    weakest = sorted(total.criteria, key=lambda c: c.f1 if c.f1 is not None else 1.0)[:_WEAKEST]
    low, high = (f"{100 * end:.0f}" for end in (total.outcomes.low, total.outcomes.high))
    yield f"Scored from end to end, the {total.n} held-out conversations of"
    yield "`data/authored/*.transcripts.2.jsonl` agree with their writers' outcomes in"
    yield f"{_percent(total.outcomes)} % of the criteria (interval {low}–{high}; {shares})."
    yield f"The score differs by {total.score_error:.1f} points in the mean. Of {clean}"
    yield "conversations with nothing impolite, dismissive, forbidden or critical,"
    yield f"{flagged} are flagged for their wording, {critical} as critical. Personal data told"
    yield "though nobody was checked, critical too, is found in"
    yield f"{found} of {true} conversations and reported in {false} others. The weakest"
    yield f"criteria are {_listed(f'`{c.criterion}`' for c in weakest)}: of their failures"
    yield f"{_listed(_share(c.recall) for c in weakest)} % are found, and of those reported"
    yield f"{_listed(_share(c.precision) for c in weakest)} % are real, so read them before you"
    yield "act. `convqa evaluate` prints the rest."


def clean_flags(evaluations: Iterable[Evaluation], gold: Path) -> tuple[int, int, int]:
    """Return how many clean conversations are flagged for wording, how many critical, of how many.

    Clean is a conversation without a critical error, whose turns are neither impolite, dismissive
    nor forbidden.
    """
    clean = set()
    for line in gold.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        agent = [turn for turn in record["turns"] if turn["role"] == "agent"]
        is_bad = any(
            t["politeness"] == "impolite" or t["empathy"] == "dismissive" or t["forbidden"]
            for t in agent
        )
        if not is_bad and not record["gold"]["critical"]:
            clean.add(record["id"])
    reasons = [set(e.flags) & set(_WORDING) for e in evaluations if e.conversation_id in clean]
    critical = sum(any(r.startswith("critical:") for r in found) for found in reasons)
    return sum(map(bool, reasons)), critical, len(clean)


def unverified(evaluations: Iterable[Evaluation], gold: Path) -> tuple[int, int, int]:
    """Return how many with `unverified_disclosure` are found, how many others, and all with it."""
    records = map(json.loads, gold.read_text(encoding="utf-8").splitlines())
    true = {r["id"] for r in records if "unverified_disclosure" in r["gold"]["critical"]}
    found = {e.conversation_id for e in evaluations if "critical:unverified_disclosure" in e.flags}
    return len(found & true), len(found - true), len(true)


def _ordered(by_language: Iterable[Agreement]) -> list[Agreement]:
    return sorted(by_language, key=lambda a: LANGUAGES.index(a.group))


def _percent(interval: Interval) -> str:
    return f"{100 * interval.share:.0f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.0f}"


def _listed(items: Iterable[str]) -> str:
    *first, last = items
    return f"{', '.join(first)} and {last}"


if __name__ == "__main__":
    main()
