from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import lexicons
from nlp.normalise import fold
from nlp.quantities import Quantity, QuantityFinder

FINDER = QuantityFinder(lexicons.attributes()["quantities"], lexicons.attributes()["not_quantities"])


def find(text: str) -> list[Quantity]:
    return FINDER.find(text, fold(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("大1.5匹空调", ("cooling_power", 1.5, "匹")),
        ("大1.5P 移动空调", ("cooling_power", 1.5, "匹")),
        ("三匹立式", ("cooling_power", 3, "匹")),
        ("452升冰箱", ("capacity", 452_000, "ml")),
        ("10公斤洗衣机", ("weight", 10_000, "g")),
        ("两斤装", ("weight", 1000, "g")),
        ("500ＭＬ", ("capacity", 500, "ml")),
        ("256G 手机", ("storage", 256, "GB")),
        ("1TB硬盘", ("storage", 1024, "GB")),
        ("6.7英寸", ("diagonal", 6.7, "inch")),
        ("1.8m床", ("length", 1800, "mm")),
        ("2.4 GHz", ("frequency", 2.4e9, "Hz")),
        ("5000毫安时", ("battery", 5000, "mAh")),
        ("1.2千瓦", ("power", 1200, "W")),
        ("5000万像素", ("pixels", 5e7, "px")),
        ("十二小时保温", ("duration", 720, "min")),
        ("二十片", None),
        ("半小时充满", ("duration", 30, "min")),
        ("40枚入", ("count", 40, "枚")),
        ("四件套", ("count", 4, "件套")),
        ("新一级能效", ("energy_class", 1, "")),
        ("三级能效", ("energy_class", 3, "")),
        ("150x220x169mm", ("dimensions", [150, 220, 169], "mm")),
        ("1.5m*2.0m", ("dimensions", [1500, 2000], "mm")),
        ("约宽4.5x高6cm", ("dimensions", [45, 60], "mm")),
    ],
)
def test_one_unit_for_each_attribute(text: str, expected: tuple[str, Any, str] | None) -> None:
    assert [(found.attribute, found.value, found.unit) for found in find(text)] == [expected] * bool(expected)


@pytest.mark.parametrize(
    ("text", "value", "high", "count"),
    [
        ("500ml*2", 500, None, 2),
        ("250ml×12盒", 250, None, 12),
        ("12*250ml", 250, None, 12),
        ("6瓶*500ml", 500, None, 6),
        ("20-24㎡", 20, 24, None),
        ("1.5L/瓶*6", 1500, None, 6),
    ],
)
def test_ranges_and_packs(text: str, value: float, high: float | None, count: int | None) -> None:
    [found] = find(text)
    assert (found.value, found.high, found.count) == (value, high, count)
    assert text[found.start : found.end] == text


@pytest.mark.parametrize(
    "text",
    [
        "5G手机",
        "1080P高清",
        "KFR-35GW/N8",
        "380VFBQ305BA",
        "40/50/60/80升",
        "5W-30机油",
        "第三米",
        "一个月",
        "24-20㎡",
        "500匹",
        "v5w",
        "",
    ],
)
def test_what_is_no_quantity(text: str) -> None:
    assert find(text) == []


def test_memory_and_storage() -> None:
    found = [(quantity.attribute, quantity.value) for quantity in find("8GB+128GB 12G+1TB")]
    assert found == [("memory", 8), ("storage", 128), ("memory", 12), ("storage", 1024)]


@given(st.text(alphabet="0123456789.一二十两半第-~*x×/+ 升ml克斤GBgb寸mM片件套级能效新匹kw", max_size=60))
def test_places_are_in_order_and_values_finite(text: str) -> None:
    quantities = find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in quantities)
    assert [one.start for one in quantities] == sorted(one.start for one in quantities)
    for one in quantities:
        values = one.value if isinstance(one.value, list) else [one.value]
        assert all(0 <= value < 1e16 for value in values)
        assert one.high is None or one.high > one.value
