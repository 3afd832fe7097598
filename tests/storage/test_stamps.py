from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, delete, text, update
from sqlalchemy.orm import Session

from storage import stamps
from storage.database import session_factory
from storage.errors import NotFound
from storage.models import Sale, Workspace
from storage.products import list_stamp
from tests.storage.factories import make_products, make_sales, make_workspace

DAY = date(2026, 6, 1)


@pytest.fixture
def committed(engine: Engine) -> Callable[[Callable[[Session], object]], object]:
    """Do something in a transaction of its own: only those have numbers of their own."""

    def do(what: Callable[[Session], object]) -> object:
        with session_factory(engine).begin() as session:
            return what(session)

    return do


def test_a_stamp_changes_with_every_change_of_a_row_and_only_then(
    engine: Engine, committed: Callable[[Callable[[Session], object]], object]
) -> None:
    def shop(session: Session) -> tuple[int, int]:
        workspace = make_workspace(session).id
        [product] = make_products(session, workspace, "A")
        make_sales(session, workspace, product, DAY, [1, 2, 3])
        return workspace, product

    workspace, product = committed(shop)  # type: ignore[misc]
    seen: list[str] = []

    def stamp(session: Session) -> None:
        seen.append(stamps.days_stamp(session, workspace, product, DAY, DAY + timedelta(days=9)))

    changes = [
        update(Sale).where(Sale.product_id == product, Sale.day == DAY).values(units=9),
        update(Sale).where(Sale.product_id == product, Sale.day == DAY).values(units=9),
        delete(Sale).where(Sale.product_id == product, Sale.day == DAY + timedelta(days=2)),
    ]
    committed(stamp)
    committed(stamp)
    for change in changes:
        committed(lambda session, change=change: session.execute(change))
        committed(stamp)
    assert seen[0] == seen[1]
    assert len(set(seen)) == 4
    committed(lambda session: session.execute(delete(Workspace).where(Workspace.id == workspace)))


def test_a_page_of_products_has_a_stamp_of_its_own(session: Session, workspace_id: int) -> None:
    first, second = make_products(session, workspace_id, "A", "B")
    page = list_stamp(session, workspace_id, query="", limit=1)
    assert page.startswith(f"{first}.")
    assert list_stamp(session, workspace_id, query="title of B").startswith(f"{second}.")
    assert list_stamp(session, workspace_id, query="none") == ""


def test_no_forecast_has_no_stamp(session: Session, workspace_id: int) -> None:
    with pytest.raises(NotFound):
        stamps.run_stamp(session, workspace_id, uuid4())
    assert session.scalar(text("SELECT 1")) == 1
