"""Check digits of cards, bank accounts and national identity numbers, each a short pure function.

Every function takes digits without separators and returns False for any other string, so that a
caller may pass whatever it found. Dates inside a number are checked against the calendar.
"""

from collections.abc import Sequence
from datetime import date


def is_luhn_valid(digits: str) -> bool:
    """Return whether the last digit is the Luhn check digit (ISO/IEC 7812-1, annex B)."""
    if not _is_ascii_digits(digits):
        return False
    total = 0
    for index, char in enumerate(reversed(digits)):
        value = int(char) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_iban_valid(iban: str) -> bool:
    """Return whether an IBAN in capitals without spaces passes MOD 97-10 (ISO 13616, ISO 7064)."""
    if not (iban.isascii() and iban.isalnum() and len(iban) > 4):
        return False
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def is_norwegian_account_valid(digits: str) -> bool:
    """Return whether 11 digits are a Norwegian account number: the last is a MOD 11 check digit.

    Source: Bits, "Kontonummer", validation of domestic account numbers.
    """
    if not (_is_ascii_digits(digits) and len(digits) == 11):
        return False
    return _weighted_sum(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def is_norwegian_id_valid(digits: str) -> bool:
    """Return whether 11 digits are a fødselsnummer or D-number: DDMMYY, three digits, two checks.

    A D-number adds 40 to the day; 40 (auxiliary numbers) or 80 (Skatteetaten's synthetic test
    population) may be added to the month. Both check digits are MOD 11. Source:
    Folkeregisterforskriften § 2-2-1 and § 2-2-3; Skatteetaten, "Fødselsnummer". The wider check
    digit rule announced for numbers given out from 2032 is not applied.
    """
    if not (_is_ascii_digits(digits) and len(digits) == 11):
        return False
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    day = day - 40 if day > 40 else day
    month = month - 80 if month > 80 else month - 40 if month > 40 else month
    return (
        _is_date_in_some_century(year, month, day)
        and _weighted_sum(digits, (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)) % 11 == 0
        and _weighted_sum(digits, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0
    )


def is_danish_id_date_valid(digits: str) -> bool:
    """Return whether 10 digits begin with a date DDMMYY, all that every CPR number must satisfy.

    Since October 2007 numbers are given out that fail MOD 11, so this alone is weak evidence. A day
    plus 60 marks a replacement number. Source: CPR-kontoret, "Personnummeret i CPR".
    """
    if not (_is_ascii_digits(digits) and len(digits) == 10):
        return False
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    return _is_date_in_some_century(year, month, day - 60 if day > 60 else day)


def is_danish_id_valid(digits: str) -> bool:
    """Return whether 10 digits are a CPR number that also passes MOD 11, as most before 2007 do.

    Source: CPR-kontoret, "Personnummeret i CPR".
    """
    weights = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    return is_danish_id_date_valid(digits) and _weighted_sum(digits, weights) % 11 == 0


def is_swedish_id_valid(digits: str) -> bool:
    """Return whether 10 or 12 digits are a personnummer or samordningsnummer (day plus 60).

    [YY]YYMMDD, three digits, and a Luhn digit over the last ten. Source: Skatteverket SKV 704 and
    SKV 707; folkbokföringslagen 1991:481, 18 §.
    """
    if not (_is_ascii_digits(digits) and len(digits) in (10, 12)):
        return False
    if len(digits) == 12 and digits[:2] not in ("18", "19", "20"):
        return False
    ten = digits[-10:]
    year, month, day = int(ten[:2]), int(ten[2:4]), int(ten[4:6])
    day = day - 60 if day > 60 else day
    if len(digits) == 12:
        is_dated = _is_date(int(digits[:4]), month, day)
    else:
        is_dated = _is_date_in_some_century(year, month, day)
    return is_dated and is_luhn_valid(ten)


def is_polish_id_valid(digits: str) -> bool:
    """Return whether 11 digits are a PESEL: YYMMDD, four digits and a check digit.

    The month carries the century: +80 is 18xx, +0 19xx, +20 20xx, +40 21xx, +60 22xx. Source:
    ustawa o ewidencji ludności (2010), art. 15; gov.pl, "Czym jest numer PESEL".
    """
    if not (_is_ascii_digits(digits) and len(digits) == 11):
        return False
    century = {0: 1900, 1: 2000, 2: 2100, 3: 2200, 4: 1800}[int(digits[2:4]) // 20]
    month = int(digits[2:4]) % 20
    return (
        _is_date(century + int(digits[:2]), month, int(digits[4:6]))
        and _weighted_sum(digits, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)) % 10 == 0
    )


# Counties 01–40, Bucharest 40–48, Călărași 51, Giurgiu 52, and 70, 80–83 given out irrespective of
# county.
_ROMANIAN_COUNTIES = frozenset([*range(1, 49), 51, 52, 70, 80, 81, 82, 83])


def is_romanian_id_valid(digits: str) -> bool:
    """Return whether 13 digits are a CNP: sex and century, YYMMDD, county, serial, check digit.

    The check digit is the weighted sum (weights 279146358279) MOD 11, where 10 becomes 1. Source:
    OUG 97/2005 and its norms HG 295/2021.
    """
    if not (_is_ascii_digits(digits) and len(digits) == 13) or digits[0] == "0":
        return False
    year, month, day = int(digits[1:3]), int(digits[3:5]), int(digits[5:7])
    centuries = {"1": 1900, "2": 1900, "3": 1800, "4": 1800, "5": 2000, "6": 2000}
    if digits[0] in centuries:
        is_dated = _is_date(centuries[digits[0]] + year, month, day)
    else:
        is_dated = _is_date_in_some_century(year, month, day)
    remainder = _weighted_sum(digits, (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)) % 11
    check = 1 if remainder == 10 else remainder
    return is_dated and int(digits[7:9]) in _ROMANIAN_COUNTIES and check == int(digits[12])


def _is_ascii_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _weighted_sum(digits: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _is_date_in_some_century(year: int, month: int, day: int) -> bool:
    """29 February exists for a two-digit year if it does in 1900+year or 2000+year."""
    return _is_date(1900 + year, month, day) or _is_date(2000 + year, month, day)
