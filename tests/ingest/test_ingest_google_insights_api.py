import math
import re

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline

from convqa.errors import TranscriptError
from convqa.ingest.draft import DraftWord
from convqa.ingest.google_insights_api import matches, read


def snake_case(value):
    if isinstance(value, dict):
        return {
            re.sub("[A-Z]", lambda match: "_" + match[0].lower(), key): snake_case(item)
            for key, item in value.items()
        }
    return [snake_case(item) for item in value] if isinstance(value, list) else value


def test_segments_are_turns_with_the_roles_of_their_participants():
    call = only_conversation(read(golden("google_insights_api")))
    assert (call.id, call.language, call.channel) == ("7781203344", "pl-PL", "call")
    assert (call.agent_id, call.team) == ("agent-0231", "Reklamacje")
    assert call.started_at == "2026-03-02T12:00:00Z"
    assert outline(call) == [
        ("agent", "HUMAN_AGENT", 1.5, 3.7),
        ("customer", "END_USER", 5.0, None),
        ("agent", "HUMAN_AGENT", 9.0, None),
    ]
    assert call.turns[0].words[5] == DraftWord("pomóc?", 3.1, 3.7)
    assert call.turns[0].agent_id == "agent-0231"
    assert call.metadata == {"csat": 4}


def test_confidence_zero_is_unset():
    confidences = [
        t.confidence for t in only_conversation(read(golden("google_insights_api"))).turns
    ]
    assert confidences == [0.94, None, 0.9]


def test_names_in_snake_case_say_the_same():
    document = golden("google_insights_api")
    assert matches(snake_case(document))
    assert list(read(snake_case(document))) == list(read(document))


def test_durations_may_be_objects_and_a_zero_may_be_left_out():
    document = golden("google_insights_api")
    words = document["transcript"]["transcriptSegments"][0]["words"]
    words[0] = {"word": "Dzień", "endOffset": {"nanos": 500_000_000}}
    words[1] = {
        "word": "dobry,",
        "startOffset": {"seconds": "1"},
        "endOffset": {"seconds": 1, "nanos": 250_000_000},
    }
    turn = only_conversation(read(document)).turns[0]
    assert turn.words[:2] == (DraftWord("Dzień", 0.0, 0.5), DraftWord("dobry,", 1.0, 1.25))
    assert turn.start_s == 0.0


def test_each_conversation_of_a_list_stands_alone():
    broken = damaged(
        "google_insights_api", "transcript", "transcriptSegments", 1, "text", value=MISSING
    )
    document = {"conversations": [golden("google_insights_api"), broken], "nextPageToken": ""}
    assert matches(document)
    whole, refusal = read(document)
    assert whole.id == "7781203344"
    assert isinstance(refusal, TranscriptError)
    assert refusal.field == "conversations[1].transcript.transcriptSegments[1].text"


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ((0, "text"), None, "[0].text", "missing"),
        ((1, "messageTime"), True, "[1].messageTime", "finite number"),
        ((1, "messageTime"), "po południu", "[1].messageTime", "ISO 8601"),
        ((0, "words", 1, "startOffset"), "-1.900s", "[0].words[1].startOffset", "1.500s"),
        ((0, "words", 1, "endOffset"), 2.3, "[0].words[1].endOffset", "1.500s"),
        (
            (0, "words", 1, "endOffset"), {"seconds": -2},
            "[0].words[1].endOffset.seconds", "negative",
        ),
        ((2, "confidence"), math.nan, "[2].confidence", "finite"),
        ((2, "segmentParticipant", "role"), 1, "[2].segmentParticipant.role", "a string"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field(path, value, field, reason):
    document = damaged(
        "google_insights_api", "transcript", "transcriptSegments", *path, value=value
    )
    refusal = only_refusal(read(document))
    assert refusal.field == f"transcript.transcriptSegments{field}"
    assert reason in refusal.reason
    assert "Paczka" not in str(refusal)


@pytest.mark.parametrize(
    "document",
    [
        {"transcript": {"segments": []}},
        {"transcript": [{"transcriptSegments": []}]},
        {"conversations": []},
        {"conversations": [{"type": "conversation", "source": {}}]},
        {"transcriptSegments": []},
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
