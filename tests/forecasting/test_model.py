import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, H, sample_panel
from forecasting.frame import PanelError, PanelSpec
from forecasting.model import ceiling, read_state, under, write_state
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive


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
