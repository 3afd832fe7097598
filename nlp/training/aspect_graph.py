"""The aspect network as two ONNX graphs: a reader of texts in integers, and a small judge of pairs."""

from __future__ import annotations

import numpy as np
import onnx
from onnx import TensorProto, helper

from nlp.training.aspect_net import WIDTH, AspectNet
from nlp.training.graph import (
    IR_VERSION,
    MICROSOFT,
    MICROSOFT_OPSET,
    OPSET,
    Array,
    GraphBuilder,
    _embeddings,
    _layer,
)


def build_reader(model: AspectNet, max_tokens: int, quantised: bool = True) -> onnx.ModelProto:
    """The graph from ``ids`` and ``mask`` (int64, ``(batch, tokens)``) to ``marks`` and ``edges``.

    Marks are ``(batch, tokens, 2 * marks)``, edges ``(batch, tokens, 4 * WIDTH)``,
    both as `AspectNet` gives them, with the last two axes made one.
    """
    weights = _weights(model)
    encoder = {k.removeprefix("encoder."): v for k, v in weights.items() if k.startswith("encoder.")}
    graph, config = GraphBuilder(quantised), model.encoder.config
    x = _embeddings(graph, encoder, config, max_tokens)
    graph.add("Cast", ["mask"], "padding", to=TensorProto.INT32)
    for i in range(config.layers):
        part = {k.removeprefix(f"layers.{i}."): v for k, v in encoder.items() if k.startswith(f"layers.{i}.")}
        x = _layer(graph, f"layer{i}", x, part, config)
    sizes = {}
    for name, key in (("marks", "tags"), ("edges", "edges")):
        weight = weights[f"{key}.weight"]
        graph.linear(name, x, weight, weights[f"{key}.bias"])
        sizes[name] = len(weight)
    inputs = {name: (TensorProto.INT64, ["batch", "tokens"]) for name in ("ids", "mask")}
    outputs = {name: (TensorProto.FLOAT, ["batch", "tokens", size]) for name, size in sizes.items()}
    return _model(graph, "aspects", inputs, outputs)


def build_judge(model: AspectNet) -> onnx.ModelProto:
    """The graph from pairs of spans to ``logits`` ``(pairs, 1 + polarities + categories)``.

    Its inputs are ``aspects`` and ``opinions`` (float32, ``(pairs, WIDTH)``),
    ``has_aspect`` and ``has_opinion`` (bool, ``(pairs, 1)``) and ``distance``
    (int64, ``(pairs,)``).
    """
    weights = {k.removeprefix("pairs."): v for k, v in _weights(model).items() if k.startswith("pairs.")}
    graph = GraphBuilder(quantised=False)
    for i, kind in enumerate(("aspect", "opinion")):
        nothing = graph.constant(f"no_{kind}", weights["nothing"][i : i + 1])
        graph.add("Where", [f"has_{kind}", f"{kind}s", nothing], kind)
    apart = graph.add(
        "Gather", [graph.constant("distances", weights["distance.weight"]), "distance"], "apart"
    )
    both = graph.add("Add", [graph.add("Add", ["aspect", "opinion"], "both"), apart], "placed")
    product = graph.add("Mul", ["aspect", "opinion"], "product")
    graph.add("Concat", [both, product], "met", axis=1)
    mixed = graph.linear("mix", "met", weights["mix.weight"], weights["mix.bias"])
    graph.linear(
        "logits", graph.add("Gelu", [mixed], "bent", MICROSOFT), weights["out.weight"], weights["out.bias"]
    )
    inputs = {
        "aspects": (TensorProto.FLOAT, ["pairs", WIDTH]),
        "opinions": (TensorProto.FLOAT, ["pairs", WIDTH]),
        "has_aspect": (TensorProto.BOOL, ["pairs", 1]),
        "has_opinion": (TensorProto.BOOL, ["pairs", 1]),
        "distance": (TensorProto.INT64, ["pairs"]),
    }
    outputs = {"logits": (TensorProto.FLOAT, ["pairs", len(weights["out.bias"])])}
    return _model(graph, "pairs", inputs, outputs)


def _weights(model: AspectNet) -> dict[str, Array]:
    return {k: v.detach().float().numpy().astype(np.float32) for k, v in model.state_dict().items()}


Values = dict[str, tuple[int, list[str | int]]]


def _model(graph: GraphBuilder, name: str, inputs: Values, outputs: Values) -> onnx.ModelProto:
    told = [
        [helper.make_tensor_value_info(key, kind, shape) for key, (kind, shape) in values.items()]
        for values in (inputs, outputs)
    ]
    body = helper.make_graph(graph.nodes, name, *told, graph.constants)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, MICROSOFT_OPSET)]
    return helper.make_model(body, opset_imports=opsets, ir_version=IR_VERSION, producer_name="fengping")
