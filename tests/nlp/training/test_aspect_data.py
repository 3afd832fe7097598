from pathlib import Path

import pytest

from nlp.aspect_rules import AspectRules
from nlp.evaluate import LabelError
from nlp.training import aspect_data
from nlp.training.aspect_data import (
    VALIDATION_EVERY,
    LabelledText,
    Pair,
    read_by_rules,
    read_training,
    split,
)
from nlp.training.data import is_aspect_test

TEXT = "物流快，掉色，服务好"
HEADER = "text,aspect,opinion,category,polarity\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    rows = [
        f"{TEXT},物流,快,物流,positive",
        f"{TEXT},物流,快,物流,positive",
        f"{TEXT},_,掉色,,negative",
        f"{TEXT},服务,好,包装,neutral",
        f"{TEXT},没有的,也没有,包装,neutral",
    ]
    path = tmp_path / "labelled.csv"
    path.write_text(HEADER + "\n".join(rows), encoding="utf-8")
    return path


def test_pairs_stand_where_the_text_has_them(path: Path) -> None:
    assert not is_aspect_test(TEXT)
    (found,) = read_training(path, AspectRules())
    assert found.text == TEXT
    assert found.has_opinions
    assert found.pairs == (
        Pair((0, 2), (2, 3), 2, "物流"),
        Pair(None, (4, 6), 0, "质量"),
        Pair((7, 9), (9, 10), 1, "包装"),
    )


def test_texts_kept_for_testing_are_left_out(tmp_path: Path) -> None:
    texts = [f"第{i}次屏幕好" for i in range(100)]
    path = tmp_path / "many.csv"
    path.write_text(HEADER + "\n".join(f"{text},屏幕,,,positive" for text in texts), encoding="utf-8")
    found = [one.text for one in read_training(path, AspectRules())]
    assert found == [text for text in texts if not is_aspect_test(text)]
    assert 60 < len(found) < 100


def test_a_file_without_opinions_is_known_by_it(tmp_path: Path) -> None:
    path = tmp_path / "short.csv"
    path.write_text("text,aspect,polarity\n物流快,物流,positive\n", encoding="utf-8")
    (found,) = read_training(path, AspectRules())
    assert not found.has_opinions
    assert found.pairs == (Pair((0, 2), None, 2, "物流"),)


def test_an_unknown_label_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("text,aspect,polarity\n物流快,物流,great\n", encoding="utf-8")
    with pytest.raises(LabelError, match=r"rows \[1\]"):
        read_training(path, AspectRules())


def test_every_text_is_on_one_side() -> None:
    texts = [LabelledText(str(i), (), True) for i in range(60)]
    train, validation = split(texts)
    assert len(validation) == 60 // VALIDATION_EVERY + 1
    assert sorted((*train, *validation), key=lambda one: int(one.text)) == texts


def test_rules_say_which_words_name_which_category_but_not_how_they_judge(tmp_path: Path) -> None:
    path = tmp_path / "others.csv"
    path.write_text("source,text\nx,屏幕太暗，很掉色\nx,没有什么可说\n", encoding="utf-8")
    assert read_by_rules([path], AspectRules()) == [
        LabelledText(
            "屏幕太暗，很掉色",
            (Pair((0, 2), (2, 4), None, "屏幕"), Pair(None, (5, 8), None, "质量")),
            has_opinions=True,
            complete=False,
        )
    ]


def test_no_category_crowds_out_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aspect_data, "READ_BY_RULES", 5)
    path = tmp_path / "others.csv"
    texts = [*(f"第{i}次物流快" for i in range(50)), *(f"第{i}次屏幕暗" for i in range(9)), "长" * 101]
    path.write_text("text\n" + "\n".join(texts), encoding="utf-8")
    found = read_by_rules([path, path], AspectRules())
    assert sorted(text.pairs[0].category or "" for text in found) == [*["屏幕"] * 5, *["物流"] * 5]
    assert not any(is_aspect_test(text.text) for text in found)
    assert found == read_by_rules([path], AspectRules())


def test_a_file_without_texts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("review\n好\n", encoding="utf-8")
    with pytest.raises(LabelError, match="no column text"):
        read_by_rules([path], AspectRules())
