"""Heads fitted on the tiny bundle: the form, the bundle and the warnings, not the sense."""

import json

import numpy as np
import pytest
from label_files import WORDS, row, separable_rows, write_rows

from convqa.detect.contexts import surroundings
from convqa.encoder import Encoder, load_bundle
from convqa.errors import ConfigError
from convqa.heads.inputs import row_groups, row_vectors
from convqa.heads.labels import read_labels
from convqa.heads.make import next_version, train_head, write_bundle
from convqa.heads.results import card_section
from convqa.schema import Conversation, Source, Turn
from convqa.segment import segment_conversation
from custom_heads import TINY


@pytest.fixture(scope="module")
def bundle():
    return load_bundle(TINY)


@pytest.fixture(scope="module")
def encoder(bundle):
    return Encoder(bundle, threads=1)


@pytest.fixture
def train(tmp_path, bundle, encoder):
    def trained(rows, name="refund_explained", precision=None):
        labels = read_labels(write_rows(tmp_path / "labels.jsonl", rows))
        return labels, train_head(labels, name, bundle, encoder, precision=precision)

    return trained


CHAT = (
    ("agent", "Hello. This is Ann."), ("customer", "Hi"), ("agent", "Which card?"),
    ("customer", "The blue one. It is gone."), ("agent", "Sorry. I block it."),
)  # fmt: skip
# A recogniser writes no sentences: segments are groups of clauses.
CALL = (
    ("customer", "hello"), ("agent", "hello this is ann how can i help"),
    ("customer", "well you see i was at the station this morning and i had my bag with me and then "
     "i went to get a coffee and when i came back to the train the bag was gone and my card was in "
     "it and i really do not know what to do now because i need it today"),
    ("agent", "i see i block the card now"),
)  # fmt: skip


@pytest.mark.parametrize(("said", "channel"), [(CHAT, "chat"), (CALL, "call")])
def test_rows_are_read_as_in_scoring(tmp_path, encoder, said, channel):
    turns = tuple(Turn(role, text) for role, text in said)
    talk = Conversation("c", turns, Source("", "", 0), "en", channel)
    segments = segment_conversation(talk).segments
    assert len(segments) > len(turns)
    end = next(n for n, s in enumerate(segments) if s.spans[0].turn == len(turns) - 1)
    before = [{"role": s.role, "text": s.text} for s in segments[:end]]
    rows = [row(0, text=segments[-1].text, context=said[-2][1], before=before)]
    labels = read_labels(write_rows(tmp_path / "a.jsonl", rows))
    found = row_vectors(labels.rows, encoder, with_past=True)
    scored = surroundings([s.role for s in segments], encoder.encode([s.text for s in segments]))
    np.testing.assert_array_equal(found.context[0], scored.context[-1])
    np.testing.assert_array_equal(found.past[0], scored.past[-1])
    assert all(block.any() for block in found.past[0])
    # What the row's own run said is not before it.
    more = [*before, {"role": "agent", "text": "One moment"}]
    labels = read_labels(write_rows(tmp_path / "b.jsonl", [{**rows[0], "before": more}]))
    again = row_vectors(labels.rows, encoder, with_past=True)
    np.testing.assert_array_equal(again.past, found.past)
    np.testing.assert_array_equal(again.context, found.context)
    alone = row_vectors(labels.rows, encoder)
    np.testing.assert_array_equal(alone.context, found.context)
    assert not alone.past.any()


def figure(report, group="all"):
    return next(f for f in report.figures if f.group == group)


def test_head_is_learnt_and_joins_a_new_bundle(train, bundle, encoder, tmp_path):
    labels, trained = train(separable_rows(90))
    assert trained.report.counts == {"refund_explained": 30}
    assert figure(trained.report).f1.value > 0.8
    new = write_bundle(trained, labels, bundle, tmp_path / "new")
    (own,) = new.custom
    assert (own.head.name, own.head.role) == ("refund_explained", "agent")
    vectors = row_vectors(labels.rows, encoder)
    found = own.predict(vectors.text, vectors.context)[:, 0] >= own.head.thresholds[0]
    truth = np.array([bool(r.labels) for r in labels.rows])
    assert (found == truth).mean() > 0.9
    parent = new.manifest.parent
    assert (parent.name, parent.version, parent.sha256) == (
        bundle.version_info.name, bundle.version_info.version, bundle.version_info.sha256
    )  # fmt: skip
    assert parent.labels_sha256 == labels.sha256


def test_same_labels_give_the_same_bytes(train, bundle, tmp_path):
    digests = set()
    for name in ("one", "two"):
        labels, trained = train(separable_rows(60))
        digests.add(write_bundle(trained, labels, bundle, tmp_path / name).version_info.sha256)
    assert len(digests) == 1


def test_card_and_manifest_hold_figures_and_no_text(train, bundle, tmp_path):
    labels, trained = train(separable_rows(60), precision=0.8)
    write_bundle(trained, labels, bundle, tmp_path / "new")
    card = (tmp_path / "new" / "MODEL_CARD.md").read_text()
    assert "## Head `refund_explained`" in card
    assert "refund_explained 20" in card
    manifest = (tmp_path / "new" / "manifest.json").read_text()
    for words in WORDS.values():
        for word in set(words) - {"refund", "thanks", "number"}:
            assert word not in card.replace("conversations", "")
            assert word not in manifest


def test_one_of_several_and_any_of_several(train, bundle, tmp_path):
    rows = separable_rows(60, yes="refund", no="other")
    labels, trained = train(rows, name="topic", precision=0.7)
    new = write_bundle(trained, labels, bundle, tmp_path / "one")
    head = new.custom[0].head
    assert (head.activation, head.labels) == ("softmax", ("other", "refund"))
    assert head.thresholds[0] == 0 < head.thresholds[1]
    labels, trained = train(separable_rows(60, yes=["refund", "bank"], no=[]), name="says")
    new = write_bundle(trained, labels, bundle, tmp_path / "any")
    assert new.custom[0].head.finding_labels == ("says.bank", "says.refund")
    assert new.manifest.head_labels == {"says.bank": "agent", "says.refund": "agent"}


def test_second_head_keeps_the_first(train, bundle, encoder, tmp_path):
    labels, trained = train(separable_rows(60))
    first = write_bundle(trained, labels, bundle, tmp_path / "one")
    more = train_head(labels, "another", first, encoder, precision=None)
    second = write_bundle(more, labels, first, tmp_path / "two")
    assert [own.head.name for own in second.custom] == ["refund_explained", "another"]
    assert second.version_info.version == "0.0.1+2.another"
    vectors = row_vectors(labels.rows, encoder)
    expected = first.custom[0].predict(vectors.text, vectors.context)
    assert second.custom[0].predict(vectors.text, vectors.context).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("version", "expected"),
    [("0.2.0", "0.2.0+1.a"), ("0.2.0+1.a", "0.2.0+2.a"), ("0.2.0+12.b", "0.2.0+13.a")],
)
def test_versions_count_the_steps(version, expected):
    assert next_version(version, "a") == expected


def test_small_data_is_warned_of(train):
    _, trained = train(separable_rows(24))
    said = " / ".join(trained.report.warnings)
    assert "only 24 labels" in said
    assert "only 12 conversations" in said
    assert "only 8 rows with refund_explained" in said
    _, trained = train(separable_rows(90))
    assert trained.report.warnings == ()


def test_contradictions_are_warned_of_by_line(train):
    rows = separable_rows(60)
    rows[7] = {**rows[7], "text": rows[6]["text"], "label": not rows[6]["label"]}
    _, trained = train(rows)
    assert any("lines 7, 8: the same text" in w for w in trained.report.warnings)


@pytest.mark.parametrize(
    ("rows", "name", "said"),
    [
        (separable_rows(30), "Refund", "must be small letters"),
        (separable_rows(30), "refund\n", "must be small letters"),
        (separable_rows(30), "act", "no free name"),
        (separable_rows(30), "emotion", "no built-in head of agents"),
        ([row(n, label=[]) for n in range(30)], "a", "label: every list is empty"),
        ([row(n, label=True) for n in range(30)], "a", "0 of 30 rows without a"),
        ([row(n, label=n == 0) for n in range(30)], "a", "1 of 30 rows with a"),
        (separable_rows(30, conversation_id="c"), "a", "conversation_id: all labels are of one"),
        (separable_rows(30), "politeness", "label: must be one label, of polite"),
        (separable_rows(30, yes="polite", no="rude"), "politeness", ":2: label: is none of"),
        (separable_rows(30, yes="thanks", no="hold"), "acts", "must be the list of all labels"),
    ],
)
def test_what_cannot_be_trained_is_told(train, rows, name, said):
    with pytest.raises(ConfigError, match=said):
        train(rows, name=name)


def test_taken_name_is_told(train, bundle, encoder, tmp_path):
    labels, trained = train(separable_rows(60))
    new = write_bundle(trained, labels, bundle, tmp_path / "new")
    with pytest.raises(ConfigError, match="has such a head already"):
        train_head(labels, "refund_explained", new, encoder, precision=None)


def test_repeated_text_keeps_conversations_together(tmp_path):
    rows = [row(n, conversation_id=f"c{n}") for n in range(6)]
    rows[4]["text"] = rows[0]["text"].upper() + "  "
    groups = row_groups(read_labels(write_rows(tmp_path / "a.jsonl", rows)).rows)
    assert groups[0] == groups[4]
    assert len(set(groups.tolist())) == 5


def test_personal_data_is_replaced_before_training_as_before_scoring(tmp_path, encoder):
    rows = [row(0, text="call +47 912 34 567 then"), row(1, text="call [PHONE] then")]
    vectors = row_vectors(read_labels(write_rows(tmp_path / "a.jsonl", rows)).rows, encoder)
    np.testing.assert_array_equal(vectors.text[0], vectors.text[1])


def polite_rows(n):
    """Rows that a random head gets wrong, by a rule that can be learnt."""
    return separable_rows(n, yes="impolite", no="neutral")


def test_correction_moves_one_task_and_no_other(train, bundle, encoder, tmp_path):
    labels, trained = train(polite_rows(120), name="politeness")
    report = trained.report
    assert report.refit.is_better
    assert report.refit.n_learnt >= 0.9 * report.refit.n_wrong > 60
    new = write_bundle(trained, labels, bundle, tmp_path / "new")
    vectors = row_vectors(labels.rows, encoder)
    old_values = bundle.agent.predict(vectors.text, vectors.context)
    new_values = new.agent.predict(vectors.text, vectors.context)
    for task in ("empathy", "acts", "forbidden"):
        assert new_values[task].tobytes() == old_values[task].tobytes()
    truth = np.array([bundle.agent.outputs[0].labels.index(r.labels[0]) for r in labels.rows])
    before = old_values["politeness"].argmax(axis=1) == truth
    after = new_values["politeness"].argmax(axis=1) == truth
    assert (~before).sum() == report.refit.n_wrong
    assert (after & ~before).sum() == report.refit.n_learnt
    assert new.custom == ()
    assert "## Corrections of `politeness`" in (tmp_path / "new" / "MODEL_CARD.md").read_text()


def test_a_correction_reads_what_was_said_before(train):
    rows = polite_rows(120)
    last = [{"role": "customer", "text": rows[0]["context"]}]
    first = [{"role": "agent", "text": "hello, which card was it"}]
    only_context, whole = (
        train([{**r, "before": before} for r in rows], name="politeness")[1].report
        for before in (last, [*first, *last])
    )
    assert only_context.log_loss == train(rows, name="politeness")[1].report.log_loss
    assert whole.log_loss != only_context.log_loss


def seen_by(bundle, encoder, rows, tmp_path, task):
    """Return what the head itself gives rows, and the names of its labels."""
    labels = read_labels(write_rows(tmp_path / "own.jsonl", rows))
    vectors = row_vectors(labels.rows, encoder)
    names = next(o.labels for o in bundle.agent.outputs if o.task == task)
    return bundle.agent.predict(vectors.text, vectors.context)[task], names


def test_corrections_that_cannot_be_told_from_other_rows_are_refused(
    train, bundle, encoder, tmp_path
):
    rows = [{**r, "label": "neutral"} for r in separable_rows(80)]
    values, names = seen_by(bundle, encoder, rows, tmp_path, "politeness")
    for number, (line, value) in enumerate(zip(rows, values, strict=True)):
        place = int(value.argmax())
        line["label"] = names[place if number % 20 else (place + 1) % 3]
    _, trained = train(rows, name="politeness")
    refit = trained.report.refit
    assert (refit.n_wrong, refit.is_better) == (4, False)
    assert f"only {refit.n_learnt} of 4 corrected segments come out right" in refit.refusal


def test_labels_that_were_right_are_not_moved(train, bundle, encoder, tmp_path):
    rows = separable_rows(60, yes=["apology"], no=["information"])
    values, names = seen_by(bundle, encoder, rows, tmp_path, "acts")
    output = bundle.agent.outputs[2]
    seen = values >= np.array(output.thresholds)
    place = names.index("apology")
    for number, (line, held) in enumerate(zip(rows, seen, strict=True)):
        told = held.copy()
        told[place] ^= number % 15 == 0  # only this act was ever wrong
        line["label"] = [name for name, holds in zip(names, told, strict=True) if holds]
    labels, trained = train(rows, name="acts")
    new = write_bundle(trained, labels, bundle, tmp_path / "new")
    vectors = row_vectors(labels.rows, encoder)
    found = new.agent.predict(vectors.text, vectors.context)["acts"]
    moved = (found != values).any(axis=0)
    assert [name for name, moves in zip(names, moved, strict=True) if moves] == ["apology"]


def test_a_corrected_bundle_can_be_corrected_again(train, bundle, encoder, tmp_path):
    labels, trained = train(polite_rows(60), name="politeness")
    first = write_bundle(trained, labels, bundle, tmp_path / "one")
    rows = separable_rows(60, seed=9, yes="dismissive", no="none")
    more = read_labels(write_rows(tmp_path / "more.jsonl", rows))
    again = train_head(more, "empathy", first, encoder, precision=None)
    second = write_bundle(again, more, first, tmp_path / "two")
    vectors = row_vectors(labels.rows, encoder)
    old, new = (b.agent.predict(vectors.text, vectors.context) for b in (first, second))
    assert old["politeness"].tobytes() == new["politeness"].tobytes()
    assert again.report.refit.n_learnt >= 0.9 * again.report.refit.n_wrong > 0
    assert second.version_info.version == "0.0.1+2.empathy"


def test_before_and_after_are_shown_and_errors_only_are_warned_of(train, bundle, encoder, tmp_path):
    rows = [{**r, "label": "neutral"} for r in separable_rows(60)]
    labels = read_labels(write_rows(tmp_path / "own.jsonl", rows))
    vectors = row_vectors(labels.rows, encoder)
    names = bundle.agent.outputs[0].labels
    values = bundle.agent.predict(vectors.text, vectors.context)["politeness"]
    for number, (line, value) in enumerate(zip(rows, values, strict=True)):
        wrong = [name for name in names if name != names[int(value.argmax())]]
        line["label"] = wrong[number % 2]
    _, trained = train(rows, name="politeness")
    assert any("wrong on 60 of 60 rows" in w for w in trained.report.warnings)
    assert "| F1 before | F1 |" in card_section(trained.report)


def test_manifest_of_a_new_bundle_reads_back(train, bundle, tmp_path):
    labels, trained = train(separable_rows(60))
    new = write_bundle(trained, labels, bundle, tmp_path / "new")
    raw = json.loads((tmp_path / "new" / "manifest.json").read_text())
    assert raw["version"] == "0.0.1+1.refund_explained"
    assert load_bundle(tmp_path / "new").version_info == new.version_info
