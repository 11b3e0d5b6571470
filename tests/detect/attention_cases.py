"""The labelled conversations of inattention, read from `attention/*.yaml`."""

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from convqa.schema import Conversation, Source, Turn

_LINE = re.compile(r"([ACO])(?: ([\d.]+)(?:-([\d.]+))?)?: (.*)")
_ROLES = {"A": "agent", "C": "customer", "O": "other"}


@dataclass(frozen=True)
class Case:
    """A conversation with the whole truth about it; `about` is what it shows or nearly is."""

    conversation: Conversation
    kinds: frozenset[str]
    maybe: frozenset[str]
    about: str


def turns_of(text):
    turns = []
    for line in text.split("\n"):
        letter, start, end, said = _LINE.fullmatch(line).groups()
        start_s = float(start) if start else None
        turns.append(Turn(_ROLES[letter], said, start_s, float(end) if end else start_s))
    return tuple(turns)


def cases():
    for path in sorted((Path(__file__).parent / "attention").glob("*.yaml")):
        for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8"))):
            kinds = frozenset(entry.get("kinds", ()))
            yield Case(
                Conversation(
                    f"{path.stem}-{number}", turns_of(entry["turns"]), Source("", "", 0),
                    path.stem, entry.get("channel", "chat"),
                ),
                kinds,
                frozenset(entry.get("maybe", ())),
                entry.get("about") or min(kinds),
            )  # fmt: skip
