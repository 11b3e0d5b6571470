import pytest

from convqa.values import read_number, read_yes


@pytest.mark.parametrize(
    ("value", "expected"),
    [(4, 4.0), ("4.5", 4.5), (True, None), ("n/a", None), (None, None), ("nan", None),
     ("Infinity", None), ("1e999", None), (10**400, None)],
)  # fmt: skip
def test_a_number_is_finite(value, expected):
    assert read_number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, True), (1, True), (1.0, True), ("1.0", True), (2, True), (" Yes ", True),
     (False, False), (0.0, False), ("0", False), ("no", False), ("perhaps", None), (None, None),
     ([], None)],
)  # fmt: skip
def test_what_says_yes(value, expected):
    assert read_yes(value) is expected
