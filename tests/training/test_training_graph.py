"""The graph that ships computes what the network computes."""

from copy import deepcopy

import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch, which the product does not")
pytest.importorskip("onnx", reason="training needs onnx")
pytest.importorskip("transformers", reason="training needs transformers")

import onnx
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer
from training.batches import encode_texts
from training.export import encoder_shape, input_ranges, measure_inputs
from training.from_bundle import bundle_encoder, bundle_heads
from training.graph import build_encoder
from training.integer_heads import integer_role_head
from training.model import (
    OUTPUTS,
    SINGLE_LABEL,
    VECTOR_SCALE,
    ConvqaNetwork,
    RoleHead,
    round_vectors,
)
from training.parity import cosines
from training.tiny_bundle import tiny_tokenizer
from transformers import BertConfig, BertModel

from convqa.encoder.heads import SegmentHead, context_vector
from convqa.encoder.manifest import Head, Output
from convqa.encoder.session import GraphEncoder

TEXTS = ["hei", "Where is my parcel, please?", "", "a " * 40, "takk for hjelpen", "nei"]


@pytest.fixture(scope="module")
def network() -> ConvqaNetwork:
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=tiny_tokenizer().get_vocab_size(), hidden_size=32, num_hidden_layers=2,
        num_attention_heads=4, intermediate_size=64, max_position_embeddings=64,
        layer_norm_eps=1e-12, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        initializer_range=0.2,
    )  # fmt: skip
    bert = BertModel(config, add_pooling_layer=False)
    network = ConvqaNetwork(bert, hidden=16, dropout=0.0).eval()
    for head in network.heads.values():
        torch.nn.init.normal_(head.past.weight, std=0.1)
    return network


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    tokenizer = tiny_tokenizer()
    tokenizer.enable_truncation(32)
    return tokenizer


@pytest.fixture(scope="module")
def served(network, tokenizer, tmp_path_factory) -> GraphEncoder:
    return exported(network, tokenizer, tmp_path_factory.mktemp("graph"))


def exported(network, tokenizer, folder) -> GraphEncoder:
    weights = {k: v.numpy() for k, v in network.encoder.bert.state_dict().items()}
    ranges = input_ranges(measure_inputs(network, tokenizer, TEXTS), weights)
    graph = build_encoder(weights, ranges, encoder_shape(network, 32))
    onnx.save(graph, folder / "encoder.onnx")
    tokenizer.save(str(folder / "tokenizer.json"))
    return GraphEncoder(
        folder / "encoder.onnx", folder / "tokenizer.json", max_tokens=32, threads=1
    )


def test_graph_agrees_with_network_on_short_long_and_empty_text(network, tokenizer, served):
    assert cosines(network, tokenizer, served, TEXTS).min() > 0.99


def test_large_sums_of_products_do_not_overflow(network, tokenizer, tmp_path):
    # Of an input near its highest value, every second output sums pairs of the largest weights,
    # the others halve them; where a pair is cut at 16 bits, all come out alike.
    large = deepcopy(network)
    for layer in large.encoder.bert.encoder.layer:
        norm, wide = layer.attention.output.LayerNorm, layer.intermediate.dense
        torch.nn.init.constant_(norm.weight, 0.1)
        torch.nn.init.constant_(norm.bias, 3.0)
        torch.nn.init.constant_(wide.weight, 0.05)
        wide.weight.data[::2, ::2] = 0.0
    assert cosines(large, tokenizer, exported(large, tokenizer, tmp_path), TEXTS).min() > 0.99


def test_a_bundle_can_be_trained_on(network, tokenizer, tmp_path):
    served = exported(network, tokenizer, tmp_path)
    heads = {}
    for role, head in network.heads.items():
        state = {name: value.numpy() for name, value in head.state_dict().items()}
        heads |= integer_role_head(role, state)
    save_file(heads, tmp_path / "heads.safetensors")
    again = ConvqaNetwork(bundle_encoder(tmp_path), hidden=16, dropout=0.0).eval()
    again.heads.load_state_dict(bundle_heads(tmp_path))
    assert cosines(again, tokenizer, served, TEXTS).min() > 0.999
    for name, value in network.heads.state_dict().items():
        torch.testing.assert_close(again.heads.state_dict()[name], value, atol=1e-3, rtol=1e-3)


def test_wider_heads_answer_as_those_of_the_bundle(network, served, tmp_path):
    heads = {}
    for role, head in network.heads.items():
        state = {name: value.numpy() for name, value in head.state_dict().items()}
        heads |= integer_role_head(role, state)
    save_file(heads, tmp_path / "heads.safetensors")
    bert = network.encoder.bert
    same = ConvqaNetwork(bert, hidden=16, dropout=0.0).eval()
    same.heads.load_state_dict(bundle_heads(tmp_path))
    wider = ConvqaNetwork(bert, hidden=40, dropout=0.0).eval()
    wider.heads.load_state_dict(bundle_heads(tmp_path, hidden=40))
    vectors = torch.from_numpy(served.encode(TEXTS)).float() / VECTOR_SCALE
    for role in OUTPUTS:
        added = wider.heads[role].hidden.weight[16:]
        assert added.abs().min() < added.abs().max()  # not all alike, so they can learn
        answers = wider.heads[role](vectors, vectors.flip(0))
        for task, expected in same.heads[role](vectors, vectors.flip(0)).items():
            torch.testing.assert_close(answers[task], expected)
    with torch.device("meta"):  # training on a GPU has another default device, too
        assert bundle_heads(tmp_path, hidden=40)["agent.hidden.weight"].device.type == "cpu"
    with pytest.raises(ValueError, match="at least"):
        bundle_heads(tmp_path, hidden=8)


def test_heads_in_whole_numbers_agree_with_network(network, served):
    text, context = served.encode(TEXTS), served.encode(TEXTS[::-1])
    past = np.stack([text, context, np.roll(text, 1, axis=0)], axis=1)
    for role, head in network.heads.items():
        state = {name: value.numpy() for name, value in head.state_dict().items()}
        outputs = tuple(plain(task, labels) for task, labels in OUTPUTS[role].items())
        whole = integer_head(role, outputs, integer_role_head(role, state))
        quick = [weights.dtype == np.float32 for weights in whole.hidden_weights]
        assert quick == [True, True, False, True, True, True, True]  # all but the products
        with torch.no_grad():
            units = [torch.from_numpy(v).float() / VECTOR_SCALE for v in (text, context, past)]
            expected = torch.cat(list(head(*units).values()), dim=1).numpy()
        np.testing.assert_allclose(whole.logits(text, context, past), expected, atol=0.01)


def test_head_that_was_never_taught_the_past_becomes_whole_numbers():
    state = RoleHead("agent", 8, hidden=4, dropout=0.0).state_dict()
    tensors = integer_role_head("agent", {name: value.numpy() for name, value in state.items()})
    assert not tensors["agent.hidden.weight.4"].any()
    assert np.isfinite(tensors["agent.hidden.scales"]).all()


def plain(task: str, labels: tuple[str, ...]) -> Output:
    n = len(labels)
    is_single = task in SINGLE_LABEL
    return Output(
        task=task, activation="softmax" if is_single else "sigmoid", labels=labels,
        scale=(1.0,) * n, bias=(0.0,) * n, thresholds=(0.0 if is_single else 0.5,) * n,
    )  # fmt: skip


def integer_head(role, outputs, tensors) -> SegmentHead:
    return SegmentHead.from_tensors(
        Head(name=role, outputs=outputs), tensors, width=32, where="test"
    )


def test_context_is_averaged_alike_in_training_and_serving():
    vectors = torch.randn(3, 8)
    rounded = round_vectors(vectors)
    integers = (rounded * VECTOR_SCALE).round().to(torch.int8).numpy()
    mean = round_vectors(rounded.mean(dim=0)) * VECTOR_SCALE
    np.testing.assert_allclose(context_vector(integers), mean.numpy(), atol=1e-3)


def test_network_reads_texts_of_any_batch_alike(network, tokenizer):
    with torch.no_grad():
        together = encode_texts(network, tokenizer, TEXTS, autocast=False)
        alone = torch.cat([encode_texts(network, tokenizer, [t], autocast=False) for t in TEXTS])
    assert torch.allclose(together, alone, atol=1e-4)
