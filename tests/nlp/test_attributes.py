from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.attributes import AttributeFinder

FINDER = AttributeFinder()


def facts(title: str, description: str = "") -> dict[str, Any]:
    return {attribute.name: attribute.value for attribute in FINDER.find(title, description)}


@pytest.mark.parametrize(
    ("title", "brand"),
    [
        ("美的(Midea) 1.5匹 空调", "美的"),
        ("MIDEA 空调", "美的"),
        ("京东超市 米家 电饭煲", "小米"),
        ("某某牌（MOMO）台灯", "某某牌"),
        ("适用苹果13手机壳", None),
        ("东北农家小米 五斤装", None),
        ("山东红富士苹果 新鲜水果", None),
        ("通用吸顶灯", None),
        ("GALANZX 微波炉", None),
    ],
)
def test_brand(title: str, brand: str | None) -> None:
    assert facts(title).get("brand") == brand


def test_descriptions_name_other_brands_and_models() -> None:
    assert facts("静音吹风机", "媲美戴森 HD08-PRO25") == {}


@pytest.mark.parametrize(
    ("title", "model"),
    [
        ("空调挂机KFRd-35GW/D-STA11Bp(B1) 智能", "KFRd-35GW/D-STA11Bp(B1)"),
        ("空调柜机(KFR-72LW/NSP1+3)", "KFR-72LW/NSP1+3"),
        ("格力 KFR-35GW/(35592)FNhDa-A3", "KFR-35GW/(35592)FNhDa-A3"),
        ("冰箱 BCD-452WDPF。", "BCD-452WDPF"),
        ("苹果 iPhone 15 Pro Max 256GB", "iPhone 15 Pro Max"),
        ("红米 Redmi Note 13", "Redmi Note 13"),
        ("硬盘盒 USB3.0 PM2.5", None),
        ("手机 8GB+128GB 5G", None),
        ("太阳能 20管_170L", None),
        ("防晒 SPF50+", None),
        ("中考2026 真题", None),
    ],
)
def test_model(title: str, model: str | None) -> None:
    assert facts(title).get("model") == model


def test_materials_with_and_without_share() -> None:
    found = [
        (a.value, a.share, a.text)
        for a in FINDER.find("T恤 95%棉 5%氨纶", "成分：羊毛 30%，食品级硅胶，棉柔")
    ]
    assert found == [
        ("棉", 95.0, "95%棉"),
        ("氨纶", 5.0, "5%氨纶"),
        ("羊毛", 30.0, "羊毛 30%"),
        ("硅胶", None, "食品级硅胶"),
    ]


def test_a_fact_is_given_once_where_it_is_first_said() -> None:
    [found] = FINDER.find("保温杯 500ml", "容量 500毫升")
    assert (found.field, found.text, found.value, found.unit) == ("title", "500ml", 500.0, "ml")


def test_a_list_of_ones_own() -> None:
    lexicon = {
        "brands": [{"name": "途伴", "unless": ["旅途伴侣"]}],
        "materials": [],
        "quantities": [{"attribute": "wheels", "unit": "个", "range": [1, 9], "words": {"轮": 1}}],
        **{name: [] for name in ("not_quantities", "not_models", "not_for_us", "series", "suffixes")},
    }
    finder = AttributeFinder(lexicon)
    assert [(a.name, a.value) for a in finder.find("途伴 4轮箱")] == [("brand", "途伴"), ("wheels", 4.0)]
    assert finder.find("旅途伴侣") == []


@given(
    st.text(max_size=80),
    st.text(alphabet="美的Midea小米100%棉纯棉kfr-35GW/()500ml*2 片<b>&gt;＜ＡＢ", max_size=60),
)
def test_the_place_is_the_text(title: str, description: str) -> None:
    for attribute in FINDER.find(title, description):
        read = title if attribute.field == "title" else description
        assert read[attribute.start : attribute.end] == attribute.text != ""
