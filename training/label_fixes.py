"""Corrections of labels that contradict the codebook, by rule.

A bare «proszę», «vă rog» or «te rog» with an instruction is an obligatory form and neutral; some
writers marked it polite. It stays polite where anything else in the text is courteous.
"""

import re
from collections.abc import Mapping

_OBLIGATORY = {
    "pl": re.compile(r"\bprosz[ęe]\b", re.IGNORECASE),
    "ro": re.compile(r"\b(?:v[ăa]|te) rog\b", re.IGNORECASE),
}
_COURTEOUS = {
    "pl": re.compile(
        r"dzi[ęe]k|przepra|przykro|uprzejm|ch[ęe]tni|niestety|mi[łl][oey]|zapra|[żz]ycz|serdecz|"
        r"pozdr|witam|dzie[ńn] dobry|dobry wiecz|do widzenia|mi[łl]ego|bardzo prosz|ogromnie|"
        r"m[óo]g[łl]|by[łl]aby|by[łl]by|zech|pozwol|wdzi[ęe]cz|[śs]wietn|super|przyjemno|\bby\b|"
        r"rozumiem|spokojnie|je[śs]li mo[żz]na|gdyby|cierpliw|prosz[ęe] (?:bardzo|uprzejmie)",
        re.IGNORECASE,
    ),
    "ro": re.compile(
        r"mul[țţt]um|mersi|scuz|regret|pare r[ăa]u|pl[ăa]cere|\bdrag|din p[ăa]cate|bun[ăa]|"
        r"\ba[țţt]i (?:putea|vrea|dori|fi)|\bar (?:putea|fi)|\ba[șşs]\b|ur[ăa]m|frumo|respect|"
        r"pute[țţt]i|iert|r[ăa]bdare|amabil|[îi]n[țţt]eleg|s[ăa]rut|la revedere|binevoi|"
        r"dac[ăa] (?:se poate|dori)",
        re.IGNORECASE,
    ),
}


def corrected_politeness(language: str, record: Mapping[str, object]) -> str | None:
    """Return the politeness label of a record, corrected; None where it has none."""
    label = record.get("politeness")
    text = str(record["text"])
    if (
        label == "polite"
        and language in _OBLIGATORY
        and _OBLIGATORY[language].search(text)
        and not _COURTEOUS[language].search(text)
    ):
        return "neutral"
    return None if label is None else str(label)
