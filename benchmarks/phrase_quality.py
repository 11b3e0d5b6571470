"""How often phrase rules are right, what they find, and what they add to the model.

    python -m benchmarks.phrase_quality [--files held-out|training|read|unread]
        [--corpora FOLDER] [--out FILE]

Units are those that were labelled: single agent segments, and the agent turns of whole
conversations. Both go through redaction and cutting as in scoring. `held-out` are the writer files
that no training sees. `read` and `unread` are the halves of the training files by the digest of the
id: phrases are written from the one and tried on the other.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.public_turns import public_turns
from convqa.config import shipped_configs, shipped_models
from convqa.detect.labels import detect_labels
from convqa.detect.phrases import CompiledPhrases, compile_phrases, detect_phrases
from convqa.encoder import Bundle, Encoder, list_bundles, load_bundle
from convqa.encoder.cache import VectorCache
from convqa.redact import redact_conversation
from convqa.schema import LANGUAGES, Conversation, Finding, SegmentedConversation, Source, Turn
from convqa.segment import segment_conversation
from convqa.standard import Standard, load_standard
from convqa.standard.criteria import LabelCriterion
from convqa.standard.terms import FORBIDDEN

AUTHORED = Path(__file__).parents[1] / "data" / "authored"
HELD_OUT = ("segments.3", "transcripts.2")
FORMULAS = {
    "greeting": "greeting_formula", "introduction": "introduction_formula",
    "verification": "verification_formula", "hold": "hold_formula",
    "further_help": "further_help_formula", "closing": "closing_formula",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """Agent words with their labels and what was found in them, by «rules» and by «model»."""

    id: str
    language: str
    source: str
    is_clean_talk: bool
    forbidden: frozenset[str]
    acts: frozenset[str]
    rules: frozenset[str]
    model: frozenset[str]
    formulas: frozenset[str]
    text: str


@dataclass(slots=True)
class Score:
    """Counts of labels found rightly, found wrongly and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, truth: frozenset[str], found: frozenset[str]) -> None:
        """Count one unit."""
        self.right += len(truth & found)
        self.wrong += len(found - truth)
        self.missed += len(truth - found)

    @property
    def cells(self) -> str:
        """Precision, recall, F1 and the counts as cells of a table."""
        n_found, n_true = self.right + self.wrong, self.right + self.missed
        f1 = 2 * self.right / (n_found + n_true) if n_found + n_true else None
        shares = (_share(self.right, n_found), _share(self.right, n_true),
                  "–" if f1 is None else f"{f1:.3f}")  # fmt: skip
        return f"{' | '.join(shares)} | {self.right} | {self.wrong} | {self.missed}"


class Detectors:
    """The shipped rules and the shipped model, read as the default standard reads them."""

    def __init__(self, standard: Standard, *, with_model: bool) -> None:
        self.phrases: CompiledPhrases = compile_phrases(standard)
        self.bundle: Bundle = load_bundle(list_bundles(shipped_models())[-1])
        self._cache = VectorCache(Encoder(self.bundle, threads=1)) if with_model else None
        criteria = [c for section in standard.sections for c in section.criteria]
        forbidden = next(
            c for c in criteria if isinstance(c, LabelCriterion) and c.id == "forbidden"
        )
        self.threshold: float | None = forbidden.find.threshold

    def of(self, conversation: Conversation) -> tuple[SegmentedConversation, list[Finding]]:
        """Return a conversation cut up, and what the rules and the model find in it."""
        segmented = segment_conversation(redact_conversation(conversation))
        found = list(detect_phrases(segmented, self.phrases))
        if self._cache is not None:
            vectors, _ = self._cache.rows(s.text for s in segmented.segments)
            found += [f for f in detect_labels(segmented, vectors, self.bundle)
                      if f.kind == "forbidden" and self._counts(f)]  # fmt: skip
        return segmented, found

    def _counts(self, finding: Finding) -> bool:
        """Return whether scoring holds a finding of the model against the agent."""
        if self.threshold is None:
            return finding.is_present
        return finding.probability is not None and finding.probability >= self.threshold


def is_read(unit_id: str) -> bool:
    """Return whether phrases may be written from this record of the training files."""
    return hashlib.sha256(unit_id.encode()).digest()[0] % 2 == 0


def records(files: str) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the authored records of a part of the data with their files."""
    for path in sorted(AUTHORED.glob("*.jsonl")):
        is_held_out = any(f".{name}." in path.name for name in HELD_OUT)
        if is_held_out != (files == "held-out"):
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            if files in ("read", "unread") and is_read(record["id"]) != (files == "read"):
                continue
            yield path, record


def units(files: str, detectors: Detectors) -> Iterator[Unit]:
    """Yield every agent segment and agent turn of a part of the data."""
    for path, record in records(files):
        if ".segments." in path.name:
            if record["role"] != "agent":
                continue
            turns = [{"role": "customer", "text": record["context"]}] if record["context"] else []
            turns.append(record)
            yield from _units_of(record, turns, "segments", detectors)
        else:
            yield from _units_of(record, record["turns"], "turns", detectors)


def _units_of(
    record: dict[str, Any], turns: list[dict[str, Any]], source: str, detectors: Detectors
) -> Iterator[Unit]:
    said = tuple(Turn(t["role"], t["text"], t.get("start"), t.get("end")) for t in turns)
    talk = Conversation(record["id"], said, Source("", "", 0), record["lang"], record["channel"])
    _, findings = detectors.of(talk)
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for finding in findings:
        if finding.spans:
            name = finding.source if finding.kind == "forbidden" else finding.kind
            found[finding.spans[0].turn, name].add(finding.label.partition(".")[0])
    is_clean = source == "turns" and not any(t.get("forbidden") for t in turns)
    for number, turn in enumerate(turns):
        if turn["role"] == "agent":
            yield Unit(
                f"{record['id']}:{number}", record["lang"], source, is_clean,
                frozenset(turn["forbidden"]), frozenset(turn["acts"]),
                frozenset(found[number, "phrase"] & set(FORBIDDEN)),
                frozenset(found[number, "model"]),
                frozenset(found[number, "phrase"] - set(FORBIDDEN)), turn["text"],
            )  # fmt: skip


def by_category(rows: list[Unit]) -> Iterator[str]:
    """Yield the table of the rules alone, by language and category."""
    yield "| language | category | precision | recall | F1 | right | wrong | missed |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for language in ("all", *LANGUAGES):
        own = [u for u in rows if language in ("all", u.language)]
        for category in ("all", *FORBIDDEN):
            kept = frozenset(FORBIDDEN if category == "all" else (category,))
            score = Score()
            for unit in own:
                score.add(unit.forbidden & kept, unit.rules & kept)
            yield f"| {language} | {category} | {score.cells} |"


def together(rows: list[Unit]) -> Iterator[str]:
    """Yield the table of rules, model and both, by source and language, over all categories."""
    ways: dict[str, Callable[[Unit], frozenset[str]]] = {
        "rules": lambda u: u.rules, "model": lambda u: u.model,
        "both": lambda u: u.rules | u.model,
    }  # fmt: skip
    yield "| units | language | n | by | precision | recall | F1 | right | wrong | missed |"
    yield "| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for source in ("all", "segments", "turns"):
        for language in ("all", *LANGUAGES):
            own = [
                u for u in rows if source in ("all", u.source) and language in ("all", u.language)
            ]
            for name, found in ways.items():
                score = Score()
                for unit in own:
                    score.add(unit.forbidden, found(unit))
                yield f"| {source} | {language} | {len(own)} | {name} | {score.cells} |"


def false_alarms(rows: list[Unit]) -> Iterator[str]:
    """Yield the table of alarms in conversations in which nothing forbidden was said."""
    yield "| language | agent turns | rules | per 1,000 | model | both | both per 1,000 |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for language in ("all", *LANGUAGES):
        own = [u for u in rows if u.is_clean_talk and language in ("all", u.language)]
        rules, model = sum(bool(u.rules) for u in own), sum(bool(u.model) for u in own)
        both = sum(bool(u.rules | u.model) for u in own)
        yield (f"| {language} | {len(own)} | {rules} | {_rate(rules, len(own))} | {model} | {both} "
               f"| {_rate(both, len(own))} |")  # fmt: skip


def formulas(rows: list[Unit]) -> Iterator[str]:
    """Yield the table of the required formulas against the acts of whole conversations."""
    yield "| act | language | precision | recall | F1 | right | wrong | missed |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    turns = [u for u in rows if u.source == "turns"]
    for act, formula in FORMULAS.items():
        for language in ("all", *LANGUAGES):
            score = Score()
            for unit in (u for u in turns if language in ("all", u.language)):
                said = frozenset((act,) if formula in unit.formulas else ())
                score.add(unit.acts & {act}, said)
            yield f"| {act} | {language} | {score.cells} |"


def public_alarms(corpora: Path, detectors: Detectors) -> Iterator[str]:
    """Yield the table of what the rules find in public English turns."""
    said: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for corpus, text in public_turns(corpora):
        said[corpus] += 1
        talk = Conversation("t", (Turn("agent", text),), Source("", "", 0), "en", "chat")
        segmented = segment_conversation(talk)
        hits[corpus] += any(
            f.kind == "forbidden" for f in detect_phrases(segmented, detectors.phrases)
        )
    yield "| corpus | turns | with a hit of the rules | per 1,000 |"
    yield "| --- | ---: | ---: | ---: |"
    for corpus, n in sorted(said.items()):
        yield f"| {corpus} | {n} | {hits[corpus]} | {_rate(hits[corpus], n)} |"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


def _rate(part: int, whole: int) -> str:
    return f"{1000 * part / whole:.2f}" if whole else "–"


def report(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the lines of the report."""
    standard = load_standard(shipped_configs() / "standards" / "default.yaml")
    detectors = Detectors(standard, with_model=not arguments.rules_only)
    rows = list(units(arguments.files, detectors))
    version = detectors.bundle.version_info
    yield f"# Phrase rules on the {arguments.files} data\n"
    n_segments = sum(unit.source == "segments" for unit in rows)
    yield f"{n_segments} labelled agent segments and {len(rows) - n_segments} agent turns."
    yield f"Standard {standard.name} {standard.version}, model {version.name} {version.version},"
    yield f"of which scoring counts what is likelier than {detectors.threshold}.\n"
    parts: list[tuple[str, Iterable[str]]] = [
        ("Rules, model and both (all categories, micro)", together(rows)),
        ("False alarms in conversations without anything forbidden", false_alarms(rows)),
        ("Rules by language and category", by_category(rows)),
        ("Required formulas against the acts of whole conversations", formulas(rows)),
    ]
    if arguments.corpora is not None:
        parts.append(
            ("False alarms in public English", public_alarms(arguments.corpora, detectors))
        )
    for title, lines in parts:
        yield f"## {title}\n"
        yield from lines
        yield ""


def main() -> None:
    """Write the report."""
    parser = argparse.ArgumentParser(description="How often phrase rules are right.")
    parser.add_argument("--files", default="held-out",
                        choices=("held-out", "training", "read", "unread"))  # fmt: skip
    parser.add_argument("--corpora", type=Path, help="folder of public corpora")
    parser.add_argument("--rules-only", action="store_true", help="leave the model out")
    parser.add_argument("--out", type=Path, help="file to write instead of the terminal")
    arguments = parser.parse_args()
    text = "\n".join(report(arguments)) + "\n"
    if arguments.out is None:
        sys.stdout.write(text)
    else:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
