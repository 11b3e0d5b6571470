"""Label files of `convqa train heads`: JSON Lines, one labelled segment a line.

Messages name file, line and field, and never hold a text or a label that may be one by mistake.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from convqa.encoder.manifest import NAME_PATTERN
from convqa.errors import ConfigError
from convqa.schema import LANGUAGES, Role

LabelRole = Literal["agent", "customer"]
LabelKind = Literal["yes_no", "one_of", "any_of"]
SaidBefore = tuple[Role, str]

_ROLES: Mapping[str, LabelRole] = {"agent": "agent", "customer": "customer"}
_YES_NO = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A segment, what the other party said before it, and the labels that hold for it.

    `before` is all that was said before the segment's run, `context` included, oldest first; empty
    where it is not known. `labels` is `("yes",)` or `()` where the question is yes or no.
    """

    line: int
    id: str
    conversation_id: str
    language: str
    role: LabelRole
    text: str
    context: str
    before: tuple[SaidBefore, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelFile:
    """The rows of a file, all of one role and one kind of label."""

    path: Path
    sha256: str
    role: LabelRole
    kind: LabelKind
    rows: tuple[LabelRow, ...]

    @property
    def n_conversations(self) -> int:
        """How many conversations the rows are of."""
        return len({row.conversation_id for row in self.rows})


@dataclass(frozen=True, slots=True)
class _Parsed:
    row: LabelRow
    kind: LabelKind


class _FieldError(Exception):
    """A field is wrong: which, and what would be right."""

    def __init__(self, field: str, remedy: str) -> None:
        super().__init__(f"{field}: {remedy}")


def read_labels(path: Path) -> LabelFile:
    """Read a label file.

    Raises:
        ConfigError: It cannot be read, or a line is wrong: file, line, field and remedy.
    """
    try:
        content = path.read_bytes()
        lines = content.decode("utf-8-sig").split("\n")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror or error})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is no UTF-8 text; give a JSON Lines file") from error
    parsed: list[_Parsed] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = _parse(line, number)
            _check_fits(found, parsed[0] if parsed else found)
            if found.row.id in seen:
                raise _FieldError(
                    "id", f"is that of line {seen[found.row.id]} too; make each unique"
                )
        except _FieldError as fault:
            raise ConfigError(f"{path}:{number}: {fault}") from fault
        seen[found.row.id] = number
        parsed.append(found)
    if not parsed:
        raise ConfigError(f"{path}: holds no labels; write one JSON object a line")
    return LabelFile(
        path=path,
        sha256=hashlib.sha256(content).hexdigest(),
        role=parsed[0].row.role,
        kind=parsed[0].kind,
        rows=tuple(found.row for found in parsed),
    )


def _parse(line: str, number: int) -> _Parsed:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _FieldError("line", "is no JSON; write one object a line") from error
    if not isinstance(record, dict):
        raise _FieldError("line", "must be a JSON object with id, text, label and so on")
    role = record.get("role")
    if role not in ("agent", "customer"):
        raise _FieldError("role", "must be agent or customer")
    kind, labels = _labels(record)
    row = LabelRow(
        line=number,
        id=_identifier(record, "id"),
        conversation_id=_identifier(record, "conversation_id"),
        language=_language(record),
        role=_ROLES[role],
        text=_text(record, "text"),
        context=_text(record, "context", is_optional=True),
        before=_before(record),
        labels=labels,
    )
    return _Parsed(row, kind)


def _check_fits(found: _Parsed, first: _Parsed) -> None:
    role, of_first = found.row.role, first.row.role
    if role != of_first:
        raise _FieldError(
            "role", f"is {role} and line {first.row.line} has {of_first}; a head reads one role, "
            "so put the other into a file of its own",
        )  # fmt: skip
    if found.kind != first.kind:
        raise _FieldError(
            "label", f"is of another kind than that of line {first.row.line}; give true or false, "
            "or one label, or a list of labels, in all lines",
        )  # fmt: skip


def _labels(record: Mapping[str, object]) -> tuple[LabelKind, tuple[str, ...]]:
    value = record.get("label")
    if isinstance(value, str) and value.casefold() in _YES_NO:
        value = _YES_NO[value.casefold()]
    if isinstance(value, bool):
        return "yes_no", ("yes",) if value else ()
    if isinstance(value, str):
        return "one_of", (_label(value),)
    if isinstance(value, list):
        return "any_of", tuple(sorted({_label(item) for item in value}))
    raise _FieldError("label", "must be true or false, yes or no, a label, or a list of labels")


def _label(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(NAME_PATTERN, value):
        raise _FieldError(
            "label", "must be a name of small letters, digits and _, such as late_parcel"
        )
    return value


def _before(record: Mapping[str, object]) -> tuple[SaidBefore, ...]:
    value = record.get("before")
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _FieldError("before", "must be a list of what was said, oldest first")
    return tuple(_said(entry, number) for number, entry in enumerate(value, 1))


def _said(entry: object, number: int) -> SaidBefore:
    role = entry.get("role") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or role not in ("agent", "customer"):
        remedy = "must have the role agent or customer; leave out what others said"
        raise _FieldError("before", f"entry {number} {remedy}")
    if not isinstance(entry.get("text"), str):
        raise _FieldError("before", f"entry {number} must have a text")
    return _ROLES[role], _text(entry, "text", is_optional=True)


def _identifier(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise _FieldError(name, "must be a text or a whole number")
    return str(value)


def _language(record: Mapping[str, object]) -> str:
    value = record.get("lang", record.get("language"))
    value = "nb" if value == "no" else value
    if not isinstance(value, str) or value not in LANGUAGES:
        raise _FieldError("lang", f"must be one of {', '.join(LANGUAGES)}")
    return value


def _text(record: Mapping[str, object], name: str, *, is_optional: bool = False) -> str:
    value = record.get(name)
    if value is None and is_optional:
        return ""
    if not isinstance(value, str):
        raise _FieldError(name, "must be a text")
    if not is_optional and not value.strip():
        raise _FieldError(name, "is empty; give the words that were labelled or leave the line out")
    # Lone surrogates are no text that a tokenizer takes.
    return value.encode("utf-8", "replace").decode("utf-8")
