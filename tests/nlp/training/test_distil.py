from dataclasses import replace

import numpy as np
import pytest
import torch

from nlp.sentiment import softmax
from nlp.training.batches import predict_logits
from nlp.training.distil import LABEL_WEIGHT, Student, one_hot, soft_targets
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


def test_a_target_holds_its_share_of_the_label() -> None:
    labels, given = np.array([0, 2]), np.array([[-0.5, 0, 0.5], [1, 0, -1]], np.float32)
    targets = soft_targets(LOGITS, given, labels)
    assert targets.sum(1) == pytest.approx(1)
    rest = targets - LABEL_WEIGHT * one_hot(labels)
    assert rest / (1 - LABEL_WEIGHT) == pytest.approx(softmax(LOGITS + given), abs=1e-6)


def test_a_part_has_no_label() -> None:
    given = np.zeros((2, 3), np.float32)
    targets = soft_targets(LOGITS, given, np.array([0]))
    assert targets[1] == pytest.approx(softmax(LOGITS[1]))
    assert targets[0] != pytest.approx(softmax(LOGITS[0]))
