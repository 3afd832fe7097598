"""Train an encoder under a budget of wall-clock time, and resume where it stopped."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from nlp.training.batches import batches, collate
from nlp.training.encoder import Encoder
from nlp.training.masked import Learner

UNKNOWN = 3

Model = TypeVar("Model", bound=nn.Module)


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes
    ----------
    epochs : int
    batch_size : int
    learning_rate : float
        Peak; reached after `warm_up`, then linear to zero.
    warm_up : float
        Share of the training.
    minutes : float or None
        Wall-clock budget. The decay follows whichever is further along, the
        epochs or the minutes, so that the rate is zero when either ends.
    weight_decay : float
    hide_first, hide_last : float
        Share of tokens replaced by the unknown token, at the start and at the
        end of the training; linear between.
    guess_weight : float
        Weight of the loss of guessing the hidden tokens beside the loss of the
        labels; 0 leaves the guessing out.
    save_seconds : float
        Time between checkpoints.
    bfloat16 : bool
    parts : int
        Each batch is cut into this many parts, one thread each. The threads
        meet once a step instead of in every operation, which on a busy machine
        is several times faster than torch's own threads.
    seed : int
    """

    epochs: int = 2
    batch_size: int = 64
    learning_rate: float = 1.5e-4
    warm_up: float = 0.06
    minutes: float | None = None
    weight_decay: float = 0.01
    hide_first: float = 0.15
    hide_last: float = 0.05
    guess_weight: float = 0.2
    save_seconds: float = 240.0
    bfloat16: bool = True
    parts: int = 2
    seed: int = 0


@dataclass
class Progress:
    """Where a training stands: steps taken, seconds spent, smoothed loss."""

    step: int = 0
    seconds: float = 0.0
    loss: float = math.nan


def replica(model: Model) -> Model:
    """A model that shares the weights of another, but has its own gradients."""
    twin = copy.deepcopy(model)
    for own, other in zip(model.parameters(), twin.parameters(), strict=True):
        other.data = own.data
    return twin


def add_gradients(model: nn.Module, replicas: Sequence[nn.Module]) -> None:
    """Move the gradients of replicas to the model, in a fixed order."""
    for twin in replicas:
        for own, other in zip(model.parameters(), twin.parameters(), strict=True):
            if other.grad is not None:
                own.grad = other.grad if own.grad is None else own.grad + other.grad
                other.grad = None


class Trainer:
    """AdamW (Loshchilov & Hutter, 2019) on cross-entropy with soft labels.

    Parameters
    ----------
    encoder : Encoder
    rows : sequence of sequence of int
        Token ids of each text.
    targets : ndarray of shape (n, classes), float32
        Probabilities to learn: smoothed labels, or what a teacher says.
    recipe : Recipe
    given : ndarray of shape (n, classes), float32, optional
        Logits that something else will add to the encoder's, so that it need not learn them.
    """

    def __init__(
        self,
        encoder: Encoder,
        rows: Sequence[Sequence[int]],
        targets: NDArray[np.float32],
        recipe: Recipe,
        given: NDArray[np.float32] | None = None,
    ) -> None:
        torch.manual_seed(recipe.seed)
        self.rows = rows
        self.targets = torch.tensor(targets)
        self.given = torch.zeros_like(self.targets) if given is None else torch.tensor(given)
        self._start(Learner(encoder), [len(row) for row in rows], recipe)

    def _start(self, model: nn.Module, lengths: Sequence[int], recipe: Recipe) -> None:
        """Stand at the first step of training a model on texts of these lengths, in tokens."""
        self.model = model
        self.replicas = [model, *(replica(model) for _ in range(recipe.parts - 1))]
        self.recipe = recipe
        self.progress = Progress()
        self.lengths = np.array(lengths)
        self.steps_per_epoch = math.ceil(len(lengths) / recipe.batch_size)
        decayed = [p for p in model.parameters() if p.ndim > 1]
        plain = [p for p in model.parameters() if p.ndim == 1]
        groups: list[dict[str, Any]] = [{"params": decayed}, {"params": plain, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(
            groups,
            lr=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            fused=True,
        )

    @property
    def share_done(self) -> float:
        """Share of the training that is behind, 0 to 1."""
        share = self.progress.step / (self.steps_per_epoch * self.recipe.epochs)
        if self.recipe.minutes is not None:
            share = max(share, self.progress.seconds / (60 * self.recipe.minutes))
        return min(share, 1.0)

    def learning_rate(self) -> float:
        """Rate of the next step."""
        done, warm_up = self.share_done, self.recipe.warm_up
        factor = (done + 1e-4) / warm_up if done < warm_up else (1 - done) / (1 - warm_up)
        return self.recipe.learning_rate * min(factor, 1.0)

    def run(self, report: Callable[[Trainer], None], checkpoint: Path | None = None) -> None:
        """Train to the end, from wherever `progress` stands.

        Parameters
        ----------
        report : callable
            Called with this trainer every 50 steps and at the end.
        checkpoint : Path or None
            File to save to every `Recipe.save_seconds`.
        """
        self.model.train()
        saved = time.monotonic()
        for batch in self._remaining_batches():
            if self.share_done >= 1.0:
                break
            began = time.monotonic()
            self._step(batch)
            self.progress.seconds += time.monotonic() - began
            if self.progress.step % 50 == 0:
                report(self)
            if checkpoint and time.monotonic() - saved > self.recipe.save_seconds:
                self.save(checkpoint)
                saved = time.monotonic()
        report(self)
        if checkpoint:
            self.save(checkpoint)

    def complete(self, report: Callable[[Trainer], None], checkpoint: Path, threads: int) -> None:
        """Train to the end from a checkpoint, where there is one.

        Parameters
        ----------
        report : callable
            As `run`.
        checkpoint : Path
            Read and written; its folder is made where missing.
        threads : int
            Of torch afterwards; in training each part of a batch has one.
        """
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        if checkpoint.exists():
            self.load(checkpoint)
            print(f"resumed at step {self.progress.step} from {checkpoint.name}", flush=True)
        torch.set_num_threads(1)
        self.run(report, checkpoint)
        torch.set_num_threads(threads)

    def _remaining_batches(self) -> Iterator[NDArray[np.int64]]:
        first, skip = divmod(self.progress.step, self.steps_per_epoch)
        for epoch in range(first, self.recipe.epochs):
            found = batches(self.lengths, self.recipe.batch_size, self.recipe.seed + epoch)
            yield from found[skip if epoch == first else 0 :]

    def _step(self, batch: NDArray[np.int64]) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        parts = [part for part in np.array_split(batch, len(self.replicas)) if len(part)]
        with ThreadPoolExecutor(len(parts)) as threads:
            losses = list(threads.map(partial(self._backward, len(batch)), self.replicas, parts))
        add_gradients(self.model, self.replicas[1 : len(parts)])
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.progress.step += 1
        before, loss = self.progress.loss, sum(losses)
        self.progress.loss = loss if math.isnan(before) else 0.98 * before + 0.02 * loss

    def _backward(self, total: int, model: Learner, part: NDArray[np.int64]) -> float:
        """Accumulate the gradients of one part of a batch of `total` rows; return its share of the loss."""
        ids, mask = collate([self.rows[i] for i in part])
        recipe, hidden = self.recipe, self._hidden(ids, part)
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
            states = model.encoder.states(torch.where(hidden, UNKNOWN, ids), mask)
            logits = model.encoder.classify(states, mask) + model.encoder.lean(ids, mask) + self.given[part]
            loss = functional.cross_entropy(logits, self.targets[part])
            if recipe.guess_weight and hidden.any():
                guessed = model.guess(states[hidden])
                loss = loss + recipe.guess_weight * functional.cross_entropy(guessed.float(), ids[hidden])
        loss = loss * (len(part) / total)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.item()

    def _hidden(self, ids: Tensor, part: NDArray[np.int64]) -> Tensor:
        """Which tokens of a part of a batch are hidden in this step."""
        recipe, done = self.recipe, self.share_done
        seed = int(part[0]) + 1_000_003 * (recipe.seed + self.progress.step)
        drawn = torch.rand(ids.shape, generator=torch.Generator().manual_seed(seed))
        share = recipe.hide_first * (1 - done) + recipe.hide_last * done
        return (drawn < share) & (ids > UNKNOWN)

    def save(self, path: Path) -> None:
        """Write a checkpoint; a crash while writing leaves the older one."""
        state: dict[str, Any] = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": vars(self.progress),
        }
        written = path.with_suffix(".partial")
        torch.save(state, written)
        written.replace(path)

    def load(self, path: Path) -> None:
        """Continue from a checkpoint."""
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])
