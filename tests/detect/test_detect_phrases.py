"""Phrases are found by words: what counts, what does not, and where."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from near_misses import NEAR_MISSES
from near_misses_fifth import FIFTH_NEAR_MISSES
from near_misses_fourth import FOURTH_NEAR_MISSES
from near_misses_more import MORE_NEAR_MISSES
from near_misses_sixth import SIXTH_NEAR_MISSES
from near_misses_third import THIRD_NEAR_MISSES

from convqa.config import shipped_configs
from convqa.detect.phrase_index import PatternIndex
from convqa.detect.phrase_patterns import forms_of, patterns_of, words_of
from convqa.detect.phrases import compile_phrases, detect_phrases
from convqa.errors import ConfigError
from convqa.schema import Conversation, Segment, SegmentedConversation, Source, Span, Turn
from convqa.segment import segment_conversation
from convqa.standard import PhraseFile, Standard, load_standard
from convqa.standard.terms import FORBIDDEN

DEFAULT = load_standard(shipped_configs() / "standards" / "default.yaml")
SHIPPED = compile_phrases(DEFAULT)
ALL_NEAR_MISSES = (
    NEAR_MISSES,
    MORE_NEAR_MISSES,
    THIRD_NEAR_MISSES,
    FOURTH_NEAR_MISSES,
    FIFTH_NEAR_MISSES,
    SIXTH_NEAR_MISSES,
)
LANGUAGES = ("en", "nb", "da", "sv", "pl", "ro")


def one_turn(text, language="en", role="agent"):
    talk = Conversation("c", (Turn(role, text),), Source("x", "native", 0), language=language)
    segment = Segment(0, role, (Span(0, 0, len(text)),), text, language)
    segments = () if role == "other" else (segment,)
    return SegmentedConversation(talk, segments, language, 1.0)


def forbidden(text, language):
    found = detect_phrases(one_turn(text, language), SHIPPED)
    return [(f.label, f.detail) for f in found if f.kind == "forbidden"]


def compiled(*phrases, cues=None, language="en", **about):
    written = {"id": "own", "phrases": list(phrases), **about}
    book = PhraseFile.model_validate(
        {"language": language, "lists": [written], **({"cues": cues} if cues else {})}
    )
    return compile_phrases(DEFAULT.model_copy(update={"phrase_books": (book,)}))


def quotes(text, phrases, **about):
    found = detect_phrases(one_turn(text, **about), phrases)
    return [text[f.spans[0].char_start : f.spans[0].char_end] for f in found]


@pytest.mark.parametrize(
    ("language", "text"),
    [(x, text) for near in ALL_NEAR_MISSES for x in near for text in near[x]],
)
def test_near_miss_is_no_forbidden_phrase(language, text):
    assert forbidden(text, language) == []


def test_every_language_has_at_least_100_near_misses():
    counts = {x: len({text for near in ALL_NEAR_MISSES for text in near[x]}) for x in LANGUAGES}
    assert {x: n >= 100 for x, n in counts.items()} == dict.fromkeys(LANGUAGES, True)


SAID = [
    ("en", "profanity", "you stupid cow"),
    ("en", "blame", "well that's your own fault"),
    ("en", "blame", "You should have read the contract."),
    ("en", "brush_off", "There's nothing we can do."),
    ("en", "guarantee", "I guarantee you it will be there tomorrow."),
    ("en", "pressure", "you have to decide right now"),
    ("en", "sensitive_request", "Could you give me your full card number?"),
    ("en", "sensitive_request", "whats your pin"),
    ("en", "disparagement", "Our system is absolute rubbish."),
    ("en", "ignorance", "How should I know?"),
    ("en", "overfamiliar", "Hello darling!"),
    ("nb", "profanity", "for en jævla idiot"),
    ("nb", "blame", "Det er din egen feil."),
    ("nb", "brush_off", "Det er ikke mitt problem."),
    ("nb", "guarantee", "jeg garanterer at det er i orden"),
    ("nb", "pressure", "Du må bestemme deg nå."),
    ("nb", "sensitive_request", "Kan jeg få hele kortnummeret ditt?"),
    ("nb", "disparagement", "Systemet vårt er helt håpløst."),
    ("nb", "ignorance", "Hvordan skal jeg vite det?"),
    ("nb", "overfamiliar", "hei på deg elskling"),
    ("da", "profanity", "din idiot"),
    ("da", "blame", "Det er din egen skyld."),
    ("da", "brush_off", "Det er ikke mit problem."),
    ("da", "guarantee", "jeg garanterer at det er i orden"),
    ("da", "pressure", "Du skal beslutte dig nu."),
    ("da", "sensitive_request", "Må jeg få hele kortnummeret?"),
    ("da", "disparagement", "Systemet her er helt håbløst."),
    ("da", "ignorance", "Hvor skal jeg vide det fra?"),
    ("da", "overfamiliar", "hej søde"),
    ("sv", "profanity", "din jävla idiot"),
    ("sv", "blame", "Det är ditt eget fel."),
    ("sv", "brush_off", "Det är inte mitt problem."),
    ("sv", "guarantee", "jag garanterar att det är ordnat"),
    ("sv", "pressure", "Du måste bestämma dig nu."),
    ("sv", "sensitive_request", "Kan jag få hela kortnumret?"),
    ("sv", "disparagement", "Systemet är helt värdelöst."),
    ("sv", "ignorance", "Hur ska jag veta det?"),
    ("sv", "overfamiliar", "hej gumman"),
    ("pl", "profanity", "pan jest idiotą"),
    ("pl", "blame", "To pana własna wina."),
    ("pl", "brush_off", "To nie mój problem."),
    ("pl", "guarantee", "gwarantuję, że dojdzie"),
    ("pl", "pressure", "Musi się pan zdecydować teraz."),
    ("pl", "sensitive_request", "Poproszę pełny numer karty."),
    ("pl", "disparagement", "Nasz system to porażka."),
    ("pl", "ignorance", "Nie mam zielonego pojęcia."),
    ("pl", "overfamiliar", "cześć kochana"),
    ("ro", "profanity", "sunteți idiot"),
    ("ro", "blame", "E vina dumneavoastră."),
    ("ro", "brush_off", "Nu e treaba mea."),
    ("ro", "guarantee", "Vă garantez că ajunge mâine."),
    ("ro", "pressure", "Trebuie să vă decideți acum."),
    ("ro", "sensitive_request", "Îmi dați numărul complet al cardului?"),
    ("ro", "disparagement", "Sistemul nostru e varză."),
    ("ro", "ignorance", "Habar n-am."),
    ("ro", "overfamiliar", "bună scumpo"),
    ("en", "sensitive_request", "Please type the one-time code here so I can log in."),
    ("en", "brush_off", "The courier isn't us, mate."),
    ("en", "guarantee", "You won't lose a penny, that's a promise."),
    ("en", "pressure", "Sign today or you'll lose the rate."),
    ("nb", "sensitive_request", "les opp kort nummeret og cvv her"),
    ("nb", "brush_off", "Det der driver ikke vi med."),
    ("nb", "ignorance", "Har ikke peiling på det."),
    ("nb", "guarantee", "Du får pengene, det gir jeg deg mitt ord på."),
    ("da", "sensitive_request", "læs koden op for mig, så logger jeg på for dig"),
    ("da", "brush_off", "Vi blander os ikke i det."),
    ("da", "profanity", "det er sgu da for dumt"),
    ("da", "disparagement", "Vores nye system er helt til grin."),
    ("sv", "sensitive_request", "läs upp koden för mig så går jag in åt dig"),
    ("sv", "brush_off", "Det ligger utanför vårt uppdrag."),
    ("sv", "ignorance", "jag har noll koll på det"),
    ("sv", "blame", "Sånt händer när man inte läser."),
    ("pl", "sensitive_request", "Czy może mi pan podać hasło?"),
    ("pl", "blame", "To trzeba było przyjść wcześniej."),
    ("pl", "ignorance", "Ja się na tym nie znam."),
    ("pl", "disparagement", "Ta aplikacja jest do bani."),
    ("ro", "sensitive_request", "Dictați-mi parola ca să intru eu."),
    ("ro", "brush_off", "Nu mai am ce să vă fac."),
    ("ro", "ignorance", "N-am de unde să știu."),
    ("ro", "pressure", "Plătiți acum, altfel pierdeți locul."),
]


@pytest.mark.parametrize(("language", "category", "text"), SAID)
def test_forbidden_phrase_is_found_in_every_category(language, category, text):
    assert category in {label for label, _ in forbidden(text, language)}


@pytest.mark.parametrize(("language", "text"), [(x, text) for x, _, text in SAID])
def test_customers_words_never_count(language, text):
    assert detect_phrases(one_turn(text, language, role="customer"), SHIPPED) == []


def test_every_category_has_a_list_in_every_language():
    lists = {(x.language, x.forbidden) for x in DEFAULT.all_phrase_lists if x.forbidden}
    assert lists == {(x, c) for x in LANGUAGES for c in FORBIDDEN}


@pytest.mark.parametrize(
    ("phrase", "text", "hit"),
    [
        ("speak to * manager", "Speak to the shift manager.", ["Speak to the shift manager"]),
        ("speak to * manager", "speak to manager", ["speak to manager"]),
        ("speak to * manager", "speak to a b c d manager", []),
        ("speak to * manager", "speak to a b c manager", ["speak to a b c manager"]),
        ("rare * to to", "rare a b c to to", ["rare a b c to to"]),
        ("speak to *5 manager", "speak to a b c d manager", ["speak to a b c d manager"]),
        ("skyld~ her", "det skyldes her", ["skyldes her"]),
        ("sec", "secure section", []),
        ("sec", "one sec, please", ["sec"]),
        ("(good day|hello) sir", "Good day, sir", ["Good day, sir"]),
        ("(good day|hello) sir", "hello SIR", ["hello SIR"]),
        ("very (much|) so", "very so", ["very so"]),
        ("very (much|) so", "very much so", ["very much so"]),
        ("don't know", "I dont know", ["dont know"]),
        ("don't know", "I don’t know", ["don’t know"]),
        ("don't know", "I don´t know", ["don´t know"]),
        ("don't know", "I DON`T know", ["DON`T know"]),
        ("don't know", "I don\u02bct know", ["don\u02bct know"]),
        ("don't know", "I don‘t know", ["don‘t know"]),
        ("håll på", "ha\u030all pa\u030a, ja", ["ha\u030all pa\u030a"]),
        ("på vent", "pa vent og paa vent", ["pa vent", "paa vent"]),
        ("pa vent", "på vent", []),
        ("wyłączyć", "wylaczyc", ["wylaczyc"]),
        ("așteptați", "aşteptaţi", ["aşteptaţi"]),
        ("so so", "so so so", ["so so"]),
        ("100 %", "100% sure", ["100%"]),
        ("e mail", "your e-mail", ["e-mail"]),
        ("your fault{,s,y}", "your faults", ["your faults"]),
        ("your fault{,s,y}", "your faulty", ["your faulty"]),
        ("your fault{,s,y}", "your fault", ["your fault"]),
        ("your fault{,s,y}", "your faulted", []),
        ("(dum{,me}|tosse{t,de}) kunde{,r}", "tossede kunder", ["tossede kunder"]),
        ("(dum{,me}|tosse{t,de}) kunde{,r}", "tosse kunder", []),
        ("ask * manager", "ask. The manager", []),
        ("rare * to to", "rare. a to to", []),
        ("to to * rare", "to to a! rare", []),
        ("version 4 * here", "version 4.2 is here", ["version 4.2 is here"]),
    ],
)
def test_notation(phrase, text, hit):
    assert quotes(text, compiled(phrase)) == hit


def test_exact_rule_takes_no_dropped_diacritics():
    phrases = compiled({"id": "hall", "say": "håll", "is_exact": True})
    assert quotes("hall", phrases) == []
    assert quotes("HÅLL", phrases) == ["HÅLL"]


def test_allow_list_takes_the_place_of_a_hit():
    phrases = compiled({"id": "shit", "say": "shit", "unless": ["shit happens club"]})
    assert quotes("the Shit Happens Club opens", phrases) == []
    assert quotes("shit happens", phrases) == ["shit"]


def test_alternative_in_the_same_segment_rescues():
    phrases = compiled("not my job", rescued_by=["but I'll"])
    assert quotes("not my job, but I'll ask", phrases) == []
    assert quotes("but I'll say it: not my job", phrases) == ["not my job"]


def test_alternative_later_in_the_turn_rescues_and_another_speaker_ends_the_turn():
    phrases = compiled("not my job", rescued_by=["I'll ask"])
    texts = [("agent", "Not my job."), ("agent", "I'll ask."), ("customer", "I'll ask.")]

    def found(*said):
        turns = tuple(Turn(role, text) for role, text in said)
        talk = Conversation("c", turns, Source("x", "native", 0), language="en")
        segments = tuple(
            Segment(i, turn.role, (Span(i, 0, len(turn.text)),), turn.text, "en")
            for i, turn in enumerate(turns)
        )
        return detect_phrases(SegmentedConversation(talk, segments, "en", 1.0), phrases)

    assert found(texts[0], texts[1]) == []
    assert len(found(texts[0], texts[2])) == 1
    assert len(found(texts[0], texts[2], texts[1])) == 1


def test_allow_list_of_a_list_holds_for_all_its_phrases():
    phrases = compiled("shit", "what a mess", unless=["shit happens club", "what a mess hall"])
    assert quotes("shit happens club", phrases) == []
    assert quotes("what a mess hall", phrases) == []
    assert quotes("what a mess", phrases) == ["what a mess"]


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("we guarntee delivery", "we guarntee delivery"),
        ("we guaranntee delivery", "we guaranntee delivery"),
        ("we gaurantee delivery", "we gaurantee delivery"),
        ("we guarantie delivery", None),
        ("we uarantee delivery", None),
        ("we guarante delivery", None),
        ("we guarantees delivery", None),
        ("we guarateee delivery", None),
        ("we warrantee delivery", None),
    ],
)
def test_typing_error_inside_a_long_word(text, hit):
    assert quotes(text, compiled("we guarantee delivery")) == ([hit] if hit else [])


def test_typing_error_needs_other_words_of_the_phrase_around_it():
    assert quotes("gaurantee", compiled("guarantee")) == []


def test_real_word_is_no_typing_error():
    cues = {"real_words": ["contracting"]}
    assert quotes("we are contracting", compiled("we are contacting", cues=cues)) == []
    assert quotes("we are contcting", compiled("we are contacting", cues=cues)) == [
        "we are contcting"
    ]


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("hele kort nummeret takk", ["hele kort nummeret"]),
        ("hele kort-nummeret takk", ["hele kort-nummeret"]),
        ("hele kort. Nummeret takk", []),
        ("hele kort, nummeret takk", []),
        ("hele kort nummer et takk", []),
    ],
)
def test_long_word_cut_in_two(text, hit):
    assert quotes(text, compiled("hele kortnummeret", language="nb"), language="nb") == hit


def test_word_of_six_letters_is_joined():
    phrases = compiled("kan forstå", language="nb")
    assert quotes("kan for stå det", phrases, language="nb") == ["kan for stå"]


def test_short_word_is_not_joined():
    assert quotes("al la", compiled("alla")) == []


def test_exact_rule_takes_no_other_reading():
    phrases = compiled({"id": "own", "say": "we guarantee delivery", "is_exact": True})
    assert quotes("we gaurantee delivery", phrases) == []
    assert quotes("we guaran tee delivery", phrases) == []


def test_exact_rule_is_found_beside_one_whose_word_is_a_letter_away():
    exact = {"id": "exact", "say": "we are contracting", "is_exact": True}
    phrases = compiled(exact, "we are contacting")
    assert quotes("we are contracting", phrases) == ["we are contracting"]
    found = detect_phrases(one_turn("we are contcting"), phrases)
    assert [f.label for f in found] == ["own.we-are-contacting"]
    exact = {"id": "exact", "say": "are contacting you", "is_exact": True}
    found = detect_phrases(one_turn("we are contcting you"), compiled(exact, "we are contacting"))
    assert [f.label for f in found] == ["own.we-are-contacting"]


@pytest.mark.parametrize("text", ["we are contracting", "we are con tacting"])
def test_allow_list_knows_the_text_as_it_stands(text):
    rule = {"id": "contact", "say": "we are contacting"}
    assert quotes(text, compiled(rule)) == [text]
    assert quotes(text, compiled({**rule, "unless": [text]})) == []


CUES = {"negation": ["never"], "report": ["he said"], "warning": ["beware"], "after": ["is a scam"]}


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("your fault", True),
        ("never your fault", False),
        ("never. your fault", True),
        ("never, your fault", True),
        ("he said, well, your fault", False),
        ("he said. your fault", True),
        ("beware of your fault", False),
        ("your fault is a scam", False),
        ("she wrote «your fault»", False),
        ("«your fault»", True),
        ('she wrote "your fault" again', False),
        ("she wrote 'that's your fault' again", False),
        ("she wrote »your fault» again", False),
        ("never a b c d e f your fault", True),
    ],
)
def test_words_that_take_away_the_force(text, counts):
    assert bool(quotes(text, compiled("your fault", cues=CUES))) is counts


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ('She wrote: "It is late. It is your fault. Bye." Why is that?', False),
        ('I see. "It is your fault."', False),
        ('"It is late. It is your fault. Bye."', True),
        ('It is "late". It is your fault. Good "bye".', True),
    ],
)
def test_quotation_may_be_longer_than_a_sentence(text, counts):
    talk = Conversation("c", (Turn("agent", text),), Source("x", "native", 0), language="en")
    found = detect_phrases(segment_conversation(talk), compiled("your fault"))
    assert bool(found) is counts


def test_required_formula_counts_when_quoted():
    phrases = compiled("your fault", cues=CUES, counts_when_quoted=True)
    assert quotes("never your fault", phrases) == ["your fault"]


def test_role_of_the_list_decides_whose_words_count():
    phrases = compiled("cancel it", role="customer")
    assert quotes("cancel it", phrases) == []
    assert quotes("cancel it", phrases, role="customer") == ["cancel it"]
    assert quotes("cancel it", phrases, role="unknown") == ["cancel it"]
    assert quotes("cancel it", phrases, role="other") == []


def test_system_lines_are_matched_by_lists_for_them():
    found = detect_phrases(one_turn("Customer logged in with BankID", role="other"), SHIPPED)
    assert [(f.kind, f.label, f.segment) for f in found] == [
        ("phrase", "verified_before.logged-in-with", None)
    ]


CHECKED_BEFORE = {
    "en": ["Customer logged in with BankID", "The customer is logged in.", "Authenticated: yes",
           "Identity verified by the app", "User has been verified"],
    "nb": ["Kunden er innlogget", "Kunden har logget inn med BankID", "Autentisert: ja",
           "Pasienten har identifisert seg med BankID", "Identitet bekreftet"],
    "da": ["Kunden er logget ind", "Borgeren har logget på med MitID", "Verificeret: ja",
           "Patienten har identificeret sig med MitID", "Identitet bekræftet"],
    "sv": ["Kunden är inloggad", "Kunden har loggat in på Mina sidor", "Inloggad: ja",
           "Patienten har identifierat sig med BankID", "Identitet bekräftad"],
    "pl": ["Klient jest zalogowany", "Klientka została zweryfikowana w aplikacji",
           "Zalogowany: tak", "Zalogowany przez aplikację", "Tożsamość potwierdzona"],
    "ro": ["Clientul este autentificat", "Utilizatorul s-a autentificat cu parola",
           "Autentificat: da", "Client verificat", "Identitate confirmată"],
}  # fmt: skip
NOT_CHECKED = {
    "en": ["Customer not logged in with BankID", "You must be logged in with your account",
           "Verified: no", "If the customer is logged in, show the balance"],
    "nb": ["Kunden er ikke innlogget", "Du må være innlogget med BankID for å chatte",
           "Verifisert: nei", "Hvis kunden er innlogget, vis saldo"],
    "da": ["Kunden er ikke logget ind", "Du skal være logget ind med MitID",
           "Verificeret: nej", "Hvis kunden er logget ind, vis saldo"],
    "sv": ["Kunden är inte inloggad", "Du måste vara inloggad med BankID för att chatta",
           "Kunden är inloggad: nej", "Om kunden är inloggad, visa saldo"],
    "pl": ["Klient nie jest zalogowany przez aplikację", "Klient zalogowany: nie",
           "Jeśli klient jest zalogowany, pokaż saldo"],
    "ro": ["Clientul nu este autentificat", "Trebuie să fiți autentificat cu parola",
           "Autentificat: nu", "Dacă clientul este autentificat, arată soldul"],
}  # fmt: skip


def checked_before(language, text):
    found = detect_phrases(one_turn(text, language, role="other"), SHIPPED)
    return [f.label for f in found if f.label.startswith("verified_before.")]


@pytest.mark.parametrize(
    ("language", "text"), [(k, t) for k, v in CHECKED_BEFORE.items() for t in v]
)
def test_system_lines_tell_that_identity_was_checked(language, text):
    assert checked_before(language, text)


@pytest.mark.parametrize(
    ("language", "text"), [(k, text) for k, texts in NOT_CHECKED.items() for text in texts]
)
def test_denied_wanted_and_conditional_checks_are_none(language, text):
    assert not checked_before(language, text)


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("på ventelisten", "exact"),
        ("på ventelister", "inflected"),
        ("på ventelisteplassen", None),
        ("pa ventelisten", "respelt"),
        ("på venetlisten", "typo"),
        ("på vente-listen", "split"),
        ("på vente listene", "split"),
        ("nå på ventelisten", "exact"),
    ],
)
def test_finding_tells_list_rule_and_how(text, how):
    found = detect_phrases(one_turn(text), compiled("på ventelist{en,er,ene}"))
    assert [f.detail for f in found] == ([f"own.på-ventelisten: {how}"] if how else [])


def test_stem_is_exact_where_nothing_follows_it():
    phrases = compiled("skyld~ her")
    assert detect_phrases(one_turn("skyld her"), phrases)[0].detail == "own.skyld-her: exact"
    assert detect_phrases(one_turn("skyldes her"), phrases)[0].detail == "own.skyld-her: inflected"


def test_phrase_across_recognised_fragments_has_a_span_in_each_turn():
    turns = (Turn("agent", "that is your"), Turn("agent", "own fault sir"))
    talk = Conversation("c", turns, Source("x", "native", 0), language="en")
    spans = (Span(0, 0, 12), Span(1, 0, 13))
    segment = Segment(0, "agent", spans, "that is your own fault sir", "en")
    segmented = SegmentedConversation(talk, (segment,), "en", 1.0)
    found = detect_phrases(segmented, compiled("your own fault"))
    assert found[0].spans == (Span(0, 8, 12), Span(1, 0, 9))


def test_overlapping_hits_of_one_category_are_one():
    phrases = compiled("fault", "your own fault", "own fault", forbidden="blame")
    assert quotes("your own fault", phrases) == ["your own fault"]


@pytest.mark.parametrize(
    ("phrase", "message"),
    [
        ("(a|b", "nested or not closed"),
        ("* manager", "must have a word"),
        ("speak to *", "must have a word"),
        ("fault{,s", "brace that is nested or follows no word"),
        ("{a,b} fault", "brace that is nested or follows no word"),
        ("!!", "must have a word"),
        ("a *99 b", "gap of 99 words"),
        (" ".join(["(a b|c d|e f|g h)"] * 5), "stands for 1024 variants"),
    ],
)
def test_phrase_written_wrongly_is_refused(phrase, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        compiled(phrase)


@given(st.text(max_size=60))
def test_words_lie_where_they_say(text):
    for word, start, end in words_of(text):
        assert text[start:end].strip() == text[start:end] != ""
        assert word == word.lower() or not text[start:end].isascii()


PHRASES = st.lists(st.sampled_from("abcd"), min_size=1, max_size=4)


@given(PHRASES, st.lists(st.sampled_from("abcd"), max_size=12))
def test_index_finds_what_a_plain_search_finds(phrase, words):
    index = PatternIndex((0, p) for p in patterns_of(" ".join(phrase)))
    found = {(start, end) for _, start, end in index.find(words)}
    n = len(phrase)
    assert found == {(i, i + n) for i in range(len(words)) if words[i : i + n] == phrase}


@pytest.mark.parametrize("word", ["øl", "źle", "größe", "don't", "șase"])
def test_forms_hold_the_word_and_a_plain_one(word):
    assert word in forms_of(word)
    assert any(form.isascii() and form.isalpha() for form in forms_of(word))


def test_standard_without_lists_finds_nothing():
    empty = compile_phrases(Standard.model_validate(DEFAULT.model_dump(exclude={"phrase_books"})))
    assert detect_phrases(one_turn("you stupid cow"), empty) == []
