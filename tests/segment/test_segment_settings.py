import pytest

from convqa.config import shipped_configs
from convqa.errors import ConfigError
from convqa.segment.settings import load_settings, segment_settings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("max_gap_s: 1.0", "max_gap_s: -1"), r"segment.yaml:\d+: fragments.max_gap_s"),
        (("max_gap_s: 1.0", "gap: 1.0"), "fragments.max_gap_s: Field required"),
        (("min_confidence: 0.9\n", "min_confidence: 1.9\n"), "roles.min_confidence"),
        (
            ("  connectives:\n    en:", "  connectives:\n    eng:"),
            "clauses.connectives: en missing",
        ),
        (("  phrases:\n    en:", "  phrases:\n    eng:"), "roles.phrases: en missing"),
    ],
)
def test_a_wrong_settings_file_is_refused_with_its_place(tmp_path, change, message):
    text = (shipped_configs() / "segment.yaml").read_text(encoding="utf-8")
    assert change[0] in text
    path = tmp_path / "segment.yaml"
    path.write_text(text.replace(*change, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        load_settings(path)


def test_no_phrase_speaks_for_both_roles():
    for phrases in segment_settings().roles.phrases.values():
        assert not set(phrases.agent) & set(phrases.customer)
        assert len(set(phrases.agent)) == len(phrases.agent)
        assert len(set(phrases.customer)) == len(phrases.customer)
