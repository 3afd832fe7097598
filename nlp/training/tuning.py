"""Train a published model further on a shop's own rows, without forgetting what it knows."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nlp.sentiment import FILES, SentimentClassifier
from nlp.training.course import print_progress
from nlp.training.encoder import Encoder
from nlp.training.export import write_model
from nlp.training.gains import find_gains
from nlp.training.loop import Recipe, Trainer
from nlp.training.published import read_encoder, read_gains
from nlp.training.tune_data import ShopRows, lessons, token_rows

RECIPE = Recipe(
    epochs=5,
    batch_size=32,
    learning_rate=2e-4,
    warm_up=0.1,
    hide_first=0.05,
    hide_last=0.0,
    guess_weight=0.0,
    save_seconds=60.0,
)
CALIBRATED = 500
"""Validation rows from which temperature and threshold are fitted anew; on fewer, the old ones are safer."""


@dataclass(frozen=True)
class Tuning:
    """One tuning; what it leaves in the work folder is found again by the same one.

    Attributes
    ----------
    start : Path
        Model folder to begin with.
    old : SentimentClassifier
        That model.
    data : ShopRows
    recipe : Recipe
    work : Path
    threads : int
    """

    start: Path
    old: SentimentClassifier
    data: ShopRows
    recipe: Recipe
    work: Path
    threads: int

    @property
    def place(self) -> Path:
        """Where it is kept: other rows, another recipe or another start have another place."""
        train = self.data.train[["key", "label", "corrected"]].to_numpy().tolist()
        document = [self.old.version, asdict(self.recipe), train, self.data.texts]
        digest = hashlib.sha256(json.dumps(document).encode()).hexdigest()
        return self.work / f"tune-{digest[:12]}"

    def train(self) -> Encoder:
        """The model, trained to the end from wherever it stands."""
        model = beginning(read_encoder(self.start), self.old.config.temperature)
        trainer = Trainer(model, *lessons(self.data, self.old), self.recipe)
        trainer.complete(print_progress, self.place.with_suffix(".pt"), self.threads)
        return model

    def write(self, name: str, command: str) -> Path:
        """Train and write the model folder; return it.

        The embeddings keep their mean, as they do not change. Temperature and
        threshold stay too unless enough rows can tell better ones.
        """
        model, config, folder = self.train(), self.old.config, self.place / name
        kept: dict[str, Any] = {"embedding_mean": config.embedding_mean}
        validation = self.data.validation
        if len(validation) < CALIBRATED:
            kept |= {"temperature": 1.0, "threshold": config.threshold}
        rows = token_rows(self.old, validation["text"])
        readable = [place for place, row in enumerate(rows) if row]
        truth = [rows[place] for place in readable], validation["label"].to_numpy(np.int64)[readable]
        tokenizer = json.loads((self.start / FILES[1]).read_text(encoding="utf-8"))
        training = {
            "command": command,
            "tuned_from": self.old.version,
            "rows": self.data.counts,
            "recipe": asdict(self.recipe),
            "torch": torch.__version__.split("+")[0],
        }
        write_model(
            model,
            tokenizer,
            folder,
            config.max_tokens,
            truth,
            training,
            self.threads,
            kept,
            read_gains(self.start) or find_gains(model.eval(), token_rows(self.old, self.data.train["text"])),
        )
        return folder


def beginning(model: Encoder, temperature: float) -> Encoder:
    """Make a published encoder ready for tuning.

    The temperature goes into the head and the pairs, so that the logits are
    calibrated as they are. The lower half is frozen: embeddings, read from its last layer,
    stay the same, and little can be forgotten.
    """
    with torch.no_grad():
        for scored in (*model.head.parameters(), *model.buffers()):
            scored.div_(temperature)
    half = model.layers[: len(model.layers) // 2]
    for part in (model.words, model.positions, model.norm, half):
        part.requires_grad_(False)
    return model
