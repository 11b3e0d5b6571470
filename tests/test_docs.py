"""The README is true: every command and option is in it, and its examples are real output."""

import json
import re
from pathlib import Path

import pytest
import typer.main

from convqa.cli.app import app
from runs_of_samples import SAMPLES, exported, score

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands():
    for name, command in typer.main.get_command(app).commands.items():
        if hasattr(command, "commands"):
            for sub, subcommand in command.commands.items():
                yield name, sub, subcommand
        else:
            yield name, "", command


def section(name):
    found = re.search(rf"### `convqa {name}\b.*?(?=\n###? |\Z)", README, re.S)
    return found.group(0) if found else ""


@pytest.mark.parametrize(("name", "sub", "command"), list(commands()))
def test_every_command_and_option_is_in_the_readme(name, sub, command):
    text = section(name)
    assert text, f"no section for convqa {name}"
    assert f"`{sub}" in text
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None) or parameter.name == "help" or sub, parameter.name
        for option in parameter.opts:
            if option.startswith("--") and option != "--help":
                assert option in text, f"convqa {name} {sub}: {option}"


def test_the_readme_names_no_option_that_does_not_exist():
    known = {
        option
        for _, _, command in commands()
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", README))
    assert named - known == {"--help"}


def test_files_that_the_readme_names_exist():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    paths = re.findall(r"`((?:configs|data|src|tests|training|models)/[\w./-]+)`", README)
    assert links
    for path in {*links, *paths}:
        assert (ROOT / path).exists(), path


def block(name):
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", README, re.S)
    assert found, f"the README has no block {name}"
    return found.group(1)


@pytest.mark.model
def test_the_examples_are_real_output(tmp_path):
    score(tmp_path / "run", [SAMPLES])
    evaluations = [json.loads(line) for line in exported(tmp_path / "run").splitlines()]
    shown = json.loads(block("criterion").removeprefix("```json\n").removesuffix("\n```"))
    assert shown in [c for e in evaluations for c in e["criteria"]]
    scores = [e["score"] for e in evaluations if e["score"] is not None]
    flagged = sum(e["flag"] for e in evaluations)
    words = re.sub(r"[│┃ ]+", " ", block("summary"))
    assert "read 75 = evaluated 72 + rejected 1 + skipped 2" in words
    assert f" all {len(scores)} {sum(scores) / len(scores):.1f} {flagged} " in words


@pytest.mark.model
def test_the_figures_are_those_of_the_model_card():
    (card,) = (ROOT / "models").glob("convqa-multilingual/*/MODEL_CARD.md")
    known = {
        (task, source): float(value)
        for task, source, value in re.findall(
            r"\| ([\w ]+) \| (\w+) \| [\w-]+ \| (0\.\d+) \|", card.read_text()
        )
    }
    figures = " ".join(block("figures").split())
    for task in ("resolution", "ending"):
        (shown,) = re.findall(rf"\| {task} \|.*?\| (0\.\d\d) \(", figures)
        assert float(shown) == pytest.approx(known[task, "transcripts"], abs=0.0056)
    shown = re.findall(r"(agent \w+|customer \w+) (0\.\d\d) and (0\.\d\d)", figures)
    assert len(shown) == 6
    for task, *both in shown:
        for source, value in zip(("segments", "transcripts"), both, strict=True):
            assert float(value) == pytest.approx(known[task, source], abs=0.0056)
