import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, H, sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.tree_design import Layout, TreeDesign


def grid(panel: pd.DataFrame | None = None, spec: PanelSpec = SPEC) -> Grid:
    return Grid.from_frame(validate_panel(sample_panel() if panel is None else panel, spec), spec)


def design(made: Grid, h: int = H) -> TreeDesign:
    return TreeDesign(made, h, Layout.of(made, festive=True), reach=H, codes=np.arange(len(made.ids)))


def feature(found: TreeDesign, name: str, row: int, origin: int, target: int) -> float:
    values = found.rows(np.array([row]), np.array([origin]), np.array([target]))
    assert values.shape == (1, len(found.names))
    return float(values[0, found.names.index(name)])


def test_sales_are_measured_against_the_level_of_the_origin() -> None:
    made = grid()
    found = design(made)
    y = made.y[2]
    level = y[33:61].mean()
    assert feature(found, "trend:last", 2, 60, 63) == pytest.approx(y[60] / level, rel=1e-5)
    assert feature(found, "trend:mean7", 2, 60, 63) == pytest.approx(y[54:61].mean() / level, rel=1e-5)
    assert feature(found, "trend:days_ahead", 2, 60, 63) == 3.0


def test_the_same_weekday_is_the_last_one_known_on_the_origin() -> None:
    made = grid()
    y, level = made.y[2], made.y[2, 33:61].mean()
    assert feature(design(made), "weekday:same1", 2, 60, 63) == pytest.approx(y[56] / level, rel=1e-5)
    assert feature(design(made), "weekday:same1", 2, 60, 68) == pytest.approx(y[54] / level, rel=1e-5)


def test_known_ahead_values_are_hidden_beyond_the_reach() -> None:
    made = grid()
    found = design(made)
    assert feature(found, "promo:+1", 0, 60, 67) == made.future[0, 68, 0]
    assert np.isnan(feature(found, "promo:+1", 0, 60, 68))
    assert feature(found, "promo:-1", 0, 60, 68) == made.future[0, 67, 0]


def test_a_category_is_a_feature_and_the_place_of_a_description_is_not() -> None:
    spec = PanelSpec(static=("embedding_0", "category"))
    made = grid(sample_panel().assign(embedding_0=0.5, category=3.0), spec)
    assert [name for name in design(made).names if name.startswith("product:")] == [
        "product:static1",
        "product:id",
    ]


@pytest.mark.parametrize("column", ["y", "views"])
def test_nothing_after_the_origin_is_seen(column: str) -> None:
    panel = sample_panel()
    later = panel["y"].notna() & (panel.groupby("unique_id").cumcount() > 60)
    changed = panel.copy()
    changed.loc[later, column] *= 1.7

    def rows(df: pd.DataFrame) -> Array:
        made = grid(df)
        found = design(made)
        # What belongs to the whole history: the unit of sales, and the spread of a past column.
        found.unit = np.ones(3)
        values = found.rows(np.repeat(np.arange(3), H), np.full(3 * H, 60), np.tile(np.arange(61, 61 + H), 3))
        kept = [i for i, name in enumerate(found.names) if name not in ("trend:size", "trend:level")]
        own = [i for i, name in enumerate(found.names) if name.endswith(":own") or name.startswith("views")]
        return values[:, [i for i in kept if i not in own]]

    assert rows(changed) == pytest.approx(rows(panel), rel=1e-4, nan_ok=True)


def test_every_known_day_is_paired_with_an_origin_within_reach() -> None:
    made = grid()
    series, origins, targets = design(made, 0).pairs(14, np.random.default_rng(0))
    ahead = targets - origins
    assert ahead.min() == 1
    assert ahead.max() == H
    assert origins.min() >= 14
    assert len(np.unique(series * 1000 + targets)) == len(series)


def test_the_layout_follows_the_panel() -> None:
    steady = Layout.of(grid(), festive=False)
    assert (steady.sparse, steady.yearly, steady.closures) == (False, False, False)
    assert steady.codes == {"promo": [0.0, 1.0]}
    panel = sample_panel(days=800)
    panel["open"] = (panel["ds"].dt.day_of_week != 6).astype(float)
    panel.loc[(panel["open"] == 0) & panel["y"].notna(), "y"] = 0.0
    shut = Layout.of(grid(panel, PanelSpec(future=("open", "promo"))), festive=False)
    assert (shut.sparse, shut.yearly, shut.closures) == (False, True, True)
    panel.loc[panel.index % 3 == 0, "y"] *= 0
    assert Layout.of(grid(panel), festive=False).sparse


def test_a_promotion_of_the_weeks_before_is_seen_and_one_beyond_reach_is_not() -> None:
    panel = sample_panel()
    panel["promo"] = (panel.groupby("unique_id").cumcount() == 50) * 1.0
    found = design(grid(panel))
    assert feature(found, "promo:-7", 0, 55, 57) == 1.0
    assert feature(found, "promo:-14", 0, 60, 64) == 1.0
    assert feature(found, "promo:+7", 0, 42, 43) == 1.0
    assert np.isnan(feature(found, "promo:+7", 0, 41, 43))


@pytest.mark.parametrize(("days", "seen"), [(391, False), (392, True)])
def test_the_season_of_the_year_is_a_feature_once_it_was_seen(days: int, seen: bool) -> None:
    made = grid(sample_panel(days=days))
    assert Layout.of(made, festive=False).yearly == seen
    assert ("season:day" in design(made).names) == seen


def test_own_responses_say_how_a_series_answered_before() -> None:
    days = pd.date_range("2026-01-05", periods=120)
    promo = (np.arange(120) % 10 == 0).astype(float)
    parts = [
        pd.DataFrame({"unique_id": uid, "ds": days, "y": 100 + gain * promo, "promo": promo})
        for uid, gain in (("a", 100.0), ("b", 0.0))
    ]
    found = design(grid(pd.concat(parts), PanelSpec(future=("promo",))), 0)
    answers = [feature(found, "promo:own", row, 105, 110) for row in (0, 1)]
    assert answers[0] > 0.5
    assert answers[1] == pytest.approx(0.0, abs=1e-6)


def test_closures_near_a_day_are_counted() -> None:
    panel = sample_panel(days=100)
    panel["open"] = (panel["ds"].dt.day_of_week != 6).astype(float)
    panel.loc[(panel["open"] == 0) & panel["y"].notna(), "y"] = 0.0
    made = grid(panel, PanelSpec(future=("open",)))
    found = design(made)
    saturday = next(day for day in range(60, 70) if made.days()[day].day_of_week == 5)
    assert feature(found, "closure:until", 0, saturday - 1, saturday) == 1.0
    assert feature(found, "closure:since", 0, saturday - 1, saturday) == 6.0
    assert np.isnan(feature(found, "closure:until", 0, saturday - H, saturday))
