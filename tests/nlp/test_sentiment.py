import json
from pathlib import Path

import numpy as np
import pytest

from nlp.engines import model_folder
from nlp.sentiment import (
    CorruptModel,
    ModelError,
    ModelNotFound,
    SentimentClassifier,
    head_and_tail,
    length_batches,
    pad,
    softmax,
)

POSITIVE = [
    "质量很好，做工精细，下次还来",
    "物流特别快，味道也好，五星好评",
    "这本书写得真好，一口气读完，强烈推荐",
    "房间干净，服务热情，性价比高",
]
NEGATIVE = [
    "质量太差了，用了一天就坏，要求退货",
    "等了两个小时才送到，饭都凉了，再也不点了",
    "内容空洞，翻译生硬，浪费时间和钱",
    "客服态度恶劣，打电话不接，差评",
]
ODD = ["", " ", "\n\t", "。", "😀", "\ud83d", "\x00", "a" * 50_000, "很好" * 20_000, "龘" * 300, "नमस्ते"]


@pytest.fixture(scope="module")
def folder() -> Path:
    return model_folder("accurate")


@pytest.fixture(scope="module")
def model(folder: Path) -> SentimentClassifier:
    return SentimentClassifier.from_pretrained(folder)


@pytest.fixture
def copy(model: SentimentClassifier, tmp_path: Path) -> Path:
    model.save_pretrained(tmp_path / "copy")
    return tmp_path / "copy"


def edit(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | values), encoding="utf-8")


def test_tells_praise_from_blame(model: SentimentClassifier) -> None:
    scores = model.predict_proba(POSITIVE + NEGATIVE)
    assert scores.argmax(1).tolist() == [2] * 4 + [0] * 4
    assert scores.max(1).min() > 0.8


def test_hears_a_negation(model: SentimentClassifier) -> None:
    scores = model.predict_proba(["这个手机好用", "这个手机不好用"])
    assert scores[0, 2] > 0.5 > scores[1, 2]


def test_rows_are_probabilities(model: SentimentClassifier) -> None:
    scores = model.predict_proba(POSITIVE + ODD)
    assert scores.shape == (len(POSITIVE + ODD), 3)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()
    assert scores.sum(1) == pytest.approx(1, abs=1e-5)


def test_no_text_gives_an_empty_table(model: SentimentClassifier) -> None:
    assert model.predict_proba([]).shape == (0, 3)


def test_nothing_to_read_says_nothing(model: SentimentClassifier) -> None:
    assert model.predict_proba([""]).tolist() == [pytest.approx([1 / 3] * 3)]


def test_a_text_scores_the_same_in_any_order_and_company(model: SentimentClassifier) -> None:
    texts = [f"第{i}次买，{'很好' * (i % 13)}{'太差' * (i % 7)}。" for i in range(300)]
    together = model.predict_proba(texts)
    backwards = model.predict_proba(texts[::-1])
    assert backwards[::-1] == pytest.approx(together, abs=1e-4)
    alone = np.concatenate([model.predict_proba([text]) for text in texts[::30]])
    assert together[::30] == pytest.approx(alone, abs=1e-4)


def test_threads_do_not_change_the_answers(folder: Path, model: SentimentClassifier) -> None:
    two = SentimentClassifier.from_pretrained(folder, threads=2)
    texts = [f"{text}{'，一般' * (i % 20)}" for i in range(20) for text in POSITIVE + NEGATIVE]
    assert two.predict_proba(texts) == pytest.approx(model.predict_proba(texts), abs=1e-4)
    assert two.embed(texts) == pytest.approx(model.embed(texts), abs=1e-4)


def test_embeddings_are_of_length_one_but_for_nothing(model: SentimentClassifier) -> None:
    found = model.embed([*POSITIVE, *ODD])
    assert found.shape == (len(POSITIVE + ODD), model.config.hidden)
    assert found.dtype == np.float32
    silent = [not row for row in model.tokenise([*POSITIVE, *ODD])]
    assert silent[len(POSITIVE)]
    assert not found[silent].any()
    assert np.linalg.norm(found[~np.array(silent)], axis=1) == pytest.approx(1, abs=1e-5)
    assert model.embed([]).shape == (0, model.config.hidden)


def test_an_embedding_is_the_same_in_any_order_and_company(model: SentimentClassifier) -> None:
    texts = [f"第{i}次买，{'很好' * (i % 13)}{'太差' * (i % 7)}。" for i in range(60)]
    together = model.embed(texts)
    assert model.embed(texts[::-1])[::-1] == pytest.approx(together, abs=1e-4)
    alone = np.concatenate([model.embed([text]) for text in texts[::12]])
    assert together[::12] == pytest.approx(alone, abs=1e-4)


def test_like_meanings_lie_closer_than_others(model: SentimentClassifier) -> None:
    pairs = [
        ("快递两天就送到了", "物流非常快，隔天收到"),
        ("屏幕有划痕", "手机屏幕上有一道刮花"),
        ("味道太咸了", "菜很咸，难以下咽"),
    ]
    first, second = (model.embed(side) for side in zip(*pairs, strict=True))
    likeness = first @ second.T
    assert likeness.argmax(1).tolist() == [0, 1, 2]
    assert np.abs(model.embed(POSITIVE + NEGATIVE).mean(0)).max() < 0.5  # no direction is shared by all


def test_a_long_text_is_read_at_both_ends(model: SentimentClassifier) -> None:
    filler = "今天是星期二，我住在城里，家里有三口人。" * 200
    good, bad = model.predict_proba(
        [f"{POSITIVE[0]}{filler}{POSITIVE[1]}", f"{NEGATIVE[0]}{filler}{NEGATIVE[1]}"]
    )
    assert good[2] > good[0]
    assert bad[0] > bad[2]
    (row,) = model.tokenise([filler])
    assert len(row) == model.config.max_tokens


def test_refuses_one_string_and_names_what_is_no_text(model: SentimentClassifier) -> None:
    with pytest.raises(TypeError, match="not one string"):
        model.predict_proba("很好")
    with pytest.raises(TypeError, match="not one string"):
        model.embed("很好")
    with pytest.raises(TypeError, match=r"texts at \[1, 2\] are not strings"):
        model.predict_proba(["很好", None, 3])  # type: ignore[list-item]


def test_saves_and_loads_the_same_model(model: SentimentClassifier, copy: Path) -> None:
    again = SentimentClassifier.from_pretrained(copy)
    assert again.version == model.version
    assert again.predict_proba(NEGATIVE).tolist() == model.predict_proba(NEGATIVE).tolist()


def test_the_version_changes_with_the_calibration(model: SentimentClassifier, copy: Path) -> None:
    edit(copy, temperature=model.config.temperature * 2)
    softer = SentimentClassifier.from_pretrained(copy)
    assert softer.version != model.version
    assert softer.predict_proba(POSITIVE).max() < model.predict_proba(POSITIVE).max()


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_refuses_a_file_that_was_changed(copy: Path, name: str) -> None:
    with (copy / name).open("ab") as stream:
        stream.write(b" ")
    with pytest.raises(CorruptModel, match=rf"{name} has sha256 [0-9a-f]{{64}}, config.json says"):
        SentimentClassifier.from_pretrained(copy)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "config.json"])
def test_says_which_file_is_missing(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(ModelNotFound, match=f"{name} is missing"):
        SentimentClassifier.from_pretrained(copy)


@pytest.mark.parametrize("content", ["{}", "[]", "not json"])
def test_refuses_a_broken_configuration(copy: Path, content: str) -> None:
    (copy / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match="is not a model configuration"):
        SentimentClassifier.from_pretrained(copy)


def test_refuses_labels_in_another_order(copy: Path) -> None:
    edit(copy, labels=["positive", "neutral", "negative"])
    with pytest.raises(ModelError, match="has the labels"):
        SentimentClassifier.from_pretrained(copy)


def test_the_bundled_model_is_small(folder: Path) -> None:
    assert sum(path.stat().st_size for path in folder.iterdir()) < 40e6


def test_head_and_tail() -> None:
    assert head_and_tail("abcdefgh", 5) == "abfgh"
    assert head_and_tail([1, 2, 3], 3) == [1, 2, 3]


def test_batches_are_alike_in_length_and_leave_out_the_empty() -> None:
    found = list(length_batches([5, 0, 2, 9, 2, 5], tokens=10))
    assert found == [[2, 4], [0, 5], [3]]


def test_a_row_longer_than_a_batch_stands_alone() -> None:
    assert list(length_batches([30, 1], tokens=10)) == [[1], [0]]


def test_pad() -> None:
    ids, mask = pad([[7], [8, 9]], pad_id=1)
    assert ids.tolist() == [[7, 1], [8, 9]]
    assert mask.tolist() == [[1, 0], [1, 1]]


def test_softmax_survives_large_logits() -> None:
    assert softmax(np.array([[1000.0, 1000.0]])).tolist() == [[0.5, 0.5]]
