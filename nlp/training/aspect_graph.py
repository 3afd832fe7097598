"""The aspect network as two ONNX graphs: a reader of texts in integers, and a small judge of pairs."""

from __future__ import annotations

import onnx
from onnx import TensorProto

from nlp.training.aspect_net import WIDTH, AspectNet
from nlp.training.gains import Gains
from nlp.training.graph import MICROSOFT, TEXTS, GraphBuilder, Values, arrays, encode, finish


def build_reader(model: AspectNet, max_tokens: int, gains: Gains | None = None) -> onnx.ModelProto:
    """The graph from ``ids`` and ``mask`` (int64, ``(batch, tokens)``) to ``marks`` and ``edges``.

    Marks are ``(batch, tokens, 2 * marks)``, edges ``(batch, tokens, 4 * WIDTH)``,
    both as `AspectNet` gives them, with the last two axes made one. Without
    gains, see `nlp.training.gains`, all is in float32.
    """
    weights, graph = arrays(model, gains), GraphBuilder(gains is not None)
    encoder = {key.removeprefix("encoder."): value for key, value in weights.items()}
    states = encode(graph, encoder, model.encoder.config, max_tokens)
    outputs: Values = {}
    for name, key in (("marks", "tags"), ("edges", "edges")):
        graph.linear(name, states[-1], weights, key)
        outputs[name] = (TensorProto.FLOAT, ["batch", "tokens", len(weights[f"{key}.bias"])])
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
    mixed = graph.linear("mix", "met", weights, "mix")
    graph.linear("logits", graph.add("Gelu", [mixed], "bent", MICROSOFT), weights, "out")
    inputs: Values = {
        "aspects": (TensorProto.FLOAT, ["pairs", WIDTH]),
        "opinions": (TensorProto.FLOAT, ["pairs", WIDTH]),
        "has_aspect": (TensorProto.BOOL, ["pairs", 1]),
        "has_opinion": (TensorProto.BOOL, ["pairs", 1]),
        "distance": (TensorProto.INT64, ["pairs"]),
    }
    outputs: Values = {"logits": (TensorProto.FLOAT, ["pairs", len(weights["out.bias"])])}
    return finish(graph, "pairs", inputs, outputs)
