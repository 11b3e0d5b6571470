"""Where the files that ship with convqa lie, and YAML that remembers its lines.

In a wheel the top-level folders `configs/` and `models/` travel inside the package; in a checkout
they stand beside `src/`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process

from convqa.errors import ConfigError

_PACKAGE = Path(__file__).parent


def shipped_configs() -> Path:
    """Return the folder of the shipped standards, phrase lists and settings."""
    return _shipped("configs")


def shipped_models() -> Path:
    """Return the folder that holds `<name>/<version>/` for each shipped model bundle."""
    return _shipped("models")


def _shipped(folder: str) -> Path:
    installed = _PACKAGE / f"_{folder}"
    return installed if installed.is_dir() else _PACKAGE.parents[1] / folder


# The parser in C reads the phrase lists ten times as fast; PyYAML is also built without it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

YamlPath = tuple[str | int, ...]

# No file of ours has a tenth of these: the largest phrase list has about 3,000 values, standards
# are nested 8 levels deep. Aliases that stand for aliases would make billions out of ten lines.
_MAX_VALUES = 200_000
_MAX_DEPTH = 50

# Below this likeness (rapidfuzz ratio, 0-100) a suggestion confuses more than it helps: `wieght`
# and `weight` have 83, two unrelated keys of a standard 20 to 50.
_LIKENESS = 65.0


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The content of a YAML file; `lines` gives the line, from 1, of each key and list item."""

    path: Path
    value: object
    lines: Mapping[YamlPath, int]

    def line_of(self, where: YamlPath) -> int:
        """Return the line of the deepest part of `where` that is in the file."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)


def read_yaml(path: Path) -> YamlFile:
    """Read a YAML file with the line of every key.

    Booleans are `true` and `false` only, so that the language `no` and the answer `yes` stay words;
    dates and clock times stay text.

    Raises:
        ConfigError: The file cannot be read, is no YAML, gives a key twice, refers to itself, or
            is nested too deeply or grows too large by aliases.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as err:
        raise ConfigError(f"{path}: cannot be read ({err.strerror}); check the path") from err
    except UnicodeDecodeError as err:
        raise ConfigError(f"{path}: is not UTF-8 text; save it as UTF-8") from err
    try:
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as err:
        raise ConfigError(_syntax_message(path, text, err)) from err
    lines: dict[YamlPath, int] = {}
    value = None if node is None else _Builder(path, lines).build(node, (), ())
    return YamlFile(path, value, lines)


def suggest(word: str, known: list[str]) -> str:
    """Return «; did you mean 'x'?» for the nearest known word, or an empty string."""
    nearest = process.extractOne(word, known, scorer=fuzz.ratio, score_cutoff=_LIKENESS)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""


# What the parser reports, and what people have mostly done; it often notices a line too late.
_REMEDIES = (
    ("mapping values", "put a text with a colon in quotes, and indent like the lines beside"),
    ("',' or", "close every quote, bracket and brace, here or on the line above"),
    ("expected ':'", "write `key: value` with a space after the colon, here or on the line above"),
    (
        "'-' indicator",
        "indent like the lines beside and put a space after each hyphen, here or above",
    ),
    (
        "expected key",
        "indent like the lines beside and put a space after each hyphen, here or above",
    ),
    (
        "<block end>",
        "indent like the lines beside and put a space after each hyphen, here or above",
    ),
)


def _syntax_message(path: Path, text: str, err: yaml.YAMLError) -> str:
    if not isinstance(err, yaml.MarkedYAMLError) or err.problem_mark is None:
        return f"{path}: is no YAML; check for control characters"
    mark, problem = err.problem_mark, str(err.problem)
    remedy = next(
        (remedy for part, remedy in _REMEDIES if part in problem),
        "check indentation, colons and quotes",
    )
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        remedy = "the line begins with a tab; indent with spaces"
    return f"{path}:{mark.line + 1}: is no YAML at column {mark.column + 1} ({problem}); {remedy}"


class _Builder:
    """Turns YAML nodes into plain values and notes their lines."""

    def __init__(self, path: Path, lines: dict[YamlPath, int]) -> None:
        self._path = path
        self._lines = lines
        self._n_values = 0

    def build(self, node: yaml.Node, where: YamlPath, open_nodes: tuple[int, ...]) -> object:
        self._lines.setdefault(where, node.start_mark.line + 1)
        if id(node) in open_nodes:
            line = node.start_mark.line + 1
            raise ConfigError(f"{self._path}:{line}: an alias refers to itself; write it out")
        self._check_size(node, len(open_nodes))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where, (*open_nodes, id(node)))
        if isinstance(node, yaml.SequenceNode):
            inside = (*open_nodes, id(node))
            return [self.build(item, (*where, i), inside) for i, item in enumerate(node.value)]
        return _scalar(node)

    def _check_size(self, node: yaml.Node, depth: int) -> None:
        """Refuse what no file has that a person wrote."""
        self._n_values += 1
        line = node.start_mark.line + 1
        if self._n_values > _MAX_VALUES:
            raise ConfigError(
                f"{self._path}:{line}: the aliases stand for more than {_MAX_VALUES:,} values in "
                "all; write out what is meant"
            )
        if depth > _MAX_DEPTH:
            raise ConfigError(f"{self._path}:{line}: nested more than {_MAX_DEPTH} levels deep")

    def _mapping(
        self, node: yaml.MappingNode, where: YamlPath, open_nodes: tuple[int, ...]
    ) -> dict[str, object]:
        built: dict[str, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigError(f"{self._path}:{line}: a key must be a single word")
            key = str(key_node.value)
            if key in built:
                raise ConfigError(f"{self._path}:{line}: key {key!r} is given twice; keep one")
            self._lines[(*where, key)] = line
            built[key] = self.build(value_node, (*where, key), open_nodes)
        return built


def _scalar(node: yaml.Node) -> object:
    text = str(node.value)
    kind = node.tag.rpartition(":")[2]
    if kind == "null":
        return None
    if kind == "bool" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    if kind in {"int", "float"} and ":" not in text:
        digits = text.replace("_", "")
        try:
            return int(digits) if kind == "int" else float(digits)
        except ValueError:  # octal, hexadecimal and `.inf` are no numbers anyone means here
            return text
    return text
