import dataclasses
import json

import pytest

from convqa.errors import ConfigError
from convqa.evaluate import agreement_by_language, agreement_record, read_gold
from convqa.schema import CriterionResult, Resolution
from convqa.store.parts import Chunk, write_chunk
from stored_results import evaluation, stored


def scored(conversation_id, outcome, *, language="en", score=80.0, flag=False, label="resolved"):
    made = evaluation(
        conversation_id,
        language=language,
        score=score,
        flag=flag,
        resolution=Resolution(label, 0.9),
        criteria=(CriterionResult("greeting", outcome, 0.0, 5.0, 5.0, 0.9, "Because."),),
    )
    return dataclasses.replace(stored(conversation_id), evaluation=made)


def gold_line(conversation_id, outcome, score=80.0, flag=False, resolution="resolved"):
    gold = {
        "criteria": {"greeting": outcome}, "score": score, "flag": flag, "resolution": resolution,
        "ending": "closed", "evidence": {},
    }  # fmt: skip
    return json.dumps({"id": conversation_id, "turns": [], "gold": gold})


@pytest.fixture
def gold_file(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(
        "\n".join(
            [
                gold_line("c1", "pass"),
                gold_line("c2", "fail", score=70.0, flag=True),
                gold_line("c3", "half", resolution="pending"),
                gold_line("c4", "fail", score=60.0),
            ]
        )
    )
    return path


@pytest.fixture
def run(tmp_path):
    write_chunk(
        tmp_path / "run",
        0,
        Chunk(
            (
                scored("c1", "pass"),
                scored("c2", "pass", language="pl"),
                scored("c3", "partial", label="unresolved"),
                scored("c4", "fail", score=None),
                scored("other", "pass"),
            ),
            (),
        ),
    )
    return tmp_path / "run"


def test_agreement_over_all_is_counted(run, gold_file):
    *_, over_all = agreement_by_language(run, read_gold(gold_file))
    assert (over_all.group, over_all.n, over_all.n_scored) == ("all", 4, 3)
    assert over_all.outcomes.share == 0.75
    assert over_all.flags.share == 0.75
    assert over_all.score_error == pytest.approx(10 / 3)
    assert over_all.score_bias == pytest.approx(10 / 3)


def test_faults_are_counted_by_what_people_found(run, gold_file):
    *_, over_all = agreement_by_language(run, read_gold(gold_file))
    greeting = over_all.criteria[0]
    assert (greeting.n_fails, greeting.precision, greeting.recall) == (2, 1.0, 0.5)


def test_each_language_has_its_own_figures(run, gold_file):
    groups = agreement_by_language(run, read_gold(gold_file))
    assert [(g.group, g.n) for g in groups] == [("en", 3), ("pl", 1), ("all", 4)]
    assert groups[0].outcomes.share == 1.0
    # Of resolved, resolved, pending: the third was called unresolved.
    assert groups[0].resolution_f1 == pytest.approx(0.5)


def test_a_language_in_which_people_judged_no_criterion_has_no_share(run, tmp_path):
    path = tmp_path / "gold.jsonl"
    bare = {"criteria": {}, "score": 70.0, "flag": False}
    path.write_text("\n".join([gold_line("c1", "pass"), json.dumps({"id": "c2", "gold": bare})]))
    english, polish, over_all = agreement_by_language(run, read_gold(path))
    assert (polish.group, polish.n, polish.outcomes, polish.criteria) == ("pl", 1, None, ())
    assert json.loads(agreement_record(polish))["outcomes"] is None
    assert english.outcomes == over_all.outcomes


def test_record_is_one_line_of_json(run, gold_file):
    record = json.loads(agreement_record(agreement_by_language(run, read_gold(gold_file))[0]))
    assert record["outcomes"]["share"] == 1.0


def test_a_byte_order_mark_before_the_first_line_is_no_fault(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(gold_line("c1", "pass"), encoding="utf-8-sig")
    assert list(read_gold(path)) == ["c1"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no line"),
        ("{", "gold.jsonl:1: line: Invalid JSON"),
        ('{"id": "c1"}', "gold.jsonl:1: gold: Field required"),
        (gold_line("c1", "maybe"), "gold.jsonl:1: gold.criteria.greeting"),
    ],
)
def test_a_wrong_gold_file_is_named_with_its_line(tmp_path, content, message):
    path = tmp_path / "gold.jsonl"
    path.write_text(content)
    with pytest.raises(ConfigError, match=message):
        read_gold(path)


def test_a_run_of_other_conversations_is_refused(run, tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(gold_line("elsewhere", "pass"))
    with pytest.raises(ConfigError, match="none of its conversations"):
        agreement_by_language(run, read_gold(path))
