"""At which lag past columns lead sales, product by product and column by column."""

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import f, false_discovery_control, norm

from forecasting.frame import PanelError
from forecasting.grid import Array, Grid
from forecasting.innovations import (
    Mask,
    autoregression,
    innovations,
    known_regressors,
    lagged,
    relieved,
)
from forecasting.local import independent

MOST = 28
BEHIND = 7
LEVEL = 0.05
OWN_PAST = 14
COLUMN_PAST = 28
LEAST_DAYS = 90
LEAST_CHANGES = 28
Lags = npt.NDArray[np.int64]


def measure_lags(
    grid: Grid, columns: tuple[str, ...], most: int = MOST, level: float = LEVEL
) -> dict[str, Any]:
    """Find by how many days columns lead sales.

    Logs of sales and columns are relieved of all that is known ahead, see
    `forecasting.innovations.known_regressors`. Each is then pre-whitened by an autoregression of its own
    (Box & Jenkins 1970; Haugh 1976), chosen by BIC for sales and by AIC for the column: two series that
    change slowly look alike at many lags, what is new in them does not. Whether what was new in the column
    ``k`` days ago improves an autoregression of sales is Granger's (1969) test of causality, an F test for
    each lag of 1 … ``most``. One lag at a time, because an effect that comes after two weeks can hardly be
    seen among all the coefficients in between. The smallest p-value is corrected for the lags tried
    (Šidák 1967), then for all products and columns (Benjamini & Hochberg 1995). A column leads where the
    q-value is below ``level``.

    A column that is itself a mean of the last days moves later than what it sums up and resembles itself
    from day to day: its lag is blurred and comes out too short. Daily columns show lags best.

    Parameters
    ----------
    grid : Grid
        The panel, with the columns among its past columns.
    columns : tuple of str
        The columns to measure.
    most : int
        Longest lag in days.
    level : float
        Highest q-value called a lead.

    Returns
    -------
    dict
        ``columns, lags`` (those of ``ccf``), ``level`` and ``products``: per product and column
        ``unique_id, column, days`` (known), ``lag`` (days by which the column leads, the likeliest of
        1 … ``most``), ``correlation`` at that lag and its 95% ``ci``, ``p_value, q_value, verdict`` (leads or
        none), and ``ccf``: the correlation at every lag from -7, where sales lead. Where the history is
        shorter than 90 days, the column changes less than 28 times or is sales of later days (see
        `forecasting.leaks`), nothing is measured: the figures are None, ``ccf`` is empty.

    Raises
    ------
    PanelError
        For unknown columns or no column.
    """
    unknown = [column for column in columns if column not in grid.spec.past]
    if unknown or not columns:
        raise PanelError(f"not among the past columns: {', '.join(unknown) or 'no column was given'}")
    lags = np.arange(-BEHIND, most + 1)
    indices = [grid.spec.past.index(column) for column in columns]
    regressors, demand = known_regressors(grid), np.log1p(grid.demand)
    products, past = [], grid.honest.past
    for row, uid in enumerate(grid.ids):
        found = _of_product(demand[row], past[row][:, indices], regressors[row], lags)
        products += [
            {"unique_id": uid, "column": column, **one} for column, one in zip(columns, found, strict=True)
        ]
    _judge(products, level)
    return {"columns": list(columns), "lags": lags.tolist(), "level": level, "products": products}


def _of_product(demand: Array, columns: Array, regressors: Array, lags: Lags) -> list[dict[str, Any]]:
    """Measure each column (T, P) of a product against its sales (T,)."""
    known = np.isfinite(demand)
    changes = (np.abs(np.diff(columns[known], axis=0)) > 0).sum(axis=0)
    spoken = (changes >= LEAST_CHANGES) & (np.isfinite(columns[known]).sum(axis=0) >= LEAST_DAYS)
    found = [_unmeasured(known)] * len(spoken)
    if not spoken.any():
        return found
    x = regressors[:, independent(regressors[known])]
    sales, *said = relieved(np.column_stack([demand, columns[:, spoken]]), known, x).T
    order = len(autoregression(sales, known, OWN_PAST, float(np.log(known.sum()))))
    past = lagged(sales, np.arange(1, order + 1))
    for index, column in zip(np.flatnonzero(spoken), said, strict=True):
        found[index] = _of_column(sales, known, past, column, lags, spent=x.shape[1])
    return found


def _of_column(
    sales: Array, known: Mask, past: Array, column: Array, lags: Lags, spent: int
) -> dict[str, Any]:
    """Measure one relieved column (T,); the regressors ``spent`` as many degrees of freedom."""
    everything = np.ones(len(column), dtype=bool)
    news = innovations(column, autoregression(column, everything, COLUMN_PAST, 2.0))
    rows = known.copy()
    rows[: past.shape[1]] = False
    correlation = _partial(sales[rows], lagged(news, lags)[rows], past[rows])
    freedom = max(int(rows.sum()) - past.shape[1] - spent - 2, 1)
    ahead = correlation[lags > 0]
    p_value = f.sf(ahead**2 * freedom / (1 - ahead**2), 1, freedom)
    best = int(p_value.argmin())
    margin = norm.ppf(0.975) / np.sqrt(freedom)
    return {
        "days": int(known.sum()),
        "lag": best + 1,
        "correlation": float(ahead[best]),
        "ci": [float(np.tanh(np.arctanh(ahead[best]) + side * margin)) for side in (-1, 1)],
        "p_value": float(-np.expm1(len(ahead) * np.log1p(-min(p_value[best], 1 - 1e-15)))),
        "ccf": [round(float(value), 3) for value in correlation],
    }


def _partial(today: Array, before: Array, past: Array) -> Array:
    """Correlate sales (R,) with columns (R, L) given their own past (R, p)."""
    basis, _ = np.linalg.qr(np.column_stack([np.ones(len(today)), past]))
    today = today - basis @ (basis.T @ today)
    before = before - basis @ (basis.T @ before)
    size = np.sqrt((before**2).sum(axis=0) * (today**2).sum())
    sizable = size > 1e-9
    correlation = np.where(sizable, before.T @ today, 0.0) / np.where(sizable, size, 1.0)
    return np.asarray(np.clip(correlation, -0.999999, 0.999999))


def _unmeasured(known: Mask) -> dict[str, Any]:
    empty = {"lag": None, "correlation": None, "ci": [None, None], "p_value": None, "ccf": []}
    return {"days": int(known.sum()), **empty}


def _judge(products: list[dict[str, Any]], level: float) -> None:
    """Add q-values and verdicts."""
    tested = [product for product in products if product["p_value"] is not None]
    q_values = false_discovery_control([product["p_value"] for product in tested]) if tested else []
    for product in products:
        product |= {"q_value": None, "verdict": "none"}
    for product, q_value in zip(tested, q_values, strict=True):
        product |= {"q_value": float(q_value), "verdict": "leads" if q_value < level else "none"}
