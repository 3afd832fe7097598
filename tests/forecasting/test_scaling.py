import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.errors import PanelError
from forecasting.scaling import KINDS, SeriesScaler

Y = np.array([[1.0, 3.0, np.nan, 5.0], [7.0, 7.0, 7.0, 7.0], [np.nan] * 4])


def test_series_are_centred_and_spread_out() -> None:
    scaled = SeriesScaler.fit(Y, "standard").transform(Y)
    assert np.nanmean(scaled[0]) == pytest.approx(0.0)
    assert np.nanstd(scaled[0]) == pytest.approx(1.0)
    assert scaled[1].tolist() == [0.0] * 4
    assert np.isnan(scaled[2]).all()
    robust = SeriesScaler.fit(Y, "robust")
    assert (robust.centre[0], robust.spread[0]) == (3.0, 2.0)


def test_one_peak_hardly_moves_the_robust_scale() -> None:
    y = np.random.default_rng(0).normal(50, 5, (1, 100))
    peak = y.copy()
    peak[0, 50] = 1e6
    assert SeriesScaler.fit(peak, "robust").spread[0] == pytest.approx(
        SeriesScaler.fit(y, "robust").spread[0], rel=0.1
    )
    assert SeriesScaler.fit(peak, "standard").spread[0] > 1e4


def test_without_a_centre_sales_stay_positive() -> None:
    scaled = SeriesScaler.fit(Y, "standard", centred=False).transform(Y)
    assert (scaled[np.isfinite(Y)] > 0).all()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), st.sampled_from(KINDS))
def test_scaling_can_be_inverted(values: list[float], kind: str) -> None:
    y = np.array([values])
    scaler = SeriesScaler.fit(y, kind)
    assert scaler.inverse(scaler.transform(y)) == pytest.approx(y, rel=1e-9, abs=1e-6)
    json.dumps(scaler.to_json(), allow_nan=False)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(PanelError, match="unknown scaling 'log'; there are: standard, robust"):
        SeriesScaler.fit(Y, "log")
