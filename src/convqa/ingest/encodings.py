"""The character encoding of a transcript, decided from its first bytes.

UTF-8 and UTF-16 are told by byte order marks and by how their bytes lie. What is neither comes from
an older Windows or Unix program in one of the languages we read; the candidate whose letters fit
one of these languages best is taken. General detectors know hundreds of encodings and are often
wrong on the few accented letters of a short chat.
"""

import codecs
import io
from collections import Counter
from typing import BinaryIO, TextIO

# How much of a file decides its encoding and its format.
HEAD_BYTES = 1 << 16

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_LETTERS = {
    "nb, da": "æøåéèêóòôäöÆØÅÉ",
    "sv": "åäöéÅÄÖÉ",
    "pl": "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ",
    "ro": "ăâîşţĂÂÎŞŢ",
    "en": "éèêëïçñÉ£",
}
# In order of preference: on a tie the more common encoding wins.
_LEGACY = {
    "cp1252": ("nb, da", "sv", "en"),
    "cp1250": ("pl", "ro"),
    "iso8859_2": ("pl", "ro"),
}
_TYPOGRAPHY = frozenset("‘’‚“”„–—…«»•·°§©®™€\u00a0\u00ad½²³")
# A sign of typography fits every language; it counts little beside a letter that fits only one.
_TYPOGRAPHY_POINTS = 0.25


def detect_encoding(head: bytes) -> str:
    """Return the Python codec for a text that begins with these bytes (at most 64 KiB)."""
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec
    return _unmarked_utf16(head) or ("utf-8" if _is_utf8(head) else _legacy(head))


def rewound(head: bytes, rest: BinaryIO) -> BinaryIO:
    """Return a stream from its start again, of which `head` was already read."""
    return io.BufferedReader(_Rewound(head, rest), HEAD_BYTES)


def utf8_stream(head: bytes, rest: BinaryIO) -> BinaryIO:
    """Return `head` and what follows it in `rest` as UTF-8 without a byte order mark.

    Bytes that are not valid in the encoding become U+FFFD, so that the words around them are kept.
    """
    encoding = detect_encoding(head)
    whole = rewound(head, rest)
    if encoding == "utf-8":
        return whole
    return io.BufferedReader(_Recoded(whole, encoding), HEAD_BYTES)


def utf8_head(head: bytes) -> bytes:
    """Return the first bytes of a text as UTF-8 without a byte order mark.

    A character that the limit of the head cuts in two is left out.
    """
    encoding = detect_encoding(head)
    if encoding == "utf-8":
        return head
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head, final=False)
    return text.encode("utf-8", "replace")


def decode_text(stream: BinaryIO) -> TextIO:
    """Return a stream of bytes as text, with every kind of line end read as a newline."""
    return io.TextIOWrapper(
        utf8_stream(stream.read(HEAD_BYTES), stream), encoding="utf-8", errors="replace"
    )


def _unmarked_utf16(head: bytes) -> str | None:
    """Tell UTF-16 by its zero bytes: in our languages nearly every second byte is one."""
    half = len(head) // 2
    if half == 0:
        return None
    n_even, n_odd = head[0 : half * 2 : 2].count(0), head[1 : half * 2 : 2].count(0)
    if n_odd > 0.4 * half and n_even < 0.05 * half:
        return "utf-16-le"
    if n_even > 0.4 * half and n_odd < 0.05 * half:
        return "utf-16-be"
    return None


def _is_utf8(head: bytes) -> bool:
    """Tell whether the valid sequences of several bytes outnumber the invalid bytes.

    One damaged byte does not turn a UTF-8 file into Windows-1252; in a text of that encoding, valid
    sequences are rare accidents. The last character of a full head may be cut in two.
    """
    is_whole = len(head) < HEAD_BYTES
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(head, final=is_whole)
    n_invalid = text.count("\ufffd") - head.count("\ufffd".encode())
    if n_invalid <= 0:
        return True
    n_valid = sum(not char.isascii() and char != "\ufffd" for char in text)
    return n_valid > n_invalid


def _legacy(head: bytes) -> str:
    high = Counter(byte for byte in head if byte >= 0x80)
    return max(_LEGACY, key=lambda codec: _fit(high, codec))


def _fit(high: Counter[int], codec: str) -> float:
    """Return how well these bytes read as letters of the best fitting language of a codec."""
    chars = {bytes([byte]).decode(codec, "replace"): count for byte, count in high.items()}

    def points(letters: str) -> float:
        total = 0.0
        for char, count in chars.items():
            if char in letters:
                total += count
            elif char in _TYPOGRAPHY:
                total += count * _TYPOGRAPHY_POINTS
            elif not char.isprintable() or char == "\ufffd":
                total -= 2 * count
            else:
                total -= count
        return total

    return max(points(_LETTERS[language]) for language in _LEGACY[codec])


class _Rewound(io.RawIOBase):
    """A stream from its start again, after its head was read."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io passes a view
        data = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(data) :] if self._head else self._head
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._rest.close()
        super().close()


class _Recoded(io.RawIOBase):
    """A stream of some encoding as UTF-8."""

    def __init__(self, stored: BinaryIO, encoding: str) -> None:
        self._stored = stored
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._ready = memoryview(b"")
        self._is_done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # io passes a view
        while not self._ready and not self._is_done:
            chunk = self._stored.read(HEAD_BYTES)
            self._is_done = not chunk
            text = self._decoder.decode(chunk, final=self._is_done)
            # UTF-16 may hold half of a surrogate pair.
            self._ready = memoryview(text.encode("utf-8", "replace"))
        n_bytes = min(len(buffer), len(self._ready))
        buffer[:n_bytes] = self._ready[:n_bytes]
        self._ready = self._ready[n_bytes:]
        return n_bytes

    def close(self) -> None:
        self._stored.close()
        super().close()
