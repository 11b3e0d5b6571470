"""Roles by the labels of speakers, in six languages; near misses stay unknown."""

import pytest

from convqa.errors import ConfigError
from convqa.ingest.options import load_options
from convqa.ingest.settings import shipped_settings

LABELS = {
    "agent": [
        "agent", "AGENT", "Agent 1", "AGENT_2", "agent2", "Anna (agent)", "Agent Smith",
        "Customer Service", "customer support agent", "Support", "assistant", "admin", "Rep",
        "Kundebehandler", "kundeservice", "Saksbehandler Kari", "Sagsbehandler", "medarbejder",
        "Kundtjänst", "handläggare", "HANDLÄGGARE", "Konsultant", "Konsultantka Ewa", "doradca",
        "Obsługa klienta", "BOK", "Operator", "operatoare", "Consultant", "Relații clienți",
        "Serviciul clienți", "INTERNAL",
    ],
    "customer": [
        "customer", "Customer", "CUSTOMER_1", "client", "Caller", "user", "END_USER", "endUser",
        "Visitor 4711", "external", "Kunde", "kunden", "Kund", "Innringer", "Bruger", "Klient",
        "Klientka", "dzwoniący", "Użytkownik", "Clientă", "clientul", "Apelant", "abonat",
    ],
    "other": [
        "bot", "ChatBot", "Virtual agent", "AUTOMATED_AGENT", "virtual assistant", "IVR", "system",
        "SYSTEM", "supervisor", "Agent supervisor", "Internal note", "workflow", "Autosvar",
        "Systemmelding", "internt notat", "Intern anteckning", "automat", "Notatka", "przełożony",
        "mesaj automat", "Notă internă", "sistem",
    ],
    "unknown": [
        None, "", "spk_0", "SPEAKER_00", "Speaker 1", "A", "B", "1", "0", "channel_0", "Anna",
        "Ola Nordmann", "Agentia Nord", "Kunderson", "Botilda", "Clienta Bank AB", "–", "???",
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "label"), [(role, label) for role, labels in LABELS.items() for label in labels]
)
def test_labels_name_roles(role, label):
    assert shipped_settings().roles.role_of(label) == role


def test_a_file_of_ones_own_replaces_the_lists_it_names(tmp_path):
    path = tmp_path / "ingest.yaml"
    path.write_text("roles:\n  agent: [Concierge]\ncolumns:\n  text: [what was said]\n")
    options = load_options(settings=path)
    assert options.roles.role_of("Concierge 2") == "agent"
    assert options.roles.role_of("agent") == "unknown"
    assert options.roles.role_of("Kunde") == "customer"
    assert options.columns["text"] == ("what was said",)
    assert "role" in options.columns["role"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rolls: {}", r"ingest.yaml:1: rolls: .*known keys: roles, columns, limits"),
        ("limits:\n  max_turns: 0", r"ingest.yaml:2: limits.max_turns"),
        ("limits:\n  max_words: 9", r"ingest.yaml:2: limits.max_words"),
        ("roles:\n  boss: [x]", r"ingest.yaml:2: roles.boss"),
        ("roles:\n  agent: agent", r"ingest.yaml:2: roles.agent"),
        ("roles: [", r"is no YAML"),
    ],
)
def test_a_wrong_file_is_one_line_with_its_place(tmp_path, text, message):
    path = tmp_path / "ingest.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message) as caught:
        load_options(settings=path)
    assert "\n" not in str(caught.value)
