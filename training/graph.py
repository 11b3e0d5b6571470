"""The encoder as an ONNX graph with fixed scales, so that a text never depends on its neighbours.

There is no mask: texts of one batch have the same number of tokens (`convqa.encoder.session`).
Written node by node: products of integers with a constant scale for each input (static) and each
output channel (weights), everything else in float32. onnxruntime fuses each product with its scale
and bias. Only the inputs of products are rounded, not their outputs, which is faster and more exact
than the usual quantise-dequantise pairs.

Weights are signed, which is what VNNI multiplies fastest: unsigned ones took twice as long there.
Where there is no VNNI, `convqa.encoder.session` has onnxruntime make them unsigned, which is exact.
Sums are added and then normalised: onnxruntime's operator for both at once takes ten times as long
as its operator for the norm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[np.float32]

_OPSET = 17


@dataclass(frozen=True, slots=True)
class InputRange:
    """What is known of the input of a product: its range, and the divisor of each channel."""

    low: float
    high: float
    smoothing: Array


Ranges = Mapping[str, InputRange] | None


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder."""

    layers: int
    width: int
    heads: int
    epsilon: float
    max_tokens: int
    vector_scale: float


@dataclass(slots=True)
class _Graph:
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        if name not in self.seen:
            self.seen.add(name)
            self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def number(self, value: float) -> str:
        return self.constant(f"f_{value!r}", np.array(value, dtype=np.float32))

    def shape(self, *sizes: int) -> str:
        return self.constant("s_" + "_".join(map(str, sizes)), np.array(sizes, dtype=np.int64))

    def add(
        self, op: str, inputs: list[str], name: str, domain: str = "", **attributes: object
    ) -> str:
        self.nodes.append(
            helper.make_node(op, inputs, [name], name=name, domain=domain, **attributes)
        )
        return name


def build_encoder(weights: Mapping[str, Array], ranges: Ranges, shape: Shape) -> onnx.ModelProto:
    """Return the graph `input_ids` (n, length) int32 → `vectors` (n, width) int8.

    Args:
        weights: State of the `BertModel`.
        ranges: For each layer `<i>.qkv`, `<i>.context`, `<i>.ffn`, `<i>.gelu`; None for a graph
            in float32 throughout, which shows what the integers cost.
        shape: Sizes of the encoder.
    """
    graph = _Graph()
    x = _embeddings(graph, weights, shape, is_float=ranges is None)
    for layer in range(shape.layers):
        prefix = f"encoder.layer.{layer}."
        own = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        x = _attention(graph, layer, x, own, ranges, shape)
        x = _feed_forward(graph, layer, x, own, ranges, shape)
    _pool(graph, x, shape)
    proto = helper.make_graph(
        graph.nodes,
        "encoder",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT32, ["n", "length"])],
        [helper.make_tensor_value_info("vectors", TensorProto.INT8, ["n", shape.width])],
        initializer=graph.constants,
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(proto, opset_imports=opsets, producer_name="convqa", ir_version=9)
    onnx.checker.check_model(model)
    return model


def _embeddings(
    graph: _Graph, weights: Mapping[str, Array], shape: Shape, *, is_float: bool
) -> str:
    words = (_float_words if is_float else _integer_words)(
        graph, weights["embeddings.word_embeddings.weight"]
    )
    places = weights["embeddings.position_embeddings.weight"][: shape.max_tokens]
    places = places + weights["embeddings.token_type_embeddings.weight"][0]
    table_name = graph.constant("position_table", places.astype(np.float32))
    size = graph.add("Shape", ["input_ids"], "length", start=1, end=2)
    place = graph.add("Slice", [table_name, graph.shape(0), size, graph.shape(0)], "positions")
    total = graph.add("Add", [words, place], "embedded")
    return _layer_norm(graph, total, "embeddings.norm", weights, "embeddings.LayerNorm", shape)


def _float_words(graph: _Graph, table: Array) -> str:
    return graph.add("Gather", [graph.constant("word_table", table), "input_ids"], "words")


def _integer_words(graph: _Graph, table: Array) -> str:
    scale = np.abs(table).max(axis=1, keepdims=True) / 127 + 1e-12
    rows = graph.constant("word_table", np.rint(table / scale).astype(np.int8))
    scales = graph.constant("word_scales", scale.astype(np.float32))
    gathered = graph.add("Gather", [rows, "input_ids"], "word_rows")
    floats = graph.add("Cast", [gathered], "word_float", to=TensorProto.FLOAT)
    row_scales = graph.add("Gather", [scales, "input_ids"], "word_row_scales")
    return graph.add("Mul", [floats, row_scales], "words")


def _layer_norm(
    graph: _Graph, x: str, name: str, weights: Mapping[str, Array], key: str, shape: Shape
) -> str:
    gain = graph.constant(f"{name}.gain", weights[f"{key}.weight"])
    shift = graph.constant(f"{name}.shift", weights[f"{key}.bias"])
    return graph.add(
        "LayerNormalization", [x, gain, shift], name, axis=-1, epsilon=shape.epsilon
    )  # fmt: skip


def _sum_norm(
    graph: _Graph,
    x: str,
    skip: str,
    name: str,
    weights: Mapping[str, Array],
    key: str,
    shape: Shape,
) -> str:
    total = graph.add("Add", [x, skip], f"{name}.sum")
    return _layer_norm(graph, total, name, weights, key, shape)


def _product(graph: _Graph, x: str, weight: Array, bias: Array, name: str, ranges: Ranges) -> str:
    """Add `x @ weight.T + bias`, in integers where there are ranges; `weight` is (out, in)."""
    if ranges is None:
        turned = graph.constant(f"{name}.weight", weight.T.astype(np.float32))
        plain = graph.add("MatMul", [x, turned], f"{name}.plain")
        return graph.add(
            "Add", [plain, graph.constant(f"{name}.bias", bias.astype(np.float32))], name
        )
    given = ranges[name]
    if not np.all(given.smoothing == 1):
        inverse = graph.constant(f"{name}.smooth", (1 / given.smoothing).astype(np.float32))
        x = graph.add("Mul", [x, inverse], f"{name}.smoothed")
    smoothed = weight.T * given.smoothing[:, None]
    column = np.abs(smoothed).max(axis=0) / 127 + 1e-12
    integers = graph.constant(f"{name}.weight", np.rint(smoothed / column).astype(np.int8))
    step = (given.high - given.low) / 255
    zero = int(np.clip(np.rint(-given.low / step), 0, 255))
    scale = graph.constant(f"{name}.step", np.array(step, dtype=np.float32))
    zero_point = graph.constant(f"{name}.zero", np.array(zero, dtype=np.uint8))
    quantised = graph.add("QuantizeLinear", [x, scale, zero_point], f"{name}.input")
    factors = graph.constant(f"{name}.factors", column.astype(np.float32))
    shift = graph.constant(f"{name}.bias", bias.astype(np.float32))
    # The zero of the weights is left out: it is 0.
    inputs = [quantised, integers, scale, factors, zero_point, "", shift]
    return graph.add("MatMulIntegerToFloat", inputs, name, domain="com.microsoft")


def _attention(
    graph: _Graph,
    layer: int,
    x: str,
    own: Mapping[str, Array],
    ranges: Ranges,
    shape: Shape,
) -> str:
    size = shape.width // shape.heads
    parts = ["query", "key", "value"]
    scale = [1 / np.sqrt(size), 1.0, 1.0]  # the scale of the scores goes into the queries
    weight = np.concatenate(
        [own[f"attention.self.{p}.weight"] * s for p, s in zip(parts, scale, strict=True)]
    )
    bias = np.concatenate(
        [own[f"attention.self.{p}.bias"] * s for p, s in zip(parts, scale, strict=True)]
    )
    name = f"{layer}.qkv"
    joint = _product(graph, x, weight, bias, name, ranges)
    graph.nodes.append(
        helper.make_node(
            "Split", [joint, graph.shape(*[shape.width] * 3)], [f"{layer}.{p}" for p in parts],
            name=f"{layer}.split", axis=-1,
        )
    )  # fmt: skip
    split = graph.shape(0, 0, shape.heads, size)
    by_head = {}
    for part in parts:
        apart = graph.add("Reshape", [f"{layer}.{part}", split], f"{layer}.{part}.apart")
        order = [0, 2, 3, 1] if part == "key" else [0, 2, 1, 3]
        by_head[part] = graph.add("Transpose", [apart], f"{layer}.{part}.heads", perm=order)
    scores = graph.add("MatMul", [by_head["query"], by_head["key"]], f"{layer}.scores")
    shares = graph.add("Softmax", [scores], f"{layer}.shares", axis=-1)
    mixed = graph.add("MatMul", [shares, by_head["value"]], f"{layer}.mixed")
    turned = graph.add("Transpose", [mixed], f"{layer}.turned", perm=[0, 2, 1, 3])
    joined = graph.add("Reshape", [turned, graph.shape(0, 0, shape.width)], f"{layer}.joined")
    out = _product(
        graph, joined, own["attention.output.dense.weight"], own["attention.output.dense.bias"],
        f"{layer}.context", ranges,
    )  # fmt: skip
    return _sum_norm(
        graph, out, x, f"{layer}.attention.norm", own, "attention.output.LayerNorm", shape
    )


def _feed_forward(
    graph: _Graph,
    layer: int,
    x: str,
    own: Mapping[str, Array],
    ranges: Ranges,
    shape: Shape,
) -> str:
    name = f"{layer}.ffn"
    wide = _product(
        graph, x, own["intermediate.dense.weight"], own["intermediate.dense.bias"], name,
        ranges,
    )  # fmt: skip
    active = graph.add("Gelu", [wide], f"{layer}.active", domain="com.microsoft")
    out = _product(
        graph, active, own["output.dense.weight"], own["output.dense.bias"], f"{layer}.gelu",
        ranges,
    )  # fmt: skip
    return _sum_norm(graph, out, x, f"{layer}.norm", own, "output.LayerNorm", shape)


def _pool(graph: _Graph, x: str, shape: Shape) -> None:
    total = graph.add("ReduceSum", [x, graph.shape(1)], "total", keepdims=0)
    square = graph.add("Mul", [total, total], "square")
    mean = graph.add("ReduceMean", [square], "mean_square", axes=[1], keepdims=1)
    safe = graph.add("Add", [mean, graph.number(1e-12)], "safe_square")
    root = graph.add("Sqrt", [safe], "root")
    unit = graph.add("Div", [total, root], "unit")
    steps = graph.add("Mul", [unit, graph.number(shape.vector_scale)], "steps")
    rounded = graph.add("Round", [steps], "rounded")
    bounded = graph.add("Clip", [rounded, graph.number(-127.0), graph.number(127.0)], "bounded")
    graph.add("Cast", [bounded], "vectors", to=TensorProto.INT8)
