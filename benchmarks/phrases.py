"""How long ten thousand phrases take to start with, and what share of scoring it is to match them.

    python benchmarks/phrases.py [N]

Phrases are cut from the authored conversations, so that they share their words as real lists do; a
tenth has a gap, a seventh an ending. Times are of the processor, not of the clock, so that a busy
machine counts less.
"""

import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import process_time

import yaml

from convqa.config import shipped_models
from convqa.detect.address import detect_address
from convqa.detect.attention import detect_attention
from convqa.detect.labels import detect_labels
from convqa.detect.phrases import CompiledPhrases, compile_phrases, detect_phrases
from convqa.detect.timing import detect_timing
from convqa.encoder import Encoder, list_bundles, load_bundle
from convqa.encoder.cache import VectorCache
from convqa.redact import redact_conversation
from convqa.schema import Conversation, Source, Turn
from convqa.scoring import score_conversation
from convqa.segment import segment_conversation
from convqa.standard import Standard, load_standard

AUTHORED = Path(__file__).parents[1] / "data" / "authored"
SEED = 1


def conversations() -> Iterator[Conversation]:
    """Yield the authored English conversations."""
    for path in sorted(AUTHORED.glob("en.transcripts.*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            turns = tuple(Turn(t["role"], t["text"], t.get("start"), t.get("end"))
                          for t in row["turns"])  # fmt: skip
            yield Conversation(row["id"], turns, Source("", "", 0), "en", row["channel"])


def phrases(n: int) -> list[str]:
    """Return so many different phrases of two to five words."""
    choice = random.Random(SEED)  # noqa: S311 - nothing secret
    rows = [
        [word.strip(".,!?;:\"()'").lower() for word in turn.text.split()]
        for conversation in conversations() for turn in conversation.turns if turn.role == "agent"
    ]  # fmt: skip
    rows = [words for row in rows if len(words := [w for w in row if w.isalpha()]) > 5]
    found: dict[str, None] = {}
    while len(found) < n:
        row = choice.choice(rows)
        length = choice.randint(2, 5)
        start = choice.randrange(len(row) - length)
        words = row[start : start + length]
        if len(found) % 10 == 0 and length > 2:
            words.insert(1, "*")
        if len(found) % 7 == 0:
            words[-1] += "{,s}"
        found[" ".join(words)] = None
    return list(found)


def standard_with(n: int, folder: Path) -> Path:
    """Write a standard with so many phrases and return its file."""
    lists = [{"id": "big", "phrases": phrases(n)}]
    (folder / "big.yaml").write_text(yaml.safe_dump({"language": "en", "lists": lists}))
    criterion = {"id": "big", "kind": "label", "weight": 1, "find": {"phrase": "big"}}
    content = {"name": "big", "version": "1", "languages": ["en"], "phrase_files": "big.yaml",
               "sections": [{"id": "s", "criteria": [criterion]}]}  # fmt: skip
    path = folder / "standard.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def scoring_s(standard: Standard, compiled: CompiledPhrases) -> tuple[float, float, int]:
    """Return seconds of all scoring, of matching phrases in it, and the number of conversations."""
    bundle = load_bundle(list_bundles(shipped_models())[-1])
    cache = VectorCache(Encoder(bundle, threads=1))
    talks = list(conversations())
    start, matching = process_time(), 0.0
    for talk in talks:
        segmented = segment_conversation(redact_conversation(talk))
        vectors, _ = cache.rows(s.text for s in segmented.segments)
        labels = detect_labels(segmented, vectors, bundle)
        began = process_time()
        hits = detect_phrases(segmented, compiled)
        matching += process_time() - began
        found = [*labels, *detect_attention(segmented, labels), *detect_address(segmented), *hits,
                 *detect_timing(segmented)]  # fmt: skip
        score_conversation(segmented, found, standard, bundle.version_info)
    return process_time() - start, matching, len(talks)


def main() -> None:
    """Print the figures."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        path = standard_with(n, Path(folder))
        start = process_time()
        standard = load_standard(path)
        loaded = process_time()
        compiled = compile_phrases(standard)
        done = process_time()
    sys.stdout.write(
        f"{n} phrases: read in {loaded - start:.2f} s, compiled in {done - loaded:.2f} s\n"
    )
    whole, matching, n_talks = scoring_s(standard, compiled)
    sys.stdout.write(
        f"scoring {1000 * whole / n_talks:.2f} ms a conversation, of it matching "
        f"{1000 * matching / n_talks:.2f} ms ({matching / whole:.1%}), {n_talks} conversations\n"
    )


if __name__ == "__main__":
    main()
