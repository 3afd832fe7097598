"""Reviews that others speak against: copies, bursts, busy accounts, seen over the whole of a shop."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import get_args

import numpy as np
from sqlalchemy.orm import Session

from nlp.accounts import Posted, Sign, is_account
from nlp.bursts import find_bursts
from nlp.suspect import CONTEXT, SILENT, context_reasons
from storage import locks, suspects
from storage.suspects import Said

Bursts = set[tuple[int, datetime]]

_ACCOUNT_SIGNS = frozenset(get_args(Sign))


def mark_suspects(
    session: Session, workspace_id: int, product_ids: Collection[int], timezone: str
) -> set[int]:
    """Find anew what reviews hold against each other, after those of some products changed.

    What is stored afterwards depends on the scored reviews alone, not on the order in which they came in.
    Only one transaction of a workspace is at it at a time.

    Returns
    -------
    set of int
        The products given, and others whose marks changed with theirs: by an account that wrote about both,
        or because a day looks ordinary or not next to the rest of the shop.
    """
    locks.hold(session, f"suspects {workspace_id}")
    todo, done = set(product_ids), set[int]()
    while todo:
        bursts, unsettled = _bursts(session, workspace_id, todo, timezone)
        wave = (todo | unsettled) - done
        done |= wave
        todo = {
            other
            for product_id in sorted(wave)
            for other in _mark_product(session, workspace_id, product_id, timezone, bursts)
        } - done
    return done


def _bursts(
    session: Session, workspace_id: int, product_ids: Collection[int], timezone: str
) -> tuple[Bursts, set[int]]:
    """Return the hours of bursts in the shops of the products, and the products marked otherwise."""
    cells = suspects.arrivals(session, workspace_id, product_ids, timezone, "burst", sorted(SILENT))
    flags = find_bursts(
        [cell.product_id for cell in cells],
        np.array([cell.hour for cell in cells], dtype="datetime64[h]"),
        [cell.count for cell in cells],
        [cell.shop for cell in cells],
    )
    unsettled = {
        cell.product_id
        for cell, flag in zip(cells, flags, strict=True)
        if cell.marked != (cell.count if flag else 0)
    }
    found = {(cell.product_id, cell.hour) for cell, flag in zip(cells, flags, strict=True) if flag}
    return found, unsettled


def _mark_product(
    session: Session, workspace_id: int, product_id: int, timezone: str, bursts: Bursts
) -> set[int]:
    """Mark a product's reviews; return the other products that must be marked anew."""
    own = suspects.said_of(session, workspace_id, product_id, timezone)
    accounts = sorted({said.user_key for said in own if is_account(said.user_key)})
    others = suspects.said_elsewhere(session, workspace_id, accounts, product_id, timezone)
    found = _findings([*own, *others], bursts, product_id)
    changed = [
        (said.id, list(signs), _since(said, signs))
        for said, signs in zip(own, found, strict=False)
        if (list(signs), _since(said, signs)) != (_stored(said), said.since)
    ]
    suspects.mark_reviews(session, workspace_id, changed, CONTEXT)
    return {
        said.product_id
        for said, signs in zip(others, found[len(own) :], strict=True)
        if _account_differs(said, signs)
    }


def _findings(reviews: list[Said], bursts: Bursts, product_id: int) -> list[dict[str, date]]:
    """Return for each review what others hold against it, and since when; copies in the product."""
    found: list[dict[str, date]] = [{} for _ in reviews]
    speaking = [
        (place, Posted(said.text, said.product_id, said.user_key, said.at))
        for place, said in enumerate(reviews)
        if not SILENT.intersection(said.reasons)
    ]
    against = context_reasons([posted for _, posted in speaking], bursts, whole={product_id})
    for (place, _), signs in zip(speaking, against, strict=True):
        found[place] = {reason: at.date() for reason, at in signs.items() if at}
    return found


def _stored(said: Said) -> list[str]:
    return [reason for reason in said.reasons if reason in CONTEXT]


def _since(said: Said, signs: dict[str, date]) -> date | None:
    """Return when a review became suspect; None for one that is not, or that is by itself."""
    by_itself = len(_stored(said)) < len(said.reasons)
    return None if by_itself else min(signs.values(), default=None)


def _account_differs(said: Said, signs: dict[str, date]) -> bool:
    """Tell whether what speaks against its account is stored otherwise for a review of another product."""
    theirs = {reason: day for reason, day in signs.items() if reason in _ACCOUNT_SIGNS}
    if theirs.keys() != _ACCOUNT_SIGNS.intersection(said.reasons):
        return True
    return said.since is not None and min(theirs.values(), default=said.since) < said.since
