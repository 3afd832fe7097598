from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nlp.training.batches import batches, predict_logits
from nlp.training.encoder import Encoder, EncoderConfig
from nlp.training.loop import Recipe, Trainer

RECIPE = Recipe(epochs=3, batch_size=8, learning_rate=3e-3, bfloat16=False, save_seconds=1e9)

Rows = list[list[int]]
Labels = NDArray[np.int64]


def new_trainer(config: EncoderConfig, rows: Rows, labels: Labels, recipe: Recipe = RECIPE) -> Trainer:
    torch.manual_seed(3)
    return Trainer(Encoder(config), rows, labels, recipe)


def silent(trainer: Trainer) -> None:
    """Report nothing."""


def same_weights(first: Encoder, second: Encoder, tolerance: float = 0.0) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.allclose(a, b, rtol=0, atol=tolerance) for a, b in pairs)


def test_learns_what_decides(config: EncoderConfig, rows: Rows, labels: Labels) -> None:
    trainer = new_trainer(config, rows, labels, replace(RECIPE, epochs=12))
    trainer.run(silent)
    predicted = predict_logits(trainer.model, rows).argmax(1)
    assert (predicted == labels).all()


def test_resumes_to_the_same_weights(
    config: EncoderConfig, rows: Rows, labels: Labels, tmp_path: Path
) -> None:
    whole = new_trainer(config, rows, labels)
    whole.run(silent)

    class Stopped(Exception):
        pass

    broken = new_trainer(config, rows, labels)
    steps = 7

    def stop(trainer: Trainer) -> None:
        if trainer.progress.step >= steps:
            trainer.save(tmp_path / "checkpoint.pt")
            raise Stopped

    original = broken._step
    broken._step = lambda batch: (original(batch), stop(broken))[0]  # type: ignore[method-assign]
    with pytest.raises(Stopped):
        broken.run(silent)
    resumed = new_trainer(config, rows, labels)
    resumed.load(tmp_path / "checkpoint.pt")
    assert resumed.progress.step == steps
    assert not same_weights(resumed.model, whole.model)
    resumed.run(silent)
    assert resumed.progress.step == whole.progress.step == 15
    assert same_weights(resumed.model, whole.model)


def test_parts_add_up_to_the_whole_batch(config: EncoderConfig, rows: Rows, labels: Labels) -> None:
    plain = replace(RECIPE, word_dropout=0.0, learning_rate=1e-3)
    one = new_trainer(config, rows, labels, replace(plain, parts=1))
    three = new_trainer(config, rows, labels, replace(plain, parts=3))
    for trainer in (one, three):
        for batch in batches(trainer.lengths, 8, 0)[:2]:
            trainer._step(batch)
    assert one.progress.loss == pytest.approx(three.progress.loss, abs=1e-5)
    assert same_weights(one.model, three.model, 1e-4)


def test_replicas_share_weights_but_not_gradients(config: EncoderConfig, rows: Rows, labels: Labels) -> None:
    trainer = new_trainer(config, rows, labels)
    trainer._step(np.arange(8))
    own, other = trainer.model.words.weight, trainer.replicas[1].words.weight
    assert own.data_ptr() == other.data_ptr()
    assert other.grad is None


def test_rate_warms_up_and_falls_to_zero(config: EncoderConfig, rows: Rows, labels: Labels) -> None:
    trainer = new_trainer(config, rows, labels, replace(RECIPE, warm_up=0.2))
    rates = []
    for step in range(16):
        trainer.progress.step = step
        rates.append(trainer.learning_rate())
    assert np.argmax(rates) == 3
    assert rates[3] == RECIPE.learning_rate
    assert rates[-1] == 0
    assert np.all(np.diff(rates[3:]) < 0)


def test_the_clock_ends_a_training(config: EncoderConfig, rows: Rows, labels: Labels) -> None:
    trainer = new_trainer(config, rows, labels, replace(RECIPE, epochs=1000, minutes=0.1))
    trainer.progress.seconds = 5.9
    assert trainer.share_done == pytest.approx(5.9 / 6)
    trainer.run(silent)
    assert trainer.share_done == 1.0
    assert trainer.progress.step < 1000
    assert trainer.learning_rate() == 0
    steps = trainer.progress.step
    trainer.run(silent)
    assert trainer.progress.step == steps


def test_saves_while_it_runs(config: EncoderConfig, rows: Rows, labels: Labels, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    trainer = new_trainer(config, rows, labels, replace(RECIPE, epochs=1, save_seconds=0.0))
    trainer.run(silent, path)
    again = new_trainer(config, rows, labels)
    again.load(path)
    assert again.progress == trainer.progress
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]
