import json
import os
import shutil

import pytest
import yaml

from convqa.config import shipped_configs
from convqa.encoder import Encoder, load_bundle
from convqa.erase import erase_before
from convqa.errors import ConfigError, StoreError
from convqa.plan import RunOptions, plan_run
from convqa.preview import diff_runs, diff_standards
from convqa.registry import find_bundle, find_standard
from convqa.rescore import CHUNKS_AT_ONCE, knows_phrases, rescore_conversation, rescore_run
from convqa.scoring import score_conversation, translate_reason, unasked_labels
from convqa.standard import load_standard
from convqa.store.manifest import read_manifest, write_manifest
from convqa.store.parts import (
    finished_chunks,
    is_finished,
    part_path,
    read_chunk,
    read_evaluations,
    read_found,
    read_table,
)
from runs_of_samples import SAMPLES, exported, score

pytestmark = pytest.mark.model

SHIPPED_STANDARDS = [
    path for path in sorted((shipped_configs() / "standards").glob("*.yaml"))
    if not path.stem.endswith(".tests")
]  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    run = tmp_path_factory.mktemp("english") / "run"
    score(run, [SAMPLES / "en"])
    return run


@pytest.fixture(scope="module")
def samples_run(tmp_path_factory):
    """Return a run of all samples, with the phrases and attention of a sector standard."""
    run = tmp_path_factory.mktemp("samples") / "run"
    score(run, [SAMPLES], standard="bank", chunk_size=30)
    return run


@pytest.fixture(scope="module")
def chunked(tmp_path_factory):
    """Return a run of more chunks than are done before processes are started."""
    run = tmp_path_factory.mktemp("chunked") / "run"
    score(run, [SAMPLES / "en", SAMPLES / "edge"], chunk_size=1)
    assert len(finished_chunks(run)) > CHUNKS_AT_ONCE + 2
    return run


def weigh_greeting(content):
    content["sections"][0]["criteria"][0]["weight"] = 50


def forbid_the(content):
    content["phrase_lists"] = [
        {"id": "house_words", "language": "en", "role": "agent",
         "phrases": ["the"]}
    ]  # fmt: skip
    content["sections"][0]["criteria"].append(
        {"id": "no_the", "kind": "label", "weight": 5, "expect": "absent",
         "find": {"phrase": "house_words"}}
    )  # fmt: skip


def files_of(run):
    """Return the bytes of every file of a run by its path in it."""
    return {
        str(path.relative_to(run)): path.read_bytes()
        for path in sorted(run.rglob("*"))
        if path.is_file() and path.name[0] != "."
    }


def changed_standard(folder, change):
    content = yaml.safe_load(find_standard("default").read_text(encoding="utf-8"))
    content["version"] = "2.0.0"
    change(content)
    path = folder / "changed.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_standard(path)


def test_same_standard_gives_the_same_bytes(run, tmp_path):
    list(rescore_run(run, load_standard(find_standard("default")), tmp_path / "again"))
    assert exported(tmp_path / "again") == exported(run)
    assert read_manifest(tmp_path / "again").counts == read_manifest(run).counts


def test_another_weight_changes_scores_and_nothing_that_was_found(run, tmp_path):
    standard = changed_standard(tmp_path, weigh_greeting)
    list(rescore_run(run, standard, tmp_path / "out"))
    before, after = (list(read_evaluations(r)) for r in (run, tmp_path / "out"))
    assert [e.score for e in before] != [e.score for e in after]
    for old, new in zip(before, after, strict=True):
        assert [c.outcome for c in old.criteria] == [c.outcome for c in new.criteria]
        assert new.standard.version == "2.0.0"
        assert new.model == old.model


def ask_for_neutral_answers(content):
    neutral = {"politeness": "neutral", "window": {"last_turns": 1}}
    plain = {"act": "closing", "without": {"empathy": "none"}}
    content["sections"][0]["criteria"] += [
        {"id": "dry_end", "kind": "label", "weight": 5, "expect": "absent", "find": neutral},
        {"id": "warm_end", "kind": "label", "weight": 5, "expect": "present", "find": plain},
    ]


@pytest.mark.parametrize("change", [weigh_greeting, ask_for_neutral_answers])
@pytest.mark.parametrize("last_role", ["agent", "unknown"])
def test_labels_that_no_standard_asks_for_decide_nothing(tmp_path, change, last_role):
    turns = [
        {"role": "customer", "text": "Hello, when does the shop open on Sunday?"},
        {"role": "agent", "text": "Hello, this is Eva. At noon."},
        {"role": last_role, "text": "Goodbye."},
    ]
    path = tmp_path / "shop.jsonl"
    path.write_text(json.dumps({"id": "shop", "language": "en", "turns": turns}), encoding="utf-8")
    score(tmp_path / "run", [path])
    standard = changed_standard(tmp_path, change)
    (stored,) = read_chunk(tmp_path / "run", 0).conversations
    model = stored.evaluation.model
    asked_all = score_conversation(stored.segmented, stored.findings, standard, model)
    list(rescore_run(tmp_path / "run", standard, tmp_path / "out"))
    (rescored,) = read_evaluations(tmp_path / "out")
    assert rescored.criteria == asked_all.criteria


def test_labels_are_read_where_one_is_asked_for(tmp_path):
    default = load_standard(find_standard("default"))
    unasked = unasked_labels([default])
    assert unasked["politeness"] == ("neutral",)
    assert unasked["empathy"] == ("none",)
    assert unasked["emotion"] == ("positive", "neutral")
    assert set(unasked["act"]) == {"problem", "churn"}
    assert "response_s" in unasked["timing"]
    assert "silence_s" not in unasked["timing"]
    asking = changed_standard(tmp_path, ask_for_neutral_answers)
    both = unasked_labels([default, asking])
    assert "politeness" not in both
    assert "empathy" not in both
    assert both["emotion"] == ("positive", "neutral")


@pytest.mark.parametrize("path", SHIPPED_STANDARDS, ids=lambda path: path.stem)
def test_what_a_shipped_standard_does_not_ask_for_decides_nothing(samples_run, path):
    standard = load_standard(path)
    unasked = unasked_labels([standard])
    n_left_out = 0
    for index in finished_chunks(samples_run):
        everything, less = (
            read_found(samples_run, index, with_segments=False, without_labels=labels)
            for labels in (None, unasked)
        )
        for one, other in zip(everything, less, strict=True):
            n_left_out += len(one.findings) - len(other.findings)
            assert rescore_conversation(other, other.findings, standard) == rescore_conversation(
                one, one.findings, standard
            )
    assert n_left_out > 1000


def test_new_phrases_are_found_in_the_stored_text(run, tmp_path):
    standard = changed_standard(tmp_path, forbid_the)
    list(rescore_run(run, standard, tmp_path / "out"))
    outcomes = [
        c for e in read_evaluations(tmp_path / "out") for c in e.criteria if c.id == "no_the"
    ]
    failed = [c for c in outcomes if c.outcome == "fail"]
    assert failed
    assert all(e.quote.lower() == "the" for c in failed for e in c.evidence)


def test_new_examples_are_read_once_and_then_known(run, tmp_path):
    example = next(
        s.text for c in read_chunk(run, 0).conversations for s in c.segmented.segments
        if s.role == "agent" and len(s.text.split()) > 8
    )  # fmt: skip

    def find_by_meaning(content):
        content["phrase_lists"] = [
            {"id": "like_this", "language": "en",
             "phrases": [{"id": "said", "meaning": [example], "threshold": 0.99}]}
        ]  # fmt: skip
        content["sections"][0]["criteria"].append(
            {"id": "like_this", "kind": "label", "weight": 5, "find": {"phrase": "like_this"}}
        )

    standard = changed_standard(tmp_path, find_by_meaning)
    with pytest.raises(ConfigError, match=r"1 examples of meaning: .* not known .* --model"):
        list(rescore_run(run, standard, tmp_path / "out"))
    encode = Encoder(load_bundle(find_bundle("convqa-multilingual")), threads=1).encode
    list(rescore_run(run, standard, tmp_path / "out", encode=encode))
    list(rescore_run(tmp_path / "out", standard, tmp_path / "again"))
    assert exported(tmp_path / "again") == exported(tmp_path / "out")
    (passed,) = [
        c for e in read_evaluations(tmp_path / "out") for c in e.criteria
        if c.id == "like_this" and c.outcome == "pass"
    ]  # fmt: skip
    assert example in passed.reason
    assert translate_reason(passed.reason, "nb").startswith("Funnet ut fra meningen")


def test_a_version_is_not_used_for_other_content(run, tmp_path):
    def keep_the_version(content):
        content["version"] = load_standard(find_standard("default")).version
        content["sections"][0]["criteria"][0]["weight"] = 50

    standard = changed_standard(tmp_path, keep_the_version)
    message = r"same version, other content .* give the changed standard another version"
    with pytest.raises(ConfigError, match=message):
        list(rescore_run(run, standard, tmp_path / "out"))
    with pytest.raises(ConfigError, match=message):
        plan_run([str(SAMPLES / "nb")], standard,
                 RunOptions(find_bundle("convqa-multilingual"), since_run=run),
                 lambda *_: None)  # fmt: skip
    assert not (tmp_path / "out").exists()


def test_unfinished_run_is_refused(run, tmp_path):
    manifest = read_manifest(run)
    unfinished = tmp_path / "unfinished"
    write_manifest(unfinished, manifest.model_copy(update={"state": "running"}))
    with pytest.raises(StoreError, match="not finished"):
        list(rescore_run(unfinished, load_standard(find_standard("default")), tmp_path / "out"))


@pytest.mark.parametrize("change", [weigh_greeting, forbid_the])
def test_the_number_of_processes_changes_no_byte(chunked, tmp_path, change):
    standard = changed_standard(tmp_path, change)
    for workers in (1, 2):
        steps = list(rescore_run(chunked, standard, tmp_path / f"of{workers}", workers=workers))
        assert [step.n_chunks_done for step in steps] == list(range(1, len(steps) + 1))
        assert steps[-1].n_conversations == read_manifest(chunked).counts.evaluated + (
            read_manifest(chunked).counts.skipped
        )
    assert files_of(tmp_path / "of1") == files_of(tmp_path / "of2")


def test_only_phrases_that_may_be_others_are_looked_for_again(run, tmp_path):
    manifest = read_manifest(run)
    assert knows_phrases(run, manifest, changed_standard(tmp_path, weigh_greeting))
    assert not knows_phrases(run, manifest, changed_standard(tmp_path, forbid_the))
    other = manifest.environment.model_copy(update={"python": "3.0"})
    default = load_standard(find_standard("default"))
    assert not knows_phrases(run, manifest.model_copy(update={"environment": other}), default)
    edited = tmp_path / "edited"
    shutil.copytree(run, edited)
    text = (edited / "standard.json").read_text(encoding="utf-8")
    (edited / "standard.json").write_text(text.replace("Good morning", "Good evening"))
    assert not knows_phrases(edited, manifest, default)
    (edited / "standard.json").unlink()
    assert not knows_phrases(edited, manifest, default)


def test_kept_findings_are_those_that_matching_again_gives(chunked, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(chunked, elsewhere)
    manifest = read_manifest(elsewhere)
    other = manifest.environment.model_copy(update={"python": "3.0"})
    write_manifest(elsewhere, manifest.model_copy(update={"environment": other}))
    standard = changed_standard(tmp_path, weigh_greeting)
    list(rescore_run(chunked, standard, tmp_path / "kept"))
    list(rescore_run(elsewhere, standard, tmp_path / "matched"))
    kept, matched = (files_of(tmp_path / name) for name in ("kept", "matched"))
    assert kept.pop("manifest.json") != matched.pop("manifest.json")
    assert kept == matched
    assert part_path(tmp_path / "kept", "findings", 0).samefile(part_path(chunked, "findings", 0))


@pytest.mark.parametrize("erased_first", ["source", "rescored"])
def test_what_is_erased_in_one_run_stays_in_the_other(run, tmp_path, erased_first):
    source, rescored = tmp_path / "source", tmp_path / "rescored"
    shutil.copytree(run, source)
    list(rescore_run(source, changed_standard(tmp_path, weigh_greeting), rescored))
    shared = part_path(source, "segments", 0)
    assert shared.samefile(part_path(rescored, "segments", 0))
    erased, other = (source, rescored) if erased_first == "source" else (rescored, source)
    before = files_of(other)
    assert erase_before(erased, "2100-01-01").n_erased
    assert files_of(other) == before
    kept = {e.conversation_id for e in read_evaluations(erased)}
    assert set(read_table(erased, "segments", 0)["conversation_id"].to_pylist()) <= kept
    shutil.rmtree(erased)
    assert files_of(other) == before


def test_parts_are_copied_where_no_links_can_be_made(run, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(18, "Invalid cross-device link")

    standard = changed_standard(tmp_path, weigh_greeting)
    list(rescore_run(run, standard, tmp_path / "linked"))
    monkeypatch.setattr(os, "link", refuse)
    list(rescore_run(run, standard, tmp_path / "copied"))
    assert not part_path(run, "segments", 0).samefile(part_path(tmp_path / "copied", "segments", 0))
    assert files_of(tmp_path / "linked") == files_of(tmp_path / "copied")


@pytest.mark.parametrize("change", [weigh_greeting, forbid_the])
def test_a_rescoring_that_was_killed_goes_on(chunked, tmp_path, change):
    standard = changed_standard(tmp_path, change)
    list(rescore_run(chunked, standard, tmp_path / "whole"))
    steps = rescore_run(chunked, standard, tmp_path / "out")
    for _ in range(3):
        next(steps)
    steps.close()
    assert is_finished(tmp_path / "out", 2)
    assert not is_finished(tmp_path / "out", 3)
    done = part_path(tmp_path / "out", "evaluations", 1).stat().st_mtime_ns
    # What is killed after its first part: the part is a link to that of the source.
    half = part_path(tmp_path / "out", "segments", 3)
    half.hardlink_to(part_path(chunked, "segments", 3))
    list(rescore_run(chunked, standard, tmp_path / "out", workers=2))
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")
    assert part_path(tmp_path / "out", "evaluations", 1).stat().st_mtime_ns == done


@pytest.mark.parametrize("change", [weigh_greeting, forbid_the])
def test_difference_on_runs_is_that_of_their_conversations(chunked, tmp_path, change):
    old, new = load_standard(find_standard("default")), changed_standard(tmp_path, change)
    conversations = [
        c for index in finished_chunks(chunked) for c in read_chunk(chunked, index).conversations
        if c.segmented.segments
    ]  # fmt: skip
    wanted = diff_standards(old, new, conversations)
    one, two = (diff_runs(old, new, [chunked], workers=n) for n in (1, 2))
    assert one == two
    assert wanted.n_moved
    assert (one.n, one.n_moved, one.bands, one.outcomes, one.largest) == (
        wanted.n, wanted.n_moved, wanted.bands, wanted.outcomes, wanted.largest
    )  # fmt: skip
    assert one.mean_change == pytest.approx(wanted.mean_change)
    assert [g.name for g in one.groups] == [g.name for g in wanted.groups]
    assert diff_runs(old, new, [chunked, chunked]).n == 2 * one.n
