"""The list of issues, by role and in both languages."""

import re
from typing import Any

from flask import Flask, render_template
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from storage import alert_items, alert_rules
from storage.alert_items import Sighting
from storage.models import AlertItem, AlertRule, AuditEntry, Product, Workspace
from tests.webapp.conftest import LogIn
from tests.webapp.pages.factories import LAST, make_product, make_review, make_sales
from webapp.pages.alerts import of_product

FIGURES = {"now": 0.182, "before": 0.091, "low": 0.032, "high": 0.15, "n": 120, "n_before": 400}


def add_rule(session: Session, workspace: Workspace, **values: Any) -> AlertRule:
    plain = {"name": "Bad reviews", "kind": "negative_share"}
    rule = alert_rules.add_rule(session, workspace.id, plain | values)
    session.commit()
    return rule


def add_item(session: Session, rule: AlertRule, product: Product, **values: Any) -> AlertItem:
    plain = {"aspect": "", "day": LAST, "figures": FIGURES, "strength": 4.0, "units_lost": None}
    item, _ = alert_items.see(session, rule, Sighting(product_id=product.id, **plain | values))
    session.commit()
    return item


def test_issues_are_listed_with_figures_interval_cost_and_reviews(
    session: Session, workspace: Workspace, reader: FlaskClient, product: Product
) -> None:
    review = make_review(session, product, LAST, "negative", text="smells of plastic")
    rule = add_rule(session, workspace)
    add_item(session, rule, product, evidence=[review.id])
    other = make_product(session, workspace.id, "P2", title="Fan")
    add_item(session, rule, other, units_lost=35.4)
    page = reader.get("/alerts").text
    assert page.index("Fan") < page.index("空气炸锅"), "what costs most comes first"
    assert "18.2% in 7 days (n=120), 9.1% in the 28 before; difference +3.2 to +15.0 pp (95%)" in page
    assert "<b>35</b>" in page
    assert "units lost: unknown" in page
    [address] = re.findall(r'hx-get="(/alerts/\d+/reviews)"', page)
    assert "smells of plastic" in reader.get(address).text
    assert "“物流”" not in page
    assert "差评占比上升" in reader.get("/alerts?lang=zh").text


def test_states_products_and_empty_lists(
    session: Session, workspace: Workspace, reader: FlaskClient, product: Product
) -> None:
    assert "No rule yet" in reader.get("/alerts").text
    rule = add_rule(session, workspace)
    assert "Nothing to tell" in reader.get("/alerts").text
    item = add_item(session, rule, product)
    assert f"alert-{item.id}" in reader.get(f"/alerts?product={product.id}").text
    assert f"alert-{item.id}" not in reader.get("/alerts?state=resolved").text
    assert reader.get("/alerts?product=999999").status_code == 404
    assert reader.get("/alerts?cursor=x").status_code == 400


def test_an_analyst_moves_an_issue_on_and_it_is_written_down(
    session: Session, workspace: Workspace, reader: FlaskClient, product: Product
) -> None:
    item = add_item(session, add_rule(session, workspace), product)
    for state in ("acknowledged", "fixing", "resolved", "open", "ignored"):
        assert reader.post(f"/alerts/{item.id}", data={"state": state}).status_code == 302
        session.expire_all()
        assert (item.state, item.resolved_on) == (state, LAST if state == "resolved" else None)
    entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "alert.state")).all()
    assert [entry.after["state"] for entry in entries if entry.after][-1] == "ignored"
    assert len(entries) == 5
    assert reader.post(f"/alerts/{item.id}", data={"state": "typo"}).status_code == 400
    back = reader.post(f"/alerts/{item.id}", data={"state": "open", "back": "report"})
    assert back.location.endswith(f"/products/{product.id}#alerts")


def test_a_viewer_reads_and_changes_nothing(
    session: Session, workspace: Workspace, viewer_client: FlaskClient, product: Product
) -> None:
    rule = add_rule(session, workspace)
    item = add_item(session, rule, product)
    page = viewer_client.get("/alerts?lang=en").text
    assert f"alert-{item.id}" in page
    assert "Mark as seen" not in page
    assert "Save" not in viewer_client.get(f"/alerts/rules/{rule.id}?lang=en").text
    for path in (
        f"/alerts/{item.id}",
        "/alerts/rules/new",
        f"/alerts/rules/{rule.id}",
        "/alerts/rules/usual",
    ):
        assert viewer_client.post(path).status_code == 403
    assert viewer_client.post(f"/alerts/rules/{rule.id}/remove").status_code == 403


def test_the_block_of_the_report(
    app: Flask, session: Session, workspace: Workspace, log_in: LogIn, product: Product
) -> None:
    """Rendered as the report does, for a product with an active issue and one that was fixed."""
    rule = add_rule(session, workspace)
    add_item(session, rule, product)
    fixed = add_item(session, add_rule(session, workspace, kind="suspect_burst"), product)
    fixed.state, fixed.effect = (
        "resolved",
        {"before": 0.2, "n_before": 90, "after": 0.1, "n_after": 80}
        | {
            "days": 20,
            "low": -0.18,
            "high": -0.02,
        },
    )
    session.commit()

    @app.get("/block")
    def block() -> str:
        return render_template("pages/report_alerts.html", alerts=of_product(product.id))

    page = log_in("viewer").get("/block?lang=en").text
    assert "Share of bad reviews rises" in page
    assert "After the fix 10.0% (n=80, 20 d), before 20.0% (n=90); difference −18.0 to −2.0 pp (95%)" in page
    assert 'id="alerts"' in page


def test_a_page_of_issues_asks_the_database_as_often_for_many(
    session: Session, workspace: Workspace, reader: FlaskClient, product: Product
) -> None:
    rule = add_rule(session, workspace)
    counts = []
    connection = session.connection()
    asked: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(connection, "before_cursor_execute", look)
    for number in range(2):
        for step in range(1 + 9 * number):
            further = make_product(session, workspace.id, f"Q{number}{step}")
            make_sales(session, further, 1)
            add_item(session, rule, further)
        asked.clear()
        assert reader.get("/alerts").status_code == 200
        counts.append(sum("SAVEPOINT" not in statement for statement in asked))
    event.remove(connection, "before_cursor_execute", look)
    assert counts[0] == counts[1] <= 9
