"""Preparing a panel: steps one after the other, and a ledger of all they changed."""

from collections.abc import Sequence

import pandas as pd

from forecasting import ledger
from forecasting.errors import PanelError
from forecasting.fills import FILLS
from forecasting.frame import PanelSpec
from forecasting.outliers import DETECTORS
from forecasting.scaling import KINDS
from forecasting.steps import Duplicates, Gaps, Outliers, Scale, Step, Stockouts


def prepare(rows: pd.DataFrame, spec: PanelSpec, steps: Sequence[Step]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Apply steps one after the other.

    Parameters
    ----------
    rows : DataFrame
        What `forecasting.frame.read_rows` returned.
    spec : PanelSpec
        The declared columns.
    steps : sequence of Step
        See `read_steps`; scaling comes last, for it makes sales that no other step would take.

    Returns
    -------
    rows, ledger : DataFrame
        The prepared rows, with a ``label`` where a step looked at series, and all that was changed.
        `forecasting.ledger.undo` gives the rows back.

    Raises
    ------
    PanelError
        When the panel cannot be used, for example for duplicates that no step resolves.
    """
    ledgers = []
    for step in steps:
        rows, changes = step.apply(rows, spec)
        ledgers.append(changes)
    return rows, ledger.join(ledgers)


WAYS: dict[str, tuple[type[Step], tuple[str, ...]]] = {
    "duplicates": (Duplicates, ("sum", "mean", "first", "last")),
    "stockouts": (Stockouts, ("unknown", *FILLS)),
    "gaps": (Gaps, ("zero", "missing", *FILLS)),
    "outliers": (Outliers, (*DETECTORS, *(f"{name}:unknown" for name in DETECTORS))),
    "scale": (Scale, KINDS),
}


def read_steps(text: str, seed: int = 0, until: pd.Timestamp | None = None) -> list[Step]:
    """Read steps such as ``gaps=seasonal,outliers=iqr``, in the order in which they make sense.

    Parameters
    ----------
    text : str
        Names and ways, see `WAYS`; ``outliers=iqr:unknown`` hides outliers from models.
    seed : int
        Seed of detectors that use chance.
    until : Timestamp, optional
        Last day of the training part, by which scales are fitted.

    Raises
    ------
    PanelError
        For a step or a way that does not exist; lists those that do.
    """
    asked = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    steps: list[Step] = []
    for name, _, how in sorted(asked, key=lambda part: [*WAYS, part[0]].index(part[0])):
        if name not in WAYS:
            raise PanelError(f"unknown step {name!r}; there are: {', '.join(WAYS)}")
        kind, ways = WAYS[name]
        if how not in ways:
            raise PanelError(f"unknown way {how!r} of {name}; there are: {', '.join(ways)}")
        if kind is Outliers:
            steps.append(Outliers(how.partition(":")[0], how.endswith(":unknown"), seed))
        elif kind is Scale:
            steps.append(Scale(how, until))
        else:
            steps.append(kind(how))
    return steps
