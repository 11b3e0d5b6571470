"""What is wrong with a value of a standard and what would be right, in words for its writer."""

import re

from pydantic_core import ErrorDetails

from convqa.config import suggest

# What is found is shown up to this many characters, so that a message stays one line.
_MAX_SHOWN = 60
# So few known words are all shown, for the nearest one may still be wrong: `patient` is near
# `agent`, and `customer` is meant.
_FEW = 6

# How a part is written that somebody wrote as a plain text.
_WRITTEN = {
    "Target": "{act: greeting} or {phrase: LIST}",
    "Labels": "{act: greeting}",
    "Window": "{first_turns: 2}",
    "Text": '{name: "…", ask: "…", hint: "…"}',
    "ExampleTurn": '{role: agent, text: "…"}',
    "Band": "{name: good, at_least: 85}",
}


def message_of(error: ErrorDetails) -> str:
    """Return what is wrong and the remedy, for one error of pydantic; in one line."""
    kind, ctx, found = error["type"], error.get("ctx", {}), error.get("input")
    if kind == "missing":
        return "is missing; add it"
    if kind == "too_short":
        return "is empty; give at least one"
    if kind in {"literal_error", "enum"}:
        return _not_one_of(found, re.findall(r"'([^']+)'", str(ctx.get("expected", ""))))
    if kind == "union_tag_invalid":
        known = re.findall(r"'([^']+)'", str(ctx.get("expected_tags", "")))
        return f"kind: {_not_one_of(ctx.get('tag'), known)}"
    if kind == "union_tag_not_found":
        kinds = "label, response, order, hold, timing, address, resolution, all, any or not"
        return f"kind is missing; add kind: {kinds}"
    if kind == "string_pattern_mismatch":
        return f"{found!r} is no id; use small letters, digits and _, beginning with a letter"
    return _of_type(kind, str(ctx.get("class_name", "")), found) or _as_told(error)


def _of_type(kind: str, part: str, found: object) -> str:
    """Return the message for a value of the wrong type, or an empty string."""
    if kind == "string_type" and isinstance(found, int | float):
        return f'is a number where a text is needed; write it in quotes: "{found}"'
    if found is None or (kind == "string_too_short" and found == ""):
        return "has no value; write one, or remove the key"
    if kind in {"int_parsing", "int_type"}:
        return f"{_shortened(found)} is no whole number; write one such as 2"
    if kind in {"float_parsing", "float_type"} or part == "Weight":
        return f"{_shortened(found)} is no number; write one such as 5, or 2.5 with a full stop"
    if kind in {"tuple_type", "list_type"}:
        if isinstance(found, str):
            return f"{_shortened(found)} is one text where a list is needed; write [a, b] or [a]"
        return "must be a list; begin each of its items with a hyphen and a space"
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        written = f", such as {_WRITTEN[part]}" if part in _WRITTEN else ""
        return f"{_shortened(found)} must be written as `key: value`{written}"
    return ""


def _as_told(error: ErrorDetails) -> str:
    found = error.get("input")
    text = error["msg"].removeprefix("Value error, ").removeprefix("Input ").rstrip(".")
    if error["type"] in {"unknown_word", "wrong"} or not isinstance(found, str | int | float):
        return text
    return f"{_shortened(found)}: {text[0].lower()}{text[1:]}"


def _shortened(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _MAX_SHOWN else f"{shown[:_MAX_SHOWN]}…"


def _not_one_of(found: object, known: list[str]) -> str:
    nearest = suggest(str(found), known)
    all_known = f"; known: {', '.join(known)}" if not nearest or len(known) <= _FEW else ""
    if nearest:
        all_known = all_known.removeprefix(";")
    norwegian = " (nb is Norwegian)" if found == "no" and "nb" in known else ""
    return f"unknown word {found!r}{nearest}{all_known}{norwegian}"
