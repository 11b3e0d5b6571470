"""Encodings are told from content, also on short texts."""

import io

import pytest

from convqa.ingest.encodings import decode_text, detect_encoding

NORDIC = ["Hei, jeg har ikke fått pakken ennå", "Det er helt ærligt for dårligt", "Är på väg", "æ"]
EASTERN = ["Cześć, gdzie jest moja paczka?", "Żółta łódź płynie", "Bună ziua, nu îmi merge ăsta"]


@pytest.mark.parametrize("text", NORDIC + EASTERN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_encodings(text, encoding):
    assert decode_text(io.BytesIO(text.encode(encoding))).read() == text


@pytest.mark.parametrize("text", NORDIC)
def test_western_encodings(text):
    assert decode_text(io.BytesIO(text.encode("cp1252"))).read() == text
    assert decode_text(io.BytesIO(text.encode("iso8859-1"))).read() == text


@pytest.mark.parametrize("text", [*EASTERN, "„Proszę” – powiedział", "Mulţumesc, aştept"])
@pytest.mark.parametrize("encoding", ["cp1250", "iso8859-2"])
def test_eastern_encodings(text, encoding):
    data = text.encode(encoding, "ignore")
    assert decode_text(io.BytesIO(data)).read() == data.decode(encoding)


def test_ascii_and_typography_stay_what_they_are():
    assert detect_encoding(b"Hello there") == "utf-8"
    assert decode_text(io.BytesIO("I’m here – “really”".encode("cp1252"))).read() == (
        "I’m here – “really”"
    )


def test_a_damaged_byte_does_not_change_the_encoding():
    data = "Cześć, gdzie jest".encode() + b"\xff" + " moja łódź?".encode()
    assert decode_text(io.BytesIO(data)).read() == "Cześć, gdzie jest\ufffd moja łódź?"


def test_a_character_cut_at_the_limit_of_the_head_is_no_damage():
    data = ("x" * 65_535 + "å" * 10).encode()
    assert decode_text(io.BytesIO(data)).read().endswith("xåååååååååå")


def test_half_a_surrogate_pair_is_replaced():
    data = "hei på deg".encode("utf-16") + b"\x00\xd8" + "!".encode("utf-16-le")
    assert decode_text(io.BytesIO(data)).read().startswith("hei på deg\ufffd")


def test_all_line_ends_are_newlines():
    assert list(decode_text(io.BytesIO(b"a\r\nb\rc\nd"))) == ["a\n", "b\n", "c\n", "d"]
