"""The README is true: every command and option is in it, and its examples are real output."""

import re
from pathlib import Path

import pytest
import typer.main

from convqa.cli.app import app

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
