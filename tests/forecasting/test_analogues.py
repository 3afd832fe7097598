import numpy as np
import pandas as pd
import pytest

from forecasting.analogues import Analogues, learn_memory
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.model import naive

WEEK = np.array([0.7, 0.7, 0.7, 0.9, 1.2, 1.5, 1.3])
SPEC = PanelSpec(static=("category",))
LEVELS = {"tea": 100.0, "salt": 5.0}
DAYS = 168
H = 14


def shop(
    *newcomers: tuple[str, str, list[float]], seed: int = 0, promo: bool = False, each: int = 12
) -> pd.DataFrame:
    """Return long series of tea and salt, and newcomers (id, category, sales of the last days)."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2026-01-05", periods=DAYS)
    parts = []
    for category, level in LEVELS.items():
        for number in range(each):
            promoted = (rng.random(DAYS) < 0.2).astype(float)
            mean = level * np.exp(0.3 * rng.normal()) * WEEK[dates.dayofweek] * (1 + promo * promoted)
            sold = rng.poisson(mean).astype(float)
            parts.append(frame(f"{category}{number}", category, dates, sold).assign(promo=promoted))
    for uid, category, sold in newcomers:
        days = dates[-len(sold) :] if sold else dates[-1:]
        parts.append(frame(uid, category, days, np.array(sold or [np.nan])).assign(promo=0.0))
    return pd.concat(parts, ignore_index=True)


def frame(uid: str, category: str, days: pd.DatetimeIndex, sold: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"unique_id": uid, "ds": days, "y": sold, "category": category})


def forecast(panel: pd.DataFrame, uid: str, spec: PanelSpec = SPEC) -> np.ndarray:
    found = Analogues().fit(panel, spec).predict(H)
    assert np.isfinite(found["Analogues"]).all()
    assert (found["Analogues"] >= 0).all()
    return found.loc[found["unique_id"] == uid, "Analogues"].to_numpy()


def test_a_product_without_sales_gets_the_level_and_week_of_its_category() -> None:
    panel = shop(("new1", "tea", []), ("new2", "salt", []))
    for uid, category in (("new1", "tea"), ("new2", "salt")):
        found = forecast(panel, uid)
        assert found.mean() == pytest.approx(LEVELS[category], rel=0.3)
        assert found[:7] / found.mean() == pytest.approx(WEEK, abs=0.1)


def test_one_observation_lies_between_the_prior_and_what_it_says() -> None:
    prior = forecast(shop(("new", "tea", [])), "new").mean()
    sold = 3 * LEVELS["tea"] * WEEK[6]  # the last day is a Sunday
    found = forecast(shop(("new", "tea", [sold])), "new").mean()
    assert 1.2 * prior < found < 3 * LEVELS["tea"]


def test_more_days_count_more() -> None:
    def level(days: int) -> float:
        sold = (40 * WEEK[(np.arange(days) - days) % 7]).tolist()
        return float(forecast(shop(("new", "tea", sold)), "new").mean())

    off = [abs(level(days) - 40) for days in (1, 3, 14)]
    assert off[0] > off[1] > off[2]
    assert off[2] < 4


def test_three_days_are_read_with_the_week_of_the_analogues() -> None:
    panel = shop(("new", "tea", (200 * WEEK[[4, 5, 6]]).tolist()))
    mean = float(panel.loc[panel["unique_id"] == "new", "y"].mean())
    found = forecast(panel, "new").mean()
    assert found == pytest.approx(200, rel=0.15)
    assert found < 0.85 * mean


@pytest.mark.parametrize(("days", "most"), [(1, 5.5), (3, 0.1), (21, 0.02), (100, 0.02)])
def test_a_series_of_zeros_falls_towards_zero(days: int, most: float) -> None:
    found = forecast(shop(("new", "salt", [0.0] * days)), "new")
    assert 0 <= found.max() < most


def test_zeros_say_little_where_alike_products_sell_now_and_then() -> None:
    rare = shop(seed=1)
    sells = np.random.default_rng(1).random(len(rare)) < 1 / 9
    rare["y"] = np.where(sells, rare["y"], 0.0)
    days = pd.date_range(end=rare["ds"].max(), periods=6)
    found = forecast(pd.concat([rare, frame("new", "tea", days, np.zeros(6))]), "new")
    assert 2.0 < found.mean() < 12.0


def test_now_and_then_is_forecast_by_its_mean() -> None:
    sold = [0.0, 0, 6, 0, 0, 0, 0, 6, 0, 0] * 4
    found = forecast(shop(("new", "salt", sold)), "new")
    assert found.mean() == pytest.approx(1.2, rel=0.25)


def test_a_known_promotion_of_a_newcomer_is_foreseen() -> None:
    spec = PanelSpec(future=("promo",), static=("category",))
    panel = shop(("new", "tea", [100.0] * 7), promo=True)
    ahead = panel.groupby("unique_id")["category"].first().reset_index()
    ahead = ahead.merge(pd.DataFrame({"ds": pd.date_range("2026-06-22", periods=H)}), how="cross")
    ahead["promo"] = (ahead["ds"] >= "2026-06-29").astype(float)
    found = forecast(pd.concat([panel, ahead]), "new", spec)
    assert found[7:] / found[:7] == pytest.approx(np.full(7, 2.0), rel=0.1)


@pytest.mark.parametrize("days", [1, 3, 20])
def test_a_panel_of_short_series_only_is_forecast_too(days: int) -> None:
    dates = pd.date_range("2026-01-05", periods=days)
    panel = pd.concat([frame(uid, "tea", dates, np.full(days, 8.0)) for uid in "ab"])
    assert forecast(panel, "a") == pytest.approx(np.full(H, 8.0), rel=0.35)
    assert forecast(panel.assign(y=0.0), "a").max() < 1


def test_newcomers_made_of_old_ones_are_forecast_better_than_by_their_last_week() -> None:
    panel = shop(each=20)
    last = panel["ds"].max() - pd.Timedelta(days=H)
    young = panel["unique_id"].str.endswith(("1", "3", "5", "7", "9"))
    seen = panel[(panel["ds"] <= last) & (~young | (panel["ds"] > last - pd.Timedelta(days=3)))]
    grid = Grid.from_frame(validate_panel(seen, SPEC), SPEC)
    rows = np.flatnonzero(grid.observed == 3)
    truth = panel[panel["ds"] > last].pivot(index="unique_id", columns="ds", values="y").to_numpy()[rows]
    errors = [
        np.abs(values[rows] - truth).sum()
        for values in (naive(grid, H), Analogues().fit_grid(grid).forecast_grid(grid, H))
    ]
    assert errors[1] < 0.7 * errors[0]


def test_the_memory_is_short_where_levels_wander_and_long_where_they_stay() -> None:
    rng = np.random.default_rng(0)
    noise = np.exp(0.3 * rng.normal(size=(30, 112)))
    wander = np.exp(np.cumsum(0.15 * rng.normal(size=(30, 112)), axis=1))
    usual = np.ones_like(noise)
    assert learn_memory(noise, usual) == 56.0
    assert learn_memory(wander, usual) == 7.0
