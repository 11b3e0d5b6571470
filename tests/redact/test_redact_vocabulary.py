import pytest
import yaml

from convqa.config import shipped_configs
from convqa.errors import ConfigError
from convqa.redact.vocabulary import load_vocabulary, vocabulary


def shipped():
    return yaml.safe_load((shipped_configs() / "redact.yaml").read_text(encoding="utf-8"))


def written(tmp_path, words):
    path = tmp_path / "redact.yaml"
    path.write_text(yaml.safe_dump(words, allow_unicode=True), encoding="utf-8")
    return path


def test_shipped_words_load():
    assert set(vocabulary().numerals) == {"en", "nb", "da", "sv", "pl", "ro"}


def test_missing_digit_word_names_the_key(tmp_path):
    words = shipped()
    words["numerals"]["da"]["units"].pop()
    with pytest.raises(ConfigError, match=r"redact\.yaml:\d+: numerals\.da\.units: .* 10 items"):
        load_vocabulary(written(tmp_path, words))


def test_unknown_topic_names_the_key(tmp_path):
    words = shipped()
    words["context"]["fone"] = ["tlf"]
    with pytest.raises(ConfigError, match=r"context\.fone"):
        load_vocabulary(written(tmp_path, words))


@pytest.mark.parametrize("topic", ["phone", "identity", "birth", "card", "code", "password"])
def test_every_topic_has_words(tmp_path, topic):
    words = shipped()
    words["context"][topic] = []
    with pytest.raises(ConfigError, match=rf"context\.{topic}: .* at least 1"):
        load_vocabulary(written(tmp_path, words))


def test_bare_no_of_yaml_is_refused(tmp_path):
    words = shipped()
    words["fillers"].append(False)
    with pytest.raises(ConfigError, match="fillers"):
        load_vocabulary(written(tmp_path, words))


def test_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read"):
        load_vocabulary(tmp_path / "none.yaml")


def test_broken_yaml_is_named(tmp_path):
    path = tmp_path / "redact.yaml"
    path.write_text("context: [", encoding="utf-8")
    with pytest.raises(ConfigError, match="is no YAML"):
        load_vocabulary(path)


def test_stem_matches_the_beginning_of_a_word_and_a_dot_the_whole():
    phone = vocabulary().topics["phone"]
    assert phone.search("telefonnummeret")
    assert phone.search("call me")
    assert not phone.search("called")
    assert not phone.search("mikrotelefon")
