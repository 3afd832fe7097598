import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.lags import LEAST_CHANGES, measure_lags
from forecasting.scores import without_nan

SPEC = PanelSpec(past=("sentiment",))
Make = Callable[..., pd.DataFrame]


def lags_of(panel: pd.DataFrame, spec: PanelSpec = SPEC, **options: Any) -> list[dict[str, Any]]:
    grid = Grid.from_frame(validate_panel(panel, spec), spec)
    products: list[dict[str, Any]] = measure_lags(grid, spec.past, **options)["products"]
    return products


def slow(shape: tuple[int, int], decay: float, seed: int) -> Array:
    """Draw noise along the days whose neighbours resemble each other, of variance 1."""
    noise = np.random.default_rng(seed).normal(size=shape)
    for day in range(1, shape[1]):
        noise[:, day] = decay * noise[:, day - 1] + np.sqrt(1 - decay**2) * noise[:, day]
    return noise


def noisy(n: int, decay: float, days: int = 300, mean: float = 20.0, seed: int = 0) -> pd.DataFrame:
    """Make n products whose column has nothing to do with their sales; both wander."""
    rate = mean * np.exp(0.3 * slow((n, days), decay, seed))
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"N{i:04d}" for i in range(n)], days),
            "ds": np.tile(pd.date_range("2024-03-01", periods=days), n),
            "y": np.random.default_rng(seed).poisson(rate).astype(float).ravel(),
            "sentiment": slow((n, days), decay, seed + 1).ravel(),
        }
    )


@pytest.mark.parametrize("lead", [2, 5, 12, 20])
def test_a_planted_lead_is_found_at_its_lag(make_planted: Make, lead: int) -> None:
    found = lags_of(make_planted(n=30, days=400, foretold=range(20), lead=lead, strength=0.3))
    assert sum(row["verdict"] == "leads" for row in found[:20]) >= 19
    assert sum(abs(row["lag"] - lead) <= 1 for row in found[:20]) >= 19
    assert sum(row["verdict"] == "leads" for row in found[20:]) <= 1
    for row in found[:20]:
        assert row["ci"][0] < row["correlation"] < row["ci"][1]
        assert row["correlation"] > 0  # better sentiment, then more sales
        assert row["ccf"][row["lag"] + 7] == pytest.approx(row["correlation"], abs=0.001)


@pytest.mark.parametrize(("decay", "mean"), [(0.0, 20.0), (0.8, 20.0), (0.95, 20.0), (0.7, 1.0)])
def test_noise_leads_hardly_ever_however_slowly_it_changes(decay: float, mean: float) -> None:
    found = lags_of(noisy(120, decay, mean=mean))
    assert sum(row["verdict"] == "leads" for row in found) <= 1
    assert np.mean([row["p_value"] < 0.05 for row in found]) <= 0.1


def test_sales_that_lead_reviews_are_not_taken_for_the_reverse(make_planted: Make) -> None:
    panel = make_planted(n=40, days=300, seed=2)
    said = np.log1p(panel["y"]).groupby(panel["unique_id"]).shift(4).fillna(3.6)
    panel["sentiment"] = said + 0.1 * np.random.default_rng(0).normal(size=len(panel))
    found = lags_of(panel)
    assert sum(row["verdict"] == "leads" for row in found) <= 1
    assert all(np.argmax(np.abs(row["ccf"])) == 7 - 4 for row in found)


def test_a_trailing_mean_still_leads_though_its_lag_is_blurred(make_planted: Make) -> None:
    panel = make_planted(n=6, days=400, foretold=range(6), lead=6, strength=0.4)
    week = panel.groupby("unique_id")["sentiment"].rolling(7, min_periods=1).mean()
    found = lags_of(panel.assign(sentiment=week.to_numpy()))
    assert all(row["verdict"] == "leads" and 1 <= row["lag"] <= 7 for row in found)


def test_gaps_closed_days_and_a_plan_do_not_hide_a_lead(make_planted: Make) -> None:
    panel = make_planted(n=6, days=400, foretold=[0, 1, 2], strength=0.4)
    rng = np.random.default_rng(0)
    panel["open"] = (panel["ds"].dt.day_of_week != 6).astype(float)
    panel["promo"] = (rng.random(len(panel)) < 0.1).astype(float)
    panel["y"] *= panel["open"] * (1 + panel["promo"])
    panel.loc[rng.random(len(panel)) < 0.05, "y"] = np.nan
    panel.loc[rng.random(len(panel)) < 0.1, "sentiment"] = np.nan
    panel.loc[panel.index[:30], "sentiment"] = np.nan
    found = lags_of(panel, PanelSpec(future=("open", "promo"), past=("sentiment",)))
    assert [row["verdict"] for row in found] == ["leads"] * 3 + ["none"] * 3
    assert all(abs(row["lag"] - 5) <= 1 for row in found[:3])


def test_a_promotion_that_brings_sales_and_later_reviews_makes_no_lead() -> None:
    rng = np.random.default_rng(0)
    panel = noisy(40, 0.3)
    promo = (rng.random(len(panel)) < 0.05).astype(float)
    after = pd.Series(promo).rolling(7, min_periods=1).max().shift(1, fill_value=0.0)
    later = pd.Series(promo).shift(3, fill_value=0.0)
    panel = panel.assign(
        promo=promo,
        y=np.round(panel["y"] * (1 + promo) * (1 - 0.3 * after)),
        sentiment=rng.poisson(2 + 6 * later),
    )
    found = lags_of(panel, PanelSpec(future=("promo",), past=("sentiment",)))
    assert sum(row["verdict"] == "leads" for row in found) <= 2


def test_what_cannot_be_measured_says_so(make_planted: Make) -> None:
    panel = make_planted(n=4, days=200, foretold=[3], strength=0.6)
    of = {uid: panel["unique_id"] == uid for uid in panel["unique_id"].unique()}
    panel.loc[of["P000"], "sentiment"] = 0.5
    panel.loc[of["P001"], "sentiment"] = np.nan
    panel = panel[~of["P002"] | (panel["ds"] > panel["ds"].max() - pd.Timedelta(days=60))]
    *empty, full = lags_of(panel)
    for row in empty:
        assert (row["lag"], row["correlation"], row["p_value"], row["q_value"]) == (None, None, None, None)
        assert (row["verdict"], row["ccf"], row["ci"]) == ("none", [], [None, None])
    assert empty[2]["days"] == 60
    assert full["verdict"] == "leads"


def test_a_few_events_and_dead_products_prove_nothing() -> None:
    panel = noisy(3, 0.5)
    panel["sentiment"] = (np.arange(len(panel)) % 300 < LEAST_CHANGES // 2).astype(float)
    dead = panel["unique_id"] == "N0001"
    panel.loc[dead, "y"] = 0.0
    panel.loc[dead, "sentiment"] = np.random.default_rng(0).normal(size=dead.sum())
    first, second, third = lags_of(panel)
    assert first["p_value"] is third["p_value"] is None
    assert (second["verdict"], second["correlation"], second["p_value"]) == ("none", 0.0, 1.0)


def test_q_values_are_benjamini_and_hochbergs_over_products_and_columns(make_planted: Make) -> None:
    panel = make_planted(n=6, days=250, foretold=[0, 1]).assign(other=0.0)
    panel["other"] = np.random.default_rng(0).normal(size=len(panel))
    found = lags_of(panel, PanelSpec(past=("sentiment", "other")))
    assert [row["column"] for row in found[:2]] == ["sentiment", "other"]
    ranked = sorted(found, key=lambda row: row["p_value"])
    least = 1.0
    for rank in range(len(ranked), 0, -1):
        least = min(least, ranked[rank - 1]["p_value"] * len(ranked) / rank)
        assert ranked[rank - 1]["q_value"] == pytest.approx(least)


def test_units_do_not_matter_and_nothing_is_changed(make_planted: Make) -> None:
    panel = make_planted(n=2, days=250, foretold=[0])
    before = panel.copy()
    plain, scaled = lags_of(panel), lags_of(panel.assign(sentiment=1000 - 50 * panel["sentiment"]))
    assert [row["lag"] for row in plain] == [row["lag"] for row in scaled]
    assert [row["correlation"] for row in plain] == pytest.approx([-row["correlation"] for row in scaled])
    pd.testing.assert_frame_equal(panel, before)


def test_the_answer_is_json_and_names_its_lags(make_planted: Make) -> None:
    panel = make_planted(n=2, days=120)
    panel.loc[panel["unique_id"] == "P001", "sentiment"] = 0.0
    found = measure_lags(Grid.from_frame(validate_panel(panel, SPEC), SPEC), ("sentiment",), most=14)
    assert json.loads(json.dumps(found, allow_nan=False)) == found == without_nan(found)
    assert found["lags"] == list(range(-7, 15))
    assert len(found["products"][0]["ccf"]) == len(found["lags"])
    assert 1 <= found["products"][0]["lag"] <= 14


def test_unknown_columns_are_named(make_planted: Make) -> None:
    grid = Grid.from_frame(validate_panel(make_planted(n=1, days=60), SPEC), SPEC)
    with pytest.raises(PanelError, match="not among the past columns: mood"):
        measure_lags(grid, ("mood",))
    with pytest.raises(PanelError, match="no column was given"):
        measure_lags(grid, ())


def test_sales_of_the_next_day_are_no_lead() -> None:
    panel = noisy(2, 0.5)
    panel["sentiment"] = panel.groupby("unique_id")["y"].shift(-1)
    assert {(row["lag"], row["verdict"]) for row in lags_of(panel)} == {(None, "none")}
