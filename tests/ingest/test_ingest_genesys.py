import math

import pytest
from golden_files import MISSING, damaged, golden, only_conversation, only_refusal, outline, texts

from convqa.ingest.draft import DraftWord
from convqa.ingest.genesys import matches, read


def test_phrases_are_turns_timed_from_the_start_of_the_conversation():
    call = only_conversation(read(golden("genesys")))
    assert (call.id, call.language, call.channel) == (
        "5a7de2b1-1111-4222-8333-000000000002", "ro-RO", "call",
    )  # fmt: skip
    assert (call.agent_id, call.team, call.queue) == ("agent-77aa", "team-5", "coada-tehnic")
    assert call.started_at == "2026-03-02T11:00:00+00:00"
    assert outline(call) == [
        ("other", "ivr", 3.0, 5.0),
        ("agent", "internal", 5.5, 7.0),
        ("customer", "external", 8.0, 10.5),
        ("agent", "internal", 11.0, 13.0),
    ]
    assert call.metadata == {"categories": ["Defecțiune"]}


def test_decorated_text_goes_before_bare_text():
    assert texts(only_conversation(read(golden("genesys"))))[1::2] == [
        "Bună ziua, sunt Radu.",
        "îmi pare rău verific acum",
    ]


def test_words_stand_as_in_the_decorated_text():
    words = only_conversation(read(golden("genesys"))).turns[1].words
    assert words[1] == DraftWord("ziua,", 5.8, 6.1)


def test_words_stay_as_recognised_where_their_number_differs():
    document = damaged("genesys", "transcripts", 0, "phrases", 1, "decoratedText", value="Bună!")
    words = only_conversation(read(document)).turns[1].words
    assert [word.text for word in words] == ["bună", "ziua", "sunt", "radu"]


def test_the_recording_is_the_start_where_that_of_the_conversation_is_not_given():
    call = only_conversation(read(damaged("genesys", "conversationStartTime", value=MISSING)))
    assert [turn.start_s for turn in call.turns] == [0.0, 2.5, 5.0, 8.0]
    assert call.started_at == "2026-03-02T11:00:03+00:00"


def test_times_may_be_offsets():
    document = golden("genesys")
    del document["conversationStartTime"], document["startTime"]
    for phrase in document["transcripts"][0]["phrases"]:
        phrase["startTimeMs"] -= 1772449203000
    call = only_conversation(read(document))
    assert [turn.start_s for turn in call.turns] == [0.0, 2.5, 5.0, 8.0]
    assert call.started_at is None


def test_a_duration_may_be_a_number_or_missing():
    document = damaged("genesys", "transcripts", 0, "phrases", 0, "duration", value=1000)
    del document["transcripts"][0]["phrases"][2]["duration"]
    ends = [turn.end_s for turn in only_conversation(read(document)).turns]
    assert ends == [4.0, 7.0, None, 13.0]


def test_after_a_transfer_each_agent_is_charged_with_what_he_said():
    document = golden("genesys")
    first = document["participants"][1]
    first["endTimeMs"] = 1772449210000
    document["participants"].append(
        {
            "participantPurpose": "internal",
            "userId": "agent-2",
            "startTimeMs": 1772449210000,
            "endTimeMs": 1772449218000,
        }
    )
    call = only_conversation(read(document))
    assert [turn.agent_id for turn in call.turns] == [None, "agent-77aa", None, "agent-2"]
    assert call.agent_id is None


@pytest.mark.parametrize(
    ("purpose", "role"),
    [("acd", "other"), ("bot", "other"), ("voicemail", "other"), ("customer", "customer"),
     ("agent", "agent"), ("EXTERNAL", "customer"), ("someone", None)],
)  # fmt: skip
def test_purposes_are_roles(purpose, role):
    document = damaged(
        "genesys", "transcripts", 0, "phrases", 0, "participantPurpose", value=purpose
    )
    assert only_conversation(read(document)).turns[0].role == role


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ((3, "text"), MISSING, "phrases[3].text", "missing"),
        ((1, "participantPurpose"), MISSING, "phrases[1].participantPurpose", "missing"),
        ((1, "startTimeMs"), MISSING, "phrases[1].startTimeMs", "missing"),
        ((1, "startTimeMs"), -1, "phrases[1].startTimeMs", "negative"),
        ((1, "startTimeMs"), math.nan, "phrases[1].startTimeMs", "finite"),
        ((1, "duration", "milliseconds"), -9, "phrases[1].duration.milliseconds", "negative"),
        ((1, "decoratedText"), 1, "phrases[1].decoratedText", "a string"),
        ((1, "words", 2, "word"), None, "phrases[1].words[2].word", "missing"),
    ],
)
def test_a_refusal_names_the_field(path, value, field, reason):
    document = damaged("genesys", "transcripts", 0, "phrases", *path, value=value)
    refusal = only_refusal(read(document))
    assert refusal.field == f"transcripts[0].{field}"
    assert reason in refusal.reason
    assert "telefonul" not in str(refusal)


@pytest.mark.parametrize(
    "document",
    [
        {"transcripts": []},
        {"results": {"transcripts": [{"phrases": []}]}},
        {"transcripts": [{"transcript": "x"}]},
        {"phrases": [], "combinedPhrases": []},
    ],
)
def test_other_documents_are_not_taken_for_it(document):
    assert not matches(document)
