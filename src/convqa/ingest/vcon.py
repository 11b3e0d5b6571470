"""vCon, the IETF's container for conversations: text dialogs, and transcripts of recordings.

Written to draft-ietf-vcon-vcon-container (syntax 0.0.2). A transcript of a recording stands in
`analysis` and is the document of some vendor, which is read by the reader for that vendor. Contents
at a `url` are never fetched.
"""

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, replace

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftConversation, DraftTurn, JsonValue
from convqa.ingest.fields import (
    JsonObject,
    field_name,
    find,
    get_objects,
    has_keys,
    optional_id,
    optional_list,
    optional_number,
    optional_str,
)
from convqa.ingest.html_text import html_to_text
from convqa.ingest.json_formats import EMBEDDED_FORMATS, recognise_document
from convqa.ingest.json_text import parse_json
from convqa.ingest.plain_text import read_lines
from convqa.ingest.times import format_iso_time, parse_iso_time
from convqa.schema import Role

FORMAT = "vcon"

# The roles of the draft, and `other` and `unknown`, which convqa's own export writes.
_ROLES: dict[str, Role] = {
    "agent": "agent", "customer": "customer", "supervisor": "other", "sme": "other",
    "thirdparty": "other", "other": "other", "unknown": "unknown",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Timed:
    """A turn and when its dialog began, in seconds since 1970 where the file says so."""

    turn: DraftTurn
    dialog_s: float | None


def matches(document: JsonValue) -> bool:
    """Recognise a vCon, and the signed (JWS) and encrypted (JWE) forms of one."""
    is_plain = has_keys(document, "vcon") and isinstance(find(document, "vcon"), str)
    return (
        is_plain
        or has_keys(document, "payload", "signatures")
        or has_keys(document, "ciphertext", "recipients")
    )


def read(document: JsonValue) -> Iterator[DraftConversation | TranscriptError]:
    """Yield the one conversation of the document."""
    if not has_keys(document, "vcon"):
        form = "signed" if has_keys(document, "payload") else "encrypted"
        raise TranscriptError(f"a {form} vCon; verify it and give the plain JSON that it holds")
    for key in ("parties", "dialog", "analysis"):
        optional_list(document, key)
    timed, language, has_speech = [], None, False
    for index, (at, dialog) in enumerate(_listed(document, "dialog")):
        if dialog.get("type") == "text":
            timed.append(_message(document, dialog, at))
        elif dialog.get("type") == "recording":
            has_speech = True
            speech = _transcript(document, index)
            language = language or speech.language
            start_s = _start_s(dialog, at)
            timed += [_Timed(_named(document, turn), start_s) for turn in speech.turns]
    if not timed:
        raise TranscriptError("no text dialog and no transcript of a recording", field="dialog")
    if all(item.dialog_s is not None for item in timed):
        timed.sort(key=lambda item: item.dialog_s or 0.0)
    first_s = min((item.dialog_s for item in timed if item.dialog_s is not None), default=None)
    subject = optional_str(document, "subject")
    yield DraftConversation(
        id=optional_id(document, "uuid"),
        turns=tuple(_placed(item, first_s) for item in timed),
        language=language,
        channel="call" if has_speech else "chat",
        started_at=None if first_s is None else format_iso_time(first_s),
        agent_id=next((item.turn.agent_id for item in timed if item.turn.agent_id), None),
        metadata={"subject": subject} if subject else {},
    )


def _listed(document: JsonValue, key: str) -> Iterator[tuple[str, JsonObject]]:
    return get_objects(document, key) if find(document, key) is not None else iter(())


def _message(document: JsonValue, dialog: JsonObject, at: str) -> _Timed:
    body = _content(dialog, at)
    if not isinstance(body, str):
        raise TranscriptError("a string is needed", field=field_name("body", at=at))
    kind = optional_str(dialog, "mediatype", at=at) or optional_str(dialog, "mimetype", at=at) or ""
    start_s = _start_s(dialog, at)
    duration_s = optional_number(dialog, "duration", at=at)
    text = html_to_text(body) if kind.startswith("text/html") else body
    turn = DraftTurn(None, text, 0.0 if start_s is not None else None, duration_s)
    return _Timed(_from_party(document, turn, _sender(dialog, at)), start_s)


def _sender(dialog: JsonObject, at: str) -> int | None:
    """Return the party that wrote a message: its originator, or the first of its parties."""
    originator = optional_number(dialog, "originator", at=at)
    if originator is not None:
        return int(originator)
    parties = dialog.get("parties")
    first = parties[0] if isinstance(parties, list) and parties else parties
    return first if isinstance(first, int) and not isinstance(first, bool) else None


def _from_party(document: JsonValue, turn: DraftTurn, index: int | None) -> DraftTurn:
    party = find(document, "parties", index) if index is not None and index >= 0 else None
    if not isinstance(party, dict):
        return turn
    at = field_name("parties", index or 0)
    role_name = optional_str(party, "role", at=at)
    role = _ROLES.get(role_name.lower()) if role_name else None
    name = optional_str(party, "name", at=at)
    identity = next(
        (found for key in ("uuid", "mailto", "name") if (found := optional_str(party, key, at=at))),
        None,
    )
    return replace(
        turn,
        speaker=role_name or name,
        speaker_id=str(index),
        agent_id=identity if role == "agent" else None,
        role=role,
    )


def _named(document: JsonValue, turn: DraftTurn) -> DraftTurn:
    """Return a spoken turn with the party whose name its speaker bears, if there is one."""
    if turn.speaker is None:
        return turn
    for index, (at, party) in enumerate(_listed(document, "parties")):
        if optional_str(party, "name", at=at) == turn.speaker:
            return _from_party(document, turn, index)
    return turn


def _transcript(document: JsonValue, dialog: int) -> DraftConversation:
    """Return the first transcript of a recording that can be read."""
    fault = TranscriptError(
        "this recording has no transcript in `analysis`", field=field_name("dialog", dialog)
    )
    for at, analysis in _listed(document, "analysis"):
        covered = analysis.get("dialog")
        if analysis.get("type") != "transcript" or dialog not in (
            covered if isinstance(covered, list) else [covered]
        ):
            continue
        try:
            return _embedded(_content(analysis, at), at)
        except TranscriptError as err:
            fault = err
    raise fault


def _embedded(body: JsonValue, at: str) -> DraftConversation:
    field = field_name("body", at=at)
    try:
        (draft,) = _embedded_drafts(body)
        if isinstance(draft, TranscriptError):
            raise draft
    except ValueError as err:
        raise TranscriptError("one transcript is needed", field=field) from err
    except TranscriptError as err:
        raise TranscriptError(err.reason, field=f"{field}.{err.field}".rstrip(".")) from err
    return draft


def _embedded_drafts(body: JsonValue) -> list[DraftConversation | TranscriptError]:
    if isinstance(body, str):
        lines = body.splitlines(keepends=True)
        return [draft for _, draft in read_lines(lines, max_chars=len(body))]
    name = recognise_document(body, EMBEDDED_FORMATS)
    if name is None:
        known = ", ".join(EMBEDDED_FORMATS)
        raise TranscriptError(f"a transcript of no known format; known: {known}")
    return list(EMBEDDED_FORMATS[name].read(body))


def _content(holder: JsonObject, at: str) -> JsonValue:
    """Return the content that stands in `body`, decoded as `encoding` says.

    Raises:
        TranscriptError: It stands elsewhere, or is not what `encoding` says.
    """
    body = holder.get("body")
    if not body and "url" in holder:
        raise TranscriptError(
            "lies at a URL, which is never fetched; put the content into `body`",
            field=field_name("url", at=at),
        )
    if body is None:
        raise TranscriptError("missing; the content is needed", field=field_name("body", at=at))
    encoding = optional_str(holder, "encoding", at=at) or "none"
    if not isinstance(body, str):
        return body
    if encoding == "base64url":
        try:
            data = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
        except (binascii.Error, ValueError) as err:
            raise TranscriptError("no base64url", field=field_name("body", at=at)) from err
        body = data.decode("utf-8", "replace")
    # A transcript is JSON also where `encoding` does not say so; a message may be «{name}, hello».
    is_transcript = holder.get("type") == "transcript"
    if encoding == "json" or (is_transcript and body.lstrip().startswith("{")):
        try:
            return parse_json(body.encode("utf-8", "replace"))
        except TranscriptError as err:
            raise TranscriptError(err.reason, field=field_name("body", at=at)) from err
    return body


def _start_s(dialog: JsonObject, at: str) -> float | None:
    written = optional_str(dialog, "start", at=at)
    if written is None:
        return None
    start_s = parse_iso_time(written)
    if start_s is None:
        raise TranscriptError(
            "an ISO 8601 date and time is needed", field=field_name("start", at=at)
        )
    return start_s


def _placed(item: _Timed, first_s: float | None) -> DraftTurn:
    """Return the turn with its times counted from the start of the first dialog."""
    turn = item.turn
    shift_s = 0.0 if item.dialog_s is None or first_s is None else item.dialog_s - first_s
    return replace(
        turn,
        start_s=None if turn.start_s is None else round(turn.start_s + shift_s, 6),
        end_s=None if turn.end_s is None else round(turn.end_s + shift_s, 6),
        words=tuple(
            replace(word, start_s=word.start_s + shift_s, end_s=word.end_s + shift_s)
            for word in turn.words
        ),
    )
