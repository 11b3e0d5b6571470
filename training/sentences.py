"""Cut a turn into sentences the way that scoring does, for turns that carry one label set."""

import re

_BOUNDARY = re.compile(r"(?<=[.!?…])[\"”»)]*\s+(?=[^a-zæøåäöąćęłńóśźżăâîșț])")


def split_sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of a turn, at least one."""
    parts = [part.strip() for part in _BOUNDARY.split(text)]
    return tuple(part for part in parts if part) or (text,)
