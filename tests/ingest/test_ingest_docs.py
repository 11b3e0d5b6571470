"""The documentation names every format, and its examples are read."""

import re
from pathlib import Path

import yaml

from convqa.ingest import FORMATS, ColumnMapping, IngestOptions, read_conversations
from convqa.ingest.settings import ColumnField

DOCS = (Path(__file__).parents[2] / "data" / "transcripts.md").read_text(encoding="utf-8")


def examples(language):
    return re.findall(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)


def test_every_format_is_documented():
    rows = [line.split("|")[1] for line in DOCS.splitlines() if line.startswith("| `")]
    assert set(re.findall(r"`(\w+)`", " ".join(rows))) == set(FORMATS)


def test_the_examples_are_read(tmp_path):
    for language in ("json", "text"):
        (example,) = examples(language)
        (tmp_path / "example").write_text(example, encoding="utf-8")
        (found,) = read_conversations(str(tmp_path / "example"), IngestOptions())
        assert found.id == "c-1"
        assert len(found.turns) == 2


def test_the_mapping_of_the_example_is_valid():
    (example,) = examples("yaml")
    assert ColumnMapping.model_validate(yaml.safe_load(example)).turn["text"] == "Hva"


def test_every_column_field_has_names():
    assert set(IngestOptions().columns) == set(ColumnField.__args__)
