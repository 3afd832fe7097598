from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.sentiment import SentimentClassifier
from nlp.training.data import TrainingDataError
from nlp.training.encoder import Encoder
from nlp.training.export import write_model
from nlp.training.tune_data import (
    CORRECTION_COPIES,
    OLD_WEIGHT,
    TEXTS_PER_ROW,
    ShopRows,
    lessons,
    probabilities,
    read_rows,
    token_rows,
)


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def labels_file(folder: Path, count: int = 60) -> Path:
    return write(
        folder / "labels.csv", "text,label", *(f"第{i}次买很好,1\n第{i}次买很差,0" for i in range(count))
    )


@pytest.fixture
def shop(tmp_path: Path) -> ShopRows:
    """Labels, three corrections (one of a label, one twice) and five texts."""
    corrections = [f"第{i}次买很好,negative" for i in range(20)] + ["没见过,positive", "没见过！,neutral"]
    fixed = write(tmp_path / "fixed.csv", "text,polarity", *corrections)
    others = write(tmp_path / "texts.csv", "id,text", *(f"{i},随便说说{i}" for i in range(90)))
    return read_rows([labels_file(tmp_path)], fixed, others)


@pytest.fixture
def old(
    encoder: Encoder,
    tokenizer_document: dict[str, Any],
    rows: list[list[int]],
    labels: NDArray[np.int64],
    tmp_path: Path,
) -> SentimentClassifier:
    write_model(encoder, tokenizer_document, tmp_path / "old", 20, (rows, labels), {})
    return SentimentClassifier.from_pretrained(tmp_path / "old")


def test_a_correction_wins_and_the_last_one_counts(shop: ShopRows) -> None:
    said = {**dict(zip(shop.train["text"], shop.train["label"], strict=True))}
    said |= dict(zip(shop.validation["text"], shop.validation["label"], strict=True))
    assert said["第3次买很好"] == 0
    assert said["第30次买很好"] == 2
    assert said["没见过！"] == 1
    assert "没见过" not in said
    assert shop.counts["overruled by a correction"] == 20
    assert shop.counts["corrections"] == 21


def test_rows_are_parted_by_their_text_alone(shop: ShopRows, tmp_path: Path) -> None:
    train, validation = set(shop.train["key"]), set(shop.validation["key"])
    assert not train & validation
    assert 10 < len(validation) < 40
    assert (shop.counts["train"], shop.counts["validation"]) == (len(train), len(validation))
    again = read_rows([labels_file(tmp_path, count=100)], None, None)
    assert set(again.validation["key"]) & train == set()


def test_contradictions_and_repetitions_are_dropped(tmp_path: Path) -> None:
    more = write(tmp_path / "more.csv", "text,polarity", "第1次买很好,negative", "第2次买很好,positive")
    data = read_rows([labels_file(tmp_path), more], None, None)
    assert (data.counts["contradictions"], data.counts["duplicates"]) == (2, 1)
    assert "第1次买很好" not in {*data.train["text"], *data.validation["text"]}


def test_what_the_platform_wrote_teaches_nothing(tmp_path: Path) -> None:
    silent = write(tmp_path / "silent.csv", "text,label", "此用户没有填写评价。,1", '" ",0')
    data = read_rows([labels_file(tmp_path), silent], None, write(tmp_path / "t.txt", "", "还行", "还行！"))
    assert data.counts["labelled"] == 120
    assert data.texts == ["还行"]


def test_validation_rows_are_no_reminders(tmp_path: Path) -> None:
    labels = labels_file(tmp_path)
    data = read_rows([labels], None, labels)
    assert set(data.texts) == set(data.train["text"])


@pytest.mark.parametrize("rows", [[], ["好,1"]])
def test_too_few_rows_are_refused(tmp_path: Path, rows: list[str]) -> None:
    with pytest.raises(TrainingDataError, match="are too few"):
        read_rows([write(tmp_path / "few.csv", "text,label", *rows)], None, None)


def test_texts_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="no column 'text'"):
        read_rows([labels_file(tmp_path)], None, write(tmp_path / "t.csv", "评论", "好"))


def test_lessons_mix_the_label_with_the_old_word(shop: ShopRows, old: SentimentClassifier) -> None:
    rows, targets = lessons(shop, old)
    assert len(rows) == len(targets)
    assert targets.dtype == np.float32
    assert targets.sum(1) == pytest.approx(1, abs=1e-5)
    place = 0
    for text, label, corrected in shop.train[["text", "label", "corrected"]].itertuples(index=False):
        expected = np.full(3, 0.05 / 3) + 0.95 * np.eye(3)[label]
        if not corrected:
            expected = (1 - OLD_WEIGHT) * expected + OLD_WEIGHT * probabilities(old, [text])[0]
        for _ in range(CORRECTION_COPIES if corrected else 1):
            assert rows[place] == token_rows(old, [text])[0]
            assert targets[place] == pytest.approx(expected, abs=1e-5)
            place += 1
    assert shop.train["corrected"].any()
    assert targets[place:] == pytest.approx(probabilities(old, shop.texts), abs=1e-5)


def test_reminders_are_a_share_of_the_rows(shop: ShopRows, old: SentimentClassifier) -> None:
    many = ShopRows(shop.train.head(10), shop.validation, shop.texts, {})
    copies = 10 + (CORRECTION_COPIES - 1) * int(many.train["corrected"].sum())
    rows, _ = lessons(many, old)
    assert copies + copies * TEXTS_PER_ROW / 2 <= len(rows) <= copies + copies * TEXTS_PER_ROW


def test_what_has_no_token_is_left_out(shop: ShopRows, old: SentimentClassifier) -> None:
    silent = ShopRows(shop.train.assign(text=""), shop.validation, ["随便"], {})
    rows, targets = lessons(silent, old)
    assert len(rows) == len(targets) == 1
