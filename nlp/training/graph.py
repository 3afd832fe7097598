"""The encoder as an ONNX graph, in integers.

Weights have a scale for every output, activations a gain for every channel, see `nlp.training.gains`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from nlp.training.encoder import PAIR_FACTOR, Encoder, EncoderConfig
from nlp.training.gains import Gains

OPSET, MICROSOFT_OPSET, IR_VERSION = 17, 1, 8
MICROSOFT = "com.microsoft"
WEIGHT_LEVELS = 63
"""Largest weight. Seven bits, because processors without VNNI add pairs of products in 16 bits."""
EMBEDDING_LEVELS = 127
ZERO = 128
SMALLEST = 1e-8

Array = NDArray[np.float32]
Values = dict[str, tuple[int, list[str | int]]]
"""Element type and shape of inputs or outputs, by name."""
TEXTS: Values = {name: (TensorProto.INT64, ["batch", "tokens"]) for name in ("ids", "mask")}


class GraphBuilder:
    """Collects nodes and constants of a graph.

    Parameters
    ----------
    quantised : bool
        Whether embeddings are stored as integers.
    """

    def __init__(self, quantised: bool) -> None:
        self.quantised = quantised
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.numbers: set[str] = set()

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        """Add a constant and return its name."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def shared(self, name: str, value: np.generic) -> str:
        """Add a constant number once and return its name."""
        if name not in self.numbers:
            self.numbers.add(name)
            self.constant(name, np.asarray(value))
        return name

    def add(self, op: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output and return that output's name."""
        self.nodes.append(helper.make_node(op, inputs, [output], domain=domain, **attributes))
        return output

    def linear(self, name: str, x: str, w: dict[str, Array], key: str) -> str:
        """``x @ weight.T + bias`` for a weight of shape ``(outputs, inputs)``.

        Parameters
        ----------
        name, x : str
            Names of the output and of the input.
        w : dict of str to ndarray
            Has weight, bias and, for a product of integers, gain of the map.
        key : str
            Name of the map in `w`.
        """
        weight, offset = w[f"{key}.weight"], self.constant(f"{name}.bias", w[f"{key}.bias"])
        gain = w.get(f"{key}.gain")
        if gain is None:
            kernel = self.constant(f"{name}.weight", weight.T)
            return self.add("Add", [self.add("MatMul", [x, kernel], f"{name}.product"), offset], name)
        levels, scales = quantise_rows(weight / gain, WEIGHT_LEVELS)
        scaled = self.add("Mul", [x, self.constant(f"{name}.gain", gain)], f"{name}.scaled")
        unit, zero = self.shared("unit", np.float32(1)), self.shared("zero_level", np.uint8(ZERO))
        inputs = self.add("QuantizeLinear", [scaled, unit, zero], f"{name}.bytes")
        kernel = self.constant(f"{name}.levels", levels.T)
        sizes = self.constant(f"{name}.scales", scales[:, 0])
        return self.add(
            "MatMulIntegerToFloat", [inputs, kernel, unit, sizes, zero, "", offset], name, MICROSOFT
        )

    def embed(self, name: str, ids: str, table: Array) -> str:
        """Rows of `table`, each with its own scale where quantised."""
        if not self.quantised:
            return self.add("Gather", [self.constant(f"{name}.table", table), ids], name)
        levels, scales = quantise_rows(table, EMBEDDING_LEVELS)
        rows = self.add("Gather", [self.constant(f"{name}.levels", levels), ids], f"{name}.rows")
        scale = self.add("Gather", [self.constant(f"{name}.scales", scales), ids], f"{name}.scale")
        return self.add("Mul", [self.add("Cast", [rows], f"{name}.cast", to=TensorProto.FLOAT), scale], name)


def quantise_rows(weight: Array, levels: int) -> tuple[NDArray[np.int8], Array]:
    """Integers from -`levels` to `levels`, and the scale of each row.

    Parameters
    ----------
    weight : ndarray of shape (rows, columns)

    Returns
    -------
    ndarray of shape (rows, columns), ndarray of shape (rows, 1)
    """
    scales = np.maximum(np.abs(weight).max(1, keepdims=True), SMALLEST) / levels
    return np.rint(weight / scales).astype(np.int8), scales.astype(np.float32)


def build_graph(model: Encoder, max_tokens: int, gains: Gains | None = None) -> onnx.ModelProto:
    """The graph from ``ids`` and ``mask`` (int64, ``(batch, tokens)``) to ``logits`` and ``embedding``.

    The embedding is the mean of the middle layer's states: the last layers
    know little more than whether a text is pleased.

    Parameters
    ----------
    model : Encoder
    max_tokens : int
        Longest input, in tokens.
    gains : dict of str to ndarray, optional
        Of `find_gains`; without them all is in float32.
    """
    graph, config = GraphBuilder(gains is not None), model.config
    weights = arrays(model, gains)
    states = encode(graph, weights, config, max_tokens)
    _means(graph, {"pooled": states[-1], "embedding": states[config.layers // 2]})
    kernel, bias = (graph.constant(name, weights[name]) for name in ("head.weight", "head.bias"))
    graph.add("Gemm", ["pooled", kernel, bias], "head" if config.pairs else "logits", transB=1)
    if config.pairs:
        graph.add("Add", ["head", _lean(graph, weights["pairs"], config.classes)], "logits")
    widths = {"logits": config.classes, "embedding": config.hidden}
    outputs: Values = {name: (TensorProto.FLOAT, ["batch", width]) for name, width in widths.items()}
    return finish(graph, "sentiment", TEXTS, outputs)


def arrays(model: nn.Module, gains: Gains | None = None) -> dict[str, Array]:
    """Weights of a model by name, float32, and gains beside the maps they are of."""
    weights = {name: value.detach().float().numpy() for name, value in model.state_dict().items()}
    return weights | {f"{name}.gain": value for name, value in (gains or {}).items()}


def encode(graph: GraphBuilder, w: dict[str, Array], config: EncoderConfig, max_tokens: int) -> list[str]:
    """Add an encoder over ``ids`` and ``mask``, and return the names of its states, from the embeddings up.

    Parameters
    ----------
    graph : GraphBuilder
    w : dict of str to ndarray
        `arrays` of the encoder.
    config : EncoderConfig
    max_tokens : int
        Longest input, in tokens.
    """
    states = [_embeddings(graph, w, config, max_tokens)]
    graph.add("Cast", ["mask"], "padding", to=TensorProto.INT32)
    for i in range(config.layers):
        part = {k.removeprefix(f"layers.{i}."): v for k, v in w.items() if k.startswith(f"layers.{i}.")}
        states.append(_layer(graph, f"layer{i}", states[-1], part, config))
    return states


def finish(graph: GraphBuilder, name: str, inputs: Values, outputs: Values) -> onnx.ModelProto:
    """The model with the nodes of `graph`, which the names of inputs and outputs refer to."""
    starts, ends = (
        [helper.make_tensor_value_info(key, kind, shape) for key, (kind, shape) in values.items()]
        for values in (inputs, outputs)
    )
    body = helper.make_graph(graph.nodes, name, starts, ends, graph.constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, MICROSOFT_OPSET)]
    return helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="fengping")


def _norm(graph: GraphBuilder, name: str, x: str, w: dict[str, Array], key: str, epsilon: float) -> str:
    scale = graph.constant(f"{name}.scale", w[f"{key}.weight"])
    bias = graph.constant(f"{name}.bias", w[f"{key}.bias"])
    return graph.add("LayerNormalization", [x, scale, bias], name, epsilon=epsilon)


def _embeddings(graph: GraphBuilder, w: dict[str, Array], config: EncoderConfig, max_tokens: int) -> str:
    words = graph.embed("words", "ids", w["words.weight"])
    table = graph.constant("positions", w["positions.weight"][:max_tokens])
    start, axes = graph.constant("zero", np.array([0])), graph.constant("one", np.array([1]))
    graph.add("Shape", ["ids"], "shape")
    stop = graph.add("Gather", ["shape", axes], "tokens_count")
    positions = graph.add("Slice", [table, start, stop, start], "positions.used")
    x = graph.add("Add", [words, positions], "embedded")
    return _norm(graph, "embedded.norm", x, w, "norm", config.epsilon)


def _layer(graph: GraphBuilder, name: str, x: str, w: dict[str, Array], config: EncoderConfig) -> str:
    def linear(key: str, value: str) -> str:
        return graph.linear(f"{name}.{key}", value, w, key)

    heads = [f"{name}.{part}" for part in ("q", "k", "v")]
    graph.nodes.append(helper.make_node("Split", [linear("qkv", x)], heads, axis=-1))
    mixed = graph.add(
        "MultiHeadAttention",
        [*heads, "", "padding"],
        f"{name}.mixed",
        MICROSOFT,
        num_heads=config.heads,
    )
    x = graph.add("Add", [x, linear("attention_out", mixed)], f"{name}.attended")
    x = _norm(graph, f"{name}.attention_norm", x, w, "attention_norm", config.epsilon)
    wide = graph.add("Gelu", [linear("feed_in", x)], f"{name}.gelu", MICROSOFT)
    x = graph.add("Add", [x, linear("feed_out", wide)], f"{name}.fed")
    return _norm(graph, f"{name}.feed_norm", x, w, "feed_norm", config.epsilon)


def _lean(graph: GraphBuilder, table: Array, classes: int) -> str:
    """What `Encoder.lean` adds, from constants and sums of the nodes before; the table in half precision."""
    entries = graph.constant("pairs", table.astype(np.float16))
    last = graph.constant("before_last", np.array([-1]))
    first = graph.add("Slice", ["ids", "zero", last, "one"], "pair.first")
    second = graph.add("Slice", ["ids", "one", "tokens_count", "one"], "pair.second")
    present = graph.add("Slice", ["mask.float", "one", "tokens_count", "one"], "pair.present")
    shifted = graph.add("Mul", [first, graph.constant("factor", np.array(PAIR_FACTOR))], "pair.shifted")
    summed = graph.add("Add", [shifted, second], "pair.summed")
    places = graph.add("Mod", [summed, graph.constant("entries", np.array(len(table)))], "pair.places")
    totals = []
    for name, where, mask in (("single", "ids", "mask.float"), ("pair", places, present)):
        found = graph.add("Gather", [entries, where], f"{name}.entries")
        full = graph.add("Cast", [found], f"{name}.full", to=TensorProto.FLOAT)
        kept = graph.add("Mul", [full, mask], f"{name}.kept")
        totals.append(graph.add("ReduceSum", [kept, "one"], f"{name}.total", keepdims=1))
    unit = graph.shared("unit", np.float32(1))
    number = graph.add("Sub", [graph.add("Add", ["count", "count"], "twice"), unit], "number")
    total = graph.add("Add", totals, "lean.total")
    lean = graph.add("Div", [total, graph.add("Sqrt", [number], "number.root")], "lean")
    sides = graph.constant("sides", np.linspace(-1, 1, classes, dtype=np.float32))
    return graph.add("Mul", [lean, sides], "lean.sides")


def _means(graph: GraphBuilder, states: dict[str, str]) -> None:
    """Means over real tokens, in float32, of the named states."""
    axis, one = graph.constant("last", np.array([2])), graph.constant("first", np.array([1]))
    weights = graph.add("Cast", ["mask"], "mask.float", to=TensorProto.FLOAT)
    columns = graph.add("Unsqueeze", [weights, axis], "mask.column")
    count = graph.add("ReduceSum", [weights, one], "count", keepdims=1)
    for name, x in states.items():
        kept = graph.add("Mul", [x, columns], f"{name}.kept")
        total = graph.add("ReduceSum", [kept, one], f"{name}.total", keepdims=0)
        graph.add("Div", [total, count], name)
