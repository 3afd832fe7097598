from pathlib import Path

import pandas as pd
import pytest

from nlp.training.data import TrainingDataError, clean, is_aspect_test, load, read_labelled, split, text_key


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def labelled(*rows: tuple[str, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["text", "label"]).assign(source="shop")


def test_reads_two_classes(tmp_path: Path) -> None:
    path = write(tmp_path / "reviews.csv", "source,label,text\nshop,1,很好\nshop,0,NA\n")
    frame = read_labelled(path)
    assert frame.to_dict("list") == {"source": ["shop", "shop"], "text": ["很好", "NA"], "label": [2, 0]}


def test_reads_three_classes_and_names_the_source_after_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "cars.csv", "text,polarity\n一,neutral\n二,negative\n三,positive\n")
    frame = read_labelled(path)
    assert frame["label"].tolist() == [1, 0, 2]
    assert set(frame["source"]) == {"cars"}


@pytest.mark.parametrize("column", ["label", "polarity"])
def test_reads_labels_in_words_as_shops_write_them(tmp_path: Path, column: str) -> None:
    path = tmp_path / "gbk.csv"
    path.write_bytes(f"text,{column}\n好,正面\n差, 负面\n一般,中性\n很好,Positive\n".encode("gb18030"))
    assert read_labelled(path)["label"].tolist() == [2, 0, 1, 2]


def test_clear_stars_count_where_something_is_said(tmp_path: Path) -> None:
    rows = "很好,5\n还行,4\n一般,3\n不太好,2\n差,1\n没星,\n此用户没有填写评价。,5\n"
    frame = read_labelled(write(tmp_path / "jd.csv", "text,rating\n" + rows))
    assert list(zip(frame["text"], frame["label"], strict=True)) == [("很好", 2), ("一般", 1), ("差", 0)]


def test_texts_kept_for_testing_aspects_are_left_out(tmp_path: Path) -> None:
    texts = [f"口红{i}号颜色好看" for i in range(200)]
    kept = [text for text in texts if is_aspect_test(text)]
    assert 15 < len(kept) < 50
    content = "text,polarity,aspect\n" + "".join(f"{text},positive,颜色\n" for text in texts)
    found = read_labelled(write(tmp_path / "makeup.csv", content))["text"]
    assert set(found) == set(texts) - set(kept)
    assert all(is_aspect_test(f" {text}！") for text in kept)  # marks and spaces do not move a text


def test_texts_are_normalised_as_the_analyser_does(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "text,label\n很好<br>  ＡＢＣ,1\n")
    assert read_labelled(path)["text"].tolist() == ["很好 ABC"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("review,label\n好,1\n", "no column text"),
        ("", "bad.csv cannot be read"),
        ('text,label\n"好,1\n', "bad.csv cannot be read"),
        ("text,stars\n好,5\n", "neither a column label nor polarity"),
        ("text,label\n好,1\n差,7\n", r"unknown labels in rows \[3\]"),
        ("text,label\n好,good\n", r"unknown labels in rows \[2\]"),
        ("text,polarity\n好,great\n", r"unknown labels in rows \[2\]"),
    ],
)
def test_refuses_what_it_cannot_read(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(TrainingDataError, match=message):
        read_labelled(write(tmp_path / "bad.csv", content))


def test_key_ignores_marks_case_and_width() -> None:
    assert text_key("很 好！ＯＫ") == text_key("很好ok")
    assert text_key("很好") != text_key("很差")
    assert text_key("！！！") == "！！！"


def test_counts_duplicates_contradictions_and_leaks() -> None:
    frame = labelled(("好", 2), ("好!", 2), ("一般", 0), ("一般。", 2), ("一般", 0), ("见过", 0), ("新的", 0))
    kept, report = clean(frame, held_out=["见过！"])
    assert kept["text"].tolist() == ["好", "新的"]
    assert (report.read, report.duplicates, report.contradictions, report.leaks) == (7, 1, 3, 1)


def test_split_keeps_a_row_on_its_side() -> None:
    frame = labelled(*((f"评论{i}", 0) for i in range(400))).assign(key=[f"评论{i}" for i in range(400)])
    train, validation = split(frame, 0.25)
    assert len(train) + len(validation) == 400
    assert 60 < len(validation) < 140
    _, fewer = split(frame.iloc[::2], 0.25)
    assert set(fewer["text"]) < set(validation["text"])


def test_load_joins_files_and_drops_what_is_held_out(tmp_path: Path) -> None:
    rows = "".join(f"第{i}条,{i % 2}\n" for i in range(300))
    one = write(tmp_path / "one.csv", "text,label\n" + rows)
    two = write(tmp_path / "two.csv", "text,polarity\n中间,neutral\n第1条,positive\n")
    held = write(tmp_path / "held.csv", "text,label\n第2条,0\n")
    train, validation, report = load([one, two], [held])
    texts = set(train["text"]) | set(validation["text"])
    assert "第2条" not in texts
    assert {"中间", "第1条"} <= texts
    assert not set(train["text"]) & set(validation["text"])
    assert report.as_dict() == {
        "read": 302,
        "duplicates": 1,
        "contradictions": 0,
        "leaks": 1,
        "train": len(train),
        "validation": len(validation),
    }
