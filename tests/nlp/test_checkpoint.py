import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

from nlp import Analyzer
from nlp.checkpoint import THRESHOLD, CheckpointClassifier, CheckpointError, is_checkpoint
from nlp.checks import check_all
from nlp.class_names import LabelsNotUnderstood
from nlp.engines import model_folder
from nlp.pipeline import Classifier
from nlp.sentiment import ModelNotFound
from settings import Settings
from workers.artifacts import Artifacts

LETTERS = "质量很好差物流快慢客服不错喜欢退货，。！abcdefg"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(LETTERS)]
TEXTS = ["质量很好", "物流很慢，差", "客服不错，喜欢！", "退货"]

Maker = Callable[..., Path]


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> BertTokenizerFast:
    path = tmp_path_factory.mktemp("vocabulary") / "vocab.txt"
    path.write_text("\n".join(WORDS), encoding="utf-8")
    return BertTokenizerFast(vocab=str(path))


def tiny(names: list[str], **more: object) -> BertConfig:
    return BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=66,
        id2label=dict(enumerate(names)),
        label2id={name: place for place, name in enumerate(names)},
        **more,
    )


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory, tokenizer: BertTokenizerFast) -> Maker:
    """Write a checkpoint of two small layers with random weights."""

    def written(*names: str, seed: int = 0, **more: object) -> Path:
        torch.manual_seed(seed)
        folder = tmp_path_factory.mktemp("hf") / "tiny-reviews"
        model = BertForSequenceClassification(tiny(list(names), initializer_range=0.5, **more))
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        return folder

    return written


@pytest.fixture(scope="module")
def folder(make: Maker) -> Path:
    return make("positive", "neutral", "negative")


@pytest.fixture(scope="module")
def classifier(folder: Path) -> CheckpointClassifier:
    return CheckpointClassifier.from_pretrained(folder)


def by_transformers(folder: Path, text: str) -> np.ndarray:
    tokenizer = BertTokenizerFast.from_pretrained(folder)
    model = BertForSequenceClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        return model(**tokenizer(text, return_tensors="pt")).logits.softmax(-1)[0].numpy()


def test_probabilities_are_the_models_own_in_our_order(
    classifier: CheckpointClassifier, folder: Path
) -> None:
    found = classifier.predict_proba(TEXTS)
    assert found.shape == (4, 3)
    assert found.dtype == np.float32
    for text, row in zip(TEXTS, found, strict=True):
        np.testing.assert_allclose(row, by_transformers(folder, text)[[2, 1, 0]], atol=1e-5)
    assert len({row.argmax() for row in found} | {int(row.argmin()) for row in found}) > 1


def test_two_classes_leave_nothing_for_neutral(make: Maker) -> None:
    folder = make("LABEL_0", "LABEL_1")
    row = CheckpointClassifier.from_pretrained(folder).predict_proba(TEXTS[:1])[0]
    expected = by_transformers(folder, TEXTS[0])
    np.testing.assert_allclose(row, [expected[0], 0, expected[1]], atol=1e-5)


def test_five_stars_are_added_up(make: Maker) -> None:
    folder = make(*(f"{stars} stars" for stars in range(1, 6)))
    row = CheckpointClassifier.from_pretrained(folder).predict_proba(TEXTS[:1])[0]
    stars = by_transformers(folder, TEXTS[0])
    np.testing.assert_allclose(row, [stars[:2].sum(), stars[2], stars[3:].sum()], atol=1e-5)


def test_labels_that_mean_nothing_to_us_are_refused(make: Maker) -> None:
    with pytest.raises(LabelsNotUnderstood, match="joy"):
        CheckpointClassifier.from_pretrained(make("joy", "anger"))


def test_company_in_a_batch_changes_nothing(classifier: CheckpointClassifier) -> None:
    among = classifier.predict_proba([*TEXTS, "质量很好，" * 12, ""])
    alone = np.concatenate([classifier.predict_proba([text]) for text in TEXTS])
    np.testing.assert_allclose(among[:4], alone, atol=1e-5)
    np.testing.assert_allclose(among[5], 1 / 3)
    assert classifier.predict_proba([]).shape == (0, 3)


def test_batches_are_bounded_and_of_like_lengths(
    classifier: CheckpointClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes = []
    forward = classifier._model.forward

    def watched(**inputs: torch.Tensor) -> object:
        shapes.append(tuple(inputs["input_ids"].shape))
        return forward(**inputs)

    monkeypatch.setattr(classifier._model, "forward", watched)
    classifier.predict_proba(["好", "质量很好，" * 40] * 100)
    assert all(rows * tokens <= 2048 for rows, tokens in shapes)
    assert sum(rows for rows, _ in shapes) == 200
    assert {tokens for _, tokens in shapes} == {3, 64}


def test_a_long_text_keeps_its_beginning_and_end(classifier: CheckpointClassifier) -> None:
    (ids,) = classifier.tokenise(["好" + "慢" * 50_000 + "差"])
    assert len(ids) == 64
    assert [WORDS[place] for place in (ids[0], ids[1], ids[-2], ids[-1])] == ["[CLS]", "好", "差", "[SEP]"]


def test_embeddings_are_the_middle_layers_mean(classifier: CheckpointClassifier) -> None:
    found = classifier.embed([*TEXTS, ""])
    assert found.shape == (5, 16)
    np.testing.assert_allclose(np.linalg.norm(found[:4], axis=1), 1, atol=1e-5)
    assert not found[4].any()
    with torch.no_grad():
        ids = torch.tensor(classifier.tokenise(TEXTS[1:2]))
        states = classifier._model(input_ids=ids, output_hidden_states=True).hidden_states[1].mean(1)[0]
    np.testing.assert_allclose(found[1], (states / states.norm()).numpy(), atol=1e-5)


@pytest.mark.parametrize(("texts", "message"), [("好", "one string"), (["好", None, 3], r"\[1, 2\]")])
def test_what_is_no_text_is_refused(classifier: CheckpointClassifier, texts: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        classifier.predict_proba(texts)  # type: ignore[arg-type]


def test_the_version_changes_with_weights_and_configuration(
    make: Maker, folder: Path, tmp_path: Path
) -> None:
    first = CheckpointClassifier.from_pretrained(folder)
    assert first.version.startswith("tiny-reviews-")
    copied = shutil.copytree(folder, tmp_path / "tiny-reviews")
    assert CheckpointClassifier.from_pretrained(copied).version == first.version
    other = make("positive", "neutral", "negative", seed=1)
    assert CheckpointClassifier.from_pretrained(other).version != first.version
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {"threshold": 0.75}))
    changed = CheckpointClassifier.from_pretrained(copied)
    assert changed.version != first.version
    assert (first.threshold, changed.threshold) == (THRESHOLD, 0.75)


def test_threads_are_set(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    CheckpointClassifier.from_pretrained(folder, threads=3)
    assert asked == [3]


def test_pickled_weights_are_not_loaded(folder: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(folder, tmp_path / "pickled")
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(CheckpointError, match="safetensors"):
        CheckpointClassifier.from_pretrained(copied)


def test_an_encoder_without_a_trained_head_is_refused(tokenizer: BertTokenizerFast, tmp_path: Path) -> None:
    BertModel(tiny(["negative", "positive"])).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(CheckpointError, match=r"no trained classifier.*classifier"):
        CheckpointClassifier.from_pretrained(tmp_path)


def test_a_tokenizer_without_padding_is_refused(folder: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(folder, tmp_path / "unpadded")
    path = copied / "tokenizer_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"pad_token": None}))
    with pytest.raises(CheckpointError, match="no padding token"):
        CheckpointClassifier.from_pretrained(copied)


def test_a_hub_name_goes_through_the_cache(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = []

    def download(name: str, **options: object) -> str:
        asked.append((name, options["allow_patterns"]))
        return str(shutil.copytree(folder, tmp_path / "0a1b2c"))

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    found = Analyzer.load(model_dir=Path("someone/reviews-zh"))
    assert found.version.startswith("reviews-zh-")
    ((name, patterns),) = asked
    assert name == "someone/reviews-zh"
    assert not {"*.bin", "*.py", "*.pt", "*"} & set(patterns)


def test_an_unknown_name_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, **options: object) -> str:
        raise OSError("cannot be reached")

    monkeypatch.setattr("huggingface_hub.snapshot_download", refuse)
    with pytest.raises(ModelNotFound, match=r"nobody/nothing is neither a folder.*cannot be reached"):
        CheckpointClassifier.from_pretrained("nobody/nothing")


def test_what_is_a_checkpoint(folder: Path, tmp_path: Path) -> None:
    assert is_checkpoint(folder)
    assert is_checkpoint("uer/roberta-base-finetuned-dianping-chinese")
    assert not is_checkpoint(model_folder("accurate"))
    assert not is_checkpoint(tmp_path)
    assert not is_checkpoint(tmp_path / "missing")
    assert not is_checkpoint("../models/mine")


def test_an_analyser_takes_the_folder_and_passes_every_check(folder: Path) -> None:
    analyzer = Analyzer.load(model_dir=folder, threads=1)
    checked: Classifier = analyzer.classifier
    assert isinstance(checked, CheckpointClassifier)
    check_all(analyzer)


def test_the_setting_reaches_the_workers(folder: Path) -> None:
    env = {"DATABASE_URL": "postgresql://nobody@nowhere/none", "SECRET_KEY": "test " * 8}
    settings = Settings.from_env({**env, "SENTIMENT_MODEL": str(folder)})
    reader = Artifacts(settings).reader()
    assert reader.version.startswith("tiny-reviews-")
    assert reader(TEXTS[:1], only=["sentiment"])[0]["sentiment"]["score"] != 0


def test_our_own_folder_is_still_ours() -> None:
    assert not isinstance(Analyzer.load(model_dir=model_folder("accurate")).classifier, CheckpointClassifier)
