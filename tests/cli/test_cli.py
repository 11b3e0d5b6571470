import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from convqa.registry import find_bundle
from convqa.standard import load_standard

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
TINY = Path(__file__).parents[1] / "data" / "tiny-bundle"
GOLD = Path(__file__).parents[2] / "data" / "gold" / "samples.jsonl"


MEANT = """
name: own
version: 1.0.0
languages: [en]
eligibility: {words: 0}
phrase_lists:
  - id: comes_back
    language: en
    phrases: [{id: said, meaning: ["I will ring you."]}]
sections:
  - id: calls
    criteria: [{id: callback, kind: label, weight: 1, find: {phrase: comes_back}}]
examples:
  - name: a promise
    language: en
    turns:
      - {role: customer, text: "And then?"}
      - {role: agent, text: "I am going to phone you."}
    expect: {callback: pass}
"""


def convqa(*arguments, stdin=None):
    return subprocess.run(
        [sys.executable, "-m", "convqa", *map(str, arguments)],
        capture_output=True,
        text=True,
        input=stdin,
        env={**os.environ, "COLUMNS": "120"},
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    result = convqa("score", SAMPLES / "en", "--out", folder / "run")
    assert result.returncode == 0, result.stderr
    return folder / "run"


def test_help_is_quick():
    best = min(_seconds("--help") for _ in range(5))
    assert best < 0.5


def _seconds(*arguments):
    start = time.perf_counter()
    assert convqa(*arguments).returncode == 0
    return time.perf_counter() - start


def test_version():
    assert re.fullmatch(r"convqa \d+\.\d+\.\d+\n", convqa("--version").stdout)


@pytest.mark.model
def test_score_prints_a_summary(run):
    result = convqa("score", SAMPLES / "en", "--out", run)
    assert result.returncode == 0
    assert "read 12 = evaluated 12 + rejected 0 + skipped 0" in result.stdout
    assert "greeting" in result.stdout


@pytest.mark.model
@pytest.mark.parametrize(("allowed", "code"), [("0.01", 3), ("0.5", 0)])
def test_more_rejected_than_allowed_is_exit_3(tmp_path, allowed, code):
    result = convqa("score", SAMPLES / "edge", "--out", tmp_path / "run", "--max-rejected", allowed)
    assert result.returncode == code
    assert "rejected 1" in result.stdout
    assert "edge-cases.jsonl:3: no valid JSON" in " ".join(result.stdout.split())


def test_no_tables_are_printed_where_nothing_was_scored(tmp_path):
    (tmp_path / "t.jsonl").write_text("{")
    options = ("--model", TINY, "--out", tmp_path / "run")
    result = convqa("score", tmp_path / "t.jsonl", *options)
    assert result.returncode == 3
    assert "read 1 = evaluated 0 + rejected 1" in result.stdout
    assert "pass rate" not in result.stdout
    assert "mean score" not in result.stdout


def test_a_test_that_fails_for_want_of_a_model_says_so(tmp_path):
    (tmp_path / "own.yaml").write_text(MEANT)
    result = convqa("standards", "test", tmp_path / "own.yaml")
    assert result.returncode == 1
    assert "callback: wanted pass, got fail (Not found: comes back.)" in result.stdout
    assert "comes_back has meaning: examples, which need --model" in result.stdout.splitlines()
    (tmp_path / "own.yaml").write_text(MEANT.replace("callback: pass", "callback: fail"))
    assert "--model" not in convqa("standards", "test", tmp_path / "own.yaml").stdout


def test_exactly_as_many_rejected_as_allowed_is_exit_0(tmp_path):
    agents = [{"id": str(n), "turns": [{"role": "agent", "text": "Hello"}]} for n in range(71)]
    lines = [*map(json.dumps, agents), *("{" for _ in range(29))]
    (tmp_path / "night.jsonl").write_text("\n".join(lines))
    options = ("--model", TINY, "--max-rejected", "0.29")  # 0.29 * 100 is below 29 in floats
    result = convqa("score", tmp_path / "night.jsonl", "--out", tmp_path / "run", *options)
    assert "read 100 = evaluated 0 + rejected 29 + skipped 71" in result.stdout
    assert result.returncode == 0


@pytest.mark.model
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("score", "nowhere.jsonl", "--out", "RUN2"), "nowhere.jsonl"),
        (("score",), "Missing argument"),
        (("score", SAMPLES, "--out", "RUN2", "--standard", "nowhere"), "one of: bank, default"),
        (("score", SAMPLES, "--out", "RUN2", "--model", "nowhere"), "convqa-multilingual/"),
        (("score", SAMPLES, "--out", "RUN2", "--mapping", "nowhere"), "one of: abcd"),
        (("score", SAMPLES, "--out", "RUN2", "--model-sha256", "00"), "sha256"),
        (("score", SAMPLES, "--out", "RUN2", "--format", "klingon"), "known are"),
        (("score", SAMPLES / "pl", "--out", "RUN"), "choose another --out"),
        (("score", SAMPLES, "--out", "RUN2", "--workers", "0"), "workers"),
        (("score", SAMPLES, "--out", "RUN2", "--workers", "two"), "a whole number such as 2. See"),
        (("score", SAMPLES, "--out", "RUN2", "--max-rejected", "0,05"), "with a full stop. See"),
        (("score", SAMPLES, "--out", "RUN2", "--since-run", "nowhere"), "no run directory"),
        (("rescore", "nowhere", "--out", "RUN2"), "no run directory"),
        (("export", "RUN", "--format", "pdf"), "pdf"),
        (("export", "nowhere", "--format", "csv"), "no run directory"),
        (("report", "nowhere"), "no run directory"),
        (("report", "RUN", "--report-language", "de"), "de"),
        (("erase", "RUN"), "either --conversation ID or --before DATE"),
        (("erase", "RUN", "--conversation", "nobody"), "no conversation with the id"),
        (("erase", "RUN", "--before", "yesterday"), "yesterday"),
        (("classify", "nowhere.jsonl"), "nowhere.jsonl: cannot be read"),
        (("evaluate", "--gold", "nowhere.jsonl"), "nowhere.jsonl: cannot be read (No such file"),
        (("models", "show", "nowhere"), "no such model bundle"),
        (("standards", "explain", "hold", "--run", "nowhere", "--conversation", "c"), "no run dir"),
        (("nonsense",), "No such command"),
    ],
)
def test_a_mistake_is_one_clear_line_and_exit_2(run, tmp_path, arguments, said):
    places = {"RUN": run, "RUN2": tmp_path / "run"}
    result = convqa(*(places.get(a, a) for a in arguments))
    assert result.returncode == 2
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("convqa: ")
    assert said in lines[0]


@pytest.mark.model
def test_export_to_a_file_and_to_standard_output_is_the_same(run, tmp_path):
    piped = convqa("export", run, "--format", "jsonl", "--output", "-")
    convqa("export", run, "--format", "jsonl", "--output", tmp_path / "out.jsonl")
    assert piped.stdout == (tmp_path / "out.jsonl").read_text(encoding="utf-8")
    assert len(piped.stdout.splitlines()) == 12


@pytest.mark.model
def test_classify_keeps_order_and_answers_a_bad_line_in_its_place():
    lines = [
        {"id": "a", "role": "agent", "text": "Could you please, \ud800?", "lang": "en"},
        {"id": "b", "role": "agent"},
        {"id": "c", "role": "customer", "text": "This is a disgrace, I am furious!"},
    ]
    stdin = "\ufeff" + "\n".join([*map(json.dumps, lines), "{"])
    result = convqa("classify", "-", stdin=stdin)
    assert result.returncode == 0
    agent, missing, customer, broken = map(json.loads, result.stdout.splitlines())
    assert agent["politeness"]["label"] in {"polite", "neutral", "impolite"}
    assert agent["emotion"] is None
    assert set(agent["forbidden_probabilities"]) >= {"blame", "profanity"}
    assert (missing["id"], "text" in missing["error"]) == ("b", True)
    assert customer["empathy"] is None
    assert sum(customer["emotion"]["probabilities"].values()) == pytest.approx(1, abs=0.001)
    assert broken["id"] is None


@pytest.mark.model
def test_ids_with_brackets_are_printed_as_they_are(tmp_path):
    turns = [
        {"role": "agent", "text": "Shut up, you stupid idiot, it is your own fault."},
        {"role": "customer", "text": "I only wanted to ask where my parcel is today."},
    ]
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"id": "x[/b]", "language": "en", "turns": turns}) + "\n")
    result = convqa("score", path, "--out", tmp_path / "run")
    assert result.returncode == 0, result.stderr
    assert "x[/b]" in result.stdout


def test_lint_on_a_run_that_is_not_there_is_refused(tmp_path):
    result = convqa("standards", "lint", "default", "--run", tmp_path / "gone")
    assert result.returncode == 2
    assert "no run directory" in result.stderr


def test_questions_left_unanswered_end_without_a_traceback(tmp_path):
    result = convqa("standards", "new", tmp_path / "new.yaml", stdin="")
    assert result.returncode == 130
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "new.yaml").exists()
    assert "stopped" in result.stderr
    assert "go on" not in result.stderr


def test_wrong_answer_is_asked_again_and_leaves_no_broken_standard(tmp_path):
    answers = ["Front desk", "desk", "en, no", "en, nb", "much", "7,5", *[""] * 13]
    result = convqa("standards", "new", tmp_path / "new.yaml", stdin="\n".join(answers) + "\n")
    assert result.returncode == 0, result.stderr
    assert "nb is Norwegian" in result.stdout + result.stderr
    standard = load_standard(tmp_path / "new.yaml")
    assert (standard.name, standard.languages) == ("desk", ("en", "nb"))
    assert standard.criteria[0].weight.default == 7.5


@pytest.mark.model
def test_reader_that_stops_early_is_no_fault(run):
    command = f"{sys.executable} -m convqa export {run} --format jsonl --output - | head -c 10"
    piped = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True)
    assert piped.returncode == 0, piped.stderr


@pytest.mark.model
def test_reader_that_leaves_early_does_not_change_the_exit_code(tmp_path):
    command = f"{sys.executable} -m convqa score {SAMPLES / 'edge'} --out {tmp_path / 'run'} | true"
    piped = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True)
    assert piped.returncode == 3, piped.stderr


def test_unknown_command_is_told_where_the_known_ones_are():
    assert "See `convqa --help`" in convqa("nonsense").stderr
    assert "See `convqa score --help`" in convqa("score").stderr
    assert "See `convqa standards lint --help`" in convqa("standards", "lint").stderr


@pytest.mark.model
def test_evaluate_compares_a_run_with_people(run):
    result = convqa("evaluate", "--gold", GOLD, "--run", run, "--json")
    assert result.returncode == 0
    *_, over_all = map(json.loads, result.stdout.splitlines())
    assert (over_all["group"], over_all["n"]) == ("all", 10)
    assert len(over_all["criteria"]) == 12
    table = convqa("evaluate", "--gold", GOLD, "--run", run)
    assert "Machine against person" in table.stdout


def test_evaluate_asks_for_the_run_that_bare_decisions_are_about(tmp_path):
    decision = {"criteria": {}, "score": 80.0, "flag": False, "resolution": "resolved"}
    gold = tmp_path / "gold.jsonl"
    gold.write_text(json.dumps({"id": "c1", "gold": decision}))
    result = convqa("evaluate", "--gold", gold, "--model", TINY)
    assert result.returncode == 2
    assert "gold.jsonl: holds no conversation that can be scored" in " ".join(result.stderr.split())
    assert "--run" in result.stderr


@pytest.mark.model
def test_erased_conversation_is_gone_and_counted(tmp_path):
    convqa("score", SAMPLES / "en", "--out", tmp_path / "run")
    result = convqa("erase", tmp_path / "run", "--conversation", "en-05")
    assert result.returncode == 0
    assert "erased 1 conversations" in result.stdout
    exported = convqa("export", tmp_path / "run", "--format", "jsonl", "--output", "-").stdout
    assert "en-05" not in exported
    again = convqa("score", SAMPLES / "en", "--out", tmp_path / "run")
    assert "read 12 = evaluated 11 + rejected 0 + skipped 0 + erased 1" in again.stdout


@pytest.mark.model
def test_models_are_listed_shown_and_verified():
    assert "convqa-multilingual" in convqa("models", "list").stdout
    card = find_bundle("convqa-multilingual") / "MODEL_CARD.md"
    assert convqa("models", "show").stdout.strip() == card.read_text(encoding="utf-8").strip()
    verified = convqa("models", "verify")
    assert verified.returncode == 0
    assert verified.stdout.startswith("whole")


@pytest.mark.model
def test_changed_model_file_is_exit_1_and_named(tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(find_bundle("convqa-multilingual"), copy)
    with (copy / "heads.safetensors").open("ab") as file:
        file.write(b"x")
    result = convqa("models", "verify", copy)
    assert result.returncode == 1
    assert "heads.safetensors" in result.stdout
    assert convqa("score", SAMPLES / "en", "--out", tmp_path / "r", "--model", copy).returncode == 2


@pytest.mark.model
def test_logs_and_errors_hold_no_words_of_a_transcript(tmp_path):
    secret = "xylophonequark"
    lines = [
        {"id": "ok", "turns": [{"role": "agent", "text": f"Hello {secret} how can I help"},
                               {"role": "customer", "text": f"my {secret} is broken again"}]},
        {"id": "bad", "turns": [{"role": "agent", "text": secret, "start": 9, "end": 1}]},
        {"id": "bad2", "turns": [{"role": "agent", "text": [secret]}]},
    ]  # fmt: skip
    path = tmp_path / "in.jsonl"
    path.write_text("\n".join([*map(json.dumps, lines), f'{{"id": "{secret}']))
    result = convqa("score", path, "--out", tmp_path / "run")
    assert result.returncode == 3
    assert "rejected 3" in result.stdout
    assert secret not in result.stdout + result.stderr
    assert secret not in (tmp_path / "run" / "manifest.json").read_text()


OTHER = """\
name: other
version: "1"
languages: [LANGUAGE]
sections:
  - id: all
    criteria:
      - {id: own, kind: label, weight: 5, find: {act: greeting}}
"""


@pytest.mark.model
@pytest.mark.parametrize(
    ("language", "why"),
    [("en", "16 criteria are gone"), ("nb", "the standard does not cover")],
)
def test_standards_with_little_in_common_are_compared_in_few_lines(run, tmp_path, language, why):
    other = tmp_path / "other.yaml"
    other.write_text(OTHER.replace("LANGUAGE", language), encoding="utf-8")
    result = convqa("standards", "diff", "default", other, "--run", run)
    assert result.returncode == 0, result.stderr
    largest = result.stdout.partition("Largest changes")[2]
    assert why in largest
    assert "further_help" not in largest
