"""Turn a trained encoder into a model folder: weights, tokenizer, calibration, hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.sentiment import CONFIG, FILES, LABELS, ModelConfig, length_batches, pad, softmax
from nlp.training.batches import PAD
from nlp.training.encoder import Encoder
from nlp.training.gains import Gains, find_gains
from nlp.training.graph import build_graph

COVERAGES = (1.0, 0.95, 0.9, 0.8)
CHOSEN = 1
"""Place in `COVERAGES` of the share of texts that get a label."""
TOKENS_PER_BATCH = 512
EMBEDDING_ROWS = 4000

Logits = NDArray[np.float32]
Rows = Sequence[Sequence[int]]


def run_onnx(model: bytes, rows: Rows, threads: int = 1, output: str = "logits") -> Logits:
    """An output of shape ``(n, width)`` of an ONNX model for token rows."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    width = next(o.shape[1] for o in session.get_outputs() if o.name == output)
    found = np.zeros((len(rows), width), np.float32)

    def run(batch: list[int]) -> None:
        ids, mask = pad([rows[i] for i in batch], PAD)
        (found[batch],) = session.run([output], {"ids": ids, "mask": mask})

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, length_batches([len(row) for row in rows], TOKENS_PER_BATCH)))
    return found


def fit_temperature(logits: Logits, labels: NDArray[np.int64]) -> float:
    """The temperature with the least negative log-likelihood (Guo et al., 2017)."""
    candidates = np.geomspace(0.25, 4, 161)
    rows = np.arange(len(labels))
    losses = [-np.log(softmax(logits / t)[rows, labels] + 1e-9).mean() for t in candidates]
    return round(float(candidates[int(np.argmin(losses))]), 4)


def risk_coverage(probabilities: Logits, labels: NDArray[np.int64], coverage: float) -> dict[str, float]:
    """One point of the risk-coverage curve (Geifman & El-Yaniv, 2017).

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
    validation: tuple[Rows, NDArray[np.int64]],
    training: dict[str, Any],
    threads: int = 1,
    kept: dict[str, Any] | None = None,
    gains: Gains | None = None,
) -> ModelConfig:
    """Write the model folder; the folder's name is the model's.

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
    threads : int
    kept : dict, optional
        Temperature, threshold or embedding mean to take instead of fitting them.
    gains : dict of str to ndarray, optional
        To take instead of finding them on the validation rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows, labels = validation
    gains = gains or find_gains(model.eval(), rows)
    onnx_bytes = build_graph(model.eval(), max_tokens, gains).SerializeToString()
    (folder / FILES[0]).write_bytes(onnx_bytes)
    (folder / FILES[1]).write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")
    logits = run_onnx(onnx_bytes, rows, threads)
    temperature = (kept or {}).get("temperature") or fit_temperature(logits, labels)
    curve = [risk_coverage(softmax(logits / temperature), labels, share) for share in COVERAGES]
    means = run_onnx(onnx_bytes, rows[:EMBEDDING_ROWS], threads, "embedding").mean(0)
    fitted: dict[str, Any] = {
        "temperature": temperature,
        "threshold": curve[CHOSEN]["threshold"],
        "embedding_mean": [round(float(value), 5) for value in means],
    }
    config = ModelConfig(
        name=folder.name,
        max_tokens=max_tokens,
        pad_id=PAD,
        **fitted | (kept or {}),
        sha256={name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in FILES},
    )
    document = {**vars(config), "labels": list(LABELS), "risk_coverage": curve, "training": training}
    (folder / CONFIG).write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return config
