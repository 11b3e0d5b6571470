"""Forms of address, with near misses in which the same words address nobody."""

import pytest

from convqa.config import shipped_configs
from convqa.detect.address import detect_address, load_address
from convqa.errors import ConfigError
from convqa.schema import Conversation, Source, Turn
from convqa.segment import segment_conversation


def forms(language, *texts):
    turns = (Turn("customer", "…"), *(Turn("agent", text) for text in texts))
    talk = Conversation("t", turns, Source("", "", 0), language, "chat")
    return [f.label for f in detect_address(segment_conversation(talk))]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("nb", "Kan du sende meg nummeret?", ["informal"]),
        ("nb", "Pakken din er på vei.", ["informal"]),
        ("nb", "Ønsker De å endre timen?", ["formal"]),
        ("nb", "Jeg har sendt Dem en e-post.", ["formal"]),
        ("nb", "Hva er Deres kundenummer, og når flyttet du?", ["formal", "informal"]),
        ("da", "Må jeg få dit nummer?", ["informal"]),
        ("da", "Vil De have den leveret?", ["formal"]),
        ("da", "Tak, så ringer jeg til Dem i morgen.", ["formal"]),
        ("da", "Er det Deres adresse?", ["formal"]),
        ("sv", "Vad kan jeg hjälpa dig med?", ["informal"]),
        ("sv", "Önskar Ni ändra tiden?", ["formal"]),
        ("sv", "Jag ringer upp Er i eftermiddag.", ["formal"]),
        ("pl", "Czy może Pan podać numer zamówienia?", ["formal"]),
        ("pl", "proszę pani, sprawdzam to teraz", ["formal"]),
        ("pl", "W czym mogę Państwu pomóc?", ["formal"]),
        ("pl", "Podaj mi numer zamówienia.", ["informal"]),
        ("pl", "Kiedy zapłaciłaś za tę paczkę?", ["informal"]),
        ("pl", "Jeśli chcesz, wyślę to jeszcze raz.", ["informal"]),
        ("pl", "Dziękuję Ci za zgłoszenie.", ["informal"]),
        ("pl", "Pani Anno, twoje konto działa.", ["formal", "informal"]),
        ("ro", "Cu ce vă pot ajuta?", ["formal"]),
        ("ro", "Comanda dumneavoastră a plecat.", ["formal"]),
        ("ro", "Comanda dumneavoastra a plecat.", ["formal"]),
        ("ro", "Puteți reporni modemul?", ["formal"]),
        ("ro", "Spune-mi ce vrei să schimbi la contractul tău.", ["informal"]),
        ("ro", "Îți trimit factura acum.", ["informal"]),
        ("ro", "Iti trimit factura acum.", ["informal"]),
    ],
)
def test_addresses(language, text, expected):
    assert sorted(set(forms(language, text))) == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        # «De» at the beginning of a sentence, or after a mark, may be «they».
        ("nb", "De sendte pakken i går."),
        ("nb", "Jeg spurte lageret. De har den ikke."),
        ("nb", "Svar fra lageret: De har ingen igjen."),
        ("nb", "Deres svar kom i går fra verkstedet."),
        ("nb", "de kommer i morgen, og jeg spør dem"),
        ("nb", "Du store, for en dag!"),
        ("nb", "Det er i Den Norske Opera, i salen til De Unges Orkester."),
        ("nb", "DE ER PÅ VEI"),
        ("nb", "Teksten sier «send inn ditt nummer», men det trengs ikke."),
        ("da", "De har lukket klokken fem."),
        ("da", "Teknikerne kommer onsdag. De ringer først."),
        ("da", "«De er velkommen», står der på skiltet i butikken."),
        ("da", "Vi snakkede om dit og dat."),
        ("da", "Deres lager er tomt, siger leverandøren."),
        ("sv", "Ni kan vara två på samma konto."),
        ("sv", "Har ni båda fått hem paketet?"),
        ("sv", "Er det så? Nej."),
        ("sv", "Du milde, vilken kö!"),
        ("sv", "Era nummer står på fakturan."),
        ("pl", "Ten pan z serwisu zadzwoni jutro."),
        ("pl", "Kurier mówi, że pani z recepcji odebrała paczkę."),
        ("pl", "Technik przyjedzie, a pan kurier odbierze stary sprzęt."),
        ("pl", "To nasz błąd, a nie wasz."),
        ("pl", "Myszka i mysz są w zestawie."),
        ("pl", "Ci klienci już dostali zwrot."),
        ("pl", "Tomasz i Łukasz z magazynu to potwierdzili."),
        ("pl", "Proszę nacisnąć przycisk «Wyślij»."),
        ("pl", "Na dole jest przycisk wyślij, trzeba go nacisnąć."),
        ("pl", "Proszę poczekać, sprawdzam."),
        ("ro", "Colegii ai noștri au verificat."),
        ("ro", "E greu să vezi așa o factură."),
        ("ro", "Când știi că ai plătit, e neplăcut."),
        ("ro", "Tehnicianul poate veni joi."),
        ("ro", "Apăsarea pe butonul «Trimite cererea ta» nu merge azi."),
        ("en", "You can keep your number."),
    ],
)
def test_near_misses(language, text):
    assert forms(language, text) == []


def test_a_finding_points_at_the_word():
    turns = (Turn("customer", "Hei"), Turn("agent", "Takk. Da ringer jeg Dem i dag."))
    talk = Conversation("t", turns, Source("", "", 0), "nb", "chat")
    (found,) = detect_address(segment_conversation(talk))
    (span,) = found.spans
    assert turns[span.turn].text[span.char_start : span.char_end] == "Dem"
    assert (found.source, found.detail) == ("rule", "capital")


def test_the_shipped_file_has_all_languages_with_two_forms():
    assert set(load_address(shipped_configs() / "address.yaml")) == {"nb", "da", "sv", "pl", "ro"}


def test_a_wrong_key_is_told_with_its_line(tmp_path):
    path = tmp_path / "address.yaml"
    path.write_text("nb:\n  informl: [du]\n")
    with pytest.raises(ConfigError, match=r"address\.yaml:2: nb\.informl"):
        load_address(path)
