"""The whole training: a teacher, an n-gram model, the students that ship; each step is kept and resumed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.training import base
from nlp.training.distil import Student, one_hot, soft_targets
from nlp.training.encoder import Encoder
from nlp.training.export import run_onnx, write_model
from nlp.training.graph import build_graph
from nlp.training.loop import Recipe, Trainer
from nlp.training.ngrams import advice
from nlp.training.prepare import MAX_TOKENS, Prepared, initial_model, labels

TEACHER_LAYERS = 12
TEACHER = Recipe()
PUPIL = Recipe(learning_rate=2e-4, hide_first=0.08, hide_last=0.0, guess_weight=0.0)
STUDENTS = {
    "accurate": Student(layers=(0, 1, 2, 3, 4, 5), feed_forward=1536),
    "fast": Student(layers=(0, 1, 2), feed_forward=768),
}


@dataclass
class Course:
    """Steps of a training over one set of data.

    Attributes
    ----------
    prepared : Prepared
    packed : PackedModel
        The base network.
    work : Path
        Folder of what each step leaves; a step that is there is not repeated.
    teacher, pupil : Recipe
    threads : int
    report : callable
        Called with the trainer while it trains.
    seconds : dict of str to int
        What each training took.
    """

    prepared: Prepared
    packed: base.PackedModel
    work: Path
    report: Callable[[Trainer], None]
    teacher: Recipe = TEACHER
    pupil: Recipe = PUPIL
    threads: int = 2
    seconds: dict[str, int] = field(default_factory=dict)

    def teach(self) -> Encoder:
        """Train the teacher on the labels."""
        layers = list(range(min(TEACHER_LAYERS, self.packed.config.layers)))
        model = initial_model(self.packed, self.prepared.token_ids, layers, self.teacher.seed)
        targets = one_hot(labels(self.prepared.train))
        return self._train("teacher", model, self.prepared.rows(self.prepared.train), targets, self.teacher)

    def said(self) -> NDArray[np.float32]:
        """Logits ``(n, 3)`` of the teacher for every training text."""
        return self._kept("said", self._ask)

    def leaning(self) -> NDArray[np.float32]:
        """Log-odds ``(n,)`` of the n-grams for every training text."""
        frame = self.prepared.train
        return self._kept("leaning", lambda: advice(frame["text"].tolist(), labels(frame)))

    def learn(self, name: str) -> Encoder:
        """Train one of `STUDENTS` on what its teachers say."""
        student = STUDENTS[name].start(self.teach())
        frame = self.prepared.train
        targets = soft_targets(self.said(), self.leaning(), labels(frame))
        return self._train(name, student, self.prepared.rows(frame), targets, self.pupil)

    def write(self, name: str, about: dict[str, Any]) -> Path:
        """Train a student and write its model folder; return the folder."""
        model = self.learn(name)
        validation = self.prepared.validation
        training = {
            "base": {"name": "multilingual-e5-small", "teacher_layers": TEACHER_LAYERS},
            "student": asdict(STUDENTS[name]),
            "teacher": asdict(self.teacher),
            "recipe": asdict(self.pupil),
            "vocabulary": len(self.prepared.token_ids),
            "data": self.prepared.report.as_dict(),
            "sources": self.prepared.train["source"].value_counts().to_dict(),
            "seconds": self.seconds,
            "torch": torch.__version__.split("+")[0],
            **about,
        }
        truth = (self.prepared.rows(validation), labels(validation))
        folder = self.work / name
        write_model(model, self.prepared.tokenizer, folder, MAX_TOKENS, truth, training, self.threads)
        return folder

    def _ask(self) -> NDArray[np.float32]:
        graph = build_graph(self.teach().eval(), MAX_TOKENS).SerializeToString()
        return run_onnx(graph, self.prepared.rows(self.prepared.train), self.threads)

    def _kept(self, name: str, make: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
        path = self._path(name, "npy")
        if not path.exists():
            partial = path.with_suffix(".partial.npy")
            np.save(partial, make())
            partial.replace(path)
        kept: NDArray[np.float32] = np.load(path, allow_pickle=False)
        return kept

    def _train(
        self, name: str, model: Encoder, rows: list[list[int]], targets: NDArray[np.float32], recipe: Recipe
    ) -> Encoder:
        trainer = Trainer(model, rows, targets, recipe)
        trainer.complete(self.report, self._path(name, "pt"), self.threads)
        self.seconds[name] = round(trainer.progress.seconds)
        return model

    def _path(self, name: str, suffix: str) -> Path:
        """Where a step of this very training is kept: other data or another recipe has another name."""
        document: list[Any] = [self.prepared.token_ids, self.prepared.train["key"].tolist()]
        if name != "leaning":
            document.append(asdict(self.teacher))
        if name in STUDENTS:
            document += [asdict(self.pupil), asdict(STUDENTS[name])]
        digest = hashlib.sha256(json.dumps(document).encode()).hexdigest()
        self.work.mkdir(parents=True, exist_ok=True)
        return self.work / f"{name}-{digest[:12]}.{suffix}"


def print_progress(trainer: Trainer) -> None:
    """Print a bar, and where the training stands."""
    progress, share = trainer.progress, trainer.share_done
    left = progress.seconds * (1 - share) / max(share, 1e-9)
    bar = "█" * round(share * 30)
    print(
        f"{time.strftime('%H:%M:%S')} {bar:░<30} {share:6.1%} step {progress.step} "
        f"loss {progress.loss:.4f} rate {trainer.learning_rate():.1e} {left / 60:.0f} min left",
        flush=True,
    )
