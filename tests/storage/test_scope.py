from datetime import date, timedelta

from sqlalchemy.orm import Session

from storage import overview, scope, themes
from storage.products import get_product
from tests.storage.factories import analysis, aspect, make_products, make_reviews, review_row

DAY = date(2026, 6, 8)
FAKE = {"is_suspect": True, "reasons": ["template"]}


def fill(session: Session, workspace_id: int, product_id: int) -> None:
    slow = [aspect("物流", "negative")]
    rows = [
        review_row(
            product_id, DAY, source="京东", channel="app", rating=1.0, analysis=analysis(aspects=slow)
        ),
        review_row(
            product_id, DAY, source="京东", rating=2.0, analysis=analysis(aspects=slow, keywords=["慢"])
        ),
        review_row(product_id, DAY, rating=5.0, analysis=analysis(suspect=FAKE, keywords=["好"])),
    ]
    make_reviews(session, workspace_id, rows)


def test_what_reviews_can_be_narrowed_by(session: Session, workspace_id: int, other_id: int) -> None:
    [product_id] = make_products(session, workspace_id, "A")
    assert scope.origins(session, workspace_id, product_id, None, 0) == scope.Origins([], [], 0)
    fill(session, workspace_id, product_id)
    found = scope.origins(session, workspace_id, product_id, DAY, 1)
    assert found == scope.Origins(["", "京东"], ["", "app"], 1)
    later = scope.origins(session, workspace_id, product_id, DAY + timedelta(days=1), 1)
    assert later == scope.Origins([], [], 1)
    assert scope.origins(session, other_id, product_id, DAY, 0) == scope.Origins([], [], 0)


def test_figures_of_a_source_and_a_channel(session: Session, workspace_id: int) -> None:
    [product_id] = make_products(session, workspace_id, "A")
    fill(session, workspace_id, product_id)
    span = {"start": DAY, "end": DAY}

    def counted(**narrowed: str) -> int:
        return overview.kpis(session, workspace_id, product_id, **span, **narrowed).current.reviews  # type: ignore[arg-type]

    assert [counted(), counted(source="京东"), counted(source=""), counted(channel="app")] == [3, 2, 1, 1]
    [point] = overview.daily_series(session, workspace_id, product_id, **span, source="")
    assert point.reviews == 1
    assert themes.keywords(session, workspace_id, product_id, **span, source="京东") == [("慢", 1)]
    assert themes.keywords(session, workspace_id, product_id, **span, exclude_suspect=True) == [("慢", 1)]
    [one] = themes.aspects(session, workspace_id, product_id, **span, minimum=1, channel="app")
    assert (one.mentions, one.blaming.n, one.others.n) == (1, 1, 0)


def test_stars_of_those_who_blame_beside_all_others(session: Session, workspace_id: int) -> None:
    [product_id] = make_products(session, workspace_id, "A")
    fill(session, workspace_id, product_id)
    [row] = themes.aspects(session, workspace_id, product_id, start=DAY, end=DAY, minimum=1)
    assert row.blaming == themes.Stars(2, 1.5, 0.5)
    assert row.others == themes.Stars(1, 5.0, None)


def test_rivals_are_of_the_same_category_and_workspace(
    session: Session, workspace_id: int, other_id: int
) -> None:
    first, second = make_products(session, workspace_id, "A", "B", category="杯")
    [odd] = make_products(session, workspace_id, "C")
    make_products(session, other_id, "X", category="杯")
    product = get_product(session, workspace_id, first)
    assert scope.rivals(session, workspace_id, product) == [scope.Rival(second, "title of B")]
    assert scope.rivals(session, workspace_id, get_product(session, workspace_id, odd)) == []


def test_the_same_days_of_a_rival_or_other_days_are_compared(session: Session, workspace_id: int) -> None:
    first, second = make_products(session, workspace_id, "A", "B", category="杯")
    fill(session, workspace_id, second)
    found = overview.kpis(session, workspace_id, first, start=DAY, end=DAY, rival=second)
    assert (found.current.reviews, found.previous.reviews, found.previous.start) == (0, 3, DAY)
    earlier = overview.kpis(
        session, workspace_id, second, start=date(2026, 7, 1), end=date(2026, 7, 1), before=(DAY, DAY)
    )
    assert (earlier.current.reviews, earlier.previous.reviews) == (0, 3)
