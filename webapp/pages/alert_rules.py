"""Rules: what to look for, where, and whom to tell; with what they would have said about the past."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from alerting import KINDS, SENSITIVITIES, Alarm
from storage import alert_rules, destinations, products
from storage.errors import Conflict
from storage.models import AlertRule
from webapp.alerts import add_usual_rules
from webapp.auth import current_workspace, login_required_page, role_required
from webapp.auth.audit import note
from webapp.database import session
from webapp.pages import alert_words
from webapp.pages.alert_history import MOST_PRODUCTS, replayed
from webapp.pages.aspect_names import choices, meant
from webapp.problems import Problem

EXAMPLES = 8
LONGEST = 100
MOST_HOURS = 720


def add_routes(pages: Blueprint) -> None:
    """Put the pages at /alerts/rules."""
    pages.add_url_rule("/alerts/rules", "alert_rules", rules)
    pages.add_url_rule("/alerts/rules/usual", "usual_rules", add_usual, methods=["POST"])
    pages.add_url_rule("/alerts/rules/new", "new_rule", edit)
    pages.add_url_rule("/alerts/rules/new", "add_rule", save, methods=["POST"])
    pages.add_url_rule("/alerts/rules/backtest", "rule_backtest", backtest)
    pages.add_url_rule("/alerts/rules/<int:rule_id>", "rule", edit)
    pages.add_url_rule("/alerts/rules/<int:rule_id>", "save_rule", save, methods=["POST"])
    pages.add_url_rule("/alerts/rules/<int:rule_id>/remove", "remove_rule", remove, methods=["POST"])


@login_required_page
def rules() -> ResponseReturnValue:
    """List the rules of the workspace."""
    listed = alert_rules.list_rules(session, current_workspace.id)
    names = {row.id: row.name for row in destinations.list_destinations(session, current_workspace.id)}
    return render_template("pages/alert_rules.html", section="pages.alerts", rules=listed, names=names)


@role_required("analyst")
def add_usual() -> ResponseReturnValue:
    """Add the rules that most shops want, over all products, telling nobody yet."""
    add_usual_rules(session, current_workspace.id, alert_words.kind)
    session.commit()
    flash(_("Saved. The rules look at the data within a minute."))
    return redirect(url_for("pages.alert_rules"))


@login_required_page
def edit(rule_id: int | None = None) -> ResponseReturnValue:
    """Show the form of a rule, with what it would have said."""
    if rule_id is None:
        rule = AlertRule(workspace_id=current_workspace.id, name="", kind=KINDS[0], aspect="", sensitivity=3)
        rule.scope, rule.destination_ids, rule.throttle_hours, rule.is_on = {}, [], 24, True
    else:
        rule = alert_rules.get_rule(session, current_workspace.id, rule_id)
    return _form(rule)


@login_required_page
def backtest() -> ResponseReturnValue:
    """Show what the rule in the form would have said: a fragment that htmx asks for as the slider moves."""
    rule = AlertRule(workspace_id=current_workspace.id, **read_rule(request.args.to_dict(flat=False)))
    return render_template("pages/alert_backtest.html", **_told(rule))


@role_required("analyst")
def save(rule_id: int | None = None) -> ResponseReturnValue:
    """Keep the rule of the form."""
    if rule_id is not None:
        alert_rules.get_rule(session, current_workspace.id, rule_id)
    values = read_rule(request.form.to_dict(flat=False))
    values["name"] = values["name"] or alert_words.kind(values["kind"], values["aspect"])
    if rule_id is None:
        try:
            rule = alert_rules.add_rule(session, current_workspace.id, values)
        except Conflict as error:
            raise Problem(409, _("A workspace has at most %(n)s rules.", n=alert_rules.MOST)) from error
    else:
        rule = alert_rules.change_rule(session, current_workspace.id, rule_id, values)
    act = "alert_rule.add" if rule_id is None else "alert_rule.change"
    note(session, current_workspace.id, act, rule.name, after=values)
    session.commit()
    flash(_("Saved. The rules look at the data within a minute."))
    return redirect(url_for("pages.alert_rules"))


@role_required("analyst")
def remove(rule_id: int) -> ResponseReturnValue:
    """Delete a rule; its issues stay."""
    gone = alert_rules.remove_rule(session, current_workspace.id, rule_id)
    note(session, current_workspace.id, "alert_rule.remove", gone.name)
    session.commit()
    return redirect(url_for("pages.alert_rules"))


def read_rule(given: dict[str, list[str]]) -> dict[str, Any]:
    """Read the fields of the form.

    Raises
    ------
    Problem
        400: a field holds what the form cannot send.
    """

    def one(name: str, default: str = "") -> str:
        return given.get(name, [default])[0].strip()

    try:
        ids = [int(id) for id in given.get("destination", [])]
        values: dict[str, Any] = {
            "name": one("name")[:LONGEST],
            "kind": one("kind", KINDS[0]),
            "aspect": meant(one("aspect")[:LONGEST]) if one("kind") == "aspect_complaints" else "",
            "sensitivity": int(one("sensitivity", "3")),
            "scope": _scope(one("product"), {name: one(name) for name in ("category", "brand", "shop")}),
            "destination_ids": ids,
            "throttle_hours": int(one("throttle_hours") or 24),
            "quiet_from": _hour(one("quiet_from")),
            "quiet_to": _hour(one("quiet_to")),
            "is_on": one("is_on", "yes") == "yes",
        }
    except ValueError as error:
        raise Problem(400, _("Some parameters are not valid.")) from error
    known = values["kind"] in KINDS and values["sensitivity"] in SENSITIVITIES
    if not known or not 0 <= values["throttle_hours"] <= MOST_HOURS:
        raise Problem(400, _("Some parameters are not valid."))
    return values


def _scope(product: str, where: dict[str, str]) -> dict[str, Any]:
    """Return the products of a rule: one by the shop's id, or all of a category, brand and shop."""
    if product:
        found = products.product_by_external_id(session, current_workspace.id, product)
        if found is None:
            raise Problem(400, _("There is no product with this id."))
        return {"product_ids": [found.id]}
    return {name: value for name, value in where.items() if value}


def _hour(text: str) -> int | None:
    if not text:
        return None
    hour = int(text)
    if not 0 <= hour <= 23:
        raise ValueError(text)
    return hour


def _form(rule: AlertRule) -> str:
    workspace = current_workspace.id
    named = products.products_by_ids(session, workspace, rule.scope.get("product_ids") or [])
    return render_template(
        "pages/alert_rule.html",
        section="pages.alerts",
        rule=rule,
        kinds=KINDS,
        product=named[0] if named else None,
        in_use=products.words_in_use(session, workspace),
        aspects=choices(),
        destinations=destinations.list_destinations(session, workspace),
        **_told(rule),
    )


def _told(rule: AlertRule) -> dict[str, Any]:
    found = replayed(rule)
    shown = found.alarms[:EXAMPLES]
    ids = {alarm.product_id for alarm in shown}
    return {
        "found": found,
        "level": alert_words.level(rule.kind, rule.sensitivity),
        "examples": [(alarm, _compared(rule.kind, alarm)) for alarm in shown],
        "titles": _titles(ids),
        "most_products": MOST_PRODUCTS,
        "of": rule,
    }


def _compared(kind: str, alarm: Alarm) -> str:
    return alert_words.compared(kind, {"now": alarm.now, "before": alarm.before, "n": alarm.n})


def _titles(ids: set[int]) -> dict[int, str]:
    return {
        product.id: product.title or product.external_id
        for product in products.products_by_ids(session, current_workspace.id, ids)
    }
