"""A standard tried out before it goes live: differences, examples, explanations, lint on runs."""

from dataclasses import replace

import pytest

from convqa.config import shipped_configs
from convqa.detect.meaning import Nearness
from convqa.detect.phrases import compile_phrases
from convqa.errors import ConfigError, StoreError
from convqa.preview import (
    compare,
    diff_runs,
    diff_standards,
    explain,
    lint_on_runs,
    lists_with_meaning,
    load_examples,
    run_examples,
)
from convqa.rescore import with_phrases
from convqa.schema import (
    Conversation,
    Finding,
    Segment,
    SegmentedConversation,
    Source,
    Span,
    Turn,
    Version,
)
from convqa.scoring import score_conversation
from convqa.standard import Standard, load_standard
from convqa.store.manifest import (
    Manifest,
    Options,
    VersionRecord,
    current_environment,
    write_manifest,
)
from convqa.store.parts import StoredConversation

DEFAULT = load_standard(shipped_configs() / "standards" / "default.yaml")
MODEL = Version("model", "1", "0" * 64)


def stored(conversation_id, *said, resolution="resolved", team="north", language="en"):
    """Return a stored conversation from (role, text, label, …) rows, scored by the default."""
    turns, segments, findings = [], [], []
    for number, (role, text, *labels) in enumerate(said):
        turns.append(Turn(role, text))
        spans = (Span(number, 0, len(text)),)
        segments.append(Segment(number, role, spans, text, language))
        for label in labels:
            kind, _, name = label.partition(":")
            name, _, p = name.partition("@")
            probability = float(p or 1)
            findings.append(
                Finding(kind, name, "model", spans, number, probability, probability >= 0.5)
            )
    findings.append(Finding("resolution", resolution, "model", probability=0.9))
    talk = Conversation(
        conversation_id, tuple(turns), Source("x.jsonl", "native", 0), language, "chat",
        team=team,
    )  # fmt: skip
    segmented = SegmentedConversation(talk, tuple(segments), language, 1.0)
    evaluation = score_conversation(segmented, findings, DEFAULT, MODEL)
    return StoredConversation(segmented, tuple(findings), evaluation)


GOOD = (
    ("agent", "Good morning, Larkspur, Anna speaking, how can I help?", "act:greeting",
     "act:introduction", "act:question", "politeness:polite"),
    ("customer", "The line is dead and I am furious.", "act:problem", "emotion:negative"),
    ("agent", "Two days without a line, that is awful.", "empathy:empathic", "act:action"),
    ("customer", "It works now, thank you.", "act:confirms_resolved"),
    ("agent", "Anything else? Thank you for calling.", "act:further_help", "act:closing",
     "politeness:polite"),
)  # fmt: skip
RUDE = (*GOOD[:4], ("agent", "Well, that is your own fault, goodbye.", "politeness:impolite"))


def changed(**criterion):
    """Return the default standard as version 2 with fields of one criterion changed."""
    content = DEFAULT.model_dump(exclude_unset=True, exclude={"phrase_books"})
    for section in content["sections"]:
        for written in section["criteria"]:
            if written["id"] == criterion["id"]:
                written.update(criterion)
    new = Standard.model_validate({**content, "version": "2"})
    return new.model_copy(update={"phrase_books": DEFAULT.phrase_books})


def test_same_standard_moves_nothing():
    done = diff_standards(DEFAULT, DEFAULT, [stored("a", *GOOD), stored("b", *RUDE)])
    assert (done.n, done.n_moved, done.mean_change, done.largest) == (2, 0, 0, ())


def test_difference_tells_how_many_scores_move_how_far_and_why():
    heavier = changed(id="politeness", weight=60)
    runs = [stored("good", *GOOD), stored("rude", *RUDE)]
    done = diff_standards(DEFAULT, heavier, runs)
    assert (done.n, done.n_moved) == (2, 1)
    (largest,) = done.largest
    assert largest.conversation_id == "rude"
    assert largest.change == round(largest.after.score - largest.before.score, 1) < 0
    assert [c.id for c in largest.criteria] == ["politeness"]
    assert (largest.criteria[0].before.weight, largest.criteria[0].after.weight) == (12, 60)
    assert done.mean_change == pytest.approx(largest.change / 2)
    assert done.mean_absolute_change == pytest.approx(-largest.change / 2)


CURT = (*GOOD, ("customer", "What?"), ("agent", "I said goodbye.", "politeness:impolite"))


@pytest.mark.parametrize(
    ("state", "refusal", "said"),
    [("finished", ConfigError, "no head 'upsell'"), ("running", StoreError, "not finished")],
)
def test_difference_on_what_cannot_be_compared_is_refused(tmp_path, state, refusal, said):
    record = VersionRecord(name="any", version="1", sha256="0" * 64)
    options = Options(
        format=None, mapping_sha256=[], ingest_sha256=None, redact=True, chunk_size=1
    )  # fmt: skip
    manifest = Manifest(
        state=state, inputs=[], options=options, standard=record, model=record,
        environment=current_environment(),
    )  # fmt: skip
    write_manifest(tmp_path / "run", manifest)
    old = Standard.model_validate({
        "name": "own", "version": "1", "languages": ["en"],
        "sections": [{"id": "s", "criteria": [
            {"id": "a", "kind": "label", "weight": 1, "find": {"head": "upsell"}}
        ]}],
    })  # fmt: skip
    with pytest.raises(refusal, match=said):
        diff_runs(old, DEFAULT, [tmp_path / "run"])


def test_difference_counts_flags():
    runs = [stored("curt", *CURT)]
    assert runs[0].evaluation.flags == ("impolite",)
    done = diff_standards(DEFAULT, changed(id="politeness", severity=None, flag=None), runs)
    assert (done.flags_lost, done.n_flag_lost, done.n_flag_gained) == ((("impolite", 1),), 1, 0)
    assert [c.conversation_id for c in done.largest] == ["curt"]


def test_difference_counts_moves_between_bands():
    runs = [stored("curt", *CURT, resolution="pending"), stored("good", *GOOD)]
    assert [r.evaluation.band for r in runs] == ["fair", "good"]
    bands = [{"name": "good", "at_least": 70}, {"name": "poor", "at_least": 0}]
    content = DEFAULT.model_dump(exclude_unset=True, exclude={"phrase_books"})
    milder = Standard.model_validate({**content, "version": "2", "bands": bands})
    assert diff_standards(DEFAULT, milder, runs).bands == (("fair", "good", 1),)


def test_difference_matches_changed_phrases_without_a_model():
    lists = [{"id": "line", "language": "en", "forbidden": "blame", "phrases": ["without a line"]}]
    content = DEFAULT.model_dump(exclude_unset=True, exclude={"phrase_books"})
    stricter = Standard.model_validate({**content, "version": "2", "phrase_lists": lists})
    done = diff_standards(DEFAULT, stricter, [stored("good", *GOOD)])
    assert ("forbidden", "pass", "fail", 1) in done.outcomes


def test_small_teams_are_left_out_of_the_groups():
    few = [stored(f"a{i}", *GOOD, team="small") for i in range(4)]
    many = [stored(f"b{i}", *GOOD, team="large") for i in range(5)]
    done = diff_standards(DEFAULT, DEFAULT, [*few, *many])
    assert {(g.dimension, g.name, g.n) for g in done.groups} == {
        ("language", "en", 9), ("channel", "chat", 9), ("team", "large", 5),
    }  # fmt: skip


def test_ten_largest_changes_are_kept_of_many():
    runs = [stored(f"r{i:03}", *(RUDE if i % 2 else GOOD)) for i in range(60)]
    done = diff_standards(DEFAULT, changed(id="politeness", weight=60), runs)
    assert done.n_moved == 30
    assert [c.conversation_id for c in done.largest] == [f"r{i:03}" for i in range(1, 21, 2)]


def test_score_that_goes_away_is_the_largest_change():
    one = stored("a", *GOOD).evaluation
    gone = replace(one, score=None, raw_score=None, status="low_coverage", band=None)
    done = compare([(one, gone), (one, replace(one, score=90.0))])
    assert [c.change for c in done.largest] == [None, round(90.0 - one.score, 1)]


def test_rescored_conversation_keeps_model_findings_and_matches_phrases_again():
    rude = stored("rude", *RUDE)
    stale = Finding("forbidden", "profanity", "phrase", (Span(0, 0, 4),), 0)
    rude = replace(rude, findings=(*rude.findings, stale))
    findings = with_phrases(rude, compile_phrases(DEFAULT))
    done = score_conversation(rude.segmented, findings, DEFAULT, MODEL)
    outcomes = {c.id: c for c in done.criteria}
    assert outcomes["profanity"].outcome == "pass"
    assert [e.quote for e in outcomes["forbidden"].evidence] == ["that is your own fault"]
    assert outcomes["greeting"].outcome == "pass"


EXAMPLES = """\
examples:
  - name: rude farewell
    language: en
    channel: chat
    resolution: resolved
    turns:
      - {role: agent, text: "Good morning, Larkspur here.", labels: {act: [greeting, introduction]}}
      - {role: customer, text: "My line is dead since the weekend."}
      - {role: agent, text: "Well, that is your own fault."}
    expect: {greeting: pass, forbidden: fail, empathy: na, resolution: pass}
    flags: [low_score]
  - name: wrong on purpose
    language: nb
    channel: call
    turns:
      - {role: agent, text: "Hei, du snakker med Anna i Fjordnett.", labels: {act: greeting}}
      - {role: customer, text: "Hei, linja mi er død siden i helga."}
    expect: {greeting: fail, introduction: half}
    score: 12.5
"""


def test_examples_run_like_unit_tests(tmp_path):
    (tmp_path / "own.tests.yaml").write_text(EXAMPLES, encoding="utf-8")
    good, wrong = run_examples(DEFAULT, load_examples(tmp_path / "own.yaml"))
    assert good.faults == ()
    assert wrong.faults[:2] == (
        "greeting: wanted fail, got pass (Found: greeting.)",
        "introduction: wanted partial, got fail (Not found in the first 3 turns: introduction.)",
    )
    assert wrong.faults[-1].startswith("score: wanted 12.5, got ")


def test_examples_use_the_model_when_there_is_one(tmp_path):
    (tmp_path / "own.tests.yaml").write_text(EXAMPLES, encoding="utf-8")

    def finds_a_question(segmented):
        return [Finding("act", "question", "model", segmented.segments[0].spans, 0, 0.9)]

    examples = load_examples(tmp_path / "own.yaml")
    with_model = run_examples(DEFAULT, examples, detect=finds_a_question)
    outcomes = {c.id: c.outcome for c in with_model[0].evaluation.criteria}
    assert outcomes["needs"] == "pass"


def test_standard_without_example_file_has_no_examples(tmp_path):
    assert load_examples(tmp_path / "own.yaml") == ()


def test_example_of_an_unknown_criterion_is_refused(tmp_path):
    text = EXAMPLES.replace("greeting: pass,", "greting: pass,")
    (tmp_path / "own.tests.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="unknown criterion 'greting'; did you mean 'greeting'"):
        run_examples(DEFAULT, load_examples(tmp_path / "own.yaml"))


def test_explanation_goes_step_by_step():
    good = stored("good", *GOOD)
    told = explain(DEFAULT, "greeting", good.segmented, good.findings)
    assert told.steps == (
        "kind label, worth 5 points in this conversation",
        "find: greeting by the agent in the first 2 turns: turn 0 «Good morning, Larkspur, Anna "
        "speaking, how can I help?» (model, 1.00)",
        "outcome pass, 5 points: Found: greeting.",
    )
    assert told.flips[0].change == "greeting not found in turn 0"
    assert told.flips[0].outcome == "fail"


@pytest.mark.parametrize(
    ("criterion", "said", "change", "outcome"),
    [
        ("greeting", (("agent", "Yes, what is it that you need?", "act:greeting@0.4"),
                      ("customer", "My line is dead, please help.")),
         "greeting counted in turn 0, where its probability is 0.40", "pass"),
        ("introduction", GOOD[1:], "introduction found in turn 1", "pass"),
        ("politeness", (*RUDE, ("customer", "What?"), ("agent", "Bye.", "politeness:impolite")),
         "impolite found nowhere", "pass"),
        ("resolution", GOOD, "resolution pending", "partial"),
        ("next_steps", GOOD, "commitment found in turn 0", "pass"),
        ("closing", RUDE, "closing found in turn 2", "pass"),
    ],
)  # fmt: skip
def test_smallest_change_that_flips_the_outcome(criterion, said, change, outcome):
    one = stored("one", *said)
    told = explain(DEFAULT, criterion, one.segmented, one.findings)
    assert (told.flips[0].change, told.flips[0].outcome) == (change, outcome)
    assert told.flips[0].outcome != told.result.outcome


def test_a_phrase_less_flips_what_looks_for_its_list():
    slang = {"id": "slang", "language": "en", "phrases": ["no worries"]}
    criterion = {
        "id": "no_slang", "kind": "label", "weight": 1, "expect": "absent",
        "find": {"phrase": "slang"},
    }  # fmt: skip
    sections = [{"id": "style", "criteria": [criterion]}]
    own = Standard.model_validate(
        {"name": "own", "version": "1", "languages": ["en"], "eligibility": {"words": 0},
         "phrase_lists": [slang], "sections": sections}
    )  # fmt: skip
    one = stored("one", ("agent", "No worries, it is done."), ("customer", "Thank you."))
    found = with_phrases(one, compile_phrases(own))
    told = explain(own, "no_slang", one.segmented, found)
    assert told.result.outcome == "fail"
    assert told.flips[0].change.startswith("slang.")
    assert (told.flips[0].kind, told.flips[0].outcome) == ("missing", "pass")


def meant_standard():
    """Return a standard that asks for a promise by words or meaning, and an example of it."""
    said = {"id": "said", "say": "call you back", "meaning": ["I will ring you."], "threshold": 0.5}
    lists = [{"id": "comes_back", "language": "en", "phrases": [said]},
             {"id": "hello", "language": "en", "phrases": ["hello"]}]  # fmt: skip
    find = [("hello", {"phrase": "hello"}), ("callback", {"phrase": "comes_back"})]
    criteria = [{"id": i, "kind": "label", "weight": 1, "find": f} for i, f in find]
    criteria.append({"id": "both", "kind": "all", "weight": 0, "of": ["hello", "callback"]})
    example = {"name": "one", "language": "en", "expect": {"both": "pass"},
               "turns": [{"role": "agent", "text": "Hello, somebody phones you."}]}  # fmt: skip
    return Standard.model_validate(
        {"name": "own", "version": "1", "languages": ["en"], "phrase_lists": lists,
         "eligibility": {"words": 0}, "sections": [{"id": "s", "criteria": criteria}],
         "examples": [example]}
    )  # fmt: skip


def test_explanation_tells_how_near_the_nearest_sentence_came_to_the_meaning():
    own, one = meant_standard(), stored("one", *GOOD)
    near = Nearness("comes_back.said", one.segmented.segments[2], 0.4123, 0.5, is_unlike=False)
    told = explain(own, "callback", one.segmented, one.findings, near=[near])
    assert told.steps[1] == (
        "find: comes_back by the agent: not found; nearest to the meaning of comes_back.said: "
        "turn 2 «Two days without a line, that is awful.» with 0.41, 0.50 is needed"
    )
    assert told.result.reason == "Not found: comes back."
    assert told.result.confidence == 1.0
    unlike = replace(near, is_unlike=True)
    told = explain(own, "callback", one.segmented, one.findings, near=[unlike])
    assert told.steps[1].endswith("0.50 is needed, and it is nearer to an unlike:")
    other = explain(own, "hello", one.segmented, one.findings, near=[near])
    assert "meaning" not in " ".join(other.steps)


def test_lists_whose_examples_of_meaning_would_need_a_model_are_named():
    own = meant_standard()
    (example,) = own.examples
    assert lists_with_meaning(own, [example]) == ["comes_back"]
    expects_hello = example.model_copy(update={"expect": {"hello": "pass"}})
    assert lists_with_meaning(own, [expects_hello]) == []
    danish = example.model_copy(update={"language": "da"})
    assert lists_with_meaning(own, [danish]) == []


@pytest.mark.parametrize("word", ["foo", "Hi, where is my greeting?"])
def test_nothing_is_suggested_where_nothing_is_near(word):
    with pytest.raises(ConfigError, match=r"in default; known: greeting, introduction"):
        explain(DEFAULT, word, stored("one", *GOOD).segmented, ())


def test_explaining_an_unknown_criterion_is_refused():
    one = stored("one", *GOOD)
    message = "no criterion 'greting' in default; did you mean 'greeting'"
    with pytest.raises(ConfigError, match=message):
        explain(DEFAULT, "greting", one.segmented, one.findings)


def test_explaining_a_conversation_that_is_not_scored_is_refused():
    one = stored("one", ("agent", "Yes?"), ("customer", "Hello there."))
    with pytest.raises(ConfigError, match="conversation one: not scored: words 3, needed 10"):
        explain(DEFAULT, "greeting", one.segmented, one.findings)


def test_criterion_that_decides_nothing_on_runs_is_doubted():
    evaluations = [stored(f"c{i}", *GOOD).evaluation for i in range(30)]
    doubts = {i.criterion: i.message for i in lint_on_runs(DEFAULT, evaluations)}
    assert doubts["greeting"] == "always passed in 30 conversations"
    assert doubts["hold"] == "never applied in 30 conversations"
    assert "profanity" not in doubts
    assert lint_on_runs(DEFAULT, evaluations[:29]) == []


def test_criterion_that_the_runs_were_not_scored_by_is_named_and_not_judged():
    evaluations = [stored(f"c{i}", *GOOD).evaluation for i in range(30)]
    older = [
        replace(e, criteria=tuple(r for r in e.criteria if r.id != "hold")) for e in evaluations
    ]
    issues = lint_on_runs(DEFAULT, older)
    assert "hold" not in {issue.criterion for issue in issues}
    assert issues[0].message.startswith("not in the runs, which another standard scored: hold;")
