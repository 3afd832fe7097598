"""A weekly report that was made is told of where its subscription says, and goes with a mail as a file."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from reports import brief
from settings import Settings
from storage import destinations, exports, snapshots, subscriptions
from storage.errors import NotFound
from storage.models import Export, Job
from storage.overview import daily_series, data_cutoff, kpis
from storage.products import get_product
from workers.mail import Attachment

log = logging.getLogger(__name__)

MOST_BYTES = 7_000_000
"""Of the files of one mail, which grow by 37% on their way; many servers refuse a mail beyond 10 MB."""

Body = Mapping[str, Any]


def announce(session: Session, settings: Settings, job: Job, export: Export, rows: int) -> None:
    """Queue a message of a weekly report, in the transaction in which its file is noted as made.

    Who left the workspace, wants it no more, or named no destination, is told nothing.
    """
    destination_id = subscriptions.told_at(session, export)
    if destination_id is not None:
        report = _report(session, settings, job, export, rows)
        destinations.queue(session, export.workspace_id, destination_id, {"report": report})


def attachments(
    session: Session, settings: Settings, workspace_id: int, bodies: Sequence[Body]
) -> list[Attachment]:
    """Return the files of the reports among some bodies, as far as they are there and fit into a mail."""
    found: list[Attachment] = []
    room = MOST_BYTES
    for body in bodies:
        if "report" not in body:
            continue
        try:
            export = exports.export_of(session, workspace_id, UUID(body["report"]["job_id"]))
            path = exports.path_of(settings, export)
            size = path.stat().st_size
            if size > room:
                log.info("the file of job %s is too large for a mail", export.job_id)
                continue
            media_type = exports.MEDIA_TYPES[export.format]
            found.append(Attachment(export.name, media_type, path.read_bytes()))
            room -= size
        except (NotFound, OSError) as error:
            log.info("nothing to attach: %s", type(error).__name__)
    return found


def _report(session: Session, settings: Settings, job: Job, export: Export, rows: int) -> dict[str, Any]:
    """Return what a message of a report tells: about what, which week, the key figures, where it is."""
    told = {"job_id": str(export.job_id), "week": job.params.get("week", ""), "file": export.name}
    if export.product_id is None or export.snapshot_id is None:
        about = {"product_id": None, "title": "", "products": rows}
        return told | about | _overview(session, export.workspace_id) | {"url": _url(settings, "/exports")}
    product = get_product(session, export.workspace_id, export.product_id)
    frozen = snapshots.get_snapshot(session, export.workspace_id, export.snapshot_id)
    about = {"product_id": product.id, "title": product.title or product.external_id, "products": None}
    figures = brief.brief(snapshots.figures_of(frozen))
    return told | about | figures | {"url": _url(settings, f"/products/{product.id}/exports")}


def _overview(session: Session, workspace_id: int) -> dict[str, Any]:
    """Return the key figures of all products together; nobody forecasts their sum."""
    cutoff = data_cutoff(session, workspace_id)
    units = net = None
    if cutoff.sales is not None:
        start = cutoff.sales - timedelta(days=2 * brief.WEEK - 1)
        days = daily_series(session, workspace_id, start=start, end=cutoff.sales)
        units = brief.units(cutoff.sales, {point.day: point.units for point in days})
    if cutoff.reviews is not None:
        start = cutoff.reviews - timedelta(days=brief.WEEK - 1)
        said = kpis(session, workspace_id, start=start, end=cutoff.reviews)
        net = brief.net(asdict(said.current), asdict(said.previous))
    return {"units": units, "net": net, "ahead": None}


def _url(settings: Settings, path: str) -> str:
    return f"{settings.public_url}{path}" if settings.public_url else ""
