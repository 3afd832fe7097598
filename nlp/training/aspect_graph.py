"""The aspect network as two ONNX graphs: a reader of texts in integers, and a small judge of pairs."""

from __future__ import annotations

import onnx
from onnx import TensorProto

from nlp.training.aspect_net import WIDTH, AspectNet
from nlp.training.graph import MICROSOFT, TEXTS, GraphBuilder, Values, arrays, encode, finish


def build_reader(model: AspectNet, max_tokens: int, quantised: bool = True) -> onnx.ModelProto:
    """The graph from ``ids`` and ``mask`` (int64, ``(batch, tokens)``) to ``marks`` and ``edges``.

    Marks are ``(batch, tokens, 2 * marks)``, edges ``(batch, tokens, 4 * WIDTH)``,
    both as `AspectNet` gives them, with the last two axes made one.
    """
    weights, graph = arrays(model), GraphBuilder(quantised)
    states = encode(graph, arrays(model.encoder), model.encoder.config, max_tokens)
    outputs: Values = {}
    for name, key in (("marks", "tags"), ("edges", "edges")):
        weight = weights[f"{key}.weight"]
        graph.linear(name, states[-1], weight, weights[f"{key}.bias"])
        outputs[name] = (TensorProto.FLOAT, ["batch", "tokens", len(weight)])
    return finish(graph, "aspects", TEXTS, outputs)


def build_judge(model: AspectNet) -> onnx.ModelProto:
    """The graph from pairs of spans to ``logits`` ``(pairs, 1 + polarities + categories)``.

    Its inputs are ``aspects`` and ``opinions`` (float32, ``(pairs, WIDTH)``),
    ``has_aspect`` and ``has_opinion`` (bool, ``(pairs, 1)``) and ``distance``
    (int64, ``(pairs,)``).
    """
    weights, graph = arrays(model.pairs), GraphBuilder(quantised=False)
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
    inputs: Values = {
        "aspects": (TensorProto.FLOAT, ["pairs", WIDTH]),
        "opinions": (TensorProto.FLOAT, ["pairs", WIDTH]),
        "has_aspect": (TensorProto.BOOL, ["pairs", 1]),
        "has_opinion": (TensorProto.BOOL, ["pairs", 1]),
        "distance": (TensorProto.INT64, ["pairs"]),
    }
    outputs: Values = {"logits": (TensorProto.FLOAT, ["pairs", len(weights["out.bias"])])}
    return finish(graph, "pairs", inputs, outputs)
