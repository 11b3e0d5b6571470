"""Every shipped standard loads, says nothing that can hardly be meant, and holds its examples."""

import re
from collections import Counter
from functools import cache

import pytest
import yaml

from convqa.config import shipped_configs
from convqa.preview import lint_phrases, load_examples, run_examples
from convqa.schema import LANGUAGES
from convqa.standard import lint_standard, load_standard

FOLDER = shipped_configs() / "standards"
FILES = {p.stem: p for p in sorted(FOLDER.glob("*.yaml")) if not p.stem.endswith(".tests")}
N_EXAMPLES = {"default": 100}
SCORE = 100


@cache
def load(name):
    return load_standard(FILES[name])


@pytest.fixture(scope="module", params=FILES)
def shipped(request):
    path = FILES[request.param]
    return path, load(request.param), load_examples(path)


def test_standard_is_named_like_its_file_and_clean(shipped):
    path, standard, _ = shipped
    assert standard.name == path.stem.replace("-", "_")
    assert set(standard.languages) == set(LANGUAGES)
    assert [*lint_standard(standard), *lint_phrases(standard)] == []


def test_weights_sum_to_100_and_all_is_told_in_every_language(shipped):
    _, standard, _ = shipped
    assert sum(c.weight.default for c in standard.criteria) == SCORE
    for criterion in standard.criteria:
        for language in standard.languages:
            text = criterion.texts[language]
            assert text.name and text.ask and text.hint, f"{criterion.id} in {language}"


def test_examples_hold(shipped):
    _, standard, examples = shipped
    faults = [f"{r.name}: {f}" for r in run_examples(standard, examples) for f in r.faults]
    assert faults == []


def test_examples_are_enough_for_every_language_and_criterion(shipped):
    path, _, examples = shipped
    assert len(examples) >= N_EXAMPLES.get(path.stem, 30)
    assert len({e.name for e in examples}) == len(examples)
    by_language = Counter(e.language for e in examples)
    assert min(by_language[x] for x in LANGUAGES) >= len(examples) / 12
    assert {e.channel for e in examples} >= {"chat", "call"}
    assert {o for e in examples for o in e.expect.values()} >= {"pass", "fail", "na"}


def test_criterion_of_its_own_is_seen_to_pass_and_to_fail(shipped):
    path, standard, examples = shipped
    elsewhere = {c.id for name in FILES if name != path.stem for c in load(name).criteria}
    seen = {(c, outcome) for e in examples for c, outcome in e.expect.items()}
    unseen = [
        f"{c.id} never {outcome}"
        for c in standard.criteria
        if c.id not in elsewhere and (standard.weighs(c) or c.severity)
        for outcome in ("pass", "fail")
        if (c.id, outcome) not in seen
    ]
    assert unseen == []


def test_readme_names_every_shipped_standard():
    readme = (FOLDER.parents[1] / "README.md").read_text(encoding="utf-8")
    table = readme.split("## The standard\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z_-]+)` \| [^|]+ \|$", table, re.M)) >= set(FILES)


def test_phrase_files_have_the_same_lists_in_every_language():
    phrases = FOLDER.parent / "phrases"
    kinds = {p.name.split(".")[0] for p in phrases.glob("*.*.yaml")}
    for kind in sorted(kinds):
        ids = {
            x: [
                item["id"]
                for item in yaml.safe_load((phrases / f"{kind}.{x}.yaml").read_text("utf-8"))[
                    "lists"
                ]
            ]
            for x in LANGUAGES
        }
        assert len({tuple(v) for v in ids.values()}) == 1, kind
