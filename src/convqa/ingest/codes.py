"""Codes of languages and channels as files write them → ours."""

import re

from convqa.schema import LANGUAGES, Channel

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*", re.ASCII)

# `no` stands for Bokmål in nearly all files; the three-letter codes are ISO 639-2 and 639-3.
_LANGUAGE_ALIASES = {
    "no": "nb", "nor": "nb", "nob": "nb", "nno": "nn", "eng": "en", "dan": "da", "swe": "sv",
    "pol": "pl", "ron": "ro", "rum": "ro",
}  # fmt: skip
# Codes of ISO 639-2 for «several», «undetermined» and «none», and what vendors write instead.
_NO_LANGUAGE = frozenset({"mul", "und", "zxx", "multi", "auto", "unknown"})

_CHANNELS: dict[str, Channel] = {
    "chat": "chat", "text": "chat", "message": "chat", "messaging": "chat", "webchat": "chat",
    "web": "chat", "sms": "chat", "whatsapp": "chat", "email": "chat", "facebook": "chat",
    "messenger": "chat", "instagram": "chat", "telegram": "chat", "livechat": "chat",
    "call": "call", "voice": "call", "phone": "call", "phone call": "call", "telephone": "call",
    "telephony": "call", "audio": "call", "speech": "call", "telefon": "call", "samtale": "call",
}  # fmt: skip


def language_of(code: str) -> str | None:
    """Return one of `LANGUAGES`, or another BCP 47 code as given, or None where it is no code.

    `nb-NO`, `no` and `nob` are `nb`; `nn` stays what it is.
    """
    code = code.strip()
    if not _LANGUAGE.fullmatch(code):
        return None
    primary = re.split("[-_]", code.lower(), maxsplit=1)[0]
    primary = _LANGUAGE_ALIASES.get(primary, primary)
    if primary in _NO_LANGUAGE:
        return None
    return primary if primary in LANGUAGES else code


def channel_of(name: str | None) -> Channel | None:
    """Return the channel that a word such as `VOICE` or `web-chat` means, None where unknown."""
    return None if name is None else _CHANNELS.get(name.strip().casefold().replace("-", ""))
