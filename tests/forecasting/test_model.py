import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, H, sample_panel
from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.gru import GRU
from forecasting.model import Forecaster, ceiling, naive, read_state, under, write_state
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive
from forecasting.trees import Trees


def test_state_is_json_beside_safetensors_with_a_hash(tmp_path: Path) -> None:
    write_state(tmp_path / "new", "thing", {"名": "值"}, {"a": np.arange(3.0)})
    content, arrays = read_state(tmp_path / "new", "thing")
    assert content["名"] == "值"
    assert arrays["a"].tolist() == [0.0, 1.0, 2.0]
    assert len(content["sha256"]) == 64


def test_files_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    write_state(tmp_path, "thing", {}, {"a": np.arange(3.0)})
    content = json.loads((tmp_path / "thing.json").read_text())
    (tmp_path / "thing.json").write_text(json.dumps(content | {"sha256": "0" * 64}))
    with pytest.raises(PanelError, match=r"thing\.safetensors is not the file"):
        read_state(tmp_path, "thing")


def test_another_models_folder_is_refused(tmp_path: Path) -> None:
    SeasonalNaive().fit(sample_panel(), SPEC).save(tmp_path)
    with pytest.raises(ValueError, match="holds a SeasonalNaive, not a Regression"):
        Regression.load(tmp_path)


def test_under_takes_a_prefix_off() -> None:
    arrays = {"grid.y": np.zeros(1), "model.y": np.ones(1)}
    assert under(arrays, "model.") == {"y": np.ones(1)}


def test_a_short_series_gets_the_naive_forecast_and_a_reason() -> None:
    panel = sample_panel()
    young = (panel["unique_id"] == "a") & (panel["ds"] < panel["ds"].max() - pd.Timedelta(days=H + 9))
    panel = panel[~young]
    model = Regression(h=H).fit(panel, SPEC)
    assert model.fallbacks_ == {"a": "only 10 known days, 14 are needed: seasonal naive"}
    naive = SeasonalNaive().fit(panel, SPEC).predict(H)
    mine = model.predict(H)["Regression"].to_numpy()
    assert mine[:H].tolist() == naive["SeasonalNaive"].tolist()[:H]
    assert mine[H:].tolist() != naive["SeasonalNaive"].tolist()[H:]


def test_missing_future_values_are_named_and_a_future_frame_supplies_them() -> None:
    panel = sample_panel(ahead=0)
    model = Regression(h=H).fit(panel, SPEC)
    with pytest.raises(PanelError, match=r"'promo' must be known.*a, b, c"):
        model.predict(H)
    days = pd.date_range(panel["ds"].max() + pd.Timedelta(days=1), periods=H)
    future = pd.DataFrame({"unique_id": np.repeat(["a", "b", "c"], H), "ds": np.tile(days, 3), "promo": 0.0})
    quiet = model.predict(H, future)["Regression"].sum()
    busy = model.predict(H, future.assign(promo=1.0))["Regression"].sum()
    assert busy > 1.1 * quiet


def test_closed_days_known_ahead_are_forecast_as_zero() -> None:
    panel = sample_panel(days=90, ahead=H)
    panel["open"] = (panel["ds"].dt.day_of_week != 6).astype(float)
    panel.loc[(panel["open"] == 0) & panel["y"].notna(), "y"] = 0.0
    spec = PanelSpec(future=("open",))
    forecast = Regression(h=H).fit(panel, spec).predict(H)
    sunday = forecast["ds"].dt.day_of_week == 6
    assert forecast.loc[sunday, "Regression"].eq(0.0).all()
    assert forecast.loc[~sunday, "Regression"].gt(1.0).all()


def test_the_ceiling_is_twice_the_record() -> None:
    grid = SeasonalNaive().fit(sample_panel(), SPEC).grid_
    assert np.allclose(np.expm1(ceiling(grid)), 2 * np.nanmax(grid.y, axis=1))


def panel_of(y: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"unique_id": "a", "ds": pd.date_range("2026-03-02", periods=len(y)), "y": y})


@pytest.mark.parametrize(
    ("known", "instead"),
    [(0, "zero"), (3, "seasonal naive, the mean for weekdays not seen"), (9, "seasonal naive")],
)
def test_reasons_say_what_was_used_instead(known: int, instead: str) -> None:
    panel = sample_panel(days=60, ahead=0)
    hidden = (panel["unique_id"] == "a") & (panel.groupby("unique_id").cumcount() < 60 - known)
    panel.loc[hidden, "y"] = np.nan
    model = Regression(h=H).fit(panel, PanelSpec())
    assert model.fallbacks_ == {"a": f"only {known} known days, 14 are needed: {instead}"}


@pytest.mark.parametrize("days", range(1, 16))
def test_naive_agrees_with_plain_loops(days: int) -> None:
    rng = np.random.default_rng(days)
    y = rng.poisson(9, days).astype(float) + 1
    grid = SeasonalNaive().fit(panel_of(y.tolist()), PanelSpec()).grid_
    expected = []
    for ahead in range(1, 15):
        same = [y[day] for day in range(days) if (days - 1 + ahead - day) % 7 == 0]
        expected.append(same[-1] if same else y.mean())
    assert naive(grid, 14)[0] == pytest.approx(expected)


def test_naive_skips_closed_and_unrecorded_days() -> None:
    y = [10.0 + day % 7 for day in range(35)]
    y[30] = 0.0
    grid = SeasonalNaive().fit(panel_of(y), PanelSpec()).grid_
    assert naive(grid, 7)[0].tolist() == [10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0]


def test_see_moves_on_without_learning() -> None:
    grid = Grid.from_frame(validate_panel(sample_panel(days=120), SPEC), SPEC)
    model = Regression(h=H).fit_grid(grid.until(100))
    coef = model.coef_.copy()
    assert model.see(grid) is model
    assert np.array_equal(model.coef_, coef)
    assert model.predict(H)["ds"].min() == grid.cutoff + pd.Timedelta(days=1)
    model.update(grid)
    assert not np.array_equal(model.coef_, coef)


def test_params_are_the_constructors_arguments() -> None:
    model = Regression(h=5, alias="R", ignore=("x",), alpha=1.0)
    assert model.params() == {
        "h": 5, "alias": "R", "ignore": ("x",), "alpha": 1.0, "shared_alpha": 30.0, "max_days": 730,
        "l1_ratio": 0.0,
    }  # fmt: skip


def test_loading_restores_reasons_and_history(tmp_path: Path) -> None:
    panel = sample_panel(days=60)
    young = (panel["unique_id"] == "a") & (panel.groupby("unique_id").cumcount() < 55)
    model = Regression(h=H).fit(panel[~young], SPEC)
    model.save(tmp_path)
    again = Regression.load(tmp_path)
    assert again.fallbacks_ == model.fallbacks_ != {}
    assert again.grid_.ids == model.grid_.ids
    assert np.array_equal(again.grid_.y, model.grid_.y, equal_nan=True)
    assert again.params() | {"ignore": ()} == model.params()


def test_a_changed_weight_file_is_noticed(tmp_path: Path) -> None:
    model = Regression(h=H).fit(sample_panel(days=60), SPEC)
    model.save(tmp_path)
    weights = tmp_path / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(bytes(content))
    with pytest.raises(PanelError, match="is not the file"):
        Regression.load(tmp_path)


@pytest.mark.parametrize("model", [Regression(h=H), Trees(h=H), GRU(h=H)])
def test_what_could_not_learn_stays_naive_on_later_days(model: Forecaster) -> None:
    made = Grid.from_frame(validate_panel(sample_panel(days=60), SPEC), SPEC)
    first, later = made.until(20), made.until(30)
    forecast = model.fit_grid(first).see(later).forecast_grid(later, H)
    assert np.array_equal(forecast, SeasonalNaive().fit_grid(later).forecast_grid(later, H))
