"""On what something was measured: processor, memory, versions and date."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from convqa.encoder import load_bundle
from convqa.registry import find_bundle

_LIBRARIES = ("convqa", "onnxruntime", "tokenizers", "pyarrow", "ray", "torch", "transformers")


def describe(found: dict[str, str] | None = None) -> str:
    """Return one line: date, processor, memory, Python, libraries, model.

    Args:
        found: Versions of libraries that another Python has.
    """
    versions = {name: v for name in _LIBRARIES if (v := _version(name))} | (found or {})
    bundle = load_bundle(find_bundle("convqa-multilingual")).version_info
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; {_processor()}, {os.cpu_count()} cores, "
        f"{memory_gib:.0f} GiB; Python {platform.python_version()}, "
        f"{', '.join(f'{name} {v}' for name, v in sorted(versions.items()))}; "
        f"model {bundle.name} {bundle.version} ({bundle.sha256[:8]})"
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
