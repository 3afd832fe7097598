"""What the database knows of a product, made into the blocks of its report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from storage import themes
from storage.forecasts import get_backtest, is_stale, latest_run, list_runs, whatifs
from storage.marks import marked_days
from storage.models import Backtest, ForecastRun, MarkedDay, Product
from storage.overview import Cutoff, DayPoint, daily_series, history, keywords, kpis
from storage.reviews import read_by
from storage.scope import NEWEST, origins, rivals
from webapp.pages.actions import actions
from webapp.pages.aspects import aspects, quadrant
from webapp.pages.chart import chart, mark_names
from webapp.pages.comparison import comparison
from webapp.pages.conclusion import conclude
from webapp.pages.filters import Filters, Offered, read_filters
from webapp.pages.kpi import cards
from webapp.pages.leads import lead
from webapp.pages.measured import measured
from webapp.pages.outlook import Outlook, outlook
from webapp.pages.period import Period, festivals
from webapp.pages.preparation import preparation
from webapp.pages.rising import MOST_WORDS, emerging
from webapp.pages.stock import stock_risk
from webapp.pages.waterfall import waterfall
from webapp.pages.whatif import whatif
from webapp.pages.worth import coverages, worth

AHEAD = timedelta(days=60)
LOOK_BACK = timedelta(days=400)
KEYWORDS = 30
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Known:
    """A product, its days, its newest forecast and backtest."""

    product: Product
    cutoff: Cutoff
    filters: Filters
    marks: Sequence[MarkedDay]
    series: Sequence[DayPoint]
    run: ForecastRun | None
    stale: bool
    backtest: Backtest | None
    newest: ForecastRun | None

    @property
    def period(self) -> Period:
        """The chosen days."""
        return self.filters.period

    @cached_property
    def within(self) -> list[DayPoint]:
        """The days of the chosen period."""
        start, end = self.period.start, self.period.end
        return [point for point in self.series if start <= point.day <= end]

    @cached_property
    def last_reviewed(self) -> date | None:
        """The newest day with a review."""
        return max((point.day for point in self.series if point.reviews), default=None)

    @cached_property
    def stockout_days(self) -> int | None:
        """How many days of the period were out of stock; None where the sales do not say."""
        known = [point.stockout for point in self.within if point.stockout is not None]
        return sum(map(bool, known)) if known else None

    @cached_property
    def ahead(self) -> Outlook | None:
        """The forecast in one line."""
        return outlook(self.run, self.series)


def gather(
    session: Session, workspace_id: int, product: Product, args: Mapping[str, str] = NOTHING
) -> Known | None:
    """Read everything the report needs; None where the product has neither a sale nor a review.

    Parameters
    ----------
    args
        What the address chooses, see `webapp.pages.filters`.
    """
    past = history(session, workspace_id, product.id)
    cutoff = past.cutoff
    last = max((day for day in (cutoff.sales, cutoff.reviews) if day), default=None)
    if last is None:
        return None
    first = cutoff.first or last
    run = latest_run(session, workspace_id, product.id)
    marks = marked_days(session, first - LOOK_BACK, last + AHEAD)
    offered = Offered(
        first=first,
        last=last,
        festivals=festivals(marks, first, last),
        origins=origins(session, workspace_id, product.id, past.newest(NEWEST), past.suspects),
        rivals=rivals(session, workspace_id, product),
    )
    filters = read_filters(args, offered)
    days: Any = {"start": first, "end": last}
    return Known(
        product=product,
        cutoff=cutoff,
        filters=filters,
        marks=[mark for mark in marks if mark.day >= first],
        series=daily_series(session, workspace_id, product.id, **days, **filters.scope)
        if filters.narrowed
        else past.series(**days),
        run=run,
        stale=run is not None and is_stale(session, run),
        backtest=get_backtest(session, workspace_id, product.id),
        newest=newest_run(session, workspace_id, product.id),
    )


def newest_run(session: Session, workspace_id: int, product_id: int) -> ForecastRun | None:
    """Return the run asked for last, whatever its state; None where none was."""
    return next(iter(list_runs(session, workspace_id, product_id, limit=1).items), None)


def blocks(session: Session, workspace_id: int, known: Known) -> dict[str, Any]:
    """Return the blocks of the report by the names their templates use."""
    period, ahead, run, backtest = known.period, known.ahead, known.run, known.backtest
    filters = known.filters
    span: Any = {"start": period.start, "end": period.end, **filters.scope}
    rows = themes.aspects(session, workspace_id, known.product.id, **span)
    words = keywords(session, workspace_id, known.product.id, **span, limit=MOST_WORDS)
    told = aspects(rows, backtest.findings if backtest else None)
    unlike = None if filters.is_plain else filters.against
    figures = kpis(session, workspace_id, known.product.id, **span, **filters.comparison)
    found = worth((run.lift if run else None) or (backtest.lift if backtest else None))
    return {
        "conclusion": conclude(
            figures,
            ahead,
            found.verdict if found else None,
            known.within,
            known.stockout_days,
            against=unlike,
        ),
        "cards": cards(
            figures,
            ahead,
            known.stockout_days,
            stock_risk(known.series, known.cutoff.sales, ahead),
            against=unlike,
        ),
        "figures": figures,
        "chart": chart(known.series, run, known.marks, period),
        "marks": mark_names(known.marks),
        "worth": found,
        "lead": lead(backtest.findings if backtest else None),
        "preparation": preparation(backtest.findings if backtest else None),
        "coverages": coverages((run.coverage if run else None) or (backtest.coverage if backtest else None)),
        "waterfall": waterfall(run.drivers if run else None, ahead.total if ahead else None),
        "whatifs": [whatif(one) for one in whatifs(session, workspace_id, known.product.id)],
        "ahead": ahead,
        "aspects": told,
        "quadrant": quadrant(told),
        "keywords": words[:KEYWORDS],
        "emerging": emerging(
            session, workspace_id, known.product.id, period, filters.scope, rows, dict(words), figures
        ),
        "actions": actions(known.product.id, filters, ahead, known.stockout_days, told),
        "measured": measured(read_by(session, workspace_id, known.product.id, period.start, period.end)),
        "comparison": comparison(backtest),
    }
