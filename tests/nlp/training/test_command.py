"""The small decisions around a training: names, checkpoints, progress, dropped words."""

import argparse
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray

from nlp.training.__main__ import _parser, checkpoint_path, describe_arguments, report_progress
from nlp.training.batches import predict_logits
from nlp.training.data import DataReport
from nlp.training.encoder import Encoder, EncoderConfig
from nlp.training.loop import UNKNOWN, Recipe, Trainer, add_gradients, replica
from nlp.training.prepare import Prepared

Rows = list[list[int]]
Labels = NDArray[np.int64]


def options(*arguments: str) -> argparse.Namespace:
    return _parser().parse_args(arguments)


def prepared(keys: tuple[str, ...] = ("好", "差"), token_ids: tuple[int, ...] = (0, 1, 2, 3)) -> Prepared:
    frame = pd.DataFrame({"key": keys})
    return Prepared({}, list(token_ids), frame, frame.head(0), DataReport())


def test_what_decides_the_result_is_told_and_folders_are_not() -> None:
    told = describe_arguments(options("/home/me/a.csv", "b.csv", "--held-out", "deep/c.csv", "--seed", "4"))
    assert told == [
        *("a.csv", "b.csv", "--held-out", "c.csv"),
        *("--layers=6", "--epochs=4", "--minutes=58.0", "--seed=4"),
    ]


def test_no_held_out_file_no_option() -> None:
    assert "--held-out" not in describe_arguments(options("a.csv"))


def test_the_told_arguments_are_understood_again() -> None:
    first = options("a.csv", "--held-out", "c.csv", "--layers", "3", "--minutes", "2.5")
    again = options(*describe_arguments(first))
    assert vars(again) == vars(first)


def test_the_same_training_finds_its_checkpoint(tmp_path: Path) -> None:
    work = tmp_path / "not" / "there"
    path = checkpoint_path(work, prepared(), Recipe(), [0, 1])
    assert path == checkpoint_path(work, prepared(), Recipe(), [0, 1])
    assert path.parent == work
    assert work.is_dir()
    assert re.fullmatch(r"[0-9a-f]{16}\.pt", path.name)


def test_other_data_layers_words_or_recipe_have_another_checkpoint(tmp_path: Path) -> None:
    paths = [
        checkpoint_path(tmp_path, prepared(), Recipe(), [0, 1]),
        checkpoint_path(tmp_path, prepared(), Recipe(), [0, 2]),
        checkpoint_path(tmp_path, prepared(), replace(Recipe(), learning_rate=1e-3), [0, 1]),
        checkpoint_path(tmp_path, prepared(keys=("好", "坏")), Recipe(), [0, 1]),
        checkpoint_path(tmp_path, prepared(token_ids=(0, 1, 2, 3, 5)), Recipe(), [0, 1]),
    ]
    assert len(set(paths)) == 5


@pytest.fixture
def trainer(encoder: Encoder, rows: Rows, labels: Labels) -> Trainer:
    return Trainer(encoder, rows, labels, Recipe(epochs=2, batch_size=8, bfloat16=False, word_dropout=1.0))


def test_progress_tells_share_loss_and_minutes_left(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer.progress.step, trainer.progress.seconds, trainer.progress.loss = 5, 300.0, 0.25
    report_progress(trainer)
    told = capsys.readouterr().out
    assert "step 5 50.0% loss 0.2500" in told
    assert told.endswith("5 min left\n")


def test_progress_can_be_told_before_the_first_step(
    trainer: Trainer, capsys: pytest.CaptureFixture[str]
) -> None:
    report_progress(trainer)
    assert "step 0 0.0% loss nan" in capsys.readouterr().out


def test_dropped_words_become_unknown_and_the_marks_stay(
    trainer: Trainer, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []
    forward = Encoder.forward

    def spy(model: Encoder, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        seen.append(ids)
        return forward(model, ids, mask)

    monkeypatch.setattr(Encoder, "forward", spy)
    trainer._backward(1, trainer.model, np.array([7]))
    assert seen[0].tolist() == [[0, *[UNKNOWN] * (len(rows[7]) - 2), 2]]


def test_gradients_move_to_the_model_and_leave_the_twin(config: EncoderConfig) -> None:
    model = Encoder(config)
    twin = replica(model)
    for parameter, value in ((model.head.bias, 1.0), (twin.head.bias, 2.0)):
        parameter.grad = torch.full((3,), value)
    add_gradients(model, [twin])
    assert model.head.bias.grad is not None
    assert model.head.bias.grad.tolist() == [3.0] * 3
    assert twin.head.bias.grad is None


def test_half_precision_is_near_and_not_the_same(encoder: Encoder, rows: Rows) -> None:
    full, half = (predict_logits(encoder, rows, bfloat16=flag) for flag in (False, True))
    assert 0 < np.abs(full - half).max() < 0.1
    assert half.dtype == np.float32
