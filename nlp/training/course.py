"""The whole training: a teacher, a model of pairs, the students that ship; each step is kept and resumed."""

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
from nlp.training.gains import find_gains
from nlp.training.graph import build_graph
from nlp.training.loop import Recipe, Trainer
from nlp.training.pairs import PairModel, advise, attach, choose_share, pair_features, sides
from nlp.training.parts import draw_parts
from nlp.training.prepare import MAX_TOKENS, Prepared, initial_model, labels

TEACHER_LAYERS = 12
TEACHER = Recipe()
PUPIL = Recipe(epochs=5, hide_first=0.08, hide_last=0.0, guess_weight=0.0)
Arrays = dict[str, NDArray[Any]]
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

    def __post_init__(self) -> None:
        self.rows = self.prepared.rows(self.prepared.train)
        self.labels = labels(self.prepared.train)
        self.parts, self.owners = draw_parts(self.rows, self.pupil.seed)

    def teach(self) -> Encoder:
        """Train the teacher on the labels."""
        layers = list(range(min(TEACHER_LAYERS, self.packed.config.layers)))
        model = initial_model(self.packed, self.prepared.token_ids, layers, self.teacher.seed)
        return self._train("teacher", model, self.rows, one_hot(self.labels), self.teacher)

    def said(self) -> NDArray[np.float32]:
        """Logits ``(n + m, 3)`` of the teacher for every training text and then every part."""
        return self._kept("said", self._ask)["logits"]

    def pairs(self) -> tuple[PairModel, NDArray[np.float32]]:
        """The model of pairs, and its log-odds ``(n + m,)`` for every training text and then every part."""
        kept = self._kept("pairs", self._advise)
        return PairModel(kept["table"], float(kept["bias"])), kept["leaning"]

    def learn(self, name: str) -> Encoder:
        """Train one of `STUDENTS` on what its teachers say, and set the pairs beside it."""
        student = STUDENTS[name].start(self.teach())
        model, leaning = self.pairs()
        given = sides(leaning)
        targets = soft_targets(self.said(), given, self.labels)
        self._train(name, student, [*self.rows, *self.parts], targets, self.pupil, given)
        attach(student, model, self._share(student, model))
        return student

    def _share(self, student: Encoder, model: PairModel) -> float:
        """How much of the pairs a student gets, by the validation rows as it will be written."""
        validation = self.prepared.validation
        rows = self.prepared.rows(validation)
        graph = build_graph(student.eval(), MAX_TOKENS, find_gains(student, self.rows)).SerializeToString()
        logits = run_onnx(graph, rows, self.threads)
        return choose_share(logits, model.predict(pair_features(rows)), labels(validation))

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
        gains = find_gains(model.eval(), self.rows)
        write_model(
            model, self.prepared.tokenizer, folder, MAX_TOKENS, truth, training, self.threads, gains=gains
        )
        return folder

    def _ask(self) -> Arrays:
        teacher = self.teach().eval()
        graph = build_graph(teacher, MAX_TOKENS, find_gains(teacher, self.rows)).SerializeToString()
        return {"logits": run_onnx(graph, [*self.rows, *self.parts], self.threads)}

    def _advise(self) -> Arrays:
        model, leaning = advise(self.rows, self.labels, self.parts, self.owners, self.pupil.seed)
        return {"table": model.table, "bias": np.float32(model.bias), "leaning": leaning}

    def _kept(self, name: str, make: Callable[[], Arrays]) -> Arrays:
        path = self._path(name, "npz")
        if not path.exists():
            partial = path.with_suffix(".partial.npz")
            np.savez(partial, **make())
            partial.replace(path)
        with np.load(path, allow_pickle=False) as kept:
            return dict(kept)

    def _train(
        self,
        name: str,
        model: Encoder,
        rows: list[list[int]],
        targets: NDArray[np.float32],
        recipe: Recipe,
        given: NDArray[np.float32] | None = None,
    ) -> Encoder:
        trainer = Trainer(model, rows, targets, recipe, given)
        trainer.complete(self.report, self._path(name, "pt"), self.threads)
        self.seconds[name] = round(trainer.progress.seconds)
        return model

    def _path(self, name: str, suffix: str) -> Path:
        """Where a step of this very training is kept: other data or another recipe has another name."""
        rows = self.prepared.train[["key", "label"]].to_numpy().tolist()
        document: list[Any] = [self.prepared.token_ids, rows]
        if name != "pairs":
            document.append(asdict(self.teacher))
        if name != "teacher":
            document.append(self.pupil.seed)
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
