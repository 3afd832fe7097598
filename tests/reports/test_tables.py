import pytest

from reports.tables import Table, tables_of
from tests.reports.factories import figures


def table(key: str, language: str = "zh", **values: object) -> Table:
    return next(one for one in tables_of(figures(**values), language) if one.key == key)


def test_sheets_are_named_in_the_readers_language() -> None:
    chinese = [one.name for one in tables_of(figures(), "zh")]
    assert chinese == ["概览", "每日", "预测", "情感", "方面", "模型对比", "方法"]
    english = [one.name for one in tables_of(figures(), "en")]
    assert english == ["Overview", "Daily", "Forecast", "Sentiment", "Aspects", "Models", "Method"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_row_has_a_cell_per_column(language: str) -> None:
    for one in tables_of(figures(), language):
        assert one.rows, one.key
        assert {len(row) for row in one.rows} == {len(one.columns)}, one.key


def test_figures_come_with_n_comparison_and_interval() -> None:
    rows = {row[0]: row[1:] for row in table("overview").rows}
    value, unit, before, change, n, level, low, high = rows["差评率"]
    assert (value, unit, before, n, level) == (20.0, "%", 10.0, 50, "95%")
    assert change == 10.0
    assert low is not None
    assert low < 20 < high
    assert rows["销量"][:4] == (1200.0, "件", 1000.0, 200.0)


def test_another_comparison_is_named() -> None:
    assert table("overview").columns[3].name == "上期"
    assert table("overview", against="去年同期").columns[3].name == "去年同期"


def test_the_forecast_is_summed_up_with_its_daily_bounds() -> None:
    row = table("overview").rows[1]
    assert row[0] == "未来 14 天销量预测"
    assert (row[1], row[7], row[8]) == (45.0 * 14, 36.0 * 14, 54.0 * 14)


def test_bounds_are_named_by_the_level_they_have() -> None:
    made = table("overview")
    assert [column.name for column in made.columns[6:]] == ["区间", "区间下限", "区间上限"]
    assert [row[6] for row in made.rows] == [None, "80%", None, "95%", "95%", "95%"]


def test_forecast_units_are_whole() -> None:
    forecast = {**figures()["forecast"], "points": [["2026-11-21", 42.7643, 30.2, 55.9, None, None]]}
    row = table("overview", forecast=forecast).rows[1]
    assert [repr(cell) for cell in (row[1], *row[7:])] == ["43", "30", "56"]


def test_models_are_sorted_by_error_and_measured_against_the_naive_one() -> None:
    first, second = table("models", "en").rows
    assert first[0] == "Regression"
    assert (first[1], first[6]) == (0.21, "✓")
    assert first[5] == pytest.approx(0.3)
    assert (second[0], second[5]) == ("Seasonal naive (last week again)", None)


def test_the_method_names_cut_offs_versions_and_hash() -> None:
    facts = dict(table("method").rows)
    assert facts["快照哈希（SHA-256）"] == "ab" * 32
    assert facts["销量数据截止"] == "2026-11-20"
    assert facts["版本：分析器"] == "reader-1"
    assert facts["情感对预测的作用"] == "无显著差异"
    assert facts["影响预测：促销与大促（件）"] == 60.0
    assert facts["商品编号"] == "00123456789012345678"


def test_a_product_without_anything_has_seven_tables_too() -> None:
    empty = {"scored": 0, "reviews": 0, "positive": 0, "negative": 0, "units": None}
    kpis = {part: empty | {"start": "2026-11-01", "end": "2026-11-20"} for part in ("current", "previous")}
    bare = {"champion": None, "metrics": {}, "lift": None, "coverage": {}}
    made = tables_of(
        figures(kpis=kpis, days=[], forecast=None, backtest=bare, aspects=[], conclusion=[]), "zh"
    )
    assert len(made) == 7
    assert [one.key for one in made if one.chart] == []


def test_aspects_have_the_name_that_the_snapshot_keeps() -> None:
    kept = figures(aspect_names={"物流": "delivery"})
    names = [tables_of(of, language)[4].rows[0][0] for of in (kept, figures()) for language in ("zh", "en")]
    assert names == ["物流", "Delivery", "物流", "物流"]
