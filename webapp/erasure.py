"""Deleting a product or a shopper, with a receipt, for pages and API alike."""

import hashlib
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from storage import erasure
from storage.products import get_product
from webapp import jobs
from webapp.auth.audit import note


def erase_product(session: Session, workspace_id: int, product_id: int) -> dict[str, Any]:
    """Delete a product and all that came from it; commits, deletes the files, and returns the receipt.

    Raises
    ------
    storage.errors.NotFound
        No such product in this workspace.
    """
    name = get_product(session, workspace_id, product_id).external_id
    erased = erasure.erase_product(session, workspace_id, product_id)
    return _finish(session, workspace_id, "erase.product", name, erased)


def erase_shopper(session: Session, workspace_id: int, user_id: str) -> dict[str, Any]:
    """Delete a shopper's reviews and what was computed from them, likewise; the receipt holds a hash."""
    erased, job = erasure.erase_shopper(session, workspace_id, user_id)
    if job is not None:
        jobs.wake(session, job)
    named = "sha256:" + hashlib.sha256(user_id.encode("utf-8", "replace")).hexdigest()
    return _finish(session, workspace_id, "erase.shopper", named, erased)


def _finish(
    session: Session, workspace_id: int, action: str, target: str, erased: erasure.Erased
) -> dict[str, Any]:
    entry = note(session, workspace_id, action, target, after=erased.receipt)
    session.commit()
    settings = current_app.extensions["settings"]
    erasure.remove_files(settings, erased.uploads, erased.artifacts, erased.exports)
    return {"action": action, "target": target, "at": entry.at, "hash": entry.hash, **erased.receipt}
