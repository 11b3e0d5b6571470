"""Public data sets that may shape a shipped bundle, read with `datasets`.

A set comes from a local folder under `--corpora` where there is one; else, with `--hub`, from the
Hugging Face hub by the name given here. Without either it is left out. All of them allow commercial
use without share-alike. Their rows only align the languages or feed heads that are thrown away.
"""

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import datasets
from datasets import load_dataset

from training.labels import EMOTION

datasets.disable_progress_bars()


@dataclass(frozen=True, slots=True)
class PublicSet:
    """One set: its folder, its name on the hub with the configurations to load, its licence."""

    folder: str
    title: str
    licence: str
    use: str
    hub: str | None = None
    hub_configs: tuple[str | None, ...] = (None,)


XED = PublicSet("emotion_xed", "XED emotion lines", "CC BY 4.0", "auxiliary: polarity",
                "Helsinki-NLP/xed_en_fi", ("en_annotated", "en_neutral"))  # fmt: skip
TYDIP = PublicSet("politeness_tydip", "TyDiP, English training part", "CC BY 4.0",
                  "auxiliary: courtesy", "Genius1237/TyDiP", ("en",))  # fmt: skip
RO_GSP = PublicSet("offense_ro_gsp", "RO-Offense (GSP)", "Apache-2.0", "auxiliary: abuse",
                   "readerbench/ro-offense")  # fmt: skip
RO_FACEBOOK = PublicSet("offense_ro_facebook", "FB-RO-Offense", "Apache-2.0", "auxiliary: abuse",
                        "readerbench/ro-fb-offense")  # fmt: skip
DKHATE = PublicSet("offense_da_dkhate", "DKHate", "CC BY 4.0", "auxiliary: abuse", "DDSC/dkhate")
TATOEBA = PublicSet("parallel_tatoeba", "Tatoeba pairs", "CC BY 2.0 FR", "alignment of languages",
                    "sentence-transformers/parallel-sentences-tatoeba",
                    ("en-da", "en-nb", "en-sv", "en-pl", "en-ro"))  # fmt: skip
SUBTITLES = PublicSet("parallel_subtitles_xed", "XED subtitle pairs", "CC BY 4.0",
                      "alignment of languages")  # fmt: skip

PUBLIC_SETS = (XED, TYDIP, RO_GSP, RO_FACEBOOK, DKHATE, TATOEBA, SUBTITLES)


def data_digests(corpora: Path) -> dict[str, str]:
    """Return the sha256 of every data file, by its path under the folder of the data sets."""
    folders = ["authored", *(item.folder for item in PUBLIC_SETS)]
    files = sorted(path for name in folders for path in (corpora / name).glob("**/*.*"))
    return {
        path.relative_to(corpora).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.is_file()
    }


_HUB_PAIRS = 3000  # of each language: as many as the alignment can use
_HUB_NEUTRAL = 6000

Rows = Iterable[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Corpora:
    """Where data is read from: a local folder, and whether the hub may be asked for the rest."""

    folder: Path
    use_hub: bool = False

    def origin(self, public: PublicSet) -> str | None:
        """Return `local`, `hub`, or None where the set is not to be had."""
        if (self.folder / public.folder).is_dir():
            return "local"
        return "hub" if self.use_hub and public.hub else None

    def local(self, public: PublicSet, pattern: str) -> list[str]:
        """Return the files of a local set, sorted."""
        return [str(path) for path in sorted((self.folder / public.folder).glob(pattern))]

    def from_hub(self, public: PublicSet, config: str | None) -> Rows:
        """Return the training rows of a set on the hub."""
        return load_dataset(public.hub, config, split="train")


def read_table(files: list[str], *, delimiter: str = ",", names: list[str] | None = None) -> Rows:
    """Return the rows of delimited files; with `names` they have no header line and no quotes."""
    if not files:
        return []
    quoting = csv.QUOTE_MINIMAL if names is None else csv.QUOTE_NONE
    return load_dataset(
        "csv", data_files=files, split="train", delimiter=delimiter, column_names=names,
        quoting=quoting, on_bad_lines="skip", keep_default_na=False,
    )  # fmt: skip


def read_lines(file: str) -> list[str]:
    """Return the lines of a text file."""
    return load_dataset("text", data_files=[file], split="train")["text"]


def read_translations(corpora: Corpora) -> list[tuple[str, str]]:
    """Return parallel sentences: subtitle pairs, and Tatoeba pairs with English."""
    pairs = [
        (clean(str(row["source"])), clean(str(row["target"])))
        for row in read_table(
            corpora.local(SUBTITLES, "*.tsv.gz"), delimiter="\t", names=["source", "target"]
        )
        if row["target"]
    ]
    if corpora.origin(TATOEBA) == "local":
        for language in ("dan", "nob", "swe", "pol", "ron"):
            stem = corpora.folder / TATOEBA.folder / f"tatoeba.{language}-eng"
            english, own = read_lines(f"{stem}.eng.gz"), read_lines(f"{stem}.{language}.gz")
            pairs += zip(english, own, strict=True)
    elif corpora.origin(TATOEBA) == "hub":
        for config in TATOEBA.hub_configs:
            rows = list(corpora.from_hub(TATOEBA, config))[:_HUB_PAIRS]
            pairs += [(str(row["english"]), str(row["non_english"])) for row in rows]
    return [pair for pair in pairs if all(pair)]


_XED_LABELS = re.compile(r"[1-8](, [1-8])*")
_NEGATIVE, _POSITIVE = {1, 3, 4, 6}, {5, 8}


def read_emotions(corpora: Corpora) -> list[tuple[str, str]]:
    """Return lines with their polarity: (text, label of `EMOTION`)."""
    if corpora.origin(XED) is None:
        return []
    source = _local_emotions if corpora.origin(XED) == "local" else _hub_emotions
    rows = [(clean(text), label) for text, label in source(corpora)]
    return [row for row in rows if len(row[0]) > 3]


def _local_emotions(corpora: Corpora) -> Iterator[tuple[str, str]]:
    # The projections to English are the sentences of en-annotated again.
    files = [f for f in corpora.local(XED, "*.tsv.gz") if not f.endswith("en-projections.tsv.gz")]
    for row in read_table(files, delimiter="\t", names=["sentence", "labels"]):
        labels = str(row["labels"])
        if _XED_LABELS.fullmatch(labels) and (found := _polarity(map(int, labels.split(", ")))):
            yield str(row["sentence"]), found
    neutral = read_table(
        corpora.local(XED, "neu_en.txt.gz"), delimiter="\t", names=["label", "sentence"]
    )
    yield from ((str(row["sentence"]), "neutral") for row in list(neutral)[:_HUB_NEUTRAL])


def _hub_emotions(corpora: Corpora) -> Iterator[tuple[str, str]]:
    annotated, neutral = XED.hub_configs
    for row in corpora.from_hub(XED, annotated):
        if found := _polarity(row["labels"]):
            yield str(row["sentence"]), found
    for row in list(corpora.from_hub(XED, neutral))[:_HUB_NEUTRAL]:
        yield str(row["sentence"]), "neutral"


def _polarity(numbers: Iterable[int]) -> str | None:
    """Return the one polarity of Plutchik's emotions 1 to 8, None where they are mixed."""
    found = set(numbers)
    is_negative, is_positive = bool(found & _NEGATIVE), bool(found & _POSITIVE)
    if is_negative == is_positive:
        return None
    return EMOTION[EMOTION.index("negative" if is_negative else "positive")]


def read_courtesy(corpora: Corpora) -> list[tuple[str, float]]:
    """Return requests with their politeness, about -3 to 3, 0 in the middle."""
    origin = corpora.origin(TYDIP)
    if origin is None:
        return []
    if origin == "local":
        rows = read_table(corpora.local(TYDIP, "train.all.en.csv.gz"))
        return [(str(row["sentence"]), float(row["score"])) for row in rows]
    # The hub has the outer quarters only, as polite (1) or impolite (0).
    rows = corpora.from_hub(TYDIP, TYDIP.hub_configs[0])
    return [(str(row["text"]), 1.0 if int(row["labels"]) else -1.0) for row in rows]


def read_abuse(corpora: Corpora) -> list[tuple[str, float]]:
    """Return public comments with 1 where they insult or abuse, else 0."""
    rows = []
    for public in (RO_GSP, RO_FACEBOOK):
        for row in _labelled(corpora, public):
            rows.append((str(row["text"]), float(str(row["label"]) != "OTHER")))
    for row in _labelled(corpora, DKHATE):
        if str(row["label"]) in ("OFF", "NOT"):
            rows.append((str(row["text"]), float(row["label"] == "OFF")))
    return [row for row in rows if 3 < len(row[0]) < 300]


def _labelled(corpora: Corpora, public: PublicSet) -> Rows:
    origin = corpora.origin(public)
    if origin is None:
        return []
    if origin == "hub":
        return _named_labels(corpora.from_hub(public, None))
    if public is DKHATE:
        return read_table(
            corpora.local(DKHATE, "train*.tsv.gz"), delimiter="\t", names=["id", "text", "label"]
        )
    return read_table(corpora.local(public, "train.csv.gz"))


def _named_labels(rows: Rows) -> Rows:
    """Return rows with the names of their labels, where the hub counts them."""
    feature = rows.features["label"] if isinstance(rows, datasets.Dataset) else None
    if not isinstance(feature, datasets.ClassLabel):
        return rows
    return [{**row, "label": feature.int2str(row["label"])} for row in rows]


def clean(text: str) -> str:
    """Return a subtitle line without its dash and the spaces before punctuation."""
    return re.sub(r"\s+([.,!?;:])", r"\1", text.strip(' -"')).strip()
