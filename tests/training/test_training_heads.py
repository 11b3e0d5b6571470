"""Heads fitted on the vectors of a graph, that of training or one that is kept."""

import numpy as np
import pytest
import yaml

pytest.importorskip("torch", reason="training needs torch, which the product does not")

import torch
from safetensors.numpy import load_file
from training.assemble import write_bundle
from training.corpora import Example, read_conversations
from training.fit_heads import RoleTable, fit_head, joined, table_loss, unreliable_past
from training.kept_vectors import KeptVectors
from training.losses import label_weights, role_loss
from training.model import RoleHead
from training.served import VectorTable, head_inputs, texts_of
from training.settings import ROOT, BaseSettings, HeadSettings, Paths, Settings

from convqa.detect.contexts import surroundings
from convqa.encoder import Encoder, load_bundle
from convqa.encoder.heads import N_PAST_BLOCKS
from convqa.encoder.session import GraphEncoder
from training import export, fine_tune, vocabulary

TINY = ROOT / "tests" / "data" / "tiny-bundle"
QUICK = HeadSettings(
    members=1, hidden=16, dropout=0.1, vector_noise=0.1, epochs=12, learning_rate=0.05,
    weight_decay=0.0, label_weight_power=0.5, conversation_c=1.0, vector_c=1.0,
)  # fmt: skip


def settings_with(**base: object) -> Settings:
    content = yaml.safe_load((ROOT / "configs" / "training.yaml").read_text(encoding="utf-8"))
    content["base"] |= base
    return Settings.model_validate(content)


def examples_of(politeness: str, n: int) -> tuple[Example, ...]:
    return tuple(
        Example(
            id=f"{politeness}-{number}", language="en", role="agent", channel="chat",
            sentences=("words",), context="", split="train", source="segments", file="segments.1",
            politeness=politeness, empathy="none", emotion=None, acts=frozenset(),
            forbidden=frozenset(),
        )
        for number in range(n)
    )  # fmt: skip


def table_of(n: int) -> RoleTable:
    """Return examples whose politeness can be read off the first value of their vector."""
    examples = examples_of("polite", n) + examples_of("impolite", n)
    text = torch.randn(2 * n, 8)
    text[:n, 0], text[n:, 0] = 2.0, -2.0
    return RoleTable(
        examples=examples, text=text, context=torch.zeros_like(text),
        past=torch.zeros(2 * n, N_PAST_BLOCKS, 8), owners=torch.arange(2 * n),
    )  # fmt: skip


def test_head_learns_what_vectors_tell():
    torch.manual_seed(1)
    train, dev = table_of(100), table_of(30)
    untaught = RoleHead("agent", 8, hidden=QUICK.hidden, dropout=0.0)
    head = fit_head("agent", [train], [dev], QUICK)
    assert table_loss(head, [dev]) < table_loss(untaught, [dev]) / 4
    with torch.no_grad():
        found = head(dev.text, dev.context)["politeness"].argmax(dim=1)
    labels = head.outputs["politeness"]
    assert [labels[index] for index in found] == [e.politeness for e in dev.examples]


def test_rare_labels_weigh_more_by_the_power():
    examples = examples_of("polite", 1) + examples_of("neutral", 4) + examples_of("impolite", 16)
    weights = label_weights(examples, 0.5)["politeness"]
    labels = RoleHead("agent", 8, hidden=1, dropout=0.0).outputs["politeness"]
    ratios = {label: float(w / weights[0]) for label, w in zip(labels, weights, strict=True)}
    assert ratios == pytest.approx({"polite": 1.0, "neutral": 0.5, "impolite": 0.25})
    assert set(label_weights(examples, 0.0)["politeness"].tolist()) == {1.0}


def test_loss_is_the_mean_over_weights():
    examples = examples_of("polite", 1) + examples_of("impolite", 1)
    logits = {"politeness": torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, 3.0]])}

    def loss(**weights: float) -> float:
        weight = torch.tensor([weights[label] for label in ("polite", "neutral", "impolite")])
        return float(
            role_loss(
                logits, torch.arange(2), examples, smoothing=0.0, weights={"politeness": weight}
            )
        )

    plain = float(role_loss(logits, torch.arange(2), examples, smoothing=0.0))
    assert loss(polite=1, neutral=1, impolite=1) == pytest.approx(plain)
    wrong, right = loss(polite=1, neutral=1, impolite=0), loss(polite=0, neutral=1, impolite=1)
    assert loss(polite=3, neutral=1, impolite=1) == pytest.approx((3 * wrong + right) / 4)


def test_joined_heads_answer_with_the_mean_of_their_logits():
    torch.manual_seed(1)
    heads = [RoleHead("customer", 8, hidden=hidden, dropout=0.0) for hidden in (4, 6)]
    for head in heads:
        torch.nn.init.normal_(head.past.weight)
    text, context, past = torch.randn(5, 8), torch.randn(5, 8), torch.randn(5, N_PAST_BLOCKS, 8)
    found = joined("customer", heads)(text, context, past)
    for task, logits in found.items():
        expected = (heads[0](text, context, past)[task] + heads[1](text, context, past)[task]) / 2
        torch.testing.assert_close(logits, expected)


def test_past_of_some_examples_is_unknown_and_of_some_another():
    torch.manual_seed(1)
    n = 3000  # of which every third has a past
    numbers = torch.arange(1.0, n + 1) * (torch.arange(n) % 3 == 0)
    own = numbers[:, None, None].expand(n, N_PAST_BLOCKS, 8)
    table = table_of(n // 2)
    table = RoleTable(table.examples, table.text, table.context, own.clone(), table.owners)
    found = unreliable_past(table.part([*range(n)]))
    assert (found == found[:, :1, :1]).all()  # one turn's past, whole
    values, has_past = found[:, 0, 0], numbers > 0
    kept, unknown = (values == numbers)[has_past], (values == 0)[has_past]
    assert 0.56 < kept.float().mean() < 0.64
    assert 0.29 < unknown.float().mean() < 0.37  # one in five, and two in three of another fifth
    assert 0.03 < (values > 0)[~has_past].float().mean() < 0.10
    assert torch.equal(table.past, own)


def test_past_of_a_turn_is_that_of_scoring():
    talk = read_conversations(ROOT / "data")[0]
    table = VectorTable(Encoder(load_bundle(TINY), threads=1), texts_of(talk.turns))
    roles = [turn.role for turn in talk.turns for _ in turn.sentences]
    said = [text for turn in talk.turns for text in turn.sentences]
    scored = surroundings(roles, table.of(said)).past
    assert scored[-1].any()
    for role in ("agent", "customer"):
        own = [turn for turn in talk.turns if turn.role == role]
        rows = [row for row, other in enumerate(roles) if other == role]
        learnt = head_inputs(own, table, is_split=True)
        np.testing.assert_array_equal(learnt.past, scored[rows])


def test_kept_encoder_is_that_of_the_bundle_byte_for_byte(tmp_path):
    (tmp_path / "settings.yaml").write_text(
        yaml.safe_dump(settings_with(bundle=str(TINY), keeps_encoder=True).model_dump(mode="json")),
        encoding="utf-8",
    )
    work = tmp_path / "work"
    paths = Paths(
        corpora=tmp_path, base=tmp_path, work=work, settings=tmp_path / "settings.yaml"
    )  # fmt: skip
    for step in (vocabulary.run, fine_tune.fine_tune, export.export):
        step(paths)
    for name in ("encoder.onnx", "tokenizer.json"):
        assert (work / name).read_bytes() == (TINY / name).read_bytes()
    assert (work / "network.pt").exists()


def test_vectors_are_kept_for_the_same_encoder_only(tmp_path, monkeypatch):
    for name in ("encoder.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes((TINY / name).read_bytes())
    first = KeptVectors(tmp_path, max_tokens=32).encode(["one two", "three", "one two"])
    asked = []
    whole = GraphEncoder.encode
    monkeypatch.setattr(
        GraphEncoder, "encode", lambda self, texts: (asked.extend(texts), whole(self, texts))[1]
    )
    again = KeptVectors(tmp_path, max_tokens=32).encode(["four", "three", "one two"])
    assert asked == ["four"]
    np.testing.assert_array_equal(again[[2, 1, 2]], first)
    KeptVectors(tmp_path, max_tokens=16).encode(["three"])
    assert asked == ["four", "three"]


def test_figures_of_an_earlier_bundle_are_not_those_of_a_new_one(tmp_path):
    for name in ("encoder.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes((TINY / name).read_bytes())
    (tmp_path / "metrics.json").write_text("{}")
    paths = Paths(corpora=tmp_path, base=tmp_path, work=tmp_path, settings=tmp_path)
    heads = load_bundle(TINY).manifest.heads
    write_bundle(paths, settings_with(), heads, load_file(TINY / "heads.safetensors"))
    assert (tmp_path / "bundle" / "manifest.json").is_file()
    assert not (tmp_path / "metrics.json").exists()


def test_encoder_can_be_kept_only_of_a_bundle():
    with pytest.raises(ValueError, match="keeps_encoder needs bundle"):
        settings_with(keeps_encoder=True)
    assert isinstance(settings_with().base, BaseSettings)
