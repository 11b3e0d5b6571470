"""The blocks of the README that measurements fill: the table, and what it takes on a cluster."""

import re
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
_HOURS = 8
_SIZES = (100_000, 1_000_000, 10_000_000)


def put(name: str, text: str, readme: Path = README) -> None:
    """Put a text between the marks `<!-- name -->` and `<!-- /name -->`.

    Raises:
        ValueError: The README has no such marks.
    """
    content = readme.read_text(encoding="utf-8")
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if pattern.search(content) is None:
        raise ValueError(f"{readme.name} has no marks for {name}")
    filled = pattern.sub(lambda match: f"{match[1]}{text.strip()}\n{match[2]}", content)
    readme.write_text(filled, encoding="utf-8")


def shown(name: str, readme: Path = README) -> str:
    """Return what stands between the marks, without the white space around it."""
    content = readme.read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", content, re.DOTALL)
    return found.group(1).strip() if found else ""


def sizing(cpu_ms: float) -> str:
    """Return how many cores some loads need, derived from the CPU time of one conversation."""
    rows = [
        f"| {size:,} | {size * cpu_ms / 3.6e6:,.1f} | "
        f"{max(1, -(-size * cpu_ms // (3.6e6 * _HOURS))):,.0f} |"
        for size in _SIZES
    ]
    return "\n".join(
        [
            f"Derived, not measured: from the {cpu_ms:.0f} ms of CPU a conversation in the table "
            "above, if nothing else",
            "holds the workers up. No text is repeated in it; with what real agents repeat it is "
            "less.",
            "",
            f"| conversations | core hours | cores for a night of {_HOURS} hours |",
            "| ---: | ---: | ---: |",
            *rows,
        ]
    )
