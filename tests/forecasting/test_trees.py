from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, H, sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.trees import Trees, days_off_matter


def small(**given: object) -> Trees:
    return Trees(h=H, trees=40, **given)  # type: ignore[arg-type]


def grid(panel: pd.DataFrame, spec: PanelSpec = SPEC) -> Grid:
    return Grid.from_frame(validate_panel(panel, spec), spec)


def test_promotions_ahead_move_the_forecast() -> None:
    panel = sample_panel(days=250)
    model = Trees(h=H, trees=150).fit(panel, SPEC)
    ahead = panel.loc[panel["y"].isna(), ["unique_id", "ds"]]
    busy, quiet = (model.predict(H, ahead.assign(promo=value))["Trees"] for value in (1.0, 0.0))
    assert (busy / quiet).median() == pytest.approx(1.5, abs=0.2)


def test_a_part_of_the_panel_is_forecast_as_among_all() -> None:
    made = grid(sample_panel())
    model = small().fit_grid(made)
    among = model.forecast_grid(made, H)
    for rows in ([2, 0], [0], [1], [2]):
        assert np.array_equal(model.forecast_grid(made.take(rows), H), among[rows])


def test_the_median_is_blind_to_rare_peaks_and_the_mean_is_not() -> None:
    rng = np.random.default_rng(0)
    days = pd.date_range("2025-01-05", periods=350)
    parts = [
        pd.DataFrame({"unique_id": f"{i}", "ds": days, "y": np.where(rng.random(350) < 0.1, 100.0, 10.0)})
        for i in range(4)
    ]
    panel = pd.concat(parts)
    means = {
        loss: Trees(h=7, trees=60, loss=loss).fit(panel, PanelSpec()).predict(7)["Trees"].mean()
        for loss in ("absolute", "squared", "poisson", "tweedie")
    }
    assert means.pop("absolute") == pytest.approx(10, rel=0.1)
    assert all(value == pytest.approx(19, rel=0.2) for value in means.values())


def test_too_little_history_falls_back_with_the_reason() -> None:
    model = small().fit(sample_panel(days=40), SPEC)
    assert model.fallbacks_["a"].startswith("fewer than 200 known days")
    assert np.isfinite(model.predict(H)["Trees"]).all()


def test_a_horizon_it_has_not_learned_is_refused() -> None:
    model = small().fit(sample_panel(ahead=20), SPEC)
    with pytest.raises(ValueError, match="fitted for 8 days ahead, not 9"):
        model.predict(9)


def shops(closed_on_holidays: bool) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=420)
    made = grid(pd.DataFrame({"unique_id": "a", "ds": days, "y": 1.0}), PanelSpec())
    calendar, names = made.calendar(0)
    off = calendar[:, names.index("off_workday")] > 0
    rng = np.random.default_rng(0)
    parts = []
    for uid in "abcd":
        y = rng.poisson(np.where(off & closed_on_holidays, 30, 60)).astype(float)
        parts.append(pd.DataFrame({"unique_id": uid, "ds": days, "y": y}))
    return pd.concat(parts)


@pytest.mark.parametrize("moved", [True, False])
def test_chinese_days_off_are_used_where_they_move_sales(moved: bool) -> None:
    assert days_off_matter(grid(shops(moved), PanelSpec())) is moved


def test_without_days_off_to_look_at_the_shop_is_taken_for_chinese() -> None:
    panel = sample_panel(days=60)
    panel["ds"] = panel["ds"] + pd.Timedelta(days=60)
    assert days_off_matter(grid(panel))


@pytest.mark.parametrize(("holiday", "matters"), [(5.0, False), (9.0, True)])
def test_sales_that_never_vary_are_judged_without_a_test(holiday: float, matters: bool) -> None:
    panel = sample_panel(days=420, ahead=0)
    made = grid(panel)
    calendar, names = made.calendar(0)
    moved = calendar[:, [names.index("off_workday"), names.index("on_weekend")]].sum(axis=1) > 0
    still = replace(made, y=np.where(moved, holiday, 5.0) + np.zeros_like(made.y))
    assert days_off_matter(still) is matters
