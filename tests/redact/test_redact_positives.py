"""What must be replaced, by kind and language. All numbers are made up or published examples."""

import pytest

from convqa.redact import redact_text

CASES = {
    "card": [
        ("Kort 4111 1111 1111 1111, utløper 12/27", "Kort [CARD], utløper 12/27"),
        ("4111111111111111", "[CARD]"),
        ("it is 3782-822463-10005 ok", "it is [CARD] ok"),
        ("5555-5555-5555-4444", "[CARD]"),
        ("karta 6011 0009 9013 9424.", "karta [CARD]."),
        ("kortet er 4111 1111 1111 1112", "kortet er [CARD]"),  # a slip, beside a card word
        ("four one one one, one one one one, one one one one, one one one one", "[CARD]"),
        ("four triple one one one one one one one one one one one one one", "[CARD]"),
        ("fire en en en en en en en eh en en en en ja en en en en", "[CARD]"),
        ("enogfyrre elleve elleve elleve elleve elleve elleve elleve", "[CARD]"),
        ("czterdzieści jeden jedenaście jedenaście jedenaście jedenaście jedenaście jedenaście "
         "jedenaście", "[CARD]"),
        ("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "[CARD]"),
        ("4111 one one one one 1111 one one one one", "[CARD]"),
        ("4111\u00a01111\u20091111–1111", "[CARD]"),
        ("４１１１ １１１１ １１１１ １１１１", "[CARD]"),
        ("٤١١١ ١١١١ ١١١١ ١١١١", "[CARD]"),
        ("4111\u200b1111\u200b1111\u200b1111", "[CARD]"),
        ("4111, 1111, 1111, 1111", "[CARD]"),
    ],
    "iban": [
        ("NO93 8601 1117 947", "[IBAN]"),
        ("mit kontonummer: DK5000400440116243.", "mit kontonummer: [IBAN]."),
        ("se45 5000 0000 0583 9825 7466 tack", "[IBAN] tack"),
        ("PL61 1090 1014 0000 0712 1981 2874", "[IBAN]"),
        ("przelew na 61 1090 1014 0000 0712 1981 2874", "przelew na [IBAN]"),
        ("61109010140000071219812874", "[IBAN]"),
        ("contul RO49 AAAA 1B31 0075 9384 0000 la banca", "contul [IBAN] la banca"),
        ("GB29-NWBK-6016-1331-9268-19", "[IBAN]"),
        ("iban: NO93 8601 1117 948", "iban: [IBAN]"),  # a slip, beside the word
    ],
    "identity": [
        ("fødselsnummer 010190 12345", "fødselsnummer [ID_NUMBER]"),
        ("01019030152", "[ID_NUMBER]"),
        ("410190 30146", "[ID_NUMBER]"),  # D-number
        ("mit cpr er 230285-1234", "mit cpr er [ID_NUMBER]"),
        ("cpr.nr. 2302851234", "cpr.nr. [ID_NUMBER]"),
        ("født 230285 1234", "født [ID_NUMBER]"),
        ("010190-1238", "[ID_NUMBER]"),  # old number, passes MOD 11
        ("personnummer 840214-2387", "personnummer [ID_NUMBER]"),
        ("19840214-2387", "[ID_NUMBER]"),
        ("8402142387", "[ID_NUMBER]"),
        ("121212+1212", "[ID_NUMBER]"),
        ("åttiofyra noll två fjorton tjugotre åttiosju", "[ID_NUMBER]"),
        ("PESEL 44051401359", "PESEL [ID_NUMBER]"),
        ("44051401359", "[ID_NUMBER]"),
        ("cztery cztery zero pięć jeden cztery zero jeden trzy pięć dziewięć", "[ID_NUMBER]"),
        ("CNP 1800101420010", "CNP [ID_NUMBER]"),
        ("1 800101 420010", "[ID_NUMBER]"),
        ("social security number 078-05-1120", "social security number [ID_NUMBER]"),
        ("my aadhaar is 2345 6789 0123", "my aadhaar is [ID_NUMBER]"),
    ],
    "phone": [
        ("ring meg på 91234567", "ring meg på [PHONE]"),
        ("936 11 820", "[PHONE]"),
        ("Tlf. 22 86 44 00, takk", "Tlf. [PHONE], takk"),
        ("+47 22864400", "[PHONE]"),
        ("(+47) 936 11 820", "(+47) 936 11 820".replace("+47) 936 11 820", "[PHONE]")),
        ("0047 936 11 820", "[PHONE]"),
        ("28 47 00 15", "[PHONE]"),
        ("28.47.00.15", "[PHONE]"),
        ("mit telefonnummer er 22417603", "mit telefonnummer er [PHONE]"),
        ("070-123 45 67", "[PHONE]"),
        ("08-123 456 78", "[PHONE]"),
        ("mobil 0701234567", "mobil [PHONE]"),
        ("699 014 220", "[PHONE]"),
        ("proszę dzwonić: 699014220", "proszę dzwonić: [PHONE]"),
        ("22 621 10 20", "[PHONE]"),
        ("+48 22 621 10 20", "[PHONE]"),
        ("0721 449 661", "[PHONE]"),
        ("telefonul meu este 0721449661", "telefonul meu este [PHONE]"),
        ("sunați-mă la 0040 721 449 661", "sunați-mă la [PHONE]"),
        ("020 7946 0018", "[PHONE]"),
        ("call me on 07911 123456", "call me on [PHONE]"),
        ("(212) 736-5000", "[PHONE]"),
        ("212-736-5000", "[PHONE]"),
        ("1-212-736-5000", "[PHONE]"),
        ("212 736 5000", "[PHONE]"),
        ("650-274-8004", "[PHONE]"),  # would pass as a Swedish coordination number
        ("ring 91234567 en gang til", "ring [PHONE] en gang til"),
        ("JSK-0093317, tel. 606 000 141", "JSK-0093317, tel. [PHONE]"),
        ("Er det en feil? Nummeret er 402 19 553", "Er det en feil? Nummeret er [PHONE]"),
        ("Du spurgte om telefon? Det er 22417603", "Du spurgte om telefon? Det er [PHONE]"),
        ("22417603 is my phone", "[PHONE] is my phone"),
        ("my telephone is 91234567", "my telephone is [PHONE]"),
        ("dere når meg på 91234567", "dere når meg på [PHONE]"),
        ("numer kontaktowy 600700800", "numer kontaktowy [PHONE]"),
        ("telefon siedemset dwadzieścia zero zero zero trzysta", "telefon [PHONE]"),
        ("mobilen er ni en to tre fire fem seks sju", "mobilen er [PHONE]"),
        ("telefonul zero șapte douăzeci și unu patru patru nouă șase șase unu",
         "telefonul [PHONE]"),
        ("mobil noll sju noll ett två tre fyra fem sex sju", "mobil [PHONE]"),
        ("my mobile is oh seven nine double one one two three four five six",
         "my mobile is [PHONE]"),
    ],
    "email": [
        ("kari.nordmann+x@example.com", "[EMAIL]"),
        ("skriv til kari@eksempel.no.", "skriv til [EMAIL]."),
        ("elin@brevlådan.example", "[EMAIL]"),
        ("kari @ eksempel.no", "[EMAIL]"),
        ("steph.b@ the posta one", "[EMAIL] the posta one"),
        ("anna(at)firma.pl", "[EMAIL]"),
        ("anna dot berg at gmail dot com", "[EMAIL]"),
        ("anna dot smith eight one at gmail dot com", "[EMAIL]"),
        ("anna kropka kowalska osiem jeden małpa gmail kropka com", "[EMAIL]"),
        ("anna kropka kowalska 81 małpa gmail.com", "[EMAIL]"),
        ("kari punktum berg åttien krøllalfa post punktum no", "[EMAIL]"),
        ("bo femogfyrre snabel a firma punktum dk", "[EMAIL]"),
        ("lisa prick berg nio två snabel-a post punkt se", "[EMAIL]"),
        ("ion punct pop doi trei arond mail punct ro", "[EMAIL]"),
        ("j jak janek k jak karol małpa wp kropka pl", "[EMAIL]"),
        ("a as in anna b as in bob at gmail dot com", "[EMAIL]"),
        ("andrei underscore pop la yahoo punct com", "[EMAIL]"),
        ("anna punkt svensson at hotmail punkt se", "[EMAIL]"),
        ("anna understreck svensson at gmail.com", "[EMAIL]"),
        ("rodica punct vasilescu cincizeci și doi arond gmail punct com", "[EMAIL]"),
        ("maria liniuță ionescu opt nouă a rond yahoo punct ro", "[EMAIL]"),
        ("it's j o h n dot s m i t h at outlook dot com", "it's [EMAIL]"),
        ("kari krøllalfa post punktum no", "[EMAIL]"),
        ("oda alfakrøll post.no", "[EMAIL]"),
        ("bo snabela firma punktum dk", "[EMAIL]"),
        ("bo snabel a firma punktum dk", "[EMAIL]"),
        ("lisa snabel-a post punkt se", "[EMAIL]"),
        ("jan kropka kowal małpa poczta kropka pl", "[EMAIL]"),
        ("k a t i arond mail punct ro", "[EMAIL]"),
        ("ion underscore pop arond mail punct ro", "[EMAIL]"),
        ("KARI＠EKSEMPEL．NO", "[EMAIL]"),
        ("kari.nordmann at gmail.com", "[EMAIL]"),
        ("it's john dot smith at gmail.com", "it's [EMAIL]"),
        ("anna małpa wp.pl", "[EMAIL]"),
        ("j.kowalski[małpa]gmail.com", "[EMAIL]"),
        ("kari.nordmann (a) gmail.com", "[EMAIL]"),
        ("kari(krøllalfa)gmail.com", "[EMAIL]"),
        ("kari krøll alfa gmail punktum com", "[EMAIL]"),
        ("ion arong gmail.com", "[EMAIL]"),
    ],
    "code": [
        ("cvv 123", "cvv [CODE]"),
        ("CVC-koden er 1234", "CVC-koden er [CODE]"),
        ("pinkoden min er 0412", "pinkoden min er [CODE]"),
        ("PIN: 4419", "PIN: [CODE]"),
        ("min pin är ett två tre fyra", "min pin är [CODE]"),
        ("engangskode 493021", "engangskode [CODE]"),
        ("hasło: Zima2024!", "hasło: [CODE]!"),
        ("passordet mitt er Sommer24", "passordet mitt er [CODE]"),
        ("parola este soare99", "parola este [CODE]"),
        ("koden jeg fikk på sms: 493021", "koden jeg fikk på sms: [CODE]"),
        ("the verification code 493021", "the verification code [CODE]"),
        ("kod z sms 493021", "kod z sms [CODE]"),
        ("4419 is my pin", "[CODE] is my pin"),
    ],
    "number": [
        ("ni et fire fire syv to nul møllebakken tolv", "[NUMBER] møllebakken tolv"),
        ("toogtyve femogfyrre elleve nul nul", "[NUMBER]"),
        ("to og tyve fem og fyrre elleve nul", "[NUMBER]"),
        ("fire fem seks eh syv otte ni nul", "[NUMBER]"),
        ("one zero seven, double four, two six nine", "[NUMBER]"),
        ("it's uh four four oh nine seven two and eight", "it's uh [NUMBER]"),
        ("sto czterdzieści jeden zero zero pięć sześć", "[NUMBER]"),
        ("douăzeci și cinci treizeci unu zero doi trei", "[NUMBER]"),
        ("ett sju sju noll, tre fyra fem", "[NUMBER]"),
        ("tjugofem trettisex noll nio tre", "[NUMBER]"),
        ("ni hundre og trettiseks elleve åtte hundre og tjue", "[NUMBER]"),
        ("fyra 5 sex 7 åtta 9 noll", "[NUMBER]"),
        ("4 4 7 1 8 8 2", "[NUMBER]"),
        ("kontonummer 1234.56.78901", "kontonummer [NUMBER]"),
        ("my bank account 31926819 please", "my bank account [NUMBER] please"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [case for cases in CASES.values() for case in cases])
def test_personal_data_is_replaced(text, expected):
    assert redact_text(text).text == expected


@pytest.mark.parametrize(
    ("question", "answer", "expected"),
    [
        ("Hva er telefonnummeret ditt?", "91234567", "[PHONE]"),
        ("Må jeg få dit cpr-nummer?", "2302851234", "[ID_NUMBER]"),
        ("And the CVV?", "123", "[CODE]"),
        ("And your PIN?", "forty eight twenty one", "[CODE]"),
        ("Hva er pinkoden?", "førtiåtte tjueen", "[CODE]"),
        (
            "Vilket telefonnummer?",
            "noll sju noll sjuhundratjugotre fyrtiofem nittioåtta",
            "[PHONE]",
        ),
        ("Telefonnummer?", "ni tre fem trehundreogførtiseks nittini", "[PHONE]"),
        ("Telefonnummer?", "to to femhundredeogseksogfyrre halvtreds fem", "[PHONE]"),
        ("And the three digits on the back of your card?", "123", "[CODE]"),
        ("Og de tre sifrene på baksiden av kortet?", "tre fire fem", "[CODE]"),
        ("Och de tre siffrorna på baksidan?", "123", "[CODE]"),
        ("Og de tre cifre på bagsiden?", "123", "[CODE]"),
        ("Og de 3 cifre bagpå kortet?", "123", "[CODE]"),
        ("I trzy cyfry z tyłu karty?", "123", "[CODE]"),
        ("Care e codul din sms, vă rog?", "481922", "[CODE]"),
        ("What is the code in the text?", "481922", "[CODE]"),
        ("Și cele trei cifre de pe spatele cardului?", "123", "[CODE]"),
        ("Please read me the code we sent you", "493021", "[CODE]"),
        ("Kan du lese opp koden vi sendte deg?", "493021", "[CODE]"),
        ("Vil du læse koden op, den sekscifrede kode?", "493021", "[CODE]"),
        ("Kan du läsa upp koden vi skickade?", "493021", "[CODE]"),
        ("Proszę podać kod, który wysłaliśmy", "493021", "[CODE]"),
        ("Îmi spuneți codul pe care vi l-am trimis?", "493021", "[CODE]"),
        ("What is your telephone number?", "91234567", "[PHONE]"),
        ("Which number can we reach you at?", "91234567", "[PHONE]"),
        ("Hva er nummeret ditt?", "91234567", "[PHONE]"),
        ("Hvilket nummer kan vi få fat i dig på?", "22417603", "[PHONE]"),
        ("Vilket nummer når vi dig på?", "701234567", "[PHONE]"),
        ("Pod jakim numerem możemy się skontaktować?", "600700800", "[PHONE]"),
        ("La ce număr vă putem contacta?", "721449661", "[PHONE]"),
        ("Telefonnummer og ordrenummer?", "91234567", "[PHONE]"),
        ("Hva er ordrenummeret?", "91234567", "91234567"),
        ("Kundenummer?", "28 47 00 15", "28 47 00 15"),
        ("Hva er telefonnummeret ditt?", "ordre 91234567", "ordre 91234567"),
        ("Numer przesyłki i telefon?", "JSK-0093317, 606 000 141", "JSK-0093317, [PHONE]"),
        ("Kun kortets CVV?", "de siste fire er 4419", "de siste fire er 4419"),
        ("Codul CNP?", "123 456 789", "123 456 789"),
        ("Personnummer och mobil?", "070-123 45 67", "[PHONE]"),
        ("Tak for [PHONE]", "91234567", "91234567"),
        ("Numer klienta?", "699 014 220", "699 014 220"),
    ],
)
def test_the_question_says_what_a_bare_number_is(question, answer, expected):
    assert redact_text(answer, question=question).text == expected


def test_each_number_is_read_by_its_own_word():
    text = "Ordre 44718823, tlf 91234567, cvv 123, PESEL 44051401359"
    assert redact_text(text).text == "Ordre 44718823, tlf [PHONE], cvv [CODE], PESEL [ID_NUMBER]"


def test_what_is_dictated_after_a_card_number_goes_too():
    card = "four one one one one one one one one one one one one one one one"
    assert redact_text(f"{card} one two two seven one two three").text == "[CARD] [NUMBER]"


@pytest.mark.parametrize("language", [None, "en", "nb", "da", "sv", "pl", "ro", "xx"])
def test_every_national_rule_holds_in_every_language(language):
    text = "44051401359 8402142387 01019030152 1800101420010"
    assert redact_text(text, language).text == "[ID_NUMBER] [ID_NUMBER] [ID_NUMBER] [ID_NUMBER]"
