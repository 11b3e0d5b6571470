"""A part imports only parts of earlier layers, and each heavy library has its owner."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "convqa"

LAYERS = {
    "__init__": 0, "errors": 0, "quiet": 0,
    "schema": 1,
    "output": 1, "config": 1, "values": 1, "cpu": 1, "unpack": 1,
    "standard": 2, "text": 2, "lemmas": 2, "files": 2, "runs": 2,
    "unchanged": 3, "ingest": 3, "redact": 3, "segment": 3, "encoder": 3, "scoring": 3, "store": 3,
    "detect": 4, "agreement": 4, "plan": 4, "processes": 4,
    "pipeline": 5, "engine": 5, "heads": 5, "report": 5, "export": 5, "registry": 5,
    "evaluate": 5, "erase": 5, "rescore": 5,
    "preview": 6, "review": 6,
    "cli": 7, "__main__": 8,
}  # fmt: skip

# The pairs within a layer: the engine runs the chunk function of the pipeline, and the database
# adds up the final score of a corrected conversation in the transaction of the correction.
SIBLINGS = {("engine", "pipeline"), ("store", "scoring")}

OWNERS = {
    "spacy": {"text"},
    "simplemma": {"lemmas"},
    "fsspec": {"files"},
    "phonenumbers": {"redact"},
    "lingua": {"segment"},
    "onnxruntime": {"encoder"},
    "tokenizers": {"encoder"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "argon2": {"store"},
    "rapidfuzz": {"detect", "standard", "config"},
    "ray": {"engine"},
    "sklearn": {"heads"},
    "scipy": {"heads"},
    "jinja2": {"report", "review"},
    "openpyxl": {"ingest", "export"},
    "mlflow": {"registry"},
    "fastapi": {"review"},
    "typer": {"cli"},
    "rich": {"cli"},
    "torch": set(),
    "transformers": set(),
    "pickle": set(),
}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield each imported module and whether the import stands inside a function."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, id(node) in inside
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            if node.module == "convqa":
                for alias in node.names:
                    yield f"convqa.{alias.name}", id(node) in inside
            else:
                yield node.module or "", id(node) in inside


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    part = part_of(path)
    for module, _ in imports(path):
        if module == "convqa" or not module.startswith("convqa."):
            continue
        other = module.split(".")[1]
        if other == "__version__" or other == part or (part, other) in SIBLINGS:
            continue
        assert LAYERS[other] < LAYERS[part], f"{part} imports {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_heavy_libraries_have_one_owner(path):
    for module, _ in imports(path):
        owners = OWNERS.get(module.split(".")[0])
        assert owners is None or part_of(path) in owners, f"{path} imports {module}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_command_line_imports_inside_functions(path):
    # ray and mlflow are extras, imported when they are asked for
    if part_of(path) in {"cli", "engine", "registry"}:
        return
    assert [module for module, inside in imports(path) if inside] == []


def test_every_part_has_a_layer():
    assert {part_of(path) for path in FILES} <= set(LAYERS)
