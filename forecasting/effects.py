"""By what each value of a known-ahead column multiplies sales."""

import numpy as np
import numpy.typing as npt

from forecasting.grid import Array, Grid

CODES = 8
PRIOR = 30.0
Effects = dict[str, dict[float, float]]


def learn_effects(
    grid: Grid, rows: npt.NDArray[np.int64], share: Array, usual: Array
) -> tuple[Effects, Array]:
    """Learn the factor of each value of the known-ahead columns that have few, one column after the other.

    Parameters
    ----------
    grid : Grid
        The panel.
    rows : (k,) array of int
        The series to learn from.
    share, usual : (k, days) arrays
        Their sales over their level on the last known days, NaN where unknown, and what is usual then.

    Returns
    -------
    effects : dict
        Column -> value -> factor, 1 in the mean over all days and near it for values hardly seen.
    usual : (k, days) array
        What is usual with these factors.
    """
    effects: Effects = {}
    first = grid.length - share.shape[1]
    for index, name in enumerate(grid.spec.future):
        column = grid.future[rows, first : grid.length, index]
        known = np.isfinite(column) & np.isfinite(share)
        values, counts = np.unique(column[known], return_counts=True)
        if not 2 <= len(values) <= CODES:
            continue
        here = [known & (column == value) for value in values]
        ratio = np.array([(share[h].sum() + PRIOR) / (usual[h].sum() + PRIOR) for h in here])
        ratio /= np.average(ratio, weights=counts)
        effects[name] = dict(zip(values.tolist(), ratio.tolist(), strict=True))
        usual = usual * effect_of(effects[name], column)
    return effects, usual


def effect_of(effect: dict[float, float], column: Array) -> Array:
    """Return the factor of each value of a column, 1 for one that was never seen."""
    factor = np.ones_like(column)
    for value, ratio in effect.items():
        factor[column == value] = ratio
    return factor
