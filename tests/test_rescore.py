import pytest
import yaml

from convqa.encoder import Encoder, load_bundle
from convqa.errors import ConfigError, StoreError
from convqa.plan import RunOptions, plan_run
from convqa.registry import find_bundle, find_standard
from convqa.rescore import rescore_run
from convqa.scoring import translate_reason
from convqa.standard import load_standard
from convqa.store.manifest import read_manifest, write_manifest
from convqa.store.parts import read_chunk, read_evaluations
from runs_of_samples import SAMPLES, exported, score

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    run = tmp_path_factory.mktemp("english") / "run"
    score(run, [SAMPLES / "en"])
    return run


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
    def weigh_greeting(content):
        content["sections"][0]["criteria"][0]["weight"] = 50

    standard = changed_standard(tmp_path, weigh_greeting)
    list(rescore_run(run, standard, tmp_path / "out"))
    before, after = (list(read_evaluations(r)) for r in (run, tmp_path / "out"))
    assert [e.score for e in before] != [e.score for e in after]
    for old, new in zip(before, after, strict=True):
        assert [c.outcome for c in old.criteria] == [c.outcome for c in new.criteria]
        assert new.standard.version == "2.0.0"
        assert new.model == old.model


def test_new_phrases_are_found_in_the_stored_text(run, tmp_path):
    def forbid_the(content):
        content["phrase_lists"] = [
            {"id": "house_words", "language": "en", "role": "agent",
             "phrases": ["the"]}
        ]  # fmt: skip
        content["sections"][0]["criteria"].append(
            {"id": "no_the", "kind": "label", "weight": 5, "expect": "absent",
             "find": {"phrase": "house_words"}}
        )  # fmt: skip

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
    assert translate_reason(passed.reason, "nb").startswith("Funnet etter meningen")


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
