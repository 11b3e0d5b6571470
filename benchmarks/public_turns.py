"""English turns of public corpora, to count what rules say of text they were not written for.

The corpora are no part of the project; their folder is given. Nobody labelled them by the
codebook: they are taken to be clean, so a hit counts as false though a few may be right. Turns of
customers are read as if an agent had said them.
"""

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path


def public_turns(corpora: Path) -> Iterator[tuple[str, str]]:
    """Yield (corpus, text) of every turn of the corpora found in a folder."""
    yield from _multidogo(corpora / "speechacts_multidogo")
    yield from _natcs(corpora / "intents_natcs")
    yield from _abcd(corpora / "transcripts_abcd_sample")
    yield from _harper_valley(corpora / "transcripts_harpervalley_sample")


def _multidogo(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.turn_level.tsv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["utterance"]:  # a few lines are cut short
                    yield "MultiDoGO, customers", row["utterance"]


def _natcs(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield "NatCS, customers", json.loads(line)["utterance"]


def _abcd(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("abcd_sample.json.gz")):
        for talk in json.loads(gzip.decompress(path.read_bytes())):
            for role, text in talk["original"]:
                if role != "action":
                    yield "ABCD sample", text


def _harper_valley(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.json")):
        for segment in json.loads(path.read_bytes())["segments"]:
            yield "HarperValley sample", segment["human_transcript"]
            yield "HarperValley sample", segment["transcript"]
