import numpy as np
import pandas as pd
import pytest

from forecasting.frame import PanelError, PanelSpec
from forecasting.unsold import forecast_unsold

H = 7
SPEC = PanelSpec(static=("category",))
LAST = pd.Timestamp("2026-01-01") + pd.Timedelta(days=99)


def panel(spread: float = 0.2, seed: int = 0) -> pd.DataFrame:
    """Make 30 cups that sell about 40 a day and 30 pens that sell about 4, and a cup that never sold."""
    rng = np.random.default_rng(seed)
    parts = [pd.DataFrame({"unique_id": "new", "ds": [LAST], "y": [np.nan], "category": "cup"})]
    for n in range(60):
        level = (40.0 if n % 2 else 4.0) * np.exp(rng.normal(0, spread))
        days = pd.date_range(end=LAST, periods=100)
        week = np.where(days.dayofweek == 5, 2.0, 0.8)
        sold = rng.poisson(level * week).astype(float)
        category = "cup" if n % 2 else "pen"
        parts.append(pd.DataFrame({"unique_id": f"s{n:02}", "ds": days, "y": sold, "category": category}))
    return pd.concat(parts, ignore_index=True)


def test_a_product_that_never_sold_is_forecast_from_alike_ones() -> None:
    found = forecast_unsold(panel(), SPEC, "new", H)
    assert found["ds"].tolist() == pd.date_range(LAST + pd.Timedelta(days=1), periods=H).tolist()
    assert set(found["model"]) == {"Analogues"}
    assert found["yhat"].mean() == pytest.approx(40, rel=0.15)
    saturday = found["ds"].dt.dayofweek == 5
    assert found.loc[saturday, "yhat"].item() > 2 * found.loc[~saturday, "yhat"].max()
    ordered = found[["lo-95", "lo-80", "yhat", "hi-80", "hi-95"]].to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()
    assert (ordered >= 0).all()


@pytest.mark.parametrize("spread", [0.3, 0.6])
def test_the_band_holds_what_it_promises(spread: float) -> None:
    inside = []
    for seed in range(12):
        found = forecast_unsold(panel(spread, seed), SPEC, "new", H)
        rng = np.random.default_rng(1000 + seed)
        level = 40.0 * np.exp(rng.normal(0, spread, 200))[:, None]
        sold = rng.poisson(level * np.where(found["ds"].dt.dayofweek == 5, 2.0, 0.8))
        inside.append((sold >= found["lo-80"].to_numpy()) & (sold <= found["hi-80"].to_numpy()))
    assert np.mean(inside) == pytest.approx(0.8, abs=0.1)


def test_one_that_sold_or_is_not_there_is_refused() -> None:
    with pytest.raises(PanelError, match="s01 has sales"):
        forecast_unsold(panel(), SPEC, "s01", H)
    with pytest.raises(PanelError, match="unknown ids: nobody"):
        forecast_unsold(panel(), SPEC, "nobody", H)
