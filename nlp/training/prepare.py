"""From data files to token rows: read, cut the vocabulary, tokenise."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from nlp.sentiment import head_and_tail
from nlp.training import base, vocabulary
from nlp.training.data import DataReport, load
from nlp.training.encoder import Encoder

MAX_TOKENS = 192


@dataclass(frozen=True)
class Prepared:
    """Everything a training needs that depends on the data.

    Attributes
    ----------
    tokenizer : dict
        The cut tokenizer document.
    token_ids : list of int
        Base token id of each kept token.
    train, validation : DataFrame
    report : DataReport
    """

    tokenizer: dict[str, Any]
    token_ids: list[int]
    train: pd.DataFrame
    validation: pd.DataFrame
    report: DataReport

    def rows(self, frame: pd.DataFrame) -> list[list[int]]:
        """Token ids of each text, cut to `MAX_TOKENS`."""
        tokenizer = Tokenizer.from_str(json.dumps(self.tokenizer))
        encodings = tokenizer.encode_batch_fast(frame["text"].tolist())
        return [head_and_tail(encoding.ids, MAX_TOKENS) for encoding in encodings]


def labels(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Label index of each row."""
    return frame["label"].to_numpy(np.int64)


def prepare(paths: Sequence[Path], held_out: Sequence[Path], packed: base.PackedModel) -> Prepared:
    """Read the data files and cut the base's vocabulary to what they use.

    Parameters
    ----------
    paths : sequence of Path
        Files to train on.
    held_out : sequence of Path
        Files whose texts must not be trained on.
    packed : PackedModel
    """
    train, validation, report = load(paths, held_out)
    full = base.base_tokenizer_path()
    counts = vocabulary.count_tokens(Tokenizer.from_file(str(full)), train["text"].tolist())
    keep = vocabulary.choose_tokens(packed.pieces, counts, base.latin_pieces())
    document = vocabulary.cut_tokenizer(json.loads(full.read_text(encoding="utf-8")), keep)
    return Prepared(document, keep, train, validation, report)


def initial_model(
    packed: base.PackedModel, token_ids: Sequence[int], layers: Sequence[int], seed: int
) -> Encoder:
    """The base cut to some tokens and layers, with a fresh head."""
    torch.manual_seed(seed)
    model = Encoder(replace(packed.config, vocabulary=len(token_ids), layers=len(layers)))
    state = base.encoder_weights(packed, token_ids, layers)
    missing = set(model.load_state_dict(state, strict=False).missing_keys)
    if missing != {"head.weight", "head.bias"}:
        raise base.BaseModelError(f"the base lacks {sorted(missing)}")
    return model
