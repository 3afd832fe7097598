"""Orders of an ARIMA: tests for the differences, stepwise AICc for the rest."""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

import numpy as np
from scipy.stats import kruskal
from statsforecast.models import ARIMA as StatsARIMA
from statsmodels.tools.sm_exceptions import InterpolationWarning, SingularMatrixWarning
from statsmodels.tsa.stattools import adfuller, kpss

from forecasting.frame import SEASON
from forecasting.grid import Array
from forecasting.local import independent

Order = tuple[int, int, int, int, int, int]
Data = tuple[Array, Array]
TEST_LEVEL = 0.05
ALONE = 24
VOTERS = 12
MAX_ORDER = 2
MAX_LAG = 2 * SEASON


def choose_orders(series: Mapping[str, Data]) -> tuple[dict[str, Order], dict[str, dict[str, Any]]]:
    """Choose (p, d, q)(P, D, Q) of a week for every series.

    Up to 24 series each get their own. Of more, 12 spread over the panel are tested, and the orders with the
    lowest sum of their AICc serve all: one series says little about its orders, and many tests cost time.

    Parameters
    ----------
    series : mapping
        unique_id -> sales without gaps, (T,), and regressors, (T, C).

    Returns
    -------
    orders : dict
        unique_id -> (p, d, q, P, D, Q).
    tables : dict
        Per tested id ``adf_p, kpss_p, weekday_p, d, D, order`` and ``aicc`` of each order tried.
    """
    ids = list(series)
    alone = len(ids) <= ALONE
    tested = ids if alone else [ids[i * len(ids) // VOTERS] for i in range(VOTERS)]
    tables = {uid: difference_tests(*series[uid]) for uid in tested}
    orders: dict[str, Order] = {}
    for group in [[uid] for uid in tested] if alone else [tested]:
        d, seasonal = (Counter(tables[uid][name] for uid in group).most_common(1)[0][0] for name in "dD")
        order = stepwise([series[uid] for uid in group], d, seasonal, [tables[uid] for uid in group])
        orders |= dict.fromkeys(group if alone else ids, order)
    for uid in tested:
        tables[uid]["order"] = list(orders[uid])
    return orders, tables


def difference_tests(y: Array, x: Array) -> dict[str, Any]:
    """Test a series for a unit root and for a season that wanders.

    ``D`` is 1 where weekdays differ (Kruskal & Wallis, 1952, on the deviations from the centred week): a
    weekly pattern of sales hardly ever stays the same. On what that difference and the regressors leave
    over, ``d`` is 1 where the augmented Dickey–Fuller test (1979) cannot reject a unit root and the KPSS
    test (Kwiatkowski et al., 1992) rejects that there is none.
    """
    weekday_p = _weekday_p(y)
    table = {"weekday_p": weekday_p, "D": int(weekday_p < TEST_LEVEL), "aicc": {}}
    if table["D"]:
        y, x = y[SEASON:] - y[:-SEASON], x[SEASON:] - x[:-SEASON]
    design = np.column_stack([np.ones(len(y)), x])
    rest = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    if np.ptp(rest) < 1e-9 * max(float(np.abs(y).max()), 1.0):
        return table | {"adf_p": 0.0, "kpss_p": 1.0, "d": 0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InterpolationWarning)
        # Said of sales in billions, whose tests are right all the same.
        warnings.simplefilter("ignore", SingularMatrixWarning)
        test = adfuller(rest, autolag="AIC", maxlag=MAX_LAG, regression="c", result_object=True)
        adf_p = float(test.pvalue)
        kpss_p = float(kpss(rest, regression="c", nlags="auto", result_object=True).pvalue)
    d = int(adf_p >= TEST_LEVEL and kpss_p < TEST_LEVEL)
    return table | {"adf_p": adf_p, "kpss_p": kpss_p, "d": d}


def _weekday_p(y: Array) -> float:
    week = np.convolve(y, np.full(SEASON, 1 / SEASON), mode="valid")
    deviation = y[SEASON // 2 : len(y) - SEASON // 2] - week
    return float(kruskal(*(deviation[day::SEASON] for day in range(SEASON))).pvalue)


def stepwise(series: Sequence[Data], d: int, seasonal_d: int, tables: Sequence[dict[str, Any]]) -> Order:
    """Walk from (1, d, 1) to the p and q whose neighbours all have a higher AICc, summed over series.

    The seasonal part is (0, 1, 1) with a seasonal difference, else (1, 0, 1).
    Every AICc on the way is written into the series' ``tables``.
    """
    best: Order = (1, d, 1, 1 - seasonal_d, seasonal_d, 1)
    scores = {best: _score(series, best, tables)}
    while True:
        for near in _neighbours(best):
            if near not in scores:
                scores[near] = _score(series, near, tables)
        nearest = min([best, *_neighbours(best)], key=lambda order: scores[order])
        if nearest == best:
            return best
        best = nearest


def fit(order: Order, fixed: Mapping[str, float] | None = None, method: str = "CSS-ML") -> StatsARIMA:
    """Make the library's model of these orders, with coefficients held where given."""
    p, d, q, *seasonal = order
    return StatsARIMA(
        order=(p, d, q),
        season_length=SEASON,
        seasonal_order=cast("tuple[int, int, int]", tuple(seasonal)),
        fixed=dict(fixed) if fixed is not None else None,
        method=method,
    )


@contextmanager
def quiet_fit() -> Iterator[None]:
    """Keep silent what the library says of nearly collinear regressors, and of steps that end by rounding."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "possible convergence problem", UserWarning)
        warnings.simplefilter("ignore", SingularMatrixWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def varied(x: Array, order: Order) -> list[int]:
    """Return the regressors that still say something of their own after the differences of the order."""
    for lag in [1] * order[1] + [SEASON] * order[4]:
        x = x[lag:] - x[:-lag]
    return independent(x)


def _neighbours(order: Order) -> Iterator[Order]:
    for place in (0, 2):
        for step in (-1, 1):
            if 0 <= order[place] + step <= MAX_ORDER:
                changed = list(order)
                changed[place] += step
                yield cast("Order", tuple(changed))


def _score(series: Sequence[Data], order: Order, tables: Sequence[dict[str, Any]]) -> float:
    total = 0.0
    for (y, x), table in zip(series, tables, strict=True):
        value = _aicc(y, x[:, varied(x, order)], order)
        table["aicc"][f"({order[0]},{order[1]},{order[2]})({order[3]},{order[4]},{order[5]})"] = value
        total += value
    return total


def _aicc(y: Array, x: Array, order: Order) -> float:
    try:
        with quiet_fit():
            return float(fit(order).fit(y=y, X=x if x.shape[1] else None).model_["aicc"])
    except (ValueError, ZeroDivisionError, np.linalg.LinAlgError):
        return float("inf")
