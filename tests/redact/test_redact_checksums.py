"""Numbers here are made up; their check digits are computed in the test in another way."""

import pytest

from convqa.redact.checksums import (
    is_danish_id_date_valid,
    is_danish_id_valid,
    is_iban_valid,
    is_luhn_valid,
    is_norwegian_id_valid,
    is_polish_id_valid,
    is_romanian_id_valid,
    is_swedish_id_valid,
)


def completed(prefix, n_checks, is_valid):
    """Return every completion of `prefix` that passes."""
    return [
        number for tail in range(10**n_checks) if is_valid(number := f"{prefix}{tail:0{n_checks}d}")
    ]


@pytest.mark.parametrize(
    "digits",
    ["4111111111111111", "5555555555554444", "378282246310005", "6011000990139424", "79927398713"],
)
def test_luhn_accepts_published_examples(digits):
    assert is_luhn_valid(digits)


@pytest.mark.parametrize("digits", ["4111111111111112", "4111111111111", "79927398710"])
def test_luhn_refuses_a_wrong_digit(digits):
    assert not is_luhn_valid(digits)


def test_luhn_sees_two_neighbours_swapped():
    assert not is_luhn_valid("5555555555554444".replace("54", "45", 1))


@pytest.mark.parametrize(
    "iban",
    [
        "NO9386011117947", "DK5000400440116243", "SE4550000000058398257466",
        "PL61109010140000071219812874", "RO49AAAA1B31007593840000", "GB29NWBK60161331926819",
    ],
)  # fmt: skip
def test_iban_accepts_the_examples_of_the_registry(iban):
    assert is_iban_valid(iban)


@pytest.mark.parametrize("iban", ["NO9386011117948", "NO8386011117947", "NO93", "", "no93 86"])
def test_iban_refuses_others(iban):
    assert not is_iban_valid(iban)


def test_norwegian_id_has_at_most_one_pair_of_check_digits():
    counts = [
        len(completed(f"010190{serial}", 2, is_norwegian_id_valid)) for serial in range(300, 400)
    ]
    assert set(counts) == {0, 1}
    # Serials whose check digit would be 10 are not given out: about two in eleven.
    assert 70 <= sum(counts) <= 95


@pytest.mark.parametrize(
    ("birth", "is_date"),
    [
        ("010190", True), ("410190", True), ("014190", True), ("018190", True),
        ("320190", False), ("011390", False), ("300290", False), ("720190", False),
        ("290200", True), ("290201", False),
    ],
)  # fmt: skip
def test_norwegian_id_needs_a_date(birth, is_date):
    found = [n for s in range(300, 312) for n in completed(f"{birth}{s}", 2, is_norwegian_id_valid)]
    assert bool(found) == is_date


def test_danish_id_passes_with_the_sum_worked_by_hand():
    # 0·4+1·3+0·2+1·7+9·6+0·5+1·4+2·3+3·2 = 80, 80 mod 11 = 3, check digit 11 - 3 = 8.
    assert is_danish_id_valid("0101901238")
    assert not is_danish_id_valid("0101901237")
    assert is_danish_id_date_valid("0101901237")
    assert is_danish_id_date_valid("6101901237")
    assert not is_danish_id_date_valid("3113901237")
    assert not is_danish_id_date_valid("010190123")


def test_swedish_id_passes_with_the_sum_worked_by_hand():
    # 8·2 4·1 0·2 2·1 1·2 4·1 2·2 3·1 8·2 → 1+6+4+0+2+2+4+4+3+1+6 = 33, check digit 7.
    assert is_swedish_id_valid("8402142387")
    assert is_swedish_id_valid("198402142387")
    assert not is_swedish_id_valid("8402142388")
    assert not is_swedish_id_valid("218402142387")


def test_swedish_coordination_number_adds_sixty_to_the_day():
    assert len(completed("840274238", 1, is_swedish_id_valid)) == 1
    assert completed("840292238", 1, is_swedish_id_valid) == []
    assert completed("559301118", 1, is_swedish_id_valid) == []  # an organisation: month 93


@pytest.mark.parametrize(
    ("birth", "is_date"),
    [
        ("440514", True), ("022714", True), ("444514", True), ("446514", True), ("448514", True),
        ("441314", False), ("440532", False), ("440014", False),
    ],
)  # fmt: skip
def test_polish_id_carries_the_century_in_the_month(birth, is_date):
    assert len(completed(f"{birth}0135", 1, is_polish_id_valid)) == is_date


def test_polish_id_passes_the_published_example():
    assert is_polish_id_valid("44051401359")
    assert not is_polish_id_valid("44051401358")


def test_romanian_id_passes_with_the_sum_worked_by_hand():
    # 1·2+8·7+0·9+0·1+1·4+0·6+1·3+4·5+2·8+0·2+0·7+1·9 = 110, 110 mod 11 = 0.
    assert is_romanian_id_valid("1800101420010")
    assert not is_romanian_id_valid("1800101420011")


@pytest.mark.parametrize(
    "prefix",
    ["180130142001", "180010142001"[:3] + "0132" + "42001", "180010160001", "080010142001"],
)
def test_romanian_id_needs_date_county_and_sex(prefix):
    assert completed(prefix, 1, is_romanian_id_valid) == []


def test_romanian_remainder_of_ten_is_written_as_one():
    # 1·2+9·7+6·9+0·1+2·4+2·6+9·3+1·5+2·8+0·2+0·7+6·9 = 241, and 241 mod 11 = 10.
    assert is_romanian_id_valid("1960229120061")


@pytest.mark.parametrize(
    "is_valid",
    [
        is_luhn_valid, is_norwegian_id_valid, is_danish_id_valid, is_danish_id_date_valid,
        is_swedish_id_valid, is_polish_id_valid, is_romanian_id_valid,
    ],
)  # fmt: skip
@pytest.mark.parametrize("text", ["", "12a4567890", "٤٤٠٥١٤٠١٣٥٩", "²" * 11, "1" * 40 + "x"])
def test_anything_but_ascii_digits_is_refused(is_valid, text):
    assert not is_valid(text)
