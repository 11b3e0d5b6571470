"""Reads a standard and its phrase files, with errors a QA lead can act on."""

from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from convqa.config import YamlFile, YamlPath, read_yaml, shipped_configs, suggest
from convqa.errors import ConfigError
from convqa.standard.messages import message_of
from convqa.standard.model import Standard, phrases_of
from convqa.standard.parts import Part
from convqa.standard.phrases import PhraseFile


def load_standard(path: Path) -> Standard:
    """Return the standard in a YAML file, with the phrase files it names.

    Raises:
        ConfigError: A file cannot be read or says something a standard cannot say; in one line,
            with file, line, key, and the remedy.
    """
    file = read_yaml(path)
    standard = validated(Standard, file)
    if "phrase_books" in standard.model_fields_set:
        raise ConfigError(
            f"{path}:{file.line_of(('phrase_books',))}: phrase_books: is filled in from "
            "phrase_files; name the files there"
        )
    names = [
        (i, name.replace("{language}", language))
        for i, name in enumerate(standard.phrase_files)
        for language in (standard.languages if "{language}" in name else ("",))
    ]
    books = tuple(
        load_phrases(
            _phrase_path(path.parent, name),
            asked_by=f"{path}:{file.line_of(('phrase_files', i))}",
        )
        for i, name in names
    )
    complete = standard.model_copy(update={"phrase_books": books})
    _check_phrase_names(complete, file)
    return complete


def _phrase_path(folder: Path, name: str) -> Path:
    """Return the phrase file of that name beside the standard, else the shipped one."""
    own, shipped = folder / name, shipped_configs() / "phrases" / name
    return shipped if shipped.is_file() and not own.is_file() else own


def load_phrases(path: Path, *, asked_by: str = "") -> PhraseFile:
    """Return the phrase lists of a YAML file.

    Raises:
        ConfigError: The file is missing or wrong.
    """
    if asked_by and not path.is_file():
        raise ConfigError(f"{asked_by}: phrase_files: there is no file {path}; check the path")
    return validated(PhraseFile, read_yaml(path))


def json_schema() -> dict[str, object]:
    """Return the JSON Schema of a standard, for editors that complete and check while typing."""
    schema = Standard.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


_P = TypeVar("_P", bound=Part)


def validated(model: type[_P], file: YamlFile) -> _P:
    """Return a YAML file as a model.

    Raises:
        ConfigError: In one line: file, line, key, what is wrong, and the remedy.
    """
    if not isinstance(file.value, dict):
        raise ConfigError(f"{file.path}:1: is empty or no mapping; start with `name:`")
    try:
        return model.model_validate(file.value)
    except ValidationError as err:
        errors = _told(err, file)
        where, first = errors[0]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise ConfigError(
            f"{file.path}:{file.line_of(where)}: {_name(where, file)}{message_of(first)}"
            f"{_hint(where, file)}{more}"
        ) from err


def _told(err: ValidationError, file: YamlFile) -> list[tuple[YamlPath, ErrorDetails]]:
    """Return the errors in the order of the file; a list is not «too short» for its wrong items."""
    errors = [(_where(e, file), e) for e in err.errors(include_url=False)]
    told = [
        (where, error)
        for where, error in errors
        if error["type"] != "too_short"
        or not any(other[: len(where)] == where and other != where for other, _ in errors)
    ]
    return sorted(told, key=lambda pair: file.line_of(pair[0]))


def _where(error: ErrorDetails, file: YamlFile) -> YamlPath:
    """Return the place in the file, without the tags pydantic puts in for the kind of a union."""
    where: YamlPath = ()
    last = len(error["loc"]) - 1
    for i, part in enumerate(error["loc"]):
        if (*where, part) in file.lines or (error["type"] == "missing" and i == last):
            where = (*where, part)
    key = error.get("ctx", {}).get("key", "")
    if key != "":
        return (*where, key)
    return where


def _name(where: YamlPath, file: YamlFile) -> str:
    """Return the key in words: the criterion's or list's own id where there is one."""
    value: object = file.value
    names: list[str] = []
    for part in where:
        value = _child(value, part)
        own = value.get("id") if isinstance(value, dict) else None
        if isinstance(part, int):
            names[-1:] = [f"{names[-1]}[{part}]"] if names else [f"[{part}]"]
            if isinstance(own, str):
                names = [own]
        else:
            names.append(part)
    return ".".join(names) + ": " if names else ""


def _hint(where: YamlPath, file: YamlFile) -> str:
    """Return what else may help where a key stands in the wrong place, or an empty string."""
    if where == ("criteria",):
        return (
            "; criteria belong in a section: `sections:`, below it `- id: desk`, then `criteria:`"
        )
    parent = where[:-1]
    is_only_key = sum(key[:-1] == parent for key in file.lines if key) == 1
    if parent[-2:-1] == ("phrases",) and is_only_key:
        return "; a phrase with a colon must stand in quotes"
    return ""


def _child(value: object, part: str | int) -> object:
    if isinstance(value, dict):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _check_phrase_names(standard: Standard, file: YamlFile) -> None:
    """Refuse a criterion that names a phrase list or rule that no file has."""
    lists = standard.all_phrase_lists
    known = {x.id for x in lists} | {f"{x.id}.{rule.id}" for x in lists for rule in x.phrases}
    for s, section in enumerate(standard.sections):
        for c, criterion in enumerate(section.criteria):
            for key, _, label in phrases_of(criterion):
                if label not in known:
                    line = file.line_of(("sections", s, "criteria", c, key))
                    ids = sorted({x.id for x in lists})
                    remedy = suggest(label, ids) or f"; known lists: {', '.join(ids) or 'none'}"
                    raise ConfigError(
                        f"{file.path}:{line}: {criterion.id}.{key}: unknown phrase list "
                        f"{label!r}{remedy}"
                    )
