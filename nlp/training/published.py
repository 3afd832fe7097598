"""Read a published model folder back into an encoder, to train it further."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from nlp.sentiment import FILES, ModelConfig, ModelError, check_files
from nlp.training.encoder import Encoder, EncoderConfig
from nlp.training.gains import Gains

MATRICES = ("qkv", "attention_out", "feed_in", "feed_out")
NORMS = ("attention_norm", "feed_norm")
SETTINGS = {"heads": ("MultiHeadAttention", "num_heads"), "epsilon": ("LayerNormalization", "epsilon")}
"""Sizes that no weight tells, by operator and attribute."""

Array = NDArray[np.float32]
Constants = Mapping[str, NDArray[Any]]


class NotOurGraph(ModelError):
    """A model that `nlp.training.graph` did not write; the message names what is missing."""


def read_encoder(folder: Path) -> Encoder:
    """The encoder of a model folder of any depth and width.

    Its weights are those that the integers of the model stand for, so written
    again with `read_gains` it gives the same integers. It has as many
    positions as the model takes tokens.

    Raises
    ------
    ModelError
        If a file is missing, changed, or no graph of ours.
    """
    path, graph = folder / FILES[0], read_graph(folder)
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    try:
        state = dict(weights(constants))
        settings = {name: setting(graph, *place) for name, place in SETTINGS.items()}
    except KeyError as error:
        raise NotOurGraph(f"{path} was not written by nlp.training.graph: it has no {error}") from error
    model = Encoder(config_of(state, **settings))
    model.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
    return model


def read_gains(folder: Path) -> Gains:
    """The gains of a model folder, by the names of the maps of an `Encoder`; none in a model older than them.

    Raises
    ------
    ModelError
        If a file is missing or changed.
    """
    found = {tensor.name: tensor for tensor in read_graph(folder).initializer}
    return {
        name.removesuffix(".gain").replace("layer", "layers.", 1): numpy_helper.to_array(tensor)
        for name, tensor in found.items()
        if name.endswith(".gain")
    }


def read_graph(folder: Path) -> onnx.GraphProto:
    """The graph of a model folder, its files checked.

    Raises
    ------
    ModelError
    """
    check_files(folder, ModelConfig.read(folder).sha256)
    return onnx.load(str(folder / FILES[0])).graph


def weights(constants: Constants) -> Iterator[tuple[str, Array]]:
    """Names and values of the state of an `Encoder` from the constants of a graph.

    Raises
    ------
    KeyError
        Naming a constant that is missing.
    """
    yield "words.weight", table(constants, "words")
    yield "positions.weight", constants["positions"]
    yield from norm(constants, "embedded.norm", "norm")
    for layer in range(sum(name.endswith(".qkv.bias") for name in constants)):
        for part in MATRICES:
            yield f"layers.{layer}.{part}.weight", matrix(constants, f"layer{layer}.{part}")
            yield f"layers.{layer}.{part}.bias", constants[f"layer{layer}.{part}.bias"]
        for part in NORMS:
            yield from norm(constants, f"layer{layer}.{part}", f"layers.{layer}.{part}")
    yield from ((name, constants[name]) for name in ("head.weight", "head.bias"))
    if "pairs" in constants:
        yield "pairs", constants["pairs"].astype(np.float32)


def matrix(constants: Constants, name: str) -> Array:
    """A weight of shape ``(outputs, inputs)``, stored the other way round, as integers or as it is."""
    if f"{name}.levels" not in constants:
        return constants[f"{name}.weight"].T
    stored = constants[f"{name}.levels"].T * constants[f"{name}.scales"][:, None]
    return stored * constants.get(f"{name}.gain", np.float32(1))


def table(constants: Constants, name: str) -> Array:
    """Embeddings of shape ``(rows, hidden)``, stored as integers or as they are."""
    if f"{name}.levels" not in constants:
        return constants[f"{name}.table"]
    return constants[f"{name}.levels"] * constants[f"{name}.scales"]


def norm(constants: Constants, name: str, ours: str) -> Iterator[tuple[str, Array]]:
    """Scale and offset of a normalisation under the names of torch."""
    yield f"{ours}.weight", constants[f"{name}.scale"]
    yield f"{ours}.bias", constants[f"{name}.bias"]


def setting(graph: onnx.GraphProto, operator: str, name: str) -> Any:
    """An attribute of the first node of an operator.

    Raises
    ------
    KeyError
    """
    for node in graph.node:
        if node.op_type == operator:
            return {found.name: helper.get_attribute_value(found) for found in node.attribute}[name]
    raise KeyError(operator)


def config_of(state: Mapping[str, Array], heads: int, epsilon: float) -> EncoderConfig:
    """The sizes of an encoder with these weights."""
    vocabulary, hidden = state["words.weight"].shape
    return EncoderConfig(
        vocabulary=vocabulary,
        hidden=hidden,
        layers=sum(name.endswith(".qkv.bias") for name in state),
        heads=heads,
        feed_forward=len(state["layers.0.feed_in.bias"]),
        positions=len(state["positions.weight"]),
        classes=len(state["head.bias"]),
        epsilon=epsilon,
        pairs=len(state.get("pairs", ())),
    )
