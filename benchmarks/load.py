"""Conversations to measure with: as many as asked for, realistic in size and mix, all different.

    python -m benchmarks.load load.jsonl --conversations 10000 --repetition 0.4

Each is one of the conversations written for the project (`data/authored` up to `transcripts.8`,
whose turns are longer than later ones, and `data/samples`) with the middle part of another of its
language and channel before its end, so that the average has about 20 turns, 29 segments and 423
tokens. In every sentence one or two words are replaced by other words of the language, numbered so
that no two sentences of a load are equal; the words make little sense, which costs the models the
same. In the place of the stated share of the agents' sentences stands one of the few that agents of
the language say again and again. The same seed gives the same bytes.
"""

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from convqa.text import sentence_spans

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "nb", "da", "sv", "pl", "ro")
# Turns of the second conversation, from its fifth on: after greetings, before goodbyes.
_MIDDLE = slice(4, 10)
# Turns of the first that follow the middle of the second.
_ENDING = 3
# Words of a language that stand in for others; with two of them 4 million sentences differ.
_N_WORDS = 2000
# Sentences of a language that agents repeat: as many as a team has formulas and answers at hand.
_N_REPEATED = 300
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Template:
    """A written conversation: for each turn its role and its sentences."""

    language: str
    channel: str
    turns: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What conversations of a language are made of: `words` stand in for others."""

    templates: tuple[Template, ...]
    words: tuple[str, ...]
    repeated: tuple[str, ...]


def conversations(
    count: int, *, seed: int = 1, repetition: float = 0.0, first: int = 0
) -> Iterator[dict[str, object]]:
    """Yield conversations in the native format of convqa, languages in turn.

    Args:
        count: How many.
        seed: Another seed gives other pairs of templates and other repetitions.
        repetition: Share of the agents' sentences that are said again and again, in [0, 1].
        first: Number of the first; a load can be made in parts.
    """
    for number in range(first, first + count):
        chance = Random(f"{seed}:{number}")  # noqa: S311  # nothing secret
        written = _written(LANGUAGES[number % len(LANGUAGES)])
        one = chance.choice(written.templates)
        other = chance.choice(
            [t for t in written.templates if t.channel == one.channel and t is not one]
        )
        turns = (*one.turns[:-_ENDING], *other.turns[_MIDDLE], *one.turns[-_ENDING:])
        yield {
            "id": f"load-{seed}-{number:07d}",
            "language": one.language,
            "channel": one.channel,
            "started_at": f"2026-10-{number % 28 + 1:02d}T09:00:00Z",
            "agent_id": str(2000 + number % 400),
            "team": f"Team {number % 12}",
            "turns": list(_turns(turns, number, written, chance, repetition)),
        }


def _turns(
    turns: Sequence[tuple[str, Sequence[str]]],
    number: int,
    written: Written,
    chance: Random,
    repetition: float,
) -> Iterator[dict[str, object]]:
    place, start_s = 0, 0.0
    for role, sentences in turns:
        said = []
        for sentence in sentences:
            place += 1
            is_repeated = role == "agent" and chance.random() < repetition
            # A conversation has fewer than 256 sentences: every sentence has a number of its own.
            code = number * 256 + place
            if is_repeated:
                said.append(chance.choice(written.repeated))
            else:
                said.append(_changed(sentence, code, written.words))
        text = " ".join(said)
        end_s = round(start_s + len(text) / 15, 2)  # about 15 characters are spoken in a second
        yield {"role": role, "text": text, "start": start_s, "end": end_s}
        start_s = round(end_s + 0.5, 2)


def _changed(sentence: str, code: int, words: Sequence[str]) -> str:
    """Return a sentence with words of a number in the place of its longest words, or behind it."""
    numbered = []
    while code:
        code, digit = divmod(code, len(words))
        numbered.append(words[digit])
    places = sorted(_WORD.finditer(sentence), key=lambda match: -len(match.group()))
    for match in sorted(places[: len(numbered)], key=lambda match: -match.start()):
        sentence = sentence[: match.start()] + numbered.pop() + sentence[match.end() :]
    if numbered:
        stop = len(sentence.rstrip(".!?… "))
        sentence = f"{sentence[:stop]} {' '.join(numbered)}{sentence[stop:]}"
    return sentence


@cache
def _written(language: str) -> Written:
    """Return what the conversations of a language are made of."""
    files = [
        *sorted((ROOT / "data" / "authored").glob(f"{language}.transcripts.[1-8].jsonl")),
        *sorted((ROOT / "data" / "samples" / language).glob("conversations.jsonl")),
    ]
    templates, counts = [], defaultdict[str, int](int)
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            turns = tuple(
                (turn["role"], _sentences(turn["text"], language)) for turn in record["turns"]
            )
            if len(turns) >= _MIDDLE.stop and record.get("channel") in {"chat", "call"}:
                templates.append(Template(language, record["channel"], turns))
            for _, sentences in turns:
                for match in _WORD.finditer(" ".join(sentences)):
                    counts[match.group().lower()] += 1
    frequent = sorted(counts, key=lambda word: (-counts[word], word))[:_N_WORDS]
    said = {
        sentence: None
        for template in templates
        for role, sentences in template.turns
        if role == "agent"
        for sentence in sentences
    }
    repeated = Random(language).sample(list(said), _N_REPEATED)  # noqa: S311  # nothing secret
    return Written(tuple(templates), tuple(frequent), tuple(repeated))


def _sentences(text: str, language: str) -> tuple[str, ...]:
    return tuple(text[start:end] for start, end in sentence_spans(text, language))


def write_lines(path: Path, count: int, **options: float) -> None:
    """Write conversations into one file, one a line."""
    with path.open("w", encoding="utf-8") as file:
        for record in conversations(count, **options):  # type: ignore[arg-type]  # seed is an int
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_files(folder: Path, count: int, **options: float) -> None:
    """Write conversations into a folder, one a file, a thousand in each folder below it."""
    for number, record in enumerate(conversations(count, **options)):  # type: ignore[arg-type]
        parent = folder / f"{number // 1000:04d}"
        parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(record, ensure_ascii=False) + "\n"
        (parent / f"{record['id']}.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Write a load."""
    parser = argparse.ArgumentParser(description="Write conversations to measure convqa with.")
    parser.add_argument("output", type=Path, help="a file, or a folder with --one-a-file")
    parser.add_argument("--conversations", type=int, required=True)
    parser.add_argument("--repetition", type=float, default=0.0, help="share of agents' sentences")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one-a-file", action="store_true")
    args = parser.parse_args()
    write = write_files if args.one_a_file else write_lines
    write(args.output, args.conversations, seed=args.seed, repetition=args.repetition)


if __name__ == "__main__":
    main()
