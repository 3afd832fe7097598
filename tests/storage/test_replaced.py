"""What an import writes over is kept: once, only where it changes, with no name longer than it may be."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storage import replaced, sales
from storage.models import ExogColumn, ReplacedRow
from tests.storage.factories import make_import, make_products

DAY = date(2026, 6, 8)
ORDERED = datetime(2026, 6, 8, 4, tzinfo=UTC)


@pytest.fixture
def import_id(session: Session, workspace_id: int) -> UUID:
    return make_import(session, workspace_id, "import_sales").id


def kept(session: Session, workspace_id: int) -> list[ReplacedRow]:
    session.expire_all()
    query = select(ReplacedRow).where(ReplacedRow.workspace_id == workspace_id).order_by(ReplacedRow.id)
    return list(session.scalars(query))


def order(session: Session, workspace_id: int, product_id: int, customer: str, job_id: UUID) -> None:
    line = {"order_id": "o1", "product_id": product_id, "line_no": 1, "ordered_at": ORDERED, "day": DAY}
    row = {**line, "quantity": 1.0, "customer_id": customer}
    sales.copy_orders(session, workspace_id, [row], job_id)


@pytest.mark.parametrize("kind", replaced.TABLES)
def test_every_table_has_the_columns_that_are_named_here(session: Session, kind: str) -> None:
    rows = replaced.TABLES[kind]
    columns = ", ".join(f"{kind}.{name}" for name in (*rows.key, *rows.values, "job_id"))
    found = session.execute(
        text(f"SELECT {columns}, {rows.product}, {rows.key_of(kind)} FROM {kind} LIMIT 0")
    )
    assert found.all() == []


def test_a_row_is_kept_as_the_first_change_of_an_import_found_it(
    session: Session, workspace_id: int, import_id: UUID
) -> None:
    earlier = make_import(session, workspace_id, "import_sales").id
    sales.declare_columns(session, workspace_id, {"ads": "past", "views_paid": "past"}, earlier)
    assert kept(session, workspace_id) == [], "a row that is added has nothing before it"
    for role in ("future", "past", "future"):
        sales.declare_columns(session, workspace_id, {"ads": role, "views_paid": "past"}, import_id)
    [row] = kept(session, workspace_id)
    assert (row.kind, row.key, row.product_id) == ("exog_columns", '["ads"]', None)
    assert row.before == {"name": "ads", "role": "past"}
    assert (row.job_id, row.was_job_id) == (import_id, earlier)


def test_without_an_import_nothing_is_kept(session: Session, workspace_id: int) -> None:
    for role in ("past", "future"):
        sales.declare_columns(session, workspace_id, {"ads": role})
    assert kept(session, workspace_id) == []


def test_a_neighbours_row_of_the_same_key_is_not_kept(
    session: Session, workspace_id: int, other_id: int, import_id: UUID
) -> None:
    session.add(ExogColumn(workspace_id=other_id, name="ads", role="past"))
    session.flush()
    given, changed = "SELECT 'ads' AS name, 'future' AS role", "exog_columns.role <> excluded.role"
    replaced.keep(session, workspace_id, import_id, "exog_columns", given, changed)
    assert kept(session, workspace_id) == kept(session, other_id) == []


@pytest.mark.parametrize(
    ("which", "gone"),
    [
        (lambda session, tenant: replaced.unname(session, tenant, "c1"), True),
        (lambda session, tenant: replaced.unname(session, tenant, "c"), False),
        (lambda session, tenant: replaced.unname_before(session, tenant, ORDERED.replace(hour=5)), True),
        (lambda session, tenant: replaced.unname_before(session, tenant, ORDERED), False),
    ],
    ids=["the customer", "somebody else", "older", "not older"],
)
def test_a_customers_name_goes_and_the_rest_of_the_line_stays(
    session: Session, workspace_id: int, other_id: int, import_id: UUID, which: Any, gone: bool
) -> None:
    [product_id] = make_products(session, workspace_id, "A")
    order(session, workspace_id, product_id, "c1", import_id)
    order(session, workspace_id, product_id, "c2", make_import(session, workspace_id, "import_orders").id)
    assert which(session, other_id) == 0, "a neighbour's names are not one's own"
    assert which(session, workspace_id) == gone
    [row] = kept(session, workspace_id)
    assert (row.before["customer_id"], row.before["quantity"]) == ("" if gone else "c1", 1)
    assert row.product_id == product_id


def test_what_is_kept_of_one_import_is_forgotten_by_its_owner_alone(
    session: Session, workspace_id: int, other_id: int, import_id: UUID
) -> None:
    other_import = make_import(session, workspace_id, "import_sales").id
    sales.declare_columns(session, workspace_id, {"ads": "past", "views_paid": "past"})
    sales.declare_columns(session, workspace_id, {"ads": "future"}, import_id)
    sales.declare_columns(session, workspace_id, {"views_paid": "future"}, other_import)
    replaced.forget(session, other_id, import_id)
    assert len(kept(session, workspace_id)) == 2
    replaced.forget(session, workspace_id, import_id)
    assert [row.job_id for row in kept(session, workspace_id)] == [other_import]
