"""The encoder alone on the texts of a scored run: the rate that the whole of `score` is held to.

    python -m benchmarks.raw RUN --threads 1 --part 0 --parts 2

Encodes each distinct text once, in the chunks of the run, with the bundle's own tokenizer; nothing
is read, segmented, scored or written meanwhile. Prints seconds, tokens and conversations as JSON.
With `--cold-and-warm` a chunk is scored twice by the whole pipeline instead.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from convqa.encoder import Encoder, load_bundle
from convqa.ingest.options import load_options
from convqa.pipeline import Job, Scorer, read_chunks
from convqa.registry import find_bundle
from convqa.store.manifest import read_manifest, start_run
from convqa.store.parts import finished_chunks, read_chunk
from convqa.store.standard import read_standard, write_standard

MODEL = "convqa-multilingual"


def chunk_texts(run: Path, *, part: int, parts: int) -> list[tuple[int, Sequence[str]]]:
    """Return for every `parts`-th chunk its conversations and their distinct texts."""
    found = []
    for index in finished_chunks(run)[part::parts]:
        conversations = read_chunk(run, index).conversations
        texts = dict.fromkeys(s.text for c in conversations for s in c.segmented.segments)
        found.append((len(conversations), tuple(texts)))
    return found


def encode(run: Path, *, threads: int, part: int, parts: int) -> dict[str, float]:
    """Return the seconds, tokens and conversations of encoding a part of a run."""
    encoder = Encoder(load_bundle(find_bundle(MODEL)), threads=threads)
    chunks = chunk_texts(run, part=part, parts=parts)
    encoder.encode(["warm", "up"])
    tokens = 0
    start, cpu = time.perf_counter(), time.process_time()
    for _, texts in chunks:
        tokens += int(encoder.encode_counted(texts)[1].sum())
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return {
        "seconds": seconds,
        "cpu": cpu,
        "tokens": tokens,
        "conversations": sum(n for n, _ in chunks),
    }


def cold_and_warm(run: Path, *, threads: int) -> dict[str, float]:
    """Return the seconds of scoring the same chunk without and with its vectors known."""
    manifest, model = read_manifest(run), find_bundle(MODEL)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        start_run(out, manifest)
        write_standard(out, read_standard(run))
        first, *more = read_chunks(manifest.inputs, load_options(), manifest.options.chunk_size)
        if not more:
            sys.exit(f"{run}: has one chunk alone; give a run of at least two")
        scorer = Scorer(Job(out, model, True), threads=threads)
        scorer.score_chunk(first)  # loads what is loaded on first use
        chunk = more[min(3, len(more) - 1)]
        seconds = []
        for _ in range(2):
            start = time.perf_counter()
            scorer.score_chunk(chunk)
            seconds.append(time.perf_counter() - start)
    return {"cold": seconds[0], "warm": seconds[1], "conversations": len(chunk.records)}


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description="Measure the encoder alone.")
    parser.add_argument("run", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--parts", type=int, default=1)
    parser.add_argument("--cold-and-warm", action="store_true")
    args = parser.parse_args()
    if args.cold_and_warm:
        result = cold_and_warm(args.run, threads=args.threads)
    else:
        result = encode(args.run, threads=args.threads, part=args.part, parts=args.parts)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
