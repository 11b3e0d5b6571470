"""What the reader of a file yields: drafts with their place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftConversation
from convqa.ingest.options import IngestOptions
from convqa.ingest.source_file import SourceFile


@dataclass(frozen=True, slots=True)
class Found:
    """A conversation or the error in its place, the line on which it begins, and its format."""

    draft: DraftConversation | TranscriptError
    line: int | None
    format: str


FileReader: TypeAlias = Callable[[SourceFile, IngestOptions], Iterator[Found]]
