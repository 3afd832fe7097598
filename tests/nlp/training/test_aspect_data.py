from pathlib import Path

import pytest

from nlp.aspect_rules import AspectRules
from nlp.evaluate import LabelError
from nlp.training.aspect_data import VALIDATION_EVERY, LabelledText, Pair, read_training, split
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
