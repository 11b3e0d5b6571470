"""Information that the customer had to give twice."""

import re
from collections.abc import Iterator, Sequence

from convqa.detect.attention_runs import Said, Stretch

_Found = tuple[tuple[Said, ...], str]

# Numbers, codes and references as customers write them, and the placeholders of redaction.
_VALUE = re.compile(
    r"\[(?:CARD|IBAN|ID_NUMBER|PHONE|EMAIL|NUMBER)\]"
    r"|\b[A-Za-z]{1,4}\d{1,2}[A-Za-z]? \d[A-Za-z]{2}\b"
    r"|\b(?:[A-Z]{1,4}[-/ ]?)?\d[\d .\-/]*\d\b(?:[-/]?[A-Za-z]{1,2}\b)?"
)
_MONEY = re.compile(r"(?i)^\s*(?:kr|nok|dkk|sek|zł|pln|lei|ron|eur|€|£|\$|usd|gbp|%|,-)")
_YEAR = re.compile(r"(?:19|20)\d\d")
# Shorter ones are amounts, hours and floors.
_MIN_DIGITS = 3
_MIN_LENGTH = 4
# From here on the letters around it («LK-88213») may be left out.
_ENOUGH_DIGITS = 5


def given_twice(stretches: Sequence[Stretch], *, is_call: bool) -> Iterator[_Found]:
    """Yield where it was given first, the agent's request, and where it was given again.

    Not where the agent reads back what was given, or did not hear it on the telephone.
    """
    given: dict[str, Said] = {}
    has_spoken = False
    for i, stretch in enumerate(stretches):
        if stretch.role != "customer":
            continue
        before = stretches[i - 1] if i else None
        request = _request_in(before, is_call=is_call)
        if request is not None and before is not None and has_spoken:
            again = _again(stretch, before, given)
            if again is not None:
                first, second = again
                yield (*((first,) if first is not None else ()), request, second), "asked again"
                return
        has_spoken = True
        for one in stretch.said:
            for value in _values(one.text):
                given.setdefault(value, one)


def _request_in(stretch: Stretch | None, *, is_call: bool) -> Said | None:
    """Return what the agent asks for, None where nothing is asked or it was not understood."""
    if stretch is None or stretch.role != "agent":
        return None
    if is_call and "repeat_request" in stretch.cues:
        return None
    requests = [one for one in stretch.said if one.is_request and "further_help" not in one.acts]
    return requests[-1] if requests else None


def _again(
    stretch: Stretch, before: Stretch, given: dict[str, Said]
) -> tuple[Said | None, Said] | None:
    read_back = {value for one in before.said for value in _values(one.text)}
    for one in stretch.said:
        for value in _values(one.text):
            if value in given and value not in read_back:
                return given[value], one
    said_so = [one for one in stretch.said if "told_before" in one.cues]
    return (None, said_so[0]) if said_so else None


def _values(text: str) -> list[str]:
    """Return the references in a text, in one spelling; amounts and years are none."""
    values = []
    for match in _VALUE.finditer(text):
        value = re.sub(r"[\s.\-/]", "", match[0]).upper()
        before, after = text[: match.start()].rstrip(), text[match.end() :]
        is_money = bool(before) and (_MONEY.match(after) or before[-1] in "£€$")
        is_long = len(value) >= _MIN_LENGTH and sum(c.isdigit() for c in value) >= _MIN_DIGITS
        if value.startswith("["):
            values.append(value)
        elif is_long and not is_money and not _YEAR.fullmatch(value):
            digits = "".join(c for c in value if c.isdigit())
            values.append(digits if len(digits) >= _ENOUGH_DIGITS else value)
    return values
