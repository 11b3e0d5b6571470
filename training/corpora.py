"""Read the data sets: the project's own conversations and segments, and the public ones.

Public sets are optional; those that a shipped bundle may be trained on are named here with their
licence, and no other is read. `training/README.md` says where to get them.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training.label_fixes import corrected_politeness
from training.labels import AGENT_ACTS, CUSTOMER_ACTS, FORBIDDEN, UNLABELLED_IN_SEGMENTS
from training.sentences import split_sentences

Split = Literal["train", "dev", "test"]


@dataclass(frozen=True, slots=True)
class Example:
    """A text to learn from, with the other party's turn before it.

    `sentences` are the segments of a turn (one for a single segment), and the labels hold for their
    union. A label that was not given is None; `unknown_acts` were not looked for.
    """

    id: str
    language: str
    role: Literal["agent", "customer"]
    channel: str
    sentences: tuple[str, ...]
    context: str
    split: Split
    source: str
    politeness: str | None = None
    empathy: str | None = None
    emotion: str | None = None
    acts: frozenset[str] | None = None
    forbidden: frozenset[str] | None = None
    unknown_acts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldConversation:
    """A whole conversation: its turns in order, and how it ended."""

    id: str
    language: str
    channel: str
    turns: tuple[Example, ...]
    resolution: str
    ending: str
    split: Split


# Writer files that training never sees: `LANG.transcripts.2.jsonl` and `LANG.segments.3.jsonl`.
HELD_OUT = ("transcripts.2", "segments.3")


def split_of(path: Path, key: str, *, dev: int) -> Split:
    """Return the part of the data that a record belongs to.

    Held-out writer files are the test set; of the others, `dev` percent of the keys by their hash.
    """
    if any(f".{name}." in path.name for name in HELD_OUT):
        return "test"
    bucket = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 100
    return "dev" if bucket < dev else "train"


def read_segments(corpora: Path) -> list[Example]:
    """Read the single segments that were written for this project."""
    examples = []
    for path in sorted((corpora / "authored").glob("*.segments.*.jsonl")):
        for record in _read_jsonl(path):
            acts = frozenset(record["acts"])
            is_agent = record["role"] == "agent"
            _check(acts, AGENT_ACTS if is_agent else CUSTOMER_ACTS, record["id"])
            _check(frozenset(record.get("forbidden", ())), FORBIDDEN, record["id"])
            examples.append(
                Example(
                    id=record["id"], language=record["lang"], role=record["role"],
                    channel=record["channel"], sentences=(record["text"],),
                    context=record["context"], split=split_of(path, record["id"], dev=10),
                    source="segments",
                    politeness=corrected_politeness(record["lang"], record),
                    empathy=record.get("empathy"), emotion=record.get("emotion"), acts=acts,
                    forbidden=frozenset(record["forbidden"]) if is_agent else None,
                    unknown_acts=UNLABELLED_IN_SEGMENTS if is_agent else (),
                )
            )  # fmt: skip
    return examples


def read_conversations(corpora: Path) -> list[GoldConversation]:
    """Read the whole conversations that were written for this project."""
    conversations = []
    for path in sorted((corpora / "authored").glob("*.transcripts.*.jsonl")):
        for record in _read_jsonl(path):
            split = split_of(path, record["id"], dev=20)
            conversations.append(
                GoldConversation(
                    id=record["id"], language=record["lang"], channel=record["channel"],
                    turns=tuple(_turns(record, split)), resolution=record["gold"]["resolution"],
                    ending=record["gold"]["ending"], split=split,
                )
            )  # fmt: skip
    return conversations


def _turns(record: dict, split: Split) -> Iterator[Example]:
    said: list[tuple[str, str]] = []
    for number, turn in enumerate(record["turns"]):
        role = turn["role"]
        if role not in ("agent", "customer"):
            continue
        yield Example(
            id=f"{record['id']}:{number}", language=record["lang"], role=role,
            channel=record["channel"], sentences=split_sentences(turn["text"]),
            context=_preceding_run(said, role), split=split, source="transcripts",
            politeness=corrected_politeness(record["lang"], turn), empathy=turn.get("empathy"),
            emotion=turn.get("emotion"), acts=frozenset(turn["acts"]),
            forbidden=frozenset(turn["forbidden"]) if role == "agent" else None,
        )  # fmt: skip
        said.append((role, turn["text"]))


def _preceding_run(said: list[tuple[str, str]], role: str) -> str:
    """Return the texts of the other party's last run of turns, joined."""
    end = len(said)
    while end and said[end - 1][0] == role:
        end -= 1
    start = end
    while start and said[start - 1][0] != role:
        start -= 1
    return " ".join(text for _, text in said[start:end])


def vocabulary_texts(corpora: Path) -> Iterator[str]:
    """Yield texts of the six languages to count pieces in."""
    for example in read_segments(corpora):
        yield from (*example.sentences, example.context)
    for conversation in read_conversations(corpora):
        for turn in conversation.turns:
            yield from turn.sentences
    for source, target in read_translations(corpora):
        yield from (source, target)
    for text, _ in read_emotions(corpora):
        yield text


def read_translations(corpora: Path) -> list[tuple[str, str]]:
    """Read parallel sentences (Tatoeba, CC BY 2.0 FR; XED subtitle pairs, CC BY 4.0)."""
    pairs = []
    for path in sorted((corpora / "parallel_subtitles_xed").glob("*.tsv.gz")):
        for line in _read_lines(path):
            parts = line.split("\t")
            if len(parts) == 2:
                pairs.append((_clean(parts[0]), _clean(parts[1])))
    folder = corpora / "parallel_tatoeba"
    for language in ("dan", "nob", "swe", "pol", "ron"):
        path = folder / f"tatoeba.{language}-eng.{language}.gz"
        if path.exists():
            english = _read_lines(folder / f"tatoeba.{language}-eng.eng.gz")
            pairs += list(zip(english, _read_lines(path), strict=True))
    return [pair for pair in pairs if all(pair)]


_XED_LINE = re.compile(r"[1-8](, [1-8])*")
_NEGATIVE, _POSITIVE = {"1", "3", "4", "6"}, {"5", "8"}


def read_emotions(corpora: Path) -> list[tuple[str, str]]:
    """Read subtitle lines with their polarity (XED, CC BY 4.0): (text, label of `EMOTION`)."""
    rows = []
    for path in sorted((corpora / "emotion_xed").glob("*.tsv.gz")):
        if path.name == "en-projections.tsv.gz":  # the same sentences as en-annotated
            continue
        for line in _read_lines(path):
            text, _, labels = line.partition("\t")
            numbers = set(labels.split(", "))
            polarities = (bool(numbers & _NEGATIVE), bool(numbers & _POSITIVE))
            if _XED_LINE.fullmatch(labels) and polarities[0] != polarities[1]:
                rows.append((_clean(text), "negative" if polarities[0] else "positive"))
    path = corpora / "emotion_xed" / "neu_en.txt.gz"
    if path.exists():
        lines = [line.partition("\t")[2] for line in _read_lines(path)]
        rows += [(_clean(line), "neutral") for line in lines[:6000]]
    return [row for row in rows if len(row[0]) > 3]


def _clean(text: str) -> str:
    return re.sub(r"\s+([.,!?;:])", r"\1", text.strip(' -"')).strip()


def _check(found: frozenset[str], known: tuple[str, ...], where: str) -> None:
    if unknown := found - set(known):
        raise ValueError(f"{where}: unknown labels {sorted(unknown)}")


def _read_lines(path: Path) -> list[str]:
    with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in file]


def _read_jsonl(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
