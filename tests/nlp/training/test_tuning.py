import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nlp.sentiment import SentimentClassifier, softmax
from nlp.training import tuning as module
from nlp.training.batches import predict_logits
from nlp.training.encoder import Encoder
from nlp.training.export import write_model
from nlp.training.loop import Trainer
from nlp.training.published import read_encoder
from nlp.training.tune_data import ShopRows, read_rows
from nlp.training.tuning import RECIPE, Tuning, beginning

QUICK = replace(RECIPE, epochs=4, batch_size=16, learning_rate=5e-3, bfloat16=False, parts=1)


@pytest.fixture
def shop(tmp_path: Path) -> ShopRows:
    """好 means positive and 差 negative, but 东西 is always bad: something new."""
    lines = [
        f"{good},positive\n{bad},negative\n{thing},negative"
        for i in range(40)
        for good, bad, thing in [
            (f"好{'很' * (i % 5)}{i}", f"差{'很' * (i % 5)}{i}", f"东西{'很' * (i % 5)}{i}")
        ]
    ]
    path = tmp_path / "labels.csv"
    path.write_text("text,polarity\n" + "\n".join(lines), encoding="utf-8")
    return read_rows([path], None, None)


@pytest.fixture
def tuning(
    paired: Encoder,
    tokenizer_document: dict[str, Any],
    rows: list[list[int]],
    labels: NDArray[np.int64],
    shop: ShopRows,
    tmp_path: Path,
) -> Tuning:
    start = tmp_path / "start"
    write_model(paired, tokenizer_document, start, 20, (rows, labels), {})
    return Tuning(start, SentimentClassifier.from_pretrained(start), shop, QUICK, tmp_path / "work", 1)


def test_head_and_pairs_take_the_temperature(tuning: Tuning, rows: list[list[int]]) -> None:
    temperature = tuning.old.config.temperature
    assert temperature != 1
    before = predict_logits(read_encoder(tuning.start), rows)
    after = predict_logits(beginning(read_encoder(tuning.start), temperature), rows)
    assert after == pytest.approx(before / temperature, abs=1e-5)
    assert softmax(after) == pytest.approx(softmax(before / temperature), abs=1e-5)


def test_learns_what_the_shop_says_and_leaves_embeddings_alone(tuning: Tuning) -> None:
    new = SentimentClassifier.from_pretrained(tuning.write("mine", "tune"))
    texts = tuning.data.validation["text"].tolist()
    right = new.predict_proba(texts).argmax(1) == tuning.data.validation["label"]
    assert (
        right.mean() > (tuning.old.predict_proba(texts).argmax(1) == tuning.data.validation["label"]).mean()
    )
    assert right.mean() > 0.8
    assert new.embed(texts) == pytest.approx(tuning.old.embed(texts), abs=1e-4)
    assert new.version.startswith("mine-")


def test_few_rows_keep_threshold_and_calibration(tuning: Tuning, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tuning.write("mine", "tune labels.csv")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert (config["temperature"], config["threshold"]) == (1.0, tuning.old.threshold)
    assert config["training"]["tuned_from"] == tuning.old.version
    assert config["training"]["command"] == "tune labels.csv"
    monkeypatch.setattr(module, "CALIBRATED", 1)
    config = json.loads((tuning.write("mine", "") / "config.json").read_text(encoding="utf-8"))
    assert config["threshold"] == config["risk_coverage"][1]["threshold"]
    assert config["embedding_mean"] == tuning.old.config.embedding_mean


def test_goes_on_where_it_stopped(
    tuning: Tuning, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = tuning.train()
    monkeypatch.setattr(Trainer, "_step", None)
    again = tuning.train()
    assert "resumed at step" in capsys.readouterr().out
    pairs = zip(first.state_dict().values(), again.state_dict().values(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_another_tuning_has_another_place(tuning: Tuning) -> None:
    train = tuning.data.train
    others = [
        replace(tuning, recipe=replace(QUICK, seed=1)),
        replace(tuning, data=replace(tuning.data, texts=["好"])),
        replace(tuning, data=replace(tuning.data, train=train.assign(label=1))),
        replace(tuning, data=replace(tuning.data, train=train.assign(corrected=True))),
    ]
    assert len({tuning.place, *(other.place for other in others)}) == 5
    assert replace(tuning, threads=3).place == tuning.place
