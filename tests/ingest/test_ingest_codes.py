"""Codes of languages and channels as files write them."""

import pytest

from convqa.ingest.codes import channel_of, language_of


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("en", "en"), ("en-US", "en"), ("EN_us", "en"), ("no", "nb"), ("no-NO", "nb"),
        ("nb-NO", "nb"), ("nob", "nb"), ("nn", "nn"), ("nn-NO", "nn-NO"), ("da-DK", "da"),
        ("swe", "sv"), ("pol", "pl"), ("rum", "ro"), ("de-AT", "de-AT"),
        ("zh-Hans-CN", "zh-Hans-CN"),
        ("auto", None), ("und", None), ("multi", None), ("Norsk bokmål", None), ("", None),
    ],
)  # fmt: skip
def test_languages(code, language):
    assert language_of(code) == language


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("VOICE", "call"), ("call", "call"), ("Telephony", "call"), ("CHAT", "chat"),
        ("web-chat", "chat"), ("WhatsApp", "chat"), ("fax", None), ("", None), (None, None),
    ],
)  # fmt: skip
def test_channels(name, channel):
    assert channel_of(name) == channel
