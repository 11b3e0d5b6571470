"""Transcript files of any known format → `Conversation`, or `Rejected` with the reason.

`readers.read_conversations` is the entrance. One module a format turns a file into drafts
(`draft.py`); what all formats share is done once: roles in `roles.py`, checks in `assemble.py`.
"""
