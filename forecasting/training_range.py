"""Whether values lie where the models have seen any."""

from collections.abc import Sequence

import numpy as np

from forecasting.frame import name_ids
from forecasting.grid import Array
from forecasting.remarks import Remark

FEW_VALUES = 5


def outside(
    column: str, values: Array, history: Array, ids: Sequence[str], rows: Sequence[int]
) -> Remark | None:
    """Say in a sentence that a column has values which its history has not; None where it has.

    Parameters
    ----------
    column : str
        Name of the column.
    values : array
        The values in question.
    history : (n, T) array
        Those of all series so far, NaN where unknown.
    ids : sequence of str
        The n series.
    rows : sequence of int
        The series that the values are of.

    Returns
    -------
    Remark or None
        ``below_seen``, ``above_seen`` or ``never_seen``: "price 39 is below every value seen of A1
        (45 … 80)", and whether that is so of all series.
    """
    own, known = history[list(rows)], history[np.isfinite(history)]
    own = own[np.isfinite(own)]
    given = values[np.isfinite(values)]
    if not len(known) or not len(given):
        return None
    own = own if len(own) else known
    for value, side, sign in ((given.min(), "below", 1.0), (given.max(), "above", -1.0)):
        if sign * value < (sign * own).min() - 1e-9:
            everywhere = bool(sign * value < (sign * known).min() - 1e-9) and len(rows) < len(ids)
            of = name_ids(ids[row] for row in rows)
            span = f"({own.min():g} … {own.max():g})" + (", and of all others" if everywhere else "")
            sentence = f"{column} {value:g} is {side} every value seen of {of} {span}"
            facts = {"column": column, "value": float(value), "of": of, "everywhere": everywhere}
            return Remark(f"{side}_seen", sentence, **facts, low=float(own.min()), high=float(own.max()))
    seen = np.unique(known)
    new = np.setdiff1d(given, seen)
    if len(seen) <= FEW_VALUES and (seen == seen.round()).all() and len(new):
        sentence = f"{column} {new[0]:g} was never seen, only {', '.join(f'{value:g}' for value in seen)}"
        return Remark("never_seen", sentence, column=column, value=float(new[0]), seen=seen.tolist())
    return None
