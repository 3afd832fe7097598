"""A report as files and as links: what was made of it, and what can be."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage import destinations, exports, shares
from storage.models import FORMATS
from storage.products import get_product
from webapp import exports as files
from webapp.auth import current_workspace, login_required_page, principal, role_required
from webapp.auth.audit import note
from webapp.auth.tokens import generate_word, hash_token
from webapp.database import session
from webapp.pages.findings import Known, gather
from webapp.pages.frozen import freeze
from webapp.pages.weekly import own_weekly
from webapp.problems import Problem

LIVES = (7, 30, 90)


def add_routes(pages: Blueprint) -> None:
    """Put the pages at /products/<id>/exports, and the files at /jobs/<id>/file."""
    pages.add_url_rule("/products/<int:product_id>/exports", "exports", listing)
    pages.add_url_rule("/products/<int:product_id>/exports", "export", export, methods=["POST"])
    pages.add_url_rule("/products/<int:product_id>/shares", "share", share, methods=["POST"])
    pages.add_url_rule("/shares/<int:share_id>/revoke", "revoke_share", revoke, methods=["POST"])
    pages.add_url_rule("/exports", "all_exports", overviews)
    pages.add_url_rule("/exports", "export_overview", export_overview, methods=["POST"])
    pages.add_url_rule("/jobs/<uuid:job_id>/file", "job_file", job_file)


@login_required_page
def listing(product_id: int) -> ResponseReturnValue:
    """Show the files and links of a product's report; a new one holds the days and reviews of the address."""
    return _page(product_id, request.args)


@role_required("analyst")
def export(product_id: int) -> ResponseReturnValue:
    """Freeze the report and have it written as a file; the job's page shows the link."""
    format = request.form.get("format", "xlsx")
    if format not in FORMATS:
        raise Problem(400, _("A report is exported as %(formats)s.", formats=", ".join(FORMATS)))
    known = _known(product_id)
    job = files.request_export(session, known.product, freeze(session, known), format, known.period.end)
    session.commit()
    return redirect(url_for("pages.job", job_id=job.id))


@login_required_page
def overviews() -> ResponseReturnValue:
    """Show the files of all products together, and what the reader gets each week."""
    told = destinations.list_destinations(session, current_workspace.id)
    return render_template(
        "pages/overviews.html",
        section="pages.overview",
        files=exports.list_exports(session, current_workspace.id, None),
        weekly=own_weekly(),
        destinations=told,
        names={row.id: row.name for row in told},
    )


@role_required("analyst")
def export_overview() -> ResponseReturnValue:
    """Have all products written as a workbook."""
    job = files.request_overview(session, current_workspace.id, current_workspace.name)
    session.commit()
    return redirect(url_for("pages.job", job_id=job.id))


@login_required_page
def job_file(job_id: UUID) -> ResponseReturnValue:
    """Download the file of an export."""
    return files.send(exports.export_of(session, current_workspace.id, job_id))


@role_required("analyst")
def share(product_id: int) -> ResponseReturnValue:
    """Freeze the report and open a link to it, which is shown once."""
    known, days = _known(product_id), request.form.get("lives", str(shares.DAYS))
    if days not in map(str, LIVES):
        raise Problem(400, _("A link lives for %(days)s days.", days=", ".join(map(str, LIVES))))
    frozen, word, who = freeze(session, known), generate_word(), principal()
    user_id = who.user_id if who else None
    opened = shares.add_share(session, frozen, hash_token(word), days=int(days), user_id=user_id)
    said = {"product": product_id, "snapshot": frozen.hash, "days": int(days)}
    note(session, current_workspace.id, "share.create", opened.id, after=said)
    session.commit()
    return _page(product_id, request.form, url_for("shared.show", word=word, _external=True))


@role_required("analyst")
def revoke(share_id: int) -> ResponseReturnValue:
    """Take a link back."""
    gone = shares.revoke_share(session, current_workspace.id, share_id)
    product_id = gone.snapshot.product_id
    note(session, current_workspace.id, "share.revoke", share_id, before={"product": product_id})
    session.commit()
    flash(_("The link opens nothing any more."))
    return redirect(url_for("pages.exports", product_id=product_id))


def _known(product_id: int) -> Known:
    product = get_product(session, current_workspace.id, product_id)
    known = gather(session, current_workspace.id, product, request.form)
    if known is None:
        raise Problem(409, _("This product has no sale and no review yet"))
    return known


def _page(product_id: int, asked: Mapping[str, str], link: str = "") -> str:
    product: Any = get_product(session, current_workspace.id, product_id)
    known = gather(session, current_workspace.id, product, asked)
    return render_template(
        "pages/exports.html",
        section="pages.overview",
        product=product,
        product_id=product_id,
        files=exports.list_exports(session, current_workspace.id, product_id),
        shares=shares.list_shares(session, current_workspace.id, product_id),
        lives=LIVES,
        formats=FORMATS,
        weekly=own_weekly().get(product_id),
        destinations=destinations.list_destinations(session, current_workspace.id),
        filters=known.filters if known else None,
        link=link,
    )
