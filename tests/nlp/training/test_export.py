import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.sentiment import SentimentClassifier, softmax
from nlp.training.encoder import Encoder
from nlp.training.export import fit_temperature, risk_coverage, run_onnx, write_model


def calibrated(temperature: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Logits whose labels are drawn from their softmax at `temperature`."""
    generator = np.random.default_rng(0)
    logits = generator.normal(scale=3, size=(6000, 3)).astype(np.float32)
    chances = softmax(logits / temperature).cumsum(1)
    return logits, (generator.random((6000, 1)) > chances[:, :2]).sum(1)


@pytest.mark.parametrize("temperature", [0.7, 1.0, 2.0])
def test_finds_the_temperature_that_labels_were_drawn_with(temperature: float) -> None:
    assert fit_temperature(*calibrated(temperature)) == pytest.approx(temperature, rel=0.08)


def test_fewer_answers_are_better_ones() -> None:
    logits, labels = calibrated(1.0)
    points = [risk_coverage(softmax(logits), labels, coverage) for coverage in (1.0, 0.9, 0.7)]
    risks, thresholds = ([point[name] for point in points] for name in ("risk", "threshold"))
    assert risks == sorted(risks, reverse=True)
    assert thresholds == sorted(thresholds)
    assert (softmax(logits).max(1) >= thresholds[1]).mean() == pytest.approx(0.9, abs=0.002)


def test_the_folder_is_one_the_classifier_loads(
    encoder: Encoder,
    tokenizer_document: dict[str, Any],
    rows: list[list[int]],
    labels: NDArray[np.int64],
    tmp_path: Path,
) -> None:
    written = write_model(encoder, tokenizer_document, tmp_path, 24, (rows, labels), {"steps": 3})
    document = json.loads((tmp_path / "config.json").read_text(encoding="utf-8"))
    assert document["training"] == {"steps": 3}
    assert document["labels"] == ["negative", "neutral", "positive"]
    assert [point["coverage"] for point in document["risk_coverage"]][:2] == [1.0, 0.95]
    classifier = SentimentClassifier.from_pretrained(tmp_path)
    assert classifier.config == written
    kept = {"temperature": 1.0, "threshold": 0.4, "embedding_mean": [0.5] * 32}
    again = write_model(encoder, tokenizer_document, tmp_path / "kept", 24, (rows, labels), {}, kept=kept)
    assert vars(again) == vars(written) | kept | {"name": "kept"}
    means = run_onnx((tmp_path / "model.onnx").read_bytes(), rows, output="embedding").mean(0)
    assert written.embedding_mean == pytest.approx(means.tolist(), abs=1e-5)
    logits = run_onnx((tmp_path / "model.onnx").read_bytes(), classifier.tokenise(["很好", "差"]))
    expected = softmax(logits / written.temperature)
    assert classifier.predict_proba(["很好", "差"]) == pytest.approx(expected, abs=1e-6)
