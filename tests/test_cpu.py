"""What is read from /proc/cpuinfo, and what follows from it."""

import pytest

from convqa import cpu


@pytest.fixture
def processor(monkeypatch, tmp_path):
    """A function that gives this machine another /proc/cpuinfo, None for none at all."""
    cpu.cpu_flags.cache_clear()

    def named(content):
        path = tmp_path / "cpuinfo"
        if content is not None:
            path.write_text(content, encoding="ascii")
        monkeypatch.setattr(cpu, "_CPUINFO", path)

    yield named
    cpu.cpu_flags.cache_clear()


@pytest.mark.parametrize(
    ("content", "is_exact"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx2 avx512f avx512_vnni\n", True),
        ("processor\t: 0\nflags\t\t: fpu avx2 avx_vnni\n", True),
        ("processor\t: 0\nflags\t\t: fpu avx2 avx512f\n", False),
        ("processor\t: 0\nFeatures\t: fp asimd asimddp\n", False),
        (None, False),
    ],
)
def test_sums_of_byte_products_are_exact_where_vnni_is_named(processor, content, is_exact):
    processor(content)
    assert cpu.adds_byte_products_exactly() is is_exact


def test_vector_instructions_are_the_machine_and_what_changes_products(processor):
    processor("flags\t\t: fpu sse sse4_2 avx2 fma aes avx_vnni\n")
    machine, *found = cpu.vector_instructions()
    assert machine
    assert found == ["avx2", "avx_vnni", "fma", "sse4_2"]
