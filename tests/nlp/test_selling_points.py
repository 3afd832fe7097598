import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.attributes import AttributeFinder
from nlp.keywords import KeywordFinder
from nlp.segment import Segmenter
from nlp.selling_points import SellingPointFinder

ATTRIBUTES = AttributeFinder()


@pytest.fixture(scope="module")
def finder() -> SellingPointFinder:
    return SellingPointFinder(KeywordFinder(Segmenter()))


def points(finder: SellingPointFinder, title: str, description: str = "", top: int = 5) -> list[str]:
    found = finder.find(title, description, ATTRIBUTES.find(title, description), top)
    return [point.text for point in found]


def test_benefits_and_facts_come_first(finder: SellingPointFinder) -> None:
    found = points(finder, "蓝牙耳机", "送三副耳塞套，包装很大，主动降噪防水，单次续航 8 小时")
    assert found[:2] == ["主动降噪防水", "单次续航 8 小时"]


def test_service_and_delivery_are_no_selling_points(finder: SellingPointFinder) -> None:
    assert points(finder, "台灯", "顺丰包邮，护眼无频闪，客服在线，七天退换") == ["护眼无频闪"]


def test_headings_and_numbers_are_left_out(finder: SellingPointFinder) -> None:
    found = points(finder, "电饭煲", "材质：304不锈钢内胆；1.一键煮饭好 2.预约24小时")
    assert set(found) == {"304不锈钢内胆", "一键煮饭好", "预约24小时"}


def test_what_says_the_same_is_given_once(finder: SellingPointFinder) -> None:
    assert len(points(finder, "杯", "不漏水密封好，密封好不漏水")) == 1


def test_a_title_serves_where_there_is_no_description(finder: SellingPointFinder) -> None:
    found = finder.find("小熊 静音加湿器 大容量4L 卧室", "", [], 5)
    assert [(point.text, point.field) for point in found] == [("大容量4L", "title"), ("静音加湿器", "title")]
    assert points(finder, "加湿器", "") == []


def test_at_most_so_many(finder: SellingPointFinder) -> None:
    assert len(points(finder, "", "静音省电，防水防滑，轻便小巧，保暖透气", top=2)) == 2
    assert points(finder, "", "静音省电", top=0) == []


def test_english(finder: SellingPointFinder) -> None:
    found = points(finder, "mouse", "Long battery life up to 18 months, 2.4 GHz connection, ok.")
    assert set(found) == {"Long battery life up to 18 months", "2.4 GHz connection"}


@given(text=st.text(alphabet="静音防水8小时，。1.、 ：abc-•\n(）<b>&gt;包邮", max_size=80))
def test_the_place_is_the_text(finder: SellingPointFinder, text: str) -> None:
    for point in finder.find("标题", text, ATTRIBUTES.find("标题", text)):
        read = text if point.field == "description" else "标题"
        assert read[point.start : point.end] == point.text == point.text.strip() != ""
