"""Replaces personal data by typed placeholders before anything else sees or stores the text.

Found: payment cards, IBANs, national identity numbers (Norway, Denmark, Sweden, Poland, Romania),
telephone numbers, e-mail addresses, secret codes, and long numbers read out digit by digit, written
or spoken, in one turn or cut over several turns of one speaker. Left alone: names, postal
addresses, dates of birth, the last digits of a number, and the organisation's own references.
"""

from convqa.redact.conversation import redact_conversation
from convqa.redact.placeholders import PLACEHOLDERS, Kind
from convqa.redact.replace import RedactedText, Replacement, redact_text

__all__ = [
    "PLACEHOLDERS",
    "Kind",
    "RedactedText",
    "Replacement",
    "redact_conversation",
    "redact_text",
]
