"""The steps of preparation, each of which changes a panel and says what it changed."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from forecasting import ledger
from forecasting.fills import fill
from forecasting.frame import KEY, STOCKOUT, PanelSpec
from forecasting.history import Change, History
from forecasting.outliers import find_outliers
from forecasting.scaling import SeriesScaler

ESTIMATED = "out of stock: at least what was sold, else as by the fill"


@dataclass(frozen=True)
class Step(ABC):
    """A step of preparation.

    Parameters
    ----------
    how : str
        Which of its ways.
    """

    how: str

    @property
    def name(self) -> str:
        """What the step is called in ledgers and reports."""
        return f"{type(self).__name__.lower()}={self.how}"

    @abstractmethod
    def apply(self, rows: pd.DataFrame, spec: PanelSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Change a panel.

        Parameters
        ----------
        rows : DataFrame
            Rows as `forecasting.frame.read_rows` reads them, or as an earlier step left them.
        spec : PanelSpec
            The declared columns.

        Returns
        -------
        rows, ledger : DataFrame
            A changed copy, and what was changed, see `forecasting.ledger`.
        """


class Duplicates(Step):
    """Make one row of several for a day: the first, with y as ``sum``, ``mean``, ``first`` or ``last``."""

    def apply(self, rows: pd.DataFrame, spec: PanelSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the changed rows and the ledger."""
        several = rows[rows.duplicated(KEY, keep=False)]
        extra = several[several.duplicated(KEY)]
        if not len(extra):
            return rows.copy(), ledger.join([])
        kept = several.drop(index=extra.index)
        groups = several.groupby(KEY)["y"]
        combined = groups.sum(min_count=1) if self.how == "sum" else groups.agg(self.how)
        y = combined.reindex(pd.MultiIndex.from_frame(kept[KEY])).to_numpy()
        reason = "several rows for a day"
        parts = [ledger.entries(kept, ledger.CHANGED, "y", y, self.name, reason)]
        parts += [ledger.entries(extra, ledger.REMOVED, c, np.nan, self.name, reason) for c in rows.columns]
        changed = rows.drop(index=extra.index)
        changed.loc[kept.index, "y"] = y
        return changed, ledger.join(parts)


class SeriesStep(Step):
    """A step that looks at whole series."""

    @abstractmethod
    def changes(self, history: History) -> Iterator[Change]:
        """Yield what is to be changed."""

    def apply(self, rows: pd.DataFrame, spec: PanelSpec) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the changed rows and the ledger."""
        history = History(rows, spec)
        changed, parts = rows.copy(), []
        if ledger.LABEL not in changed:
            changed[ledger.LABEL] = ""
        for change in self.changes(history):
            there = change.mask & (history.number >= 0)
            given, after = changed.loc[history.number[there]], change.after[there]
            column, reason = change.column, change.reason
            parts.append(ledger.entries(given, ledger.CHANGED, column, after, self.name, reason))
            changed.loc[given.index, column] = after
            added = history.missing_rows(change, changed)
            if len(added):
                parts.append(ledger.entries(added, ledger.ADDED, column, added[column], self.name, reason))
                changed = pd.concat([changed, added])
        return changed, ledger.join(parts)


class Stockouts(SeriesStep):
    """Leave days out of stock unknown, or estimate their demand by a fill: at least what was sold."""

    def changes(self, history: History) -> Iterator[Change]:
        """Yield what is to be changed."""
        out, sold = history.stockout, history.sold
        yield Change(ledger.LABEL, out, np.full(out.shape, "stockout", dtype=object), "out of stock")
        if self.how != "unknown":
            estimate = np.fmax(fill(history.grid.demand, self.how), sold)
            known = out & np.isfinite(estimate)
            yield Change("y", known, estimate, ESTIMATED)
            yield Change(STOCKOUT, known, np.zeros(out.shape), ESTIMATED)


class Gaps(SeriesStep):
    """Say what days without a row or a value mean.

    A day without a row sold nothing where the shop was open, and is unknown where it was closed or where
    the series hardly ever misses a day (``zero``). A fill also estimates the latter, and days without a
    value. ``missing`` makes every day without a row unknown.
    """

    def changes(self, history: History) -> Iterator[Change]:
        """Yield what is to be changed."""
        absent = history.begun & (history.number < 0)
        empty = (history.number >= 0) & np.isnan(history.sold) & ~history.stockout
        nothing = np.full(absent.shape, np.nan)
        if self.how == "missing":
            yield Change("y", absent, nothing, "no row")
            return
        closed = history.grid.closed[:, : history.grid.length]
        unrecorded = absent & history.shut & ~closed
        yield Change("y", absent & ~history.shut, np.zeros(absent.shape), "no row, open: sold nothing")
        yield Change("y", absent & closed, nothing, "no row, closed")
        if self.how == "zero":
            yield Change("y", unrecorded, nothing, "no row, unrecorded")
            return
        estimate = fill(np.where(history.number >= 0, history.grid.demand, np.nan), self.how)
        yield Change("y", unrecorded, estimate, "no row, unrecorded: filled")
        yield Change("y", empty & ~closed & np.isfinite(estimate), estimate, "no value: filled")


@dataclass(frozen=True)
class Outliers(SeriesStep):
    """Label outliers, see `forecasting.outliers`; nothing is erased.

    Parameters
    ----------
    how : str
        The detector.
    unknown : bool
        Whether models are to take labelled days as unknown; the ledger keeps what was sold.
    seed : int
        Seed of detectors that use chance.
    """

    unknown: bool = False
    seed: int = 0

    @property
    def name(self) -> str:
        """What the step is called in ledgers and reports."""
        return f"outliers={self.how}" + (":unknown" if self.unknown else "")

    def changes(self, history: History) -> Iterator[Change]:
        """Yield what is to be changed."""
        found = find_outliers(history.grid, self.how, self.seed)
        mask = found.mask & (history.number >= 0)
        for word, side in (("high", found.deviation > 0), ("low", found.deviation <= 0)):
            label = np.full(mask.shape, "outlier", dtype=object)
            yield Change(ledger.LABEL, mask & side, label, f"unusually {word}")
        if self.unknown:
            yield Change("y", mask, np.full(mask.shape, np.nan), "an outlier: unknown to models")


@dataclass(frozen=True)
class Scale(SeriesStep):
    """Scale each series by what its training part shows, see `forecasting.scaling`.

    Parameters
    ----------
    how : str
        ``standard`` or ``robust``.
    until : Timestamp, optional
        Last day of the training part; by default all days are.
    """

    until: pd.Timestamp | None = None

    def changes(self, history: History) -> Iterator[Change]:
        """Yield what is to be changed."""
        days = history.grid.days()
        training = np.ones(len(days), dtype=bool) if self.until is None else days <= self.until
        scaler = SeriesScaler.fit(history.sold[:, training], self.how)
        known = np.isfinite(history.sold)
        yield Change("y", known, scaler.transform(history.sold), "scaled by the training part")
