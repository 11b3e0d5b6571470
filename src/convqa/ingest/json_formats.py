"""The formats whose files are JSON documents, by name, and which of them a document is in."""

from collections.abc import Mapping
from types import ModuleType

from convqa.ingest import (
    assemblyai,
    azure,
    call_analytics,
    chatwoot,
    contact_lens,
    contact_lens_chat,
    deepgram,
    genesys,
    genesys_messages,
    google_insights,
    google_insights_api,
    intercom,
    livechat,
    native,
    pca,
    transcribe,
    whisperx,
    zendesk,
    zendesk_chat,
)
from convqa.ingest.draft import DocumentFormat, JsonValue


def _of(module: ModuleType) -> DocumentFormat:
    return DocumentFormat(module.matches, module.read)


# All but vCon, which may hold a document of any of these.
EMBEDDED_FORMATS: dict[str, DocumentFormat] = {
    module.FORMAT: _of(module)
    for module in (
        native,
        whisperx,
        contact_lens,
        contact_lens_chat,
        transcribe,
        call_analytics,
        pca,
        google_insights,
        google_insights_api,
        azure,
        deepgram,
        assemblyai,
        zendesk,
        zendesk_chat,
        intercom,
        genesys,
        genesys_messages,
        livechat,
        chatwoot,
    )
}


def recognise_document(document: JsonValue, formats: Mapping[str, DocumentFormat]) -> str | None:
    """Return the name of the format a document is in, None where it is in none of them."""
    return next((name for name, known in formats.items() if known.matches(document)), None)
