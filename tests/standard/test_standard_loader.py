"""Standards are read from YAML; what is wrong is told in one line, with file, line and remedy."""

import re

import pytest
from jsonschema_rs import Draft202012Validator

from convqa.config import read_yaml, shipped_configs
from convqa.errors import ConfigError
from convqa.standard import json_schema, load_standard

DEFAULT = shipped_configs() / "standards" / "default.yaml"

GOOD = """\
name: own
version: "1"
languages: [en]
sections:
  - id: all
    criteria:
      - id: greeting
        kind: label
        weight: 5
        find: {act: greeting}
      - id: ending
        kind: resolution
        weight: {default: 10, channels: {chat: 5}}
        points: {resolved: 1, pending: 0.5, unresolved: 0}
"""


def load(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return load_standard(path)


def test_good_standard_loads(tmp_path):
    standard = load(tmp_path, GOOD)
    assert [c.id for c in standard.criteria] == ["greeting", "ending"]
    assert standard.criteria[1].weight.applied(None, "chat", "en") == 5


BROKEN = [
    ("name: own", "nmae: own", 1, "nmae: unknown key 'nmae'; did you mean 'name'?"),
    ("name: own\n", "", 1, "name: is missing; add it"),
    ('version: "1"', "version: 1.0", 2, 'version: is a number where a text is needed; write it in '
     'quotes: "1.0"'),
    ("languages: [en]", "languages: [en, no]", 3, "pl, ro (nb is Norwegian)"),
    ("languages: [en]", "languages: []", 3, "languages: is empty; give at least one"),
    ("id: greeting", "id: Greeting", 7, "'Greeting' is no id; use small letters, digits and _"),
    ("id: ending", "id: greeting", 4, "criterion id 'greeting' is used twice"),
    ("kind: label", "kind: lable", 7, "kind: unknown word 'lable'; did you mean 'label'?"),
    ("kind: label\n", "weight: 3\n", 9, "key 'weight' is given twice; keep one"),
    ("        kind: label\n", "", 7, "kind is missing; add kind: label,"),
    ("weight: 5", "wieght: 5", 9, "greeting.wieght: unknown key 'wieght'; did you mean 'weight'"),
    ("weight: 5", "weight: -5", 9, "-5: should be greater than or equal to 0"),
    ("weight: 5", "weight: much", 9, "greeting.weight: 'much' is no number; write one such as 5"),
    ("weight: 5", "weight: 7,5", 9, "'7,5' is no number; write one such as 5, or 2.5 with a full"),
    ("weight: 5", "weight:", 9, "greeting.weight: has no value; write one, or remove the key"),
    ("weight: 5", "weight:5", 10, "`key: value` with a space after the colon"),
    ("weight: 5", "na_when: {queues: info}", 9, "na_when: must be a list; begin each of its items"),
    ("languages: [en]", "languages: en", 3, "'en' is one text where a list is needed; write"),
    ("sections:\n  - id: all\n    criteria", "criteria", 4, "; criteria belong in a section:"),
    ("find: {act: greeting}", "find: greeting", 10, "such as {act: greeting} or {phrase: LIST}"),
    ("        find: {act: greeting}\n", "", 7, "greeting.find: is missing; add it"),
    ("act: greeting", "act: greeting, window: first", 10, "such as {first_turns: 2}"),
    ("act: greeting", "act: greeting, window: {first_turns: a}", 10, "'a' is no whole number"),
    ("act: greeting", "act: greeting, role: patient", 10, "known: agent, customer, other"),
    ("find: {act: greeting}", "find: {act: greeting", 11, "close every quote, bracket and brace"),
    ("name: own", "name: own: desk", 1, "put a text with a colon in quotes"),
    ("sections:", "phrase_lists: [{id: a, language: en, phrases: [b: c]}]\nsections:", 4,
     "a phrase with a colon must stand in quotes"),
    ("act: greeting", "act: greting", 10, "unknown act label 'greting'; did you mean 'greeting'"),
    ("act: greeting", "acts: greeting", 10, "unknown key 'acts'; did you mean 'act'?"),
    ("{act: greeting}", "{}", 10, "looks for nothing; give act, politeness"),
    ("act: greeting", "act: greeting, role: agnet", 10, "unknown word 'agnet'; did you mean"),
    ("act: greeting", "emotion: negative", 10, "emotion is read of customers only; add role:"),
    ("act: greeting", "act: greeting, window: {first_turns: 2, last_turns: 1}", 10,
     "a window needs exactly one of first_turns"),
    ("act: greeting", "act: greeting, role: other", 10,
     "greeting.find.role: of other only phrases are found; give phrase, or role: agent or"),
    ("act: greeting", "phrase: bot, role: other, window: {first_turns: 2}", 10,
     "greeting.find.window: turns of other are not counted; give first_seconds, or leave"),
    ("act: greeting", "act: greeting, window: {first_turns: 0}", 10,
     "0: should be greater than or equal to 1"),
    ("act: greeting", "act: greeting, threshold: 1.5", 10, "1.5: should be less than or equal"),
    ("act: greeting", "phrase: hello_list", 10, "unknown phrase list 'hello_list'; known lists:"),
    ("act: greeting", "act: greeting, without: {phrase: hello_list}", 10,
     "greeting.find: unknown phrase list 'hello_list'; known lists:"),
    ("weight: 5", "flag: hello", 9, "flag names what is raised; add severity"),
    ("weight: 5", "severity: fatal", 9, "unknown word 'fatal'; known: critical, flag"),
    ("weight: 5", "na_when: [{resolution: resovled}]", 9,
     "unknown resolution 'resovled'; did you mean 'resolved'?"),
    ("weight: 5", "na_when: [{}]", 9, "an empty condition would always hold"),
    ("channels: {chat: 5}", "channels: {caht: 5}", 13, "unknown word 'caht'; did you mean 'chat'?"),
    ("pending: 0.5, ", "", 14, "give points for pending too"),
    ("pending: 0.5", "pnding: 0.5", 14, "unknown resolution 'pnding'; did you mean 'pending'?"),
    ("sections:", "bands: [{name: a, at_least: 50}]\nsections:", 4, "the lowest 0"),
    ("sections:", "phrase_files: gone.yaml\nsections:", 4, "there is no file"),
    ("sections:\n", "sections\n", 5, "is no YAML at column"),
    ("name: own", "name: own\n\tx: 1", 2, "begins with a tab; indent with spaces"),
    (GOOD, "", 1, "is empty or no mapping; start with `name:`"),
    (GOOD, "- a\n- b\n", 1, "is empty or no mapping"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "message"), BROKEN)
def test_error_tells_file_line_key_and_remedy(tmp_path, old, new, line, message):
    assert old in GOOD
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD.replace(old, new, 1))
    told = str(caught.value)
    assert told.startswith(f"{tmp_path / 'own.yaml'}:{line}: "), told
    assert message in told
    assert "\n" not in told


HOLD = """\
      - id: waits
        kind: hold
        announce: {act: hold}
        end: {act: thanks}
"""

RESPONSE = """\
      - id: answered
        kind: response
        to: {role: customer, act: question}
        answer: {role: other, phrase: bot}
"""

COMBINED = """\
      - id: both
        kind: all
        of: [greeting, gretting]
      - id: fast
        kind: timing
        measure: first_response_s
"""


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        (COMBINED, "a timing criterion needs at_most or at_least"),
        (COMBINED + "        at_most: 5\n", "unknown earlier criterion 'gretting'; did you mean"),
        (COMBINED + "        at_most: 5\n        at_least: 9\n", "at_least is above at_most"),
        (
            HOLD.replace("{act: hold}", "{role: other, phrase: bot}"),
            ":17: waits.announce: waits are announced and ended by the agent; role: agent",
        ),
        (
            HOLD.replace("{act: thanks}", "{role: customer, act: thanks}"),
            ":18: waits.end: waits are announced and ended by the agent; role: agent",
        ),
        (
            HOLD.replace("{act: hold}", "{attention: idle_close}"),
            ":17: waits.announce: attention looks at the whole conversation; give act or phrase",
        ),
        (RESPONSE, ":18: answered.answer: turns of other are not counted"),
    ],
)
def test_error_of_criteria_that_lean_on_others(tmp_path, extra, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        load(tmp_path, GOOD + extra)


def test_waits_of_the_agent_load(tmp_path):
    assert load(tmp_path, GOOD + HOLD).criteria[-1].id == "waits"


def test_several_errors_name_the_first_and_count_the_rest(tmp_path):
    with pytest.raises(ConfigError, match=r":9: .*\(and 1 more\)$"):
        load(tmp_path, GOOD.replace("weight: 5", "wieght: 5").replace("points:", "pints:"))


def test_missing_file_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_standard(tmp_path / "gone.yaml")


def test_yaml_keeps_norwegian_and_times_as_text(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: no\nb: 10:30\nc: 2026-01-02\nd: true\ne: 1_000\n", encoding="utf-8")
    assert read_yaml(path).value == {"a": "no", "b": "10:30", "c": "2026-01-02", "d": True,
                                     "e": 1000}  # fmt: skip


def test_yaml_alias_to_itself_is_refused(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: &x [*x]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="refers to itself"):
        read_yaml(path)


def test_version_changes_with_content_and_phrases_not_with_comments(tmp_path):
    first = load(tmp_path, GOOD).version_info
    assert load(tmp_path, "# a comment\n" + GOOD).version_info == first
    assert load(tmp_path, GOOD.replace("weight: 5", "weight: 6")).version_info != first
    listed = GOOD.replace("sections:", "phrase_files: p.yaml\nsections:")
    lists = "language: en\nlists:\n  - id: hello\n    phrases: [hello]\n"
    (tmp_path / "p.yaml").write_text(lists, encoding="utf-8")
    with_phrases = load(tmp_path, listed).version_info
    assert with_phrases.sha256 != first.sha256
    (tmp_path / "p.yaml").write_text(lists.replace("[hello]", "[hi]"), encoding="utf-8")
    assert load(tmp_path, listed).version_info.sha256 != with_phrases.sha256
    assert (first.name, first.version, len(first.sha256)) == ("own", "1", 64)


def test_error_in_a_phrase_file_names_that_file(tmp_path):
    (tmp_path / "p.yaml").write_text(
        "language: en\nlists:\n  - id: hello\n    phrses: [hello]\n", encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=r"p\.yaml:4: hello\.phrses: .*did you mean 'phrases'"):
        load(tmp_path, GOOD.replace("sections:", "phrase_files: p.yaml\nsections:"))


def test_default_standard_has_texts_in_every_language():
    standard = load_standard(DEFAULT)
    for criterion in standard.criteria:
        assert set(criterion.texts) == set(standard.languages)
        assert all(t.name and t.ask and t.hint for t in criterion.texts.values())


def test_standard_is_frozen():
    standard = load_standard(DEFAULT)
    with pytest.raises(ValueError, match="frozen"):
        standard.name = "other"


SCHEMA = Draft202012Validator(json_schema())
STANDARDS = [p for p in DEFAULT.parent.glob("*.yaml") if "." not in p.stem]


@pytest.mark.parametrize("path", STANDARDS, ids=lambda path: path.stem)
def test_json_schema_accepts_the_shipped_standards_as_written(path):
    assert SCHEMA.is_valid(read_yaml(path).value)


REFUSED = [
    ("act: greeting", "acts: greeting"),
    ("act: greeting", "act: greting"),
    ("act: greeting", "act: []"),
    ("act: greeting", "politeness: [polite, kind]"),
    ("act: greeting", "emotion: negative"),
    ("act: greeting", "empathy: empathic, role: customer"),
    ("act: greeting", "act: greeting, role: other"),
    ("act: greeting", "act: greeting, window: {}"),
    ("act: greeting", "act: greeting, window: {first_turns: 2, last_turns: 1}"),
    ("act: greeting", 'act: greeting, threshold: "0.5"'),
    ("weight: 5", "weight: true"),
    ("weight: 5", "flag: hello"),
    ("weight: 5", "na_when: [{ending: gone}]"),
    ("pending: 0.5, ", ""),
    ("pending: 0.5", "pnding: 0.5"),
    ("kind: label\n", "kind: timing\n        measure: response_s\n"),
    ("sections:", "bands: [{name: a, at_least: 50}]\nsections:"),
    ("sections:", "phrase_books: []\nsections:"),
    ("sections:", "phrase_lists: [{id: a, language: en, phrases: []}]\nsections:"),
    ("sections:", "phrase_lists: [{id: a, language: en, phrases: [{id: b}]}]\nsections:"),
    ("sections:",
     "phrase_lists: [{id: a, language: en, forbidden: rude, phrases: [b]}]\nsections:"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), REFUSED)
def test_json_schema_and_loader_refuse_the_same(tmp_path, old, new):
    assert SCHEMA.is_valid(written(tmp_path, GOOD))
    assert not SCHEMA.is_valid(written(tmp_path, GOOD.replace(old, new, 1)))
    with pytest.raises(ConfigError):
        load_standard(tmp_path / "own.yaml")


def written(tmp_path, text):
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return read_yaml(path).value
