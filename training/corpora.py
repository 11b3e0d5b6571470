"""Read the project's own conversations and segments; `training.public_sets` reads the others."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from convqa.errors import ConfigError
from convqa.schema import Role
from training.label_fixes import corrected_politeness
from training.labels import AGENT_ACTS, CUSTOMER_ACTS, FORBIDDEN, UNLABELLED_IN_SEGMENTS
from training.sentences import split_sentences

Split = Literal["train", "dev", "test"]


@dataclass(frozen=True, slots=True)
class Example:
    """A text to learn from, with the other party's turn before it.

    `file` is its writer file without the language, such as `segments.8`.
    `sentences` are the segments of a turn (one for a single segment), and the labels hold for their
    union. A label that was not given is None; `unknown_acts` were not looked for. `before` are the
    role and the sentences of each turn before it in its conversation.
    """

    id: str
    language: str
    role: Literal["agent", "customer"]
    channel: str
    sentences: tuple[str, ...]
    context: str
    split: Split
    source: str
    file: str = ""
    politeness: str | None = None
    empathy: str | None = None
    emotion: str | None = None
    acts: frozenset[str] | None = None
    forbidden: frozenset[str] | None = None
    unknown_acts: tuple[str, ...] = ()
    before: tuple[tuple[Role, tuple[str, ...]], ...] = ()


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

# Conversations without any fault of wording, for thresholds: training never sees them either.
DEVELOPMENT = ("transcripts.7",)


# Writer files of single segments with sets of answers to one situation, which share their context:
# a set stays together.
IN_SETS = ("segments.13", "segments.14")


# Writer files of single segments whose writers looked for `disclosure` too: each has the words that
# make it personal data in its own text.
DISCLOSURE_LABELLED = (
    "segments.5", "en.segments.6", "nb.segments.6", "ro.segments.6", "segments.8", "segments.9",
    "segments.10",
)  # fmt: skip


def split_of(path: Path, key: str, *, dev: int) -> Split:
    """Return the part of the data that a record belongs to.

    Held-out writer files are the test set and some are for development alone; of the others, `dev`
    percent of the keys by their hash.
    """
    if _is_one_of(path, HELD_OUT):
        return "test"
    if _is_one_of(path, DEVELOPMENT):
        return "dev"
    bucket = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 100
    return "dev" if bucket < dev else "train"


Record = TypeVar("Record", Example, GoldConversation)


def part_of(records: Iterable[Record], split: Split, corpora: Path) -> list[Record]:
    """Return the records of one part of the data.

    Raises:
        ConfigError: There are none.
    """
    found = [record for record in records if record.split == split]
    if not found:
        raise ConfigError(
            f"{corpora}: has nothing of the part {split!r}; `authored/` in it must hold segments "
            "and conversations to train on, for development and to test with (training/README.md)"
        )
    return found


def read_segments(corpora: Path) -> list[Example]:
    """Read the single segments that were written for this project."""
    examples = []
    for path in sorted((corpora / "authored").glob("*.segments.*.jsonl")):
        for record in _read_jsonl(path):
            acts = frozenset(record["acts"])
            unknown = () if _is_one_of(path, DISCLOSURE_LABELLED) else UNLABELLED_IN_SEGMENTS
            is_agent = record["role"] == "agent"
            key = record["context"] if _is_one_of(path, IN_SETS) else record["id"]
            _check(acts, AGENT_ACTS if is_agent else CUSTOMER_ACTS, record["id"])
            _check(frozenset(record.get("forbidden", ())), FORBIDDEN, record["id"])
            examples.append(
                Example(
                    id=record["id"], language=record["lang"], role=record["role"],
                    channel=record["channel"], sentences=(record["text"],),
                    context=record["context"], split=split_of(path, key or record["id"], dev=10),
                    source="segments", file=_file_name(path),
                    politeness=corrected_politeness(record["lang"], record),
                    empathy=record.get("empathy"), emotion=record.get("emotion"), acts=acts,
                    forbidden=frozenset(record["forbidden"]) if is_agent else None,
                    unknown_acts=unknown if is_agent else (),
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
                    turns=tuple(_turns(record, split, _file_name(path))),
                    resolution=record["gold"]["resolution"], ending=record["gold"]["ending"],
                    split=split,
                )
            )  # fmt: skip
    return conversations


def _file_name(path: Path) -> str:
    return path.stem.partition(".")[2]


def _turns(record: dict, split: Split, file: str) -> Iterator[Example]:
    said: list[tuple[str, str]] = []
    before: list[tuple[Role, tuple[str, ...]]] = []
    for number, turn in enumerate(record["turns"]):
        role = turn["role"]
        if role not in ("agent", "customer"):
            continue
        sentences = split_sentences(turn["text"])
        yield Example(
            id=f"{record['id']}:{number}", language=record["lang"], role=role,
            channel=record["channel"], sentences=sentences, context=_preceding_run(said, role),
            split=split, source="transcripts", file=file, before=tuple(before),
            politeness=corrected_politeness(record["lang"], turn), empathy=turn.get("empathy"),
            emotion=turn.get("emotion"), acts=frozenset(turn["acts"]),
            forbidden=frozenset(turn["forbidden"]) if role == "agent" else None,
        )  # fmt: skip
        said.append((role, turn["text"]))
        before.append((role, sentences))


def _preceding_run(said: list[tuple[str, str]], role: str) -> str:
    """Return the texts of the other party's last run of turns, joined."""
    end = len(said)
    while end and said[end - 1][0] == role:
        end -= 1
    start = end
    while start and said[start - 1][0] != role:
        start -= 1
    return " ".join(text for _, text in said[start:end])


def _is_one_of(path: Path, names: tuple[str, ...]) -> bool:
    return any(f".{path.name}".endswith(f".{name}.jsonl") for name in names)


def _check(found: frozenset[str], known: tuple[str, ...], where: str) -> None:
    if unknown := found - set(known):
        raise ValueError(f"{where}: unknown labels {sorted(unknown)}")


def _read_jsonl(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)
