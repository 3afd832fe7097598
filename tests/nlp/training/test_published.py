import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from numpy.typing import NDArray

from nlp.engines import available, model_folder
from nlp.sentiment import CorruptModel, SentimentClassifier
from nlp.training.batches import predict_logits
from nlp.training.encoder import Encoder, EncoderConfig
from nlp.training.export import run_onnx, write_model
from nlp.training.graph import build_graph
from nlp.training.published import NotOurGraph, read_encoder, read_gains

Rows = list[list[int]]


@pytest.fixture(params=[(3, 24), (2, 48), ()], ids=["deep and narrow", "shallow and wide", "with pairs"])
def model(request: pytest.FixtureRequest, config: EncoderConfig, paired: Encoder) -> Encoder:
    if not request.param:
        return paired
    layers, feed_forward = request.param
    torch.manual_seed(5)
    return Encoder(replace(config, layers=layers, feed_forward=feed_forward, epsilon=1e-6)).eval()


@pytest.fixture
def folder(
    model: Encoder, tokenizer_document: dict[str, Any], rows: Rows, labels: NDArray[np.int64], tmp_path: Path
) -> Path:
    write_model(model, tokenizer_document, tmp_path / "small", 20, (rows, labels), {})
    return tmp_path / "small"


def replace_graph(folder: Path, model: onnx.ModelProto) -> None:
    """Put another graph into a model folder, its hash in order."""
    content = model.SerializeToString()
    (folder / "model.onnx").write_bytes(content)
    path = folder / "config.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    document["sha256"]["model.onnx"] = hashlib.sha256(content).hexdigest()
    path.write_text(json.dumps(document), encoding="utf-8")


def test_sizes_and_names_come_back(folder: Path, model: Encoder) -> None:
    found = read_encoder(folder)
    assert replace(found.config, epsilon=0) == replace(model.config, positions=20, epsilon=0)
    assert found.config.epsilon == pytest.approx(model.config.epsilon)


def test_weights_come_back_within_half_a_level(folder: Path, model: Encoder) -> None:
    found, gains = read_encoder(folder).state_dict(), read_gains(folder)
    for name, value in model.state_dict().items():
        value = value[:20] if name == "positions.weight" else value
        levels = 127 if name == "words.weight" else 63
        exact = value.ndim == 1 or name.startswith(("head", "positions"))
        gain = torch.tensor(gains.get(name.removesuffix(".weight"), np.ones(1, np.float32)))
        error = 0.0 if exact else 0.501 / levels * gain * (value / gain).abs().amax(-1, keepdim=True)
        assert ((found[name] - value).abs() <= error).all(), name


def test_answers_are_those_of_the_published_model(folder: Path, rows: Rows) -> None:
    published = run_onnx((folder / "model.onnx").read_bytes(), rows)
    assert np.abs(predict_logits(read_encoder(folder), rows) - published).max() < 0.02 * np.ptp(published)


def test_written_again_it_is_the_same_model(folder: Path, rows: Rows) -> None:
    again = build_graph(read_encoder(folder), 20, read_gains(folder))
    levels = {t.name: t.raw_data for t in again.graph.initializer if t.name.endswith(".levels")}
    before = onnx.load(str(folder / "model.onnx")).graph
    assert levels == {t.name: t.raw_data for t in before.initializer if t.name.endswith(".levels")}
    published = run_onnx((folder / "model.onnx").read_bytes(), rows)
    assert run_onnx(again.SerializeToString(), rows) == pytest.approx(published, abs=1e-5)


def test_a_graph_in_full_precision_comes_back_exactly(folder: Path, model: Encoder) -> None:
    replace_graph(folder, build_graph(model, 20))
    found = read_encoder(folder).state_dict()
    expected = model.state_dict() | {"positions.weight": model.positions.weight[:20]}
    assert all(torch.equal(found[name], value) for name, value in expected.items())


def test_refuses_another_graph(folder: Path, model: Encoder) -> None:
    graph = build_graph(model, 20, read_gains(folder))
    kept = [tensor for tensor in graph.graph.initializer if tensor.name != "layer1.feed_out.scales"]
    del graph.graph.initializer[:]
    graph.graph.initializer.extend(kept)
    replace_graph(folder, graph)
    with pytest.raises(NotOurGraph, match=r"model.onnx was not written .* no 'layer1.feed_out.scales'"):
        read_encoder(folder)


def test_refuses_a_changed_file(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(CorruptModel):
        read_encoder(folder)


@pytest.mark.parametrize("engine", available())
def test_the_bundled_models_can_be_trained_further(engine: str) -> None:
    folder = model_folder(engine)
    classifier = SentimentClassifier.from_pretrained(folder)
    rows = classifier.tokenise(["质量很好，下次还来", "太差了，退货", "一般般吧，没有想象中好"])
    published = run_onnx((folder / "model.onnx").read_bytes(), rows)
    assert predict_logits(read_encoder(folder), rows) == pytest.approx(published, abs=0.3)
