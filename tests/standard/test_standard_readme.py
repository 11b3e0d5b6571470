"""The pieces of standards in `configs/standards/README.md` load, and their examples hold."""

import re
from pathlib import Path

import pytest
import yaml

from convqa.config import shipped_configs
from convqa.preview import run_examples
from convqa.standard import lint_standard, load_standard

TEXT = (shipped_configs() / "standards" / "README.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"^## (.+?)$[^#]*?^```yaml\n(.*?)^```$", TEXT, re.M | re.S))


def load(path: Path, block: str):
    """Return a block as a whole standard: as it is, or with a name, languages and a weight."""
    content = yaml.safe_load(block)
    if "sections" in content:
        path.write_text(block, encoding="utf-8")
        return load_standard(path)
    base = {"id": "base", "kind": "label", "weight": 1, "find": {"act": "greeting"}}
    whole = {
        "name": "piece", "version": "1", "languages": ["en", "nb", "da", "sv", "pl", "ro"],
        "eligibility": {"words": 0},
        **{key: value for key, value in content.items() if key != "criteria"},
        "sections": [{"id": "s", "criteria": [base, *content["criteria"]]}],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(whole, allow_unicode=True), encoding="utf-8")
    return load_standard(path)


def test_every_part_has_a_working_piece():
    assert len(BLOCKS) == TEXT.count("\n## ")


@pytest.mark.parametrize("name", BLOCKS)
def test_piece_holds(name, tmp_path):
    standard = load(tmp_path / "piece.yaml", BLOCKS[name])
    assert standard.examples
    for result in run_examples(standard, standard.examples):
        assert result.faults == (), f"{name}: {result.name}: {result.faults}"


def test_whole_standard_has_no_lint_error(tmp_path):
    standard = load(tmp_path / "piece.yaml", BLOCKS["From an empty file"])
    assert standard.name == "dentist"
    assert [issue for issue in lint_standard(standard) if issue.level == "error"] == []
