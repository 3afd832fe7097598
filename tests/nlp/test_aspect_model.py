import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.aspect_model import _WINDOW, CONFIG, FILES, FOLDER, AspectConfig, AspectModel, _windows
from nlp.sentiment import CorruptModel, ModelError, ModelNotFound

MODEL = AspectModel()
Row = tuple[str, str, str]


def rows(text: str) -> list[Row]:
    """Aspect, opinion and likeliest polarity of each judgement."""
    names = ("negative", "neutral", "positive")
    return [
        (
            text[slice(*one.aspect)] if one.aspect else "",
            text[slice(*one.opinion)] if one.opinion else "",
            names[int(np.argmax(one.polarities))],
        )
        for (found,) in [MODEL.read([text])]
        for one in found
    ]


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("物流很快", ("物流", "很快", "positive")),
        ("物流太慢了", ("物流", "太慢了", "negative")),
        ("保湿效果很好，下次还会买", ("保湿效果", "很好", "positive")),
        ("用了过敏，不推荐", ("", "过敏", "negative")),
        ("服务员态度很差", ("服务员", "态度很差", "negative")),
    ],
)
def test_plain_sentences(text: str, row: Row) -> None:
    assert row in rows(text)


def test_a_named_aspect_has_a_category() -> None:
    (found,) = MODEL.read(["包装破了"])
    assert found[0].category == "包装"
    assert 0.5 < found[0].certainty <= 1


def test_what_was_asked_in_a_batch_is_what_is_asked_alone() -> None:
    texts = ["物流很快", "", "味道很好，就是有点贵", "。", "很好的面膜" * 40, "物流很快"]
    together = MODEL.read(texts)
    assert [[(one.aspect, one.opinion) for one in found] for found in together] == [
        [(one.aspect, one.opinion) for one in MODEL.read([text])[0]] for text in texts
    ]
    assert together[0] == together[5]
    assert together[1] == together[3] == []


@settings(max_examples=30, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("质量很好差，。 <b>Ａ\ud800味道，不贵a\n"), max_size=60)
    | st.text(max_size=60)
)
def test_spans_lie_in_any_text(text: str) -> None:
    for one in MODEL.read([text])[0]:
        for span in (one.aspect, one.opinion):
            assert span is None or 0 <= span[0] < span[1] <= len(text)
        assert one.aspect or one.opinion
        assert sum(one.polarities) == pytest.approx(1, abs=1e-4)


def test_a_place_far_behind_is_a_place_in_the_whole_text() -> None:
    text = "今天天气晴朗。" * 60 + "物流很快"
    found = MODEL.read([text])[0][-1]
    assert found.aspect is not None
    assert text[slice(*found.aspect)] == "物流"
    assert found.aspect[0] >= 420


def test_given_aspects_are_judged_where_they_stand() -> None:
    text = "物流很快，包装太差"
    judged = MODEL.judge(
        [text, text, "掉色", text], [((0, 2), None), ((5, 7), None), (None, (0, 2)), (None, None)]
    )
    assert judged[:3].argmax(1).tolist() == [2, 0, 0]
    assert judged[3].tolist() == pytest.approx([1 / 3] * 3)


@given(st.text(alphabet="好。，\n差!", max_size=600))
def test_windows_are_the_text_cut(text: str) -> None:
    found = list(_windows(text))
    assert "".join(part for _, part in found) == text
    assert all(text[start : start + len(part)] == part and 0 < len(part) <= _WINDOW for start, part in found)


def test_windows_end_with_a_sentence_where_one_ends() -> None:
    text = "好" * 100 + "。" + "差" * 100
    assert [len(part) for _, part in _windows(text)] == [101, 100]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "model"))


def test_the_weights_are_small_and_are_those_of_the_card() -> None:
    assert sum((FOLDER / name).stat().st_size for name in FILES) <= 20_000_000
    card = (FOLDER.parents[2] / "docs" / "models" / "aspects.md").read_text(encoding="utf-8")
    assert all(digest in card for digest in MODEL.config.sha256.values())


def test_the_version_changes_with_the_thresholds(copied: Path) -> None:
    path = copied / CONFIG
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "link": 0.99}), encoding="utf-8")
    assert AspectModel(copied).version != MODEL.version
    assert MODEL.version == AspectModel().version


def test_a_changed_file_is_refused_when_it_is_read(copied: Path) -> None:
    (copied / FILES[1]).write_bytes(b"")
    model = AspectModel(copied)
    with pytest.raises(CorruptModel, match=r"pairs\.onnx has sha256 .* aspects\.json says"):
        model.read(["好"])


def test_a_folder_without_a_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match=r"aspects\.json is missing"):
        AspectModel(tmp_path)
    (tmp_path / CONFIG).write_text("{}", encoding="utf-8")
    with pytest.raises(ModelError, match="not an aspect model's configuration"):
        AspectConfig.read(tmp_path)
