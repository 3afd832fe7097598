from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nlp.sentiment import softmax
from nlp.training.batches import batches, predict_logits
from nlp.training.distil import one_hot
from nlp.training.encoder import Encoder, EncoderConfig
from nlp.training.loop import UNKNOWN, Recipe, Trainer, add_gradients, replica
from nlp.training.masked import Learner

RECIPE = Recipe(epochs=3, batch_size=8, learning_rate=3e-3, bfloat16=False, save_seconds=1e9)
ALONE = replace(RECIPE, hide_first=0.0, hide_last=0.0)

Rows = list[list[int]]
Labels = NDArray[np.int64]


def new_trainer(config: EncoderConfig, rows: Rows, labels: Labels, recipe: Recipe = RECIPE) -> Trainer:
    torch.manual_seed(3)
    return Trainer(Encoder(config), rows, one_hot(labels), recipe)


def silent(trainer: Trainer) -> None:
    """Report nothing."""


def same_weights(first: Learner, second: Learner, tolerance: float = 0.0) -> bool:
    pairs = zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    return all(torch.allclose(a, b, rtol=0, atol=tolerance) for a, b in pairs)


def test_learns_what_decides(config: EncoderConfig, rows: Rows, labels: Labels) -> None:
    trainer = new_trainer(config, rows, labels, replace(ALONE, epochs=12))
    trainer.run(silent)
    predicted = predict_logits(trainer.model.encoder, rows).argmax(1)
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
    plain = replace(ALONE, learning_rate=1e-3)
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
    own, other = (twin.encoder.words.weight for twin in trainer.replicas)
    assert own.data_ptr() == other.data_ptr()
    assert other.grad is None


def test_gradients_move_to_the_model_and_leave_the_twin(config: EncoderConfig) -> None:
    model = Learner(Encoder(config))
    twin = replica(model)
    model.encoder.head.bias.grad = torch.full((3,), 1.0)
    for part in (twin.encoder.head.bias, twin.encoder.norm.bias):
        part.grad = torch.full(part.shape, 2.0)
    add_gradients(model, [twin])
    assert model.encoder.head.bias.grad.tolist() == [3.0] * 3
    assert model.encoder.norm.bias.grad is not None  # a part without a gradient of its own takes the twin's
    assert model.encoder.norm.bias.grad.tolist() == [2.0] * 32
    assert twin.encoder.head.bias.grad is None


def test_learns_soft_targets(config: EncoderConfig, rows: Rows) -> None:
    targets = np.tile(np.array([0.2, 0.3, 0.5], np.float32), (len(rows), 1))
    torch.manual_seed(3)
    trainer = Trainer(Encoder(config), rows, targets, replace(ALONE, epochs=12))
    trainer.run(silent)
    assert softmax(predict_logits(trainer.model.encoder, rows)) == pytest.approx(targets, abs=0.1)


def test_what_is_given_need_not_be_learned(config: EncoderConfig, rows: Rows) -> None:
    targets = np.tile(np.array([0.2, 0.3, 0.5], np.float32), (len(rows), 1))
    model = Encoder(config)
    torch.nn.init.zeros_(model.head.weight)
    torch.nn.init.zeros_(model.head.bias)
    trainer = Trainer(model, rows, targets, replace(ALONE, epochs=12), np.log(targets))
    trainer.run(silent)
    assert np.abs(predict_logits(model, rows)).max() < 0.1


def test_what_pairs_say_need_not_be_learned(paired: Encoder, rows: Rows) -> None:
    torch.nn.init.zeros_(paired.head.weight)
    torch.nn.init.zeros_(paired.head.bias)
    before, targets = paired.pairs.clone(), softmax(predict_logits(paired, rows))
    Trainer(paired, rows, targets, replace(ALONE, epochs=3)).run(silent)
    assert softmax(predict_logits(paired, rows)) == pytest.approx(targets, abs=0.02)
    assert torch.equal(paired.pairs, before)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """Token ids that the encoder gets to see."""
    found: list[torch.Tensor] = []
    states = Encoder.states

    def spy(model: Encoder, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        found.append(ids)
        return states(model, ids, mask)

    monkeypatch.setattr(Encoder, "states", spy)
    return found


def test_hidden_tokens_become_unknown_and_the_marks_stay(
    config: EncoderConfig, rows: Rows, labels: Labels, shown: list[torch.Tensor]
) -> None:
    trainer = new_trainer(config, rows, labels, replace(RECIPE, hide_first=1.0, hide_last=1.0))
    trainer._backward(1, trainer.model, np.array([7]))
    assert shown[0].tolist() == [[0, *[UNKNOWN] * (len(rows[7]) - 2), 2]]


def test_fewer_tokens_are_hidden_towards_the_end(
    config: EncoderConfig, rows: Rows, labels: Labels, shown: list[torch.Tensor]
) -> None:
    trainer = new_trainer(config, rows, labels, replace(RECIPE, hide_first=1.0, hide_last=0.0))
    trainer.progress.step = 15
    trainer._backward(1, trainer.model, np.array([7]))
    assert shown[0].tolist() == [rows[7]]


def test_guessing_weighs_on_the_loss(config: EncoderConfig, rows: Rows, labels: Labels) -> None:
    recipes = [replace(RECIPE, guess_weight=weight) for weight in (0.0, 1.0)]
    trainers = [new_trainer(config, rows, labels, recipe) for recipe in recipes]
    without, beside = (trainer._backward(8, trainer.model, np.arange(8)) for trainer in trainers)
    assert beside > without + 1
    assert trainers[0].model.transform.weight.grad is None
    assert trainers[1].model.transform.weight.grad is not None


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


def test_frozen_parts_stay_as_they_are(config: EncoderConfig, rows: Rows, labels: Labels) -> None:
    encoder = Encoder(config)
    for part in (encoder.words, encoder.layers[0]):
        part.requires_grad_(False)
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    Trainer(encoder, rows, one_hot(labels), replace(RECIPE, guess_weight=0.0)).run(silent)
    changed = {name for name, value in encoder.state_dict().items() if not torch.equal(value, before[name])}
    assert not {name for name in changed if name.startswith(("words", "layers.0"))}
    assert {"layers.1.qkv.weight", "head.weight"} <= changed


def test_completes_what_was_begun(
    config: EncoderConfig, rows: Rows, labels: Labels, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = tmp_path / "work" / "begun.pt"
    first, again = (new_trainer(config, rows, labels) for _ in range(2))
    first.complete(silent, checkpoint, threads=1)
    assert "resumed" not in capsys.readouterr().out
    again.complete(silent, checkpoint, threads=1)
    assert "resumed at step 15 from begun.pt" in capsys.readouterr().out
    assert same_weights(first.model, again.model)


def test_saves_while_it_runs(config: EncoderConfig, rows: Rows, labels: Labels, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    trainer = new_trainer(config, rows, labels, replace(RECIPE, epochs=1, save_seconds=0.0))
    trainer.run(silent, path)
    again = new_trainer(config, rows, labels)
    again.load(path)
    assert again.progress == trainer.progress
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]
