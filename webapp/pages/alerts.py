"""Issues that rules found, ranked by what they cost, and what became of them."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage import alert_items, alert_rules
from storage.models import ALERT_STATES, AlertItem, Product
from storage.products import get_product
from storage.reviews import list_reviews
from webapp.alerts import change_state
from webapp.auth import current_workspace, login_required_page, role_required
from webapp.database import session
from webapp.pages import alert_words
from webapp.problems import Problem

PAGE = 25
REPORTED = 10
# What can be done with an issue in each state, the likeliest first.
ACTIONS = {
    "open": ("acknowledged", "fixing", "ignored"),
    "acknowledged": ("fixing", "resolved", "ignored"),
    "fixing": ("resolved", "ignored"),
    "resolved": ("open",),
    "ignored": ("open",),
}


@dataclass(frozen=True)
class Line:
    """An issue, ready to be shown."""

    item: AlertItem
    product: Product

    @property
    def title(self) -> str:
        """What it is about."""
        return alert_words.kind(self.item.kind, self.item.aspect)

    @property
    def figures(self) -> str:
        """What was compared last."""
        return alert_words.figures(self.item)

    @property
    def effect(self) -> str:
        """What became of it after the fix."""
        return alert_words.effect(self.item)

    @property
    def actions(self) -> list[tuple[str, str]]:
        """States it can be brought into, and what that is called."""
        return [(state, alert_words.action(state)) for state in ACTIONS[self.item.state]]


def add_routes(pages: Blueprint) -> None:
    """Put the pages at /alerts."""
    pages.add_url_rule("/alerts", "alerts", alerts)
    pages.add_url_rule("/alerts/<int:alert_id>", "change_alert", change_alert, methods=["POST"])
    pages.add_url_rule("/alerts/<int:alert_id>/reviews", "alert_reviews", alert_reviews)


@login_required_page
def alerts() -> ResponseReturnValue:
    """List issues, those that cost most first."""
    state, product_id = request.args.get("state", ""), request.args.get("product", type=int)
    product = get_product(session, current_workspace.id, product_id) if product_id else None
    page = alert_items.list_items(
        session,
        current_workspace.id,
        states=(state,) if state in ALERT_STATES else alert_items.ACTIVE,
        product_id=product_id,
        cursor=request.args.get("cursor"),
        limit=PAGE,
    )
    shown: dict[str, Any] = {
        "lines": [Line(item, product) for item, product in page.items],
        "next": page.next,
        "state": state if state in ALERT_STATES else "",
        "counts": alert_items.count_items(session, current_workspace.id, product_id),
        "active": alert_items.ACTIVE,
        "product": product,
        "rules": len(alert_rules.list_rules(session, current_workspace.id)),
    }
    return render_template("pages/alerts.html", section="pages.alerts", states=ALERT_STATES, **shown)


@login_required_page
def alert_reviews(alert_id: int) -> ResponseReturnValue:
    """Show the reviews behind an issue: a fragment that htmx puts below it."""
    item = alert_items.get_item(session, current_workspace.id, alert_id)
    found = list_reviews(session, current_workspace.id, item.product_id, ids=item.evidence, limit=20)
    return render_template("pages/alert_reviews.html", reviews=found.items)


@role_required("analyst")
def change_alert(alert_id: int) -> ResponseReturnValue:
    """Bring an issue into another state."""
    state = request.form.get("state", "acknowledged")
    item = alert_items.get_item(session, current_workspace.id, alert_id)
    if state not in ALERT_STATES:
        raise Problem(400, _("Some parameters are not valid."))
    change_state(session, item, state)
    session.commit()
    flash(_("Saved."))
    back = request.form.get("back", "")
    if back == "report":
        return redirect(url_for("pages.product", product_id=item.product_id, _anchor="alerts"))
    return redirect(url_for("pages.alerts", state=request.form.get("from") or None))


def of_product(product_id: int) -> dict[str, Any]:
    """Return what `pages/report_alerts.html` shows of a product: active issues, and what fixes did."""
    states = (*alert_items.ACTIVE, "resolved")
    page = alert_items.list_items(
        session, current_workspace.id, states=states, product_id=product_id, limit=REPORTED
    )
    lines = [Line(item, product) for item, product in page.items]
    return {
        "product_id": product_id,
        "lines": [line for line in lines if line.item.state in alert_items.ACTIVE],
        "fixed": [line for line in lines if line.item.state == "resolved" and line.effect],
    }
