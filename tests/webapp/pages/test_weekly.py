import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import AuditEntry, Product, Subscription
from tests.webapp.conftest import LogIn


def subscribe(client: FlaskClient, product: Product, format: str = "pdf") -> int:
    return client.post(f"/products/{product.id}/subscriptions", data={"format": format}).status_code


def test_somebody_gets_a_report_each_week_until_they_stop_it(
    log_in: LogIn, session: Session, product: Product
) -> None:
    reader = log_in("analyst")
    assert subscribe(reader, product) == 302
    row = session.scalars(select(Subscription)).one()
    assert (row.product_id, row.format, row.language) == (product.id, "pdf", "zh")
    assert row.sent_for is not None
    assert row.sent_for.weekday() == 0
    address = f"/subscriptions/{row.id}/stop"
    assert address in reader.get(f"/products/{product.id}/exports").text
    assert product.title in reader.get("/exports").text
    reader.post(address)
    assert session.scalars(select(Subscription)).all() == []
    actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.place)).all()
    assert [action for action in actions if action.startswith("weekly")] == ["weekly.start", "weekly.stop"]


def test_the_overview_each_week(reader: FlaskClient, session: Session) -> None:
    assert "No weekly report" in reader.get("/exports").text
    for _ in range(2):
        assert reader.post("/subscriptions").location == "/exports"
    assert session.scalars(select(Subscription)).one().product_id is None
    page = reader.get("/exports").text
    assert "All products</th>" in page
    assert 'action="/subscriptions"' not in page


def test_nobody_stops_the_report_of_another(log_in: LogIn, session: Session, product: Product) -> None:
    subscribe(log_in("analyst"), product)
    row = session.scalars(select(Subscription)).one()
    owner = log_in("owner")
    assert owner.post(f"/subscriptions/{row.id}/stop").status_code == 404
    assert f"/subscriptions/{row.id}/stop" not in owner.get("/exports").text


@pytest.mark.parametrize("format", ["exe", ""])
def test_a_format_that_is_not_known_is_refused(reader: FlaskClient, product: Product, format: str) -> None:
    assert subscribe(reader, product, format) == 400
