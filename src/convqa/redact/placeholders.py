"""The placeholders, defined once: what stands in stored text where personal data stood."""

import re
from typing import Literal

Kind = Literal["CARD", "IBAN", "ID_NUMBER", "PHONE", "EMAIL", "CODE", "NUMBER"]

PLACEHOLDERS: dict[Kind, str] = {
    "EMAIL": "[EMAIL]",
    "IBAN": "[IBAN]",
    "CARD": "[CARD]",
    "ID_NUMBER": "[ID_NUMBER]",
    "CODE": "[CODE]",
    "PHONE": "[PHONE]",
    "NUMBER": "[NUMBER]",
}

PLACEHOLDER_PATTERN = re.compile("|".join(re.escape(text) for text in PLACEHOLDERS.values()))
