import pytest

from convqa.redact import redact_conversation
from convqa.schema import Conversation, Source, Turn, Word


def conversation(*turns, **fields):
    return Conversation(id="c1", turns=turns, source=Source("a.jsonl", "native", 0), **fields)


def texts(*turns):
    made = [Turn(role, text) for role, text in turns]
    return [turn.text for turn in redact_conversation(conversation(*made)).turns]


def test_number_cut_over_consecutive_turns_is_found():
    assert texts(
        ("customer", "Kortet er 4111 1111"), ("customer", "1111 1111 og takk"), ("agent", "Fint")
    ) == ["Kortet er [CARD]", "[CARD] og takk", "Fint"]


def test_card_read_in_four_turns_with_short_answers_between_is_found():
    assert texts(
        ("customer", "fire en en en"), ("agent", "ja"), ("customer", "en en en en"),
        ("agent", "mm hm"), ("customer", "en en en en"), ("agent", "og så?"),
        ("customer", "en en en en det er alt"),
    ) == ["[CARD]", "ja", "[CARD]", "mm hm", "[CARD]", "og så?", "[CARD] det er alt"]  # fmt: skip


def test_agent_who_repeats_the_groups_is_redacted_too():
    groups = ["4111", "1111", "1111", "1111"]
    turns = [turn for group in groups for turn in (("customer", group), ("agent", f"{group}, ja"))]
    assert texts(*turns) == ["[CARD]", "[CARD], ja"] * 4


def test_identity_number_cut_over_turns_is_found():
    assert texts(("customer", "010190"), ("customer", "30152")) == ["[ID_NUMBER]"] * 2


def test_spoken_number_cut_by_the_recogniser_is_found():
    assert texts(("customer", "det er ni et fire"), ("customer", "fire syv to nul")) == [
        "det er [NUMBER]",
        "[NUMBER]",
    ]


def test_a_note_between_does_not_hide_a_number():
    assert texts(
        ("customer", "4111 1111"), ("other", "Kunden skriver fra sin mobil nå"),
        ("customer", "1111 1111"),
    ) == ["[CARD]", "Kunden skriver fra sin mobil nå", "[CARD]"]  # fmt: skip


def test_turns_apart_are_not_one_number():
    turns = (
        ("customer", "4111 1111"),
        ("agent", "Da har jeg funnet ordren din og ser på den"),
        ("customer", "1111 1111"),
    )
    assert texts(*turns) == [text for _, text in turns]


def test_two_short_order_numbers_in_two_turns_stay():
    assert texts(("customer", "936 11"), ("customer", "820")) == ["936 11", "820"]


def test_different_speakers_do_not_make_one_number():
    turns = (Turn("customer", "4111 1111", speaker_id="a"), Turn("customer", "1111 1111"))
    assert redact_conversation(conversation(*turns)).turns == turns


def test_the_question_before_says_what_a_number_is():
    assert texts(("agent", "Hva er telefonnummeret ditt?"), ("customer", "91234567")) == [
        "Hva er telefonnummeret ditt?",
        "[PHONE]",
    ]


def words_of(text):
    words, position = [], 0
    for index, word in enumerate(text.split()):
        start = text.index(word, position)
        position = start + len(word)
        words.append(Word(start, position, float(index), index + 0.5))
    return tuple(words)


def test_word_offsets_follow_the_text_and_words_inside_a_placeholder_become_one():
    text = "ring ni en to tre fire fem seks sju mobil, takk"
    turn = Turn("customer", text, words=words_of(text))
    new = redact_conversation(conversation(turn)).turns[0]
    assert new.text == "ring [PHONE] mobil, takk"
    assert [new.text[w.char_start : w.char_end] for w in new.words] == new.text.split()
    assert [(w.start_s, w.end_s) for w in new.words] == [
        (0.0, 0.5), (1.0, 8.5), (9.0, 9.5), (10.0, 10.5),
    ]  # fmt: skip


def test_word_keeps_the_comma_that_is_not_replaced():
    text = "tlf 91234567, takk"
    turn = Turn("customer", text, words=words_of(text))
    new = redact_conversation(conversation(turn)).turns[0]
    assert [new.text[w.char_start : w.char_end] for w in new.words] == ["tlf", "[PHONE],", "takk"]


def test_metadata_is_redacted_at_any_depth_and_read_by_its_key():
    metadata = {
        "customerPhone": "91234567",
        "phone_number": 91234567,
        "phone": 4798765432.0,
        "order": "91234567",
        "caller_id": "91234567",
        "paid": True,
        "share": 0.5,
        "total": 1250.0,
        "none": None,
        "nested": {"notes": ["mail kari@eksempel.no", {"cpr": "2302851234"}]},
    }
    new = redact_conversation(conversation(metadata=metadata)).metadata
    assert new == {
        "customerPhone": "[PHONE]",
        "phone_number": "[PHONE]",
        "phone": "[PHONE]",
        "order": "91234567",
        "caller_id": "[PHONE]",
        "paid": True,
        "share": 0.5,
        "total": 1250.0,
        "none": None,
        "nested": {"notes": ["mail [EMAIL]", {"cpr": "[ID_NUMBER]"}]},
    }
    assert metadata["customerPhone"] == "91234567"


def test_customer_ids_that_are_numbers_or_addresses_are_replaced_and_stay_apart():
    turns = [
        Turn("customer", "hei", speaker_id="kari@eksempel.no"),
        Turn("customer", "hallo", speaker_id="ola@eksempel.no"),
        Turn("customer", "hei", speaker_id="kari@eksempel.no"),
        Turn("unknown", "hei", speaker_id="+4793611820"),
        Turn("customer", "hei", speaker_id="spk_0"),
    ]
    new = redact_conversation(conversation(*turns)).turns
    assert [turn.speaker_id for turn in new] == [
        "[EMAIL]", "[EMAIL] 2", "[EMAIL]", "[PHONE]", "spk_0",
    ]  # fmt: skip
    assert redact_conversation(conversation(*new)).turns == new


def test_ids_of_the_organisation_stay():
    turn = Turn("agent", "hei", speaker_id="anna@firma.no", agent_id="anna@firma.no")
    before = conversation(turn, agent_id="anna@firma.no", team="93611820", queue="+4793611820")
    assert redact_conversation(before) == before


def test_conversation_without_personal_data_is_unchanged():
    before = conversation(Turn("agent", "God dag"), Turn("customer", "Det koster 1 250,00 kr"))
    assert redact_conversation(before) == before


@pytest.mark.parametrize("role", ["agent", "customer", "other", "unknown"])
def test_turns_of_every_role_are_redacted(role):
    assert texts((role, "kari@eksempel.no")) == ["[EMAIL]"]
