"""Label files: what is taken, and one clear line for what is not."""

import pytest
from label_files import row, write_rows

from convqa.errors import ConfigError
from convqa.heads.labels import read_labels


def test_labels_may_be_true_or_yes(tmp_path):
    rows = [row(0), row(1, label="No"), row(2, label="yes", lang="no", context=None)]
    found = read_labels(write_rows(tmp_path / "a.jsonl", rows))
    assert (found.role, found.kind) == ("agent", "yes_no")
    assert [r.labels for r in found.rows] == [("yes",), (), ("yes",)]
    assert [r.language for r in found.rows] == ["en", "en", "nb"]
    assert found.rows[2].context == ""


@pytest.mark.parametrize(
    ("labels", "kind", "expected"),
    [
        (("late", "lost"), "one_of", [("late",), ("lost",)]),
        ((["late", "lost"], []), "any_of", [("late", "lost"), ()]),
    ],
)
def test_labels_may_be_names_or_lists(tmp_path, labels, kind, expected):
    rows = [row(n, label=label) for n, label in enumerate(labels)]
    found = read_labels(write_rows(tmp_path / "a.jsonl", rows))
    assert found.kind == kind
    assert [r.labels for r in found.rows] == expected


def test_what_was_said_before_may_be_told(tmp_path):
    said = [{"role": "customer", "text": "hi"}, {"role": "agent", "text": "hello"}]
    path = write_rows(tmp_path / "a.jsonl", [row(0, before=said), row(1), row(2, before=None)])
    found = [r.before for r in read_labels(path).rows]
    assert found == [(("customer", "hi"), ("agent", "hello")), (), ()]


SECRET = "my card is 4111"


@pytest.mark.parametrize(
    ("changes", "field", "remedy"),
    [
        ({"id": None}, "id", "text or a whole number"),
        ({"id": "r0"}, "id", "that of line 1 too"),
        ({"conversation_id": ""}, "conversation_id", "text or a whole number"),
        ({"lang": "de"}, "lang", "one of en, nb, da, sv, pl, ro"),
        ({"role": "bot"}, "role", "must be agent or customer"),
        ({"role": "customer"}, "role", "line 1 has agent"),
        ({"text": 3}, "text", "must be a text"),
        ({"text": "  "}, "text", "is empty"),
        ({"context": 3}, "context", "must be a text"),
        ({"before": SECRET}, "before", "must be a list"),
        ({"before": [SECRET]}, "before", "entry 1 must have the role"),
        ({"before": [{"role": "bot", "text": SECRET}]}, "before", "leave out what others said"),
        ({"before": [{"role": "agent"}]}, "before", "entry 1 must have a text"),
        ({"label": None}, "label", "true or false, yes or no"),
        ({"label": 1}, "label", "true or false, yes or no"),
        ({"label": SECRET}, "label", "small letters"),
        ({"label": [SECRET]}, "label", "small letters"),
        ({"label": "late"}, "label", "another kind than that of line 1"),
    ],
)
def test_bad_line_is_told_by_file_line_field_and_remedy(tmp_path, changes, field, remedy):
    rows = [row(0, text=SECRET), row(1, **{"text": SECRET, **changes})]
    path = write_rows(tmp_path / "a.jsonl", rows)
    with pytest.raises(ConfigError) as error:
        read_labels(path)
    message = str(error.value)
    assert message.startswith(f"{path}:2: {field}: ")
    assert remedy in message
    assert SECRET not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{oops\n", ":1: line: is no JSON"),
        (b"\n[1]\n", ":2: line: must be a JSON object"),
        (b"\n\n", "holds no labels"),
        (b"\xff\xfe\x00", "is no UTF-8 text"),
    ],
)
def test_what_is_no_label_file_is_told(tmp_path, content, said):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        read_labels(path)


def test_missing_file_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        read_labels(tmp_path / "none.jsonl")
