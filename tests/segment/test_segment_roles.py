import pytest
from segment_conversations import conversation

from convqa.schema import Turn
from convqa.segment.roles import infer_roles

TALKS = {
    "en": ("Thank you for calling Acme, how can I help?", "I'm calling about my order."),
    "nb": ("Velkommen til Acme, hva kan jeg hjelpe deg med?", "Jeg har ikke fått pakken min."),
    "da": ("Velkommen til Acme, du taler med Bo.", "Jeg har ikke fået min pakke, hvorfor?"),
    "sv": (
        "Välkommen till Acme, vad kan jag hjälpa dig med?",
        "Mitt paket har inte kommit, varför?",
    ),
    "pl": ("Dzień dobry, w czym mogę pomóc? Poproszę numer.", "Nie działa mi, czekam od rana."),
    "ro": ("Cu ce vă pot ajuta? Vă fac legătura.", "Coletul nu merge, vreau banii, de ce?"),
}


def unknown(speaker_id, text):
    return Turn("unknown", text, speaker_id=speaker_id)


def roles(read):
    return [turn.role for turn in read.turns]


@pytest.mark.parametrize("language", TALKS)
@pytest.mark.parametrize("agent_first", [True, False])
def test_clear_wording_tells_agent_and_customer(language, agent_first):
    agent, customer = TALKS[language]
    turns = [unknown("spk_0", agent), unknown("spk_1", customer), unknown("spk_0", "Ok")]
    if not agent_first:
        turns = [turns[1], turns[0], turns[2]]
    inferred = infer_roles(conversation(*turns), language)
    expected = ["agent", "customer", "agent"] if agent_first else ["customer", "agent", "agent"]
    assert roles(inferred) == expected
    assert {turn.role_source for turn in inferred.turns} == {"inferred"}
    assert all(0.9 <= turn.role_confidence <= 1.0 for turn in inferred.turns)


@pytest.mark.parametrize(
    "turns",
    [
        [unknown("a", "Hello"), unknown("b", "Yes, hello")],
        [unknown("a", "How can I help?"), unknown("b", "How can I help? My order.")],
        [unknown("a", "How can I help? Welcome to us. Thanks for calling. Bear with me.")],
        [unknown(None, TALKS["en"][0]), unknown(None, TALKS["en"][1])],
        [unknown("a", "THANK YOU FOR CALLINGS"), unknown("b", "tommy orders")],
    ],
    ids=["no evidence", "little", "one speaker", "speakers not told apart", "parts of words"],
)
def test_unclear_speakers_stay_unknown(turns):
    read = conversation(*turns)
    assert infer_roles(read, "en") == read


def test_given_roles_never_change():
    agent, customer = TALKS["en"]
    read = conversation(Turn("customer", agent), Turn("agent", customer), Turn("other", agent))
    assert infer_roles(read, "en") == read


@pytest.mark.parametrize(
    ("given", "text", "role"),
    [
        (Turn("agent", TALKS["en"][0]), TALKS["en"][1], "customer"),
        (Turn("customer", TALKS["en"][1]), TALKS["en"][0], "agent"),
        (Turn("agent", TALKS["en"][1]), TALKS["en"][0], "unknown"),
    ],
    ids=["customer", "agent", "evidence against the given role"],
)
def test_the_one_unknown_speaker_can_only_be_the_other_side(given, text, role):
    inferred = infer_roles(conversation(given, unknown("x", text)), "en")
    assert roles(inferred) == [given.role, role]


def test_of_three_speakers_each_must_stand_for_itself():
    agent = "Thank you for calling Acme, you're speaking with Bo. How can I help? Bear with me."
    read = conversation(
        unknown("a", agent), unknown("b", "my order, I ordered it"), unknown("c", "Hello?")
    )
    assert roles(infer_roles(read, "en")) == ["agent", "unknown", "unknown"]


def test_accents_and_capitals_do_not_matter():
    agent, customer = TALKS["ro"]
    turns = (unknown("a", "CU CE VA POT AJUTA? va fac legatura"), unknown("b", customer))
    assert roles(infer_roles(conversation(*turns), "ro")) == ["agent", "customer"]
    plain = turns[0]._replace(text=agent)
    assert roles(infer_roles(conversation(plain, turns[1]), "ro")) == ["agent", "customer"]
