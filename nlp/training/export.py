"""Turn a trained encoder into a model folder: weights, tokenizer, calibration, hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.sentiment import CONFIG, FILES, LABELS, ModelConfig, length_batches, pad, softmax
from nlp.training.batches import PAD
from nlp.training.encoder import Encoder
from nlp.training.graph import build_graph

NAME = "accurate"
COVERAGE = 0.95

Logits = NDArray[np.float32]


def run_onnx(model: bytes, rows: Sequence[Sequence[int]], threads: int = 1) -> Logits:
    """Logits ``(n, 3)`` of token rows by an ONNX model."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    logits = np.zeros((len(rows), len(LABELS)), np.float32)
    for batch in length_batches([len(row) for row in rows], 4096):
        ids, mask = pad([rows[i] for i in batch], PAD)
        (logits[batch],) = session.run(None, {"ids": ids, "mask": mask})
    return logits


def fit_temperature(logits: Logits, labels: NDArray[np.int64]) -> float:
    """The temperature with the least negative log-likelihood (Guo et al., 2017)."""
    candidates = np.geomspace(0.25, 4, 161)
    rows = np.arange(len(labels))
    losses = [-np.log(softmax(logits / t)[rows, labels] + 1e-9).mean() for t in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 4)


def risk_coverage(probabilities: Logits, labels: NDArray[np.int64], coverage: float) -> dict[str, float]:
    """One point of the risk-coverage curve.

    Parameters
    ----------
    probabilities : ndarray of shape (n, 3)
    labels : ndarray of shape (n,)
    coverage : float
        Share of texts that get a label.

    Returns
    -------
    dict
        ``coverage``, ``threshold`` (probability of the likeliest class from
        which a text gets a label) and ``risk`` (share of wrong labels among them).
    """
    likeliest = probabilities.max(1)
    threshold = float(np.quantile(likeliest, 1 - coverage))
    answered = likeliest >= threshold
    risk = float((probabilities.argmax(1) != labels)[answered].mean())
    return {"coverage": coverage, "threshold": round(threshold, 4), "risk": round(risk, 4)}


def write_model(
    model: Encoder,
    tokenizer: dict[str, Any],
    folder: Path,
    max_tokens: int,
    validation: tuple[Sequence[Sequence[int]], NDArray[np.int64]],
    training: dict[str, Any],
) -> ModelConfig:
    """Write the model folder.

    Temperature and threshold are fitted on the validation rows with the
    weights as shipped, that is quantised.

    Parameters
    ----------
    model : Encoder
    tokenizer : dict
        The cut tokenizer document.
    folder : Path
    max_tokens : int
    validation : tuple of (token rows, labels)
    training : dict
        What to record about the training, as JSON.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows, labels = validation
    onnx_bytes = build_graph(model.eval(), max_tokens).SerializeToString()
    (folder / FILES[0]).write_bytes(onnx_bytes)
    (folder / FILES[1]).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    logits = run_onnx(onnx_bytes, rows)
    temperature = fit_temperature(logits, labels)
    curve = [risk_coverage(softmax(logits / temperature), labels, c) for c in (1.0, COVERAGE, 0.9, 0.8)]
    config = ModelConfig(
        name=NAME,
        max_tokens=max_tokens,
        pad_id=PAD,
        temperature=temperature,
        threshold=curve[1]["threshold"],
        sha256={name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES},
    )
    document = {**vars(config), "labels": list(LABELS), "risk_coverage": curve, "training": training}
    (folder / CONFIG).write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return config
