from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storage.jobs import touch_data
from storage.models import Product, Workspace
from tests.webapp.pages.factories import (
    LAST,
    lift,
    make_backtest,
    make_forecast,
    make_mark,
    make_product,
    make_review,
    make_sales,
)
from webapp.pages.findings import AHEAD, Known, blocks, gather, newest_run

FIRST = LAST - timedelta(days=89)
REVIEWED = LAST.replace(day=13)


def known_of(session: Session, product: Product, days: str | None = None) -> Known:
    found = gather(session, product.workspace_id, product, {} if days is None else {"days": days})
    assert found is not None
    return found


def test_a_product_without_anything_is_not_known(session: Session, workspace: Workspace) -> None:
    bare = make_product(session, workspace.id)
    make_forecast(session, bare)
    assert gather(session, workspace.id, bare) is None


def test_every_day_is_there_and_the_period_ends_with_the_data(session: Session, product: Product) -> None:
    known = known_of(session, product)
    assert [known.series[0].day, known.series[-1].day, len(known.series)] == [FIRST, LAST, 90]
    assert (known.period.start, known.period.end) == (LAST - timedelta(days=29), LAST)
    assert (known.run, known.stale, known.backtest, known.newest, known.ahead) == (
        None,
        False,
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("days", "within", "empty"), [("7", 7, 0), ("30", 30, 2), ("all", 90, 2), ("x", 30, 2)]
)
def test_the_period_chooses_days_and_their_stockouts(
    session: Session, product: Product, days: str, within: int, empty: int
) -> None:
    known = known_of(session, product, days)
    assert len(known.within) == within
    assert known.within[-1].day == LAST
    assert known.stockout_days == empty


def test_a_short_history_is_not_filled_up(session: Session, workspace: Workspace) -> None:
    young = make_product(session, workspace.id)
    make_sales(session, young, days=5)
    known = known_of(session, young, "90")
    assert known.period.days == 90
    assert len(known.within) == len(known.series) == 5


def test_reviews_after_the_last_sale_move_the_end(session: Session, product: Product) -> None:
    later = LAST + timedelta(days=3)
    make_review(session, product, later)
    known = known_of(session, product, "7")
    assert known.period.end == known.last_reviewed == later
    assert [point.units for point in known.series[-3:]] == [None] * 3
    assert known.cutoff.sales == LAST


def test_the_last_reviewed_day_may_lie_before_the_period(session: Session, workspace: Workspace) -> None:
    quiet = make_product(session, workspace.id)
    make_sales(session, quiet)
    assert known_of(session, quiet).last_reviewed is None
    make_review(session, quiet, LAST - timedelta(days=60))
    assert known_of(session, quiet, "7").last_reviewed == LAST - timedelta(days=60)


def test_the_shown_forecast_is_the_finished_one_and_the_newest_any(
    session: Session, product: Product
) -> None:
    asked = datetime(2026, 11, 21, tzinfo=UTC)
    done = make_forecast(session, product, created_at=asked)
    failed = make_forecast(
        session, product, state="failed", scenario_hash="other", created_at=asked + timedelta(hours=1)
    )
    known = known_of(session, product)
    assert (known.run, known.newest) == (done, failed)
    assert known.ahead is not None
    assert (known.ahead.days, known.ahead.total) == (14, 14 * 45.0)


def test_newer_data_makes_the_forecast_stale(session: Session, product: Product) -> None:
    make_forecast(session, product)
    assert not known_of(session, product).stale
    touch_data(session, product.workspace_id)
    assert known_of(session, product).stale


def test_others_forecasts_and_days_stay_outside(
    session: Session, product: Product, stranger_workspace: Workspace
) -> None:
    foreign = make_product(session, stranger_workspace.id)
    make_review(session, foreign, LAST + timedelta(days=9))
    make_forecast(session, foreign)
    neighbour = make_product(session, product.workspace_id, "P2")
    make_forecast(session, neighbour)
    known = known_of(session, product)
    assert (known.run, known.newest, known.period.end) == (None, None, LAST)
    assert newest_run(session, product.workspace_id, foreign.id) is None


class TestBlocks:
    """What the templates are given, by name."""

    @pytest.fixture(autouse=True)
    def _reader(self, english: None) -> None:
        """Somebody reads in English."""

    def test_without_forecast_and_backtest_the_rest_is_there(
        self, session: Session, product: Product
    ) -> None:
        found = blocks(session, product.workspace_id, known_of(session, product))
        assert found["worth"] is None
        assert found["ahead"] is None
        assert found["coverages"] == []
        assert found["figures"].current.reviews == 5
        assert len(found["cards"]) == 7
        assert [point for point in found["chart"]["forecast"] if point is not None] == []

    def test_figures_are_of_the_period_and_the_chart_of_all_days(
        self, session: Session, product: Product
    ) -> None:
        make_review(session, product, FIRST)
        week = blocks(session, product.workspace_id, known_of(session, product, "7"))
        assert week["figures"].current.reviews == 3
        assert week["figures"].previous.reviews == 2
        whole = blocks(session, product.workspace_id, known_of(session, product, "all"))
        assert whole["figures"].current.reviews == 6
        assert week["chart"]["days"] == whole["chart"]["days"]
        assert len(week["chart"]["days"]) == 90

    def test_the_run_goes_before_the_backtest(self, session: Session, product: Product) -> None:
        make_backtest(session, product, lift=lift("none"), coverage={"80": 0.5})
        told = blocks(session, product.workspace_id, known_of(session, product))
        assert told["worth"].verdict == "none"
        assert [(found.level, found.realised) for found in told["coverages"]] == [(80, 50.0)]
        make_forecast(session, product, lift=lift("helps")).coverage = {"80": 0.75}
        told = blocks(session, product.workspace_id, known_of(session, product))
        assert told["worth"].verdict == "helps"
        assert [(found.level, found.realised) for found in told["coverages"]] == [(80, 75.0)]

    def test_a_run_without_findings_leaves_them_to_the_backtest(
        self, session: Session, product: Product
    ) -> None:
        make_backtest(session, product, lift=lift("harms"))
        make_forecast(session, product, lift=None)
        told = blocks(session, product.workspace_id, known_of(session, product))
        assert told["worth"].verdict == "harms"
        assert [found.level for found in told["coverages"]] == [80, 95]

    def test_what_leads_is_told_from_the_backtest(self, session: Session, product: Product) -> None:
        assert blocks(session, product.workspace_id, known_of(session, product))["lead"] is None
        none = {"column": "negative_share", "aspect": None, "verdict": "none"}
        make_backtest(session, product, findings={"lags": [none]})
        assert "No lead" in blocks(session, product.workspace_id, known_of(session, product))["lead"]

    def test_marks_reach_as_far_as_a_forecast_can(self, session: Session, product: Product) -> None:
        inside: list[date] = [FIRST, LAST.replace(day=11), LAST + AHEAD]
        for day in (*inside, FIRST - timedelta(days=1), LAST + AHEAD + timedelta(days=1)):
            make_mark(session, day)
        told = blocks(session, product.workspace_id, known_of(session, product, "7"))
        assert told["marks"] == dict.fromkeys(inside, "Double 11")
        assert [mark["first"] for mark in told["chart"]["marks"]] == [
            FIRST.isoformat(),
            LAST.replace(day=11).isoformat(),
        ]

    def test_aspects_and_keywords_are_of_the_period_and_the_product(
        self, session: Session, product: Product
    ) -> None:
        neighbour = make_product(session, product.workspace_id, "P2")
        for of, day, word in (
            (product, LAST, "物流"),
            (product, REVIEWED - timedelta(days=9), "客服"),
            (neighbour, LAST, "包装"),
        ):
            spoken = [{"category": word, "polarity": "positive"}]
            for _ in range(3):
                make_review(session, of, day, aspects=spoken, keywords=[word])
        told = blocks(session, product.workspace_id, known_of(session, product, "7"))
        assert told["keywords"] == [("物流", 3)]
        assert [(found.category, found.mentions) for found in told["aspects"]] == [("物流", 3)]
