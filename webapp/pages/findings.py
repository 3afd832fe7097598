"""What the database knows of a product, made into the blocks of its report."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from storage.forecasts import get_backtest, is_stale, latest_run, list_runs, whatifs
from storage.marks import marked_days
from storage.models import Backtest, ForecastRun, Product
from storage.overview import Cutoff, DayPoint, aspects, daily_series, data_cutoff, keywords, kpis
from webapp.pages.chart import chart, mark_names
from webapp.pages.comparison import comparison
from webapp.pages.conclusion import conclude
from webapp.pages.kpi import cards
from webapp.pages.leads import lead
from webapp.pages.outlook import Outlook, outlook
from webapp.pages.period import Period, read_period
from webapp.pages.preparation import preparation
from webapp.pages.waterfall import waterfall
from webapp.pages.whatif import whatif
from webapp.pages.worth import coverages, worth

AHEAD = timedelta(days=60)
KEYWORDS = 30


@dataclass(frozen=True)
class Known:
    """A product, its days, its newest forecast and backtest."""

    product: Product
    cutoff: Cutoff
    period: Period
    series: Sequence[DayPoint]
    run: ForecastRun | None
    stale: bool
    backtest: Backtest | None
    newest: ForecastRun | None

    @property
    def within(self) -> list[DayPoint]:
        """The days of the chosen period."""
        return [point for point in self.series if self.period.start <= point.day <= self.period.end]

    @property
    def last_reviewed(self) -> date | None:
        """The newest day with a review."""
        return max((point.day for point in self.series if point.reviews), default=None)

    @property
    def stockout_days(self) -> int:
        """How many days of the period were out of stock."""
        return sum(bool(point.stockout) for point in self.within)

    @property
    def ahead(self) -> Outlook | None:
        """The forecast in one line."""
        return outlook(self.run, self.series)


def gather(session: Session, workspace_id: int, product: Product, days: str | None) -> Known | None:
    """Read everything the report needs; None where the product has neither a sale nor a review."""
    cutoff = data_cutoff(session, workspace_id, product.id)
    last = max((day for day in (cutoff.sales, cutoff.reviews) if day), default=None)
    if last is None:
        return None
    run = latest_run(session, workspace_id, product.id)
    return Known(
        product=product,
        cutoff=cutoff,
        period=read_period(days, cutoff.first or last, last),
        series=daily_series(session, workspace_id, product.id, start=cutoff.first or last, end=last),
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
    span: Any = {"start": period.start, "end": period.end}
    figures = kpis(session, workspace_id, known.product.id, **span)
    found = worth((run.lift if run else None) or (backtest.lift if backtest else None))
    marks = marked_days(session, known.series[0].day, period.end + AHEAD)
    return {
        "conclusion": conclude(
            figures, ahead, found.verdict if found else None, known.within, known.stockout_days
        ),
        "cards": cards(figures, ahead, known.stockout_days),
        "figures": figures,
        "chart": chart(known.series, run, marks, period),
        "marks": mark_names(marks),
        "worth": found,
        "lead": lead(backtest.findings if backtest else None),
        "preparation": preparation(backtest.findings if backtest else None),
        "coverages": coverages((run.coverage if run else None) or (backtest.coverage if backtest else None)),
        "waterfall": waterfall(run.drivers if run else None, ahead.total if ahead else None),
        "whatifs": [whatif(one) for one in whatifs(session, workspace_id, known.product.id)],
        "ahead": ahead,
        "aspects": aspects(session, workspace_id, known.product.id, **span),
        "keywords": keywords(session, workspace_id, known.product.id, **span, limit=KEYWORDS),
        "comparison": comparison(backtest),
    }
