from dataclasses import replace

import numpy as np
import pytest
import torch

from nlp.sentiment import softmax
from nlp.training.batches import predict_logits
from nlp.training.distil import LABEL_WEIGHT, Student, blend, one_hot, soft_targets
from nlp.training.encoder import Encoder

LOGITS = np.array([[2.0, 0.0, -1.0], [-0.5, 0.2, 0.4]], np.float32)


def test_a_student_of_everything_is_its_teacher(encoder: Encoder, rows: list[list[int]]) -> None:
    student = Student(layers=(0, 1), feed_forward=64).start(encoder)
    assert predict_logits(student, rows) == pytest.approx(predict_logits(encoder, rows), abs=1e-6)
    assert student.words.weight.data_ptr() != encoder.words.weight.data_ptr()


def test_a_student_keeps_the_chosen_layers(encoder: Encoder) -> None:
    student = Student(layers=(1,), feed_forward=64).start(encoder)
    assert student.config == replace(encoder.config, layers=1)
    assert torch.equal(student.layers[0].qkv.weight, encoder.layers[1].qkv.weight)


def test_a_student_keeps_the_strongest_neurons(encoder: Encoder, rows: list[list[int]]) -> None:
    with torch.no_grad():
        for layer in encoder.layers:
            layer.feed_out.weight[:, ::2] = 0  # half of the neurons say nothing
    student = Student(layers=(0, 1), feed_forward=32).start(encoder)
    assert student.layers[0].feed_in.weight.shape == (32, 32)
    assert predict_logits(student, rows) == pytest.approx(predict_logits(encoder, rows), abs=1e-5)


def test_labels_become_probabilities() -> None:
    targets = one_hot([2, 0], smoothing=0.3)
    assert targets.dtype == np.float32
    assert targets.ravel().tolist() == pytest.approx([0.1, 0.1, 0.8, 0.8, 0.1, 0.1])


def test_advice_moves_the_teacher_by_half_its_log_odds() -> None:
    odds = lambda p: np.log(p[:, 2] / p[:, 0])  # noqa: E731
    leaning = np.array([3.0, -1.0], np.float32)
    moved = odds(blend(LOGITS, leaning)) - odds(softmax(LOGITS))
    assert moved == pytest.approx(leaning / 2, abs=1e-5)


def test_no_advice_leaves_the_teacher_alone() -> None:
    assert blend(LOGITS, np.zeros(2, np.float32)) == pytest.approx(softmax(LOGITS))


def test_a_target_holds_its_share_of_the_label() -> None:
    labels, leaning = np.array([0, 2]), np.array([1.0, -2.0], np.float32)
    targets = soft_targets(LOGITS, leaning, labels)
    assert targets.sum(1) == pytest.approx(1)
    rest = targets - LABEL_WEIGHT * one_hot(labels)
    assert rest / (1 - LABEL_WEIGHT) == pytest.approx(blend(LOGITS, leaning), abs=1e-6)
