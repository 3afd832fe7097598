import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.engines import model_folder
from nlp.informal import corrected, spelled_out
from nlp.lexicons import informal
from nlp.normalise import fold, normalise
from nlp.sentiment import SentimentClassifier

LISTS = informal()
SPELLINGS = {**LISTS["typos"], **LISTS["abbreviations"]}
FACES = [
    (face, word) for kind in ("emoji", "kaomoji") for word, faces in LISTS[kind].items() for face in faces
]
GOOD = {"很赞", "很喜欢", "很好"}
PIECES = st.sampled_from(
    [*SPELLINGS, *(face for face, _ in FACES), "质量好，", " ", "x", "1", "\ufe0f", "🏻"]
)
MIXED = st.lists(PIECES, max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("快第小哥很好", "快递小哥很好"),
        ("快第很慢，质亮不错", "快递很慢，质量不错"),
        ("yyds，YYDS", "永远的神，永远的神"),
        ("u1s1真nb", "有一说一真牛逼"),
        ("", ""),
    ],
)
def test_spelled_right(text: str, right: str) -> None:
    assert corrected(text) == right


@pytest.mark.parametrize(
    "text",
    [
        "物流很快第二天就到",
        "材质亮丽",
        "衣服物超所值",
        "客服误导",
        "实在也不贵",
        "方便易用",
        "确实会买",
        "自己经常用",
        "型号TQL-88",
        "xyyds",
        "NB运动鞋",
    ],
)
def test_what_only_looks_wrong_is_left_alone(text: str) -> None:
    assert corrected(text) == text


@pytest.mark.parametrize(("wrong", "right"), SPELLINGS.items())
def test_a_correction_keeps_places_and_needs_no_other(wrong: str, right: str) -> None:
    assert len(wrong) == len(right)
    assert wrong == wrong.lower()
    assert corrected(wrong) == corrected(right) == right


def test_models_and_lexicons_read_the_corrected_text() -> None:
    assert normalise("質亮很差") == fold("質亮很差") == "质量很差"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("收到了👍", "收到了，很赞"),
        ("👍🏻👍🏻👍🏻", "很赞"),
        ("❤️好看", "很喜欢好看"),
        ("很慢。😡 (╯°□°)╯︵┻━┻", "很慢。很生气，很生气"),
        ("收到了（╯°□°）╯", "收到了，很生气"),
        ("🤦‍♀️", "无语"),
        ("😂😭", "😂😭"),
        ("比分1:3，好:D", "比分1:3，好:D"),
    ],
)
def test_faces_are_said_in_words(text: str, said: str) -> None:
    assert spelled_out(normalise(text)) == said


@pytest.mark.parametrize(("face", "word"), FACES)
def test_every_face_of_the_list_is_met_as_normalising_leaves_it(face: str, word: str) -> None:
    assert spelled_out(normalise(f"到货{face}")) == f"到货，{word}"


@given(MIXED)
def test_words_hold_nothing_more_to_spell_out(text: str) -> None:
    assert len(corrected(text)) == len(text)
    assert corrected(corrected(text)) == corrected(text)
    assert spelled_out(spelled_out(text)) == spelled_out(text)


@pytest.mark.parametrize("piece", ["快", "👍", "(", "(*^", "很", " ", "👍 ", "\ufe0f", ":", "y"])
def test_time_is_linear(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    start = time.process_time()
    spelled_out(corrected(text))
    assert time.process_time() - start < 2


def test_faces_move_the_score_the_right_way() -> None:
    classifier = SentimentClassifier.from_pretrained(model_folder("accurate"))
    bases = ["就这样吧", "衣服的颜色", "物流"]
    plain = classifier.predict_proba(bases)
    faces = ["👍", "😍", "(≧▽≦)", "😡", "👎", "(╯°□°)╯", "🤮", ":("]
    for face in faces:
        word = dict(FACES)[face]
        read = classifier.predict_proba([spelled_out(normalise(base + face)) for base in bases])
        moved = (read - plain)[:, 2] - (read - plain)[:, 0]
        assert (moved > 0).all() if word in GOOD else (moved < 0).all(), face
