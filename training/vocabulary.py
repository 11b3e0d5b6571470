"""Cut the tokenizer to the pieces that the six languages use.

A piece that is cut is spelled by shorter ones, so nothing becomes unreadable: every single
character of the Latin script, digits and punctuation stays. Run as `python -m training.vocabulary`.
"""

import json
import logging
import shutil
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from convqa.encoder.bundle import TOKENIZER
from training.corpora import read_conversations, read_segments
from training.public_sets import read_emotions, read_translations
from training.settings import Paths, bundle_file, needed, run_step

logger = logging.getLogger(__name__)

_SPECIAL = 4  # <s>, <pad>, </s>, <unk>
_META = "▁"


def is_latin(piece: str) -> bool:
    """Tell whether every letter of a piece is of the Latin script."""
    letters = [char for char in piece if char.isalpha()]
    return all("LATIN" in unicodedata.name(char, "") for char in letters)


def choose_pieces(
    pieces: list[str], counts: Counter[int], *, min_count: int, max_pieces: int
) -> NDArray[np.int64]:
    """Return the ids to keep, ascending.

    Kept: the special tokens, single characters that `is_latin`, pieces counted at least
    `min_count` times, then the most frequent Latin pieces in general (the vocabulary is ordered by
    frequency) until there are `max_pieces`.
    """
    kept = set(range(_SPECIAL))
    for number, piece in enumerate(pieces):
        if len(piece.strip(_META)) <= 1 and is_latin(piece):
            kept.add(number)
    kept.update(number for number, count in counts.items() if count >= min_count)
    for number, piece in enumerate(pieces):
        if len(kept) >= max_pieces:
            break
        if is_latin(piece) and any(char.isalpha() for char in piece):
            kept.add(number)
    return np.array(sorted(kept), dtype=np.int64)


def cut_tokenizer(source: dict, kept_ids: NDArray[np.int64]) -> dict:
    """Return the tokenizer's JSON with the kept pieces only, in the same order."""
    vocabulary = source["model"]["vocab"]
    return {
        **source,
        "model": {**source["model"], "vocab": [vocabulary[number] for number in kept_ids]},
        "added_tokens": [token for token in source["added_tokens"] if token["id"] < _SPECIAL],
    }


def count_pieces(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[int]:
    """Count the pieces of texts, as written and in lower case (speech is often lower case)."""
    counts: Counter[int] = Counter()
    for batch in _batches(texts, 2000):
        for variant in (batch, [text.lower() for text in batch]):
            for encoding in tokenizer.encode_batch(variant, add_special_tokens=False):
                counts.update(encoding.ids)
    return counts


def vocabulary_texts(paths: Paths) -> Iterator[str]:
    """Yield texts to count pieces in: those to train on, and public sets."""
    for example in read_segments(paths.corpora):
        if example.split == "train":
            yield from (*example.sentences, example.context)
    for conversation in read_conversations(paths.corpora):
        if conversation.split == "train":
            for turn in conversation.turns:
                yield from turn.sentences
    for source, target in read_translations(paths.public):
        yield from (source, target)
    for text, _ in read_emotions(paths.public):
        yield text


def _batches(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    batch: list[str] = []
    for text in texts:
        batch.append(text)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


def run(paths: Paths) -> None:
    """Write `tokenizer.json` to the working folder, and `kept_ids.npy` where it cuts it."""
    settings = paths.load()
    paths.work.mkdir(parents=True, exist_ok=True)
    if (bundle := settings.base.bundle) is not None:
        shutil.copyfile(bundle_file(bundle, TOKENIZER), paths.work / "tokenizer.json")
        return
    source_path = needed(paths.base / settings.base.tokenizer, after="fetch_base")
    source = json.loads(source_path.read_text(encoding="utf-8"))
    tokenizer = Tokenizer.from_file(str(source_path))
    counts = count_pieces(tokenizer, vocabulary_texts(paths))
    pieces = [piece for piece, _ in source["model"]["vocab"]]
    kept = choose_pieces(
        pieces, counts,
        min_count=settings.base.min_piece_count, max_pieces=settings.base.max_pieces,
    )  # fmt: skip
    write_cut(paths.work, cut_tokenizer(source, kept), kept)
    logger.info("%d of %d pieces kept, %d were seen", len(kept), len(pieces), len(counts))


def write_cut(work: Path, tokenizer: dict, kept: NDArray[np.int64]) -> None:
    """Write the cut tokenizer and the old ids of its pieces."""
    text = json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))
    (work / "tokenizer.json").write_text(text, encoding="utf-8")
    np.save(work / "kept_ids.npy", kept)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    run_step("vocabulary", run)
