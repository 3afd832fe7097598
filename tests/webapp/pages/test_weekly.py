import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import destinations
from storage.models import AuditEntry, Product, Subscription, Workspace
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
    assert "Save for the overview" in page


def test_nobody_stops_the_report_of_another(log_in: LogIn, session: Session, product: Product) -> None:
    subscribe(log_in("analyst"), product)
    row = session.scalars(select(Subscription)).one()
    owner = log_in("owner")
    assert owner.post(f"/subscriptions/{row.id}/stop").status_code == 404
    assert f"/subscriptions/{row.id}/stop" not in owner.get("/exports").text


@pytest.mark.parametrize("format", ["exe", ""])
def test_a_format_that_is_not_known_is_refused(reader: FlaskClient, product: Product, format: str) -> None:
    assert subscribe(reader, product, format) == 400


def add(session: Session, workspace: Workspace, name: str) -> int:
    made = destinations.add_destination(session, workspace.id, "email", name, "li@example.com", "sealed").id
    session.commit()
    return made


def test_a_report_is_told_where_its_reader_chose(
    reader: FlaskClient, session: Session, workspace: Workspace, product: Product
) -> None:
    group, other = add(session, workspace, "Group"), add(session, workspace, "Other")
    page = f"/products/{product.id}/exports"
    assert "listed here only" in reader.get(page).text
    for address, back in (
        (f"/products/{product.id}/subscriptions", page),
        ("/subscriptions", "/exports"),
    ):
        assert reader.post(address, data={"destination": str(group)}).location == back
        shown = reader.get(back).text
        assert "here each Monday, and Group is told of it." in shown
        assert f'<option value="{group}" selected>Group' in shown
        reader.post(address, data={"destination": str(other)})
        assert f'<option value="{other}" selected>Other' in reader.get(back).text
    rows = session.scalars(select(Subscription).order_by(Subscription.id)).all()
    assert [row.destination_id for row in rows] == [other, other]
    assert reader.get("/exports").text.count("<td>Other</td>") == 2
    reader.post("/subscriptions", data={"destination": ""})
    session.expire_all()
    assert [row.destination_id for row in rows] == [other, None]
    said = session.scalars(select(AuditEntry.after).where(AuditEntry.action == "weekly.start")).all()
    assert {"product": product.id, "destination": group} in said


def test_a_removed_destination_leaves_the_report_listed(
    log_in: LogIn, session: Session, workspace: Workspace, product: Product
) -> None:
    owner, id = log_in("owner"), add(session, workspace, "Group")
    owner.post("/subscriptions", data={"destination": str(id)})
    owner.post(f"/settings/destinations/{id}/remove")
    session.expire_all()
    assert session.scalars(select(Subscription)).one().destination_id is None
    assert owner.get("/exports").status_code == 200


@pytest.mark.parametrize("given", ["theirs", "0"])
def test_a_destination_of_a_neighbour_cannot_be_told(
    reader: FlaskClient, session: Session, stranger_workspace: Workspace, product: Product, given: str
) -> None:
    theirs = add(session, stranger_workspace, "Theirs")
    for address in (f"/products/{product.id}/subscriptions", "/subscriptions"):
        answer = reader.post(address, data={"destination": str(theirs) if given == "theirs" else given})
        assert answer.status_code == 404
    assert session.scalars(select(Subscription)).all() == []
    assert "Theirs" not in reader.get("/exports").text


@pytest.mark.parametrize("given", ["x", str(10**30)])
def test_a_destination_that_is_no_id_is_refused(reader: FlaskClient, given: str) -> None:
    assert reader.post("/subscriptions", data={"destination": given}).status_code == 400
