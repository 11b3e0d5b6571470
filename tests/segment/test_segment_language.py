import pytest
from segment_conversations import conversation

from convqa.schema import Turn
from convqa.segment.language import (
    _detector,
    conversation_language,
    detect_language,
    turn_language,
)

LONG = {
    "en": "I have been waiting for my parcel since last Tuesday and nobody has told me where it "
    "is, so could you please check what happened to it and call me back?",
    "nb": "Jeg har ventet på pakken min siden forrige tirsdag, og ingen har fortalt meg hvor den "
    "er, så kan du være så snill å sjekke hva som har skjedd og ringe meg?",
    "da": "Jeg har ventet på min pakke siden sidste tirsdag, og ingen har fortalt mig, hvor den "
    "er, så vil du ikke nok undersøge, hvad der er sket, og ringe til mig?",
    "sv": "Jag har väntat på mitt paket sedan i tisdags och ingen har berättat för mig var det är, "
    "så kan du vara snäll och kolla vad som har hänt och ringa upp mig?",
    "pl": "Czekam na moją paczkę od zeszłego wtorku i nikt mi nie powiedział, gdzie ona jest, więc "
    "proszę sprawdzić, co się z nią stało, i do mnie zadzwonić.",
    "ro": "Aștept coletul meu de marțea trecută și nimeni nu mi-a spus unde este, așa că vă rog să "
    "verificați ce s-a întâmplat cu el și să mă sunați înapoi.",
}
NYNORSK = (
    "Eg har venta på pakka sidan i førre veke og ingen har sagt meg kvar ho er, så no vil eg at de "
    "finn ut kva som har hendt og ringjer meg att i kveld, for eg er heime då."
)
OTHERS = {
    "de": "Ich warte seit letztem Dienstag auf mein Paket und niemand hat mir gesagt, wo es ist.",
    "fi": "Olen odottanut pakettiani viime tiistaista eikä kukaan ole kertonut, missä se on.",
    "fr": "J'attends mon colis depuis mardi dernier et personne ne m'a dit où il se trouve.",
    "cs": "Čekám na svůj balík od minulého úterý a nikdo mi neřekl, kde vlastně je.",
}


@pytest.mark.parametrize(
    ("stated", "language"),
    [
        ("sv", "sv"), ("en-US", "en"), ("pt", None), ("de-AT", None), ("nn", "nb"), ("no", "nb"),
        ("nb_NO", "nb"),
    ],
)  # fmt: skip
def test_a_stated_language_is_believed_whatever_the_words(stated, language):
    read = conversation(Turn("customer", LONG["pl"]), language=stated)
    assert conversation_language(read) == (language, 1.0)


@pytest.mark.parametrize("stated", [None, "", "und", "mul"])
@pytest.mark.parametrize("language", LONG)
def test_an_unstated_language_is_detected(stated, language):
    found, confidence = conversation_language(
        conversation(Turn("customer", LONG[language]), language=stated)
    )
    assert found == language
    assert 0.9 < confidence <= 1.0


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_a_neighbour_of_the_six_is_not_taken_for_one(text):
    language, confidence = detect_language(text)
    assert language is None
    assert confidence > 0.9


def test_nynorsk_counts_as_bokmal():
    text = "Eg har ikkje fått pakka mi enno, og ingen har fortalt meg kvar ho er no."
    assert detect_language(text)[0] == "nb"


def test_bots_and_placeholders_do_not_decide():
    read = conversation(
        Turn("other", LONG["pl"]),
        Turn("customer", "[NAME] [EMAIL] [ADDRESS] Er min pakke kommet endnu, og hvor er den?"),
        language=None,
    )
    assert conversation_language(read)[0] == "da"


@pytest.mark.parametrize("text", ["", "  ", "4711 00 12", "[CARD] [PHONE]", "?!"])
def test_text_without_words_has_no_language(text):
    assert detect_language(text) == (None, 0.0)


def test_a_doubtful_neighbour_gives_way_to_the_likeliest_of_the_six():
    # Lingua takes these words for Dutch, with less than 0.9.
    language, confidence = detect_language("the door oh thank god okay thank you i was")
    assert language == "en"
    assert 0.3 <= confidence < 0.5


def test_a_long_turn_in_another_of_the_six_has_its_own_language():
    assert turn_language(LONG["en"], "pl") == "en"


@pytest.mark.parametrize("language", ["en", "da", "sv", "pl", "ro"])  # nb is less sure
@pytest.mark.parametrize("conversation_in", LONG)
def test_a_long_turn_is_seen_in_conversations_of_any_other_language(language, conversation_in):
    assert turn_language(LONG[language], conversation_in) == language


@pytest.mark.parametrize(
    "text",
    [
        "I'm sure it's here, I don't think we'll need it, and I'd say that's what he's told you",
        "I’m sure it’s here, I don’t think we’ll need it, and I’d say that’s what he’s told you",
    ],
)
def test_contracted_words_are_of_no_other_language(text):
    assert turn_language(text, "ro") == "en"


@pytest.mark.parametrize("language", ["en", "sv", "pl", "ro"])
def test_the_detector_is_not_asked_about_a_plain_turn(language):
    _detector.cache_clear()
    assert turn_language(LONG[language], language) == language
    assert _detector.cache_info().currsize == 0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("could you say that in English please", "pl"), (OTHERS["de"], "da"), (LONG["nb"], "nb"),
        (NYNORSK, "nb"),
    ],
    ids=["short", "not one of the six", "the same", "scored as the same"],
)  # fmt: skip
def test_a_turn_keeps_the_language_of_its_conversation(text, language):
    assert turn_language(text, language) == language
