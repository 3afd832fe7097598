"""Where people are told of alerts; for owners. Addresses and secrets are kept encrypted, and shown never."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from settings import Settings
from storage import accounts, destinations
from storage.errors import Conflict
from storage.models import CHANNELS
from storage.sealing import Seal
from webapp.auth.access import current_workspace, role_required
from webapp.auth.audit import note
from webapp.database import session
from webapp.problems import Problem
from webapp.workspaces.hosts import address_fault
from webapp.workspaces.refusals import reason

LONGEST = 500
LONGEST_NAME = 100
MOST_PEOPLE = 20
LANGUAGES = ("zh", "en")


def add_routes(settings: Blueprint) -> None:
    """Put the pages at /settings/destinations."""
    settings.add_url_rule("/destinations", "destinations", show)
    settings.add_url_rule("/destinations", "add_destination", add, methods=["POST"])
    where = "/destinations/<int:destination_id>"
    settings.add_url_rule(f"{where}/test", "test_destination", test, methods=["POST"])
    settings.add_url_rule(f"{where}/remove", "remove_destination", remove, methods=["POST"])


@role_required("owner")
def show() -> ResponseReturnValue:
    """Show the destinations of the workspace and how their last message went."""
    return render_template(
        "workspaces/destinations.html",
        section="settings.security",
        destinations=destinations.list_destinations(session, current_workspace.id),
        last=destinations.last_messages(session, current_workspace.id),
        kinds=CHANNELS,
        reason=reason,
        hosts=_settings().webhook_hosts,
        has_mail=bool(_settings().smtp_url),
    )


@role_required("owner")
def add() -> ResponseReturnValue:
    """Keep a destination, its address and secret encrypted."""
    kind, language = request.form.get("kind", ""), request.form.get("language", "zh")
    name = request.form.get("name", "").strip()[:LONGEST_NAME]
    address, secret = request.form.get("address", "").strip(), request.form.get("secret", "").strip()
    if kind not in CHANNELS or language not in LANGUAGES or max(len(address), len(secret)) > LONGEST:
        raise Problem(400, _("Some parameters are not valid."))
    fault = _fault(kind, address, secret)
    if fault or not name:
        flash(fault or _("Say what it is called."), "error")
        return redirect(url_for("settings.destinations"))
    sealed = Seal(_settings().secret_key).close({"address": address, "secret": secret})
    try:
        row = destinations.add_destination(
            session, current_workspace.id, kind, name, address, sealed, language
        )
    except Conflict:
        flash(_("A workspace has at most %(n)s destinations.", n=destinations.MOST), "error")
        return redirect(url_for("settings.destinations"))
    note(session, current_workspace.id, "destination.add", name, after={"kind": kind, "address": row.shown})
    session.commit()
    flash(_("Saved. Send a test message to see whether it arrives."))
    return redirect(url_for("settings.destinations"))


@role_required("owner")
def test(destination_id: int) -> ResponseReturnValue:
    """Queue a test message; the page tells how it went once a worker has sent it."""
    destinations.queue(session, current_workspace.id, destination_id, {"test": True})
    session.commit()
    flash(_("The test message goes out within a minute. Load the page again to see how it went."))
    return redirect(url_for("settings.destinations"))


@role_required("owner")
def remove(destination_id: int) -> ResponseReturnValue:
    """Delete a destination; rules tell it no more."""
    gone = destinations.remove_destination(session, current_workspace.id, destination_id)
    note(session, current_workspace.id, "destination.remove", gone.name)
    session.commit()
    return redirect(url_for("settings.destinations"))


def _fault(kind: str, address: str, secret: str) -> str:
    """Say why an address cannot be used; each message checks again where its name leads."""
    if kind == "email":
        people = [person.strip() for person in address.split(",")]
        if len(people) > MOST_PEOPLE or not all(map(accounts.is_address, people)):
            return _("Addresses look like li@example.com, at most %(n)s, separated by commas.", n=MOST_PEOPLE)
        return ""
    allowed = (*destinations.HOSTS[kind], *_settings().webhook_hosts)
    if fault := address_fault(address, allowed):
        return fault
    if kind == "webhook" and not secret:
        return _("A webhook needs a secret that signs what is sent.")
    return ""


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
