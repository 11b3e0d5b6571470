"""Transcript files of any known format → `Conversation`, or `Rejected` with the reason.

`readers.read_conversations` is the entrance. One module a format turns a file into drafts
(`draft.py`); what all formats share is done once: roles in `roles.py`, checks in `assemble.py`.
"""

from convqa.ingest.mapping import ColumnMapping
from convqa.ingest.options import IngestOptions, load_options
from convqa.ingest.readers import FORMATS, read_conversations

__all__ = ["FORMATS", "ColumnMapping", "IngestOptions", "load_options", "read_conversations"]
