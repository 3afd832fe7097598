import numpy as np
import pandas as pd
import pytest

from forecasting.errors import PanelError
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.outliers import DETECTORS, deviations, find_outliers

SPEC = PanelSpec(future=("promo",))
PLANTED = {40: 4.0, 77: 0.2, 111: 5.0}


def grid(planted: bool = True, level: float = 100.0) -> Grid:
    rng = np.random.default_rng(1)
    dates = pd.date_range("2026-03-02", periods=150)
    parts = []
    for uid in "abcd":
        y = rng.poisson(level * (1 + 0.5 * (dates.day_of_week >= 5)) * (1 + np.arange(150) / 150)).astype(
            float
        )
        promo = (np.arange(150) == 90).astype(float)
        y *= 1 + 4 * promo
        if planted and uid == "a":
            for day, factor in PLANTED.items():
                y[day] = round(y[day] * factor)
        parts.append(pd.DataFrame({"unique_id": uid, "ds": dates, "y": y, "promo": promo}))
    return Grid.from_frame(validate_panel(pd.concat(parts), SPEC), SPEC)


@pytest.mark.parametrize("detector", DETECTORS)
def test_planted_peaks_and_hollows_are_found_and_promotions_are_not(detector: str) -> None:
    found = find_outliers(grid(), detector)
    # A hundredth of 150 days is two: one planted day too few for a density by series.
    assert len(set(PLANTED) & set(np.flatnonzero(found.mask[0]))) >= (2 if detector == "lof" else 3)
    assert not found.mask[:, 90].any()
    assert found.mask.mean() < 0.02
    assert found.deviation[0, 40] > 0 > found.deviation[0, 77]
    assert (find_outliers(grid(), detector).mask == found.mask).all()


@pytest.mark.parametrize("detector", ["iqr", "zscore"])
def test_what_only_varies_is_not_labelled(detector: str) -> None:
    assert find_outliers(grid(planted=False), detector).mask.mean() < 0.01


def test_intermittent_and_short_series_have_no_outliers() -> None:
    assert np.isnan(deviations(grid(level=0.2))).all()
    assert np.isnan(deviations(grid().until(50))).all()
    assert not find_outliers(grid().until(3), "lof").mask.any()


def test_an_unknown_detector_is_refused() -> None:
    with pytest.raises(
        PanelError, match="unknown outlier detector 'eye'; there are: iqr, zscore, forest, lof"
    ):
        find_outliers(grid(), "eye")
