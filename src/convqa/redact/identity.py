"""National identity numbers of Norway, Denmark, Sweden, Poland and Romania.

Where check digits prove the number no word is needed, in any language: people quote the number of
their home country. Danish numbers prove little (see `is_danish_id_date_valid`), and a number with a
slip proves nothing, so those need a word such as `cpr` or `personnummer` nearby or in the question.
"""

from convqa.redact.checksums import (
    is_danish_id_date_valid,
    is_danish_id_valid,
    is_norwegian_id_valid,
    is_polish_id_valid,
    is_romanian_id_valid,
    is_swedish_id_valid,
)
from convqa.redact.document import Document, Match
from convqa.redact.runs import Run

_MIN_DIGITS, _MAX_DIGITS = 9, 13
# How the numbers are grouped in writing; dictated ones come in any groups.
_SHAPES = frozenset([
    (6, 5), (2, 2, 2, 5), (6, 2, 3), (6, 3, 2),  # Norway, Poland
    (6, 4), (8, 4), (2, 2, 2, 4), (4, 2, 2, 4), (6, 2, 2), (4, 4, 4),  # Denmark, Sweden
    (1, 6, 6), (1, 2, 2, 2, 6), (1, 6, 2, 3, 1), (7, 6),  # Romania
])  # fmt: skip
# Nine digits are an identity number only as Americans write it (SSA, "Social Security Number").
_AMERICAN_SHAPE = (3, 2, 4)
# Six digits and four with a dash are how Danes write the number.
_DANISH_SHAPE = (6, 4)


def detect_identity_numbers(document: Document) -> list[Match]:
    """Return identity numbers, also where one is dictated or cut over turns."""
    return [
        Match("ID_NUMBER", window.start, window.end)
        for run in document.runs
        for window in run.windows(_MIN_DIGITS, _MAX_DIGITS)
        if _is_identity_number(document, run, window)
    ]


def _is_identity_number(document: Document, run: Run, window: Run) -> bool:
    is_grouped = len(window.atoms) == 1 or window.shape in _SHAPES or window.is_dictated
    if is_grouped and _is_proven(document.text, window):
        return True
    if not is_grouped and len(window.atoms) != len(run.atoms):
        return False
    if len(window.digits) == _MIN_DIGITS and window.shape != _AMERICAN_SHAPE:
        return False
    topics = document.topics(window.start, window.end)
    if "phone" in topics and not is_grouped:
        return False
    return "identity" in topics or ("birth" in topics and is_danish_id_date_valid(window.digits))


def _is_proven(text: str, window: Run) -> bool:
    digits = window.digits
    is_danish = (
        window.shape == _DANISH_SHAPE
        and text[window.atoms[0].end : window.atoms[1].start] == "-"
        and is_danish_id_valid(digits)
    )
    return (
        is_danish
        or is_norwegian_id_valid(digits)
        or is_swedish_id_valid(digits)
        or is_polish_id_valid(digits)
        or is_romanian_id_valid(digits)
    )
