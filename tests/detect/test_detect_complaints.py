"""Phrases of complaints in six languages, with near misses."""

from functools import cache

import pytest

from convqa.config import shipped_configs
from convqa.detect.phrases import compile_phrases, detect_phrases
from convqa.schema import Conversation, Source, Turn
from convqa.segment import segment_conversation
from convqa.standard import Standard, load_phrases


@cache
def compiled(language):
    folder = shipped_configs() / "phrases"
    books = tuple(
        load_phrases(folder / name) for name in (f"{language}.yaml", f"complaints.{language}.yaml")
    )
    base = {"id": "base", "kind": "label", "weight": 1, "find": {"act": "greeting"}}
    standard = Standard.model_validate({
        "name": "own", "version": "1", "languages": [language],
        "sections": [{"id": "s", "criteria": [base]}],
    })  # fmt: skip
    return compile_phrases(standard.model_copy(update={"phrase_books": books}))


def found(language, role, text):
    talk = Conversation("t", (Turn(role, text),), Source("", "", 0), language, "chat")
    hits = detect_phrases(segment_conversation(talk), compiled(language))
    lists = {f.label.partition(".")[0] for f in hits if f.kind == "phrase"}
    return sorted(x.removeprefix("complaint_") for x in lists if x.startswith("complaint_"))


MADE = [
    ("en", "I want to make a formal complaint about this."),
    ("en", "How do I complain?"),
    ("en", "Please take this as a complaint."),
    ("nb", "Jeg vil sende inn en klage."),
    ("nb", "Jeg vil klage på dette."),
    ("nb", "Ta dette som en formell klage."),
    ("da", "Jeg vil gerne klage over jer."),
    ("da", "Jeg vil indgive en formel klage."),
    ("da", "Betragt det her som en klage."),
    ("sv", "Jag vill lämna in ett klagomål."),
    ("sv", "Jag vill klaga på det här."),
    ("sv", "Se det här som ett formellt klagomål."),
    ("pl", "Chcę złożyć reklamację."),
    ("pl", "Chciałbym się poskarżyć na obsługę."),
    ("pl", "Proszę to potraktować jako skargę."),
    ("ro", "Vreau să fac o reclamație."),
    ("ro", "Depun o plângere oficială."),
    ("ro", "Vreau să mă plâng de curier."),
]
OWED = [
    ("en", "I've registered your complaint under reference 7731.", ["registered"]),
    ("en", "Your complaint has been logged, the case number is 7731.", ["reference", "registered"]),
    ("en", "You'll get a decision within ten working days.", ["deadline"]),
    ("nb", "Klagen din er registrert.", ["registered"]),
    ("nb", "Saksnummeret er 7731, og du får svar innen ti dager.", ["deadline", "reference"]),
    ("da", "Jeg har registreret din klage.", ["registered"]),
    ("da", "Sagsnummeret er 7731, og du får svar inden for to uger.", ["deadline", "reference"]),
    ("sv", "Jag har registrerat ditt klagomål.", ["registered"]),
    ("sv", "Ärendenumret är 7731 och du får besked inom två veckor.", ["deadline", "reference"]),
    ("pl", "Zarejestrowałam reklamację.", ["registered"]),
    ("pl", "Numer reklamacji to 7731, odpowiedź do 14 dni.", ["deadline", "reference"]),
    ("ro", "Am înregistrat reclamația dumneavoastră.", ["registered"]),
    ("ro", "Numărul de înregistrare este 7731, răspundem în 14 zile.", ["deadline", "reference"]),
]
NEAR_MISSES = [
    ("en", "customer", "I don't want to make a complaint, I just want it fixed."),
    ("en", "customer", "No complaints about the driver, he was great."),
    ("en", "customer", "When will somebody answer my complaint from May?"),
    ("en", "customer", "I'm complaining too much, sorry."),
    ("en", "agent", "Do you have a reference number for me?"),
    ("en", "agent", "What is your case number, please?"),
    ("en", "agent", "Your parcel comes on a lorry."),
    ("nb", "customer", "Jeg skal ikke klage, dere er greie."),
    ("nb", "customer", "Ingenting å klage på, alt gikk fint."),
    ("nb", "agent", "Hva er saksnummeret?"),
    ("nb", "agent", "Har du et referansenummer?"),
    ("da", "customer", "Jeg vil ikke klage, det gik fint."),
    ("da", "customer", "Der er intet at klage over."),
    ("da", "agent", "Kan du oplyse sagsnummeret?"),
    ("sv", "customer", "Jag tänker inte klaga."),
    ("sv", "customer", "Inga klagomål på budet, han var snäll."),
    ("sv", "agent", "Har du ett ärendenummer?"),
    ("pl", "customer", "Nie chcę składać reklamacji, tylko dostać paczkę."),
    ("pl", "customer", "Nie skarżę się, tylko pytam."),
    ("pl", "agent", "Proszę podać numer zgłoszenia."),
    ("ro", "customer", "Nu vreau să fac reclamație."),
    ("ro", "customer", "N-am nicio reclamație, mulțumesc."),
    ("ro", "agent", "Aveți un număr de înregistrare?"),
]


@pytest.mark.parametrize(("language", "text"), MADE)
def test_a_customer_complains(language, text):
    assert found(language, "customer", text) == ["made"]


@pytest.mark.parametrize(("language", "text", "lists"), OWED)
def test_what_is_owed_is_found(language, text, lists):
    assert set(found(language, "agent", text)) >= set(lists)


@pytest.mark.parametrize(("language", "role", "text"), NEAR_MISSES)
def test_near_misses(language, role, text):
    assert found(language, role, text) == []
