"""What a form sent, as text fields."""

from typing import Annotated

from fastapi import Depends, Path, Request
from starlette.datastructures import FormData

# A key in an address; what no database can hold is not found.
Key = Annotated[int, Path(ge=1, le=2**63 - 1)]

# A comment longer than this is cut; nobody reads more beside a criterion.
LONGEST_TEXT = 5000


class Posted:
    """The fields of a form; files are not fields."""

    def __init__(self, data: FormData) -> None:
        self._data = data

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def text(self, name: str, default: str = "") -> str:
        """Return a field without spaces around it and with plain line ends."""
        value = self._data.get(name)
        if not isinstance(value, str):
            return default
        return value.replace("\r\n", "\n").strip()[:LONGEST_TEXT]

    def exact(self, name: str) -> str:
        """Return a field as typed, for passwords."""
        value = self._data.get(name)
        return value if isinstance(value, str) else ""

    def all(self, name: str) -> list[str]:
        """Return all values of a field that may be there several times."""
        return [value for value in self._data.getlist(name) if isinstance(value, str)]

    def number(self, name: str) -> int | None:
        """Return a whole number from 0, None where the field holds none."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


async def _posted(request: Request) -> Posted:
    return Posted(await request.form())


Form = Annotated[Posted, Depends(_posted)]
