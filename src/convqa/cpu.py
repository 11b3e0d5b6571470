"""What the processor can do, where results or speed depend on it."""

import platform
from functools import cache
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


@cache
def cpu_flags() -> frozenset[str]:
    """Return the instruction sets that the processor names, none where it is not known."""
    try:
        lines = _CPUINFO.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return frozenset()
    flags = next((line.split(":")[1].split() for line in lines if line.startswith("flags")), [])
    return frozenset(flags)


def vector_instructions() -> list[str]:
    """Return the kind of machine and the instructions that change how products are computed."""
    wanted = ("avx", "fma", "amx", "sse4")
    return [platform.machine(), *sorted(f for f in cpu_flags() if f.startswith(wanted))]


def adds_byte_products_exactly() -> bool:
    """Return whether products of unsigned with signed bytes are known to be added in 32 bits.

    Processors with AVX2 but without VNNI add two products in 16 bits and cut what is too large
    (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html). False where the
    processor does not tell, which costs speed at most.
    """
    return not cpu_flags().isdisjoint({"avx512_vnni", "avx_vnni"})
