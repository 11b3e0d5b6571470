"""The speech standard: its language, its loader, its versions and its static checks."""

from convqa.standard.begin import begin_standard
from convqa.standard.heads import check_heads, lint_heads, names_heads
from convqa.standard.lint import LintIssue, lint_standard
from convqa.standard.loader import json_schema, load_phrases, load_standard
from convqa.standard.model import Standard
from convqa.standard.phrases import Cues, PhraseFile, PhraseList, PhraseRule
from convqa.standard.versions import check_version

__all__ = [
    "Cues",
    "LintIssue",
    "PhraseFile",
    "PhraseList",
    "PhraseRule",
    "Standard",
    "begin_standard",
    "check_heads",
    "check_version",
    "json_schema",
    "lint_heads",
    "lint_standard",
    "load_phrases",
    "load_standard",
    "names_heads",
]
