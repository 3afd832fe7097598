import subprocess
import sys
import time
from pathlib import Path

import jieba
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp.dictionary import Dictionary
from nlp.lexicons import modifiers, stop_words
from nlp.segment import Segmenter

ROOT = Path(__file__).parents[2]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
REVIEWS = st.text("质量物流很不好快 的了aB1.-，", max_size=100)
OWN = Dictionary({"冰丝凉感": None, "Type-C口": None, "好快": 5}, frozenset({"质量", "艾莎莎"}))


@pytest.fixture(scope="module")
def own() -> Segmenter:
    return Segmenter(dictionary=OWN)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("物流不是很快，包装没有破损", ["物流", "不是", "很快", "包装", "没有", "破损"]),
        ("这个质量的确非常好！！", ["质量", "的确", "非常", "好"]),
        ("别买，一点都不好用", ["别买", "一点", "不好"]),
        ("iPhone15 用了3.5小时", ["iphone15", "3.5", "小时"]),
        ("Wi-Fi 2.0T", ["wi-fi", "2.0t"]),
        ("", []),
        ("，。！ \n", []),
    ],
)
def test_words(segmenter: Segmenter, text: str, words: list[str]) -> None:
    assert segmenter.segment(text) == words


def test_negations_and_degrees_are_no_stop_words() -> None:
    kept = modifiers()["negations"] | modifiers()["degrees"]
    assert {"不", "没", "没有", "别", "很", "太", "非常"} <= kept
    assert not kept & stop_words()


@pytest.mark.parametrize("kind", ["negations", "degrees", "excess"])
def test_modifiers_come_through_unless_they_are_made_of_other_words(segmenter: Segmenter, kind: str) -> None:
    single = [word for word in modifiers()[kind] if segmenter.cut(word) == [word]]
    assert len(single) > 5
    assert [word for word in single if segmenter.segment(word) != [word]] == []


def test_what_negates_stays_whatever_it_is_cut_into(segmenter: Segmenter) -> None:
    turning = set("不没无非未别")
    words = [word for word in modifiers()["negations"] if turning & set(word)]
    assert [word for word in words if not turning & set("".join(segmenter.segment(word)))] == []


@pytest.mark.parametrize("word", ["的", "我们", "这个", "是", "了", "the"])
def test_stop_words_do_not(segmenter: Segmenter, word: str) -> None:
    assert segmenter.segment(word) == []
    assert segmenter.cut(word) == [word]


def test_own_stop_words() -> None:
    assert Segmenter(stop_words=["物流"]).segment("物流的包装") == ["的", "包装"]


def test_words_are_kept_whole_in_any_case(own: Segmenter, segmenter: Segmenter) -> None:
    for text in ("Type-C口松", "type-c口松", "TYPE-C口松"):
        assert own.segment(text) == ["type-c口", "松"]
        assert segmenter.segment(text) != ["type-c口", "松"]


def test_splits_are_taken_apart_known_or_guessed(own: Segmenter, segmenter: Segmenter) -> None:
    assert own.segment("质量") == ["质", "量"]
    assert segmenter.segment("艾莎莎") == ["艾莎莎"]
    assert own.segment("艾莎莎") == ["艾", "莎", "莎"]


def test_a_weight_decides_between_words_that_overlap() -> None:
    def cut(weight: int) -> list[str]:
        return Segmenter(dictionary=Dictionary({"面料好": weight})).cut("面料好看")

    assert cut(1) == ["面料", "好看"]
    assert cut(1_000_000) == ["面料好", "看"]


def test_what_a_dictionary_knows(own: Segmenter, segmenter: Segmenter) -> None:
    assert segmenter.knows("质量")
    assert not segmenter.knows("冰丝凉感")
    assert own.knows("冰丝凉感")
    assert not own.knows("质量")


def test_tags_are_parts_of_speech(segmenter: Segmenter) -> None:
    assert segmenter.tags("质量不错") == [("质量", "n"), ("不错", "a")]


def test_other_dictionaries_change_nothing(own: Segmenter, segmenter: Segmenter) -> None:
    own.segment("质量")
    jieba.add_word("石墨烯暖手宝宝")
    try:
        assert segmenter.segment("质量") == ["质量"]
        assert "石墨烯暖手宝宝" not in segmenter.segment("石墨烯暖手宝宝")
    finally:
        jieba.del_word("石墨烯暖手宝宝")


@pytest.mark.parametrize(
    "text",
    [
        "物流不是很快包装没有破损下次还会再来",
        "前台服务员态度恶劣房间隔音太差了",
        "买了三件裤子质量都挺好就是有点掉色",
        "送餐小哥棒棒哒石锅拌饭真心不好吃",
        "用了3.5小时才装好iPhone15的钢化膜",
    ],
)
def test_it_cuts_as_jieba_does(segmenter: Segmenter, text: str) -> None:
    assert segmenter.cut(text) == [word.lower() for word in jieba.Tokenizer().cut(text)]


def test_the_dictionary_is_read_at_the_first_text_and_nothing_is_written(tmp_path: Path) -> None:
    program = "from nlp.segment import Segmenter; import sys; one = Segmenter(); "
    program += "print('rjieba' in sys.modules, one.segment('好'), 'jieba' in sys.modules)"
    command = [sys.executable, "-c", program]
    environment = {"TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=True)
    assert (ended.stdout, ended.stderr) == ("False ['好'] False\n", "")
    assert list(tmp_path.iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT | REVIEWS)
def test_words_come_from_the_text_in_order(segmenter: Segmenter, own: Segmenter, text: str) -> None:
    for one in (segmenter, own):
        lowered, place = text.lower(), 0
        for word in one.segment(text):
            assert word
            assert word not in one.stop_words
            place = lowered.index(word, place) + len(word)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(REVIEWS)
def test_cutting_loses_no_letter(segmenter: Segmenter, own: Segmenter, text: str) -> None:
    letters = [letter for letter in text.lower() if letter.isalnum()]
    for one in (segmenter, own):
        assert [letter for letter in "".join(one.cut(text)) if letter.isalnum()] == letters


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("质量物流很不好快凉感 的了aB1.-，", max_size=60))
def test_split_words_never_come_out(own: Segmenter, text: str) -> None:
    assert not {"质量", "艾莎莎"} & set(own.cut(text))


@pytest.mark.parametrize("piece", ["啊呀", "好", "a", "质量", "囧囍", "a.", "-", "好快", "冰丝凉"])
def test_long_runs_take_no_squared_time(own: Segmenter, piece: str) -> None:
    own.segment("好")
    start = time.process_time()
    own.segment((piece * 100_000)[:100_000])
    assert time.process_time() - start < 2
