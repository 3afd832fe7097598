"""Reviews that others speak against: copies, bursts, busy accounts, seen over the whole of a shop."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Sequence
from datetime import date, datetime
from typing import get_args

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from nlp.accounts import Posted, Sign, is_account
from nlp.bursts import find_bursts
from nlp.suspect import CONTEXT, SILENT, context_reasons
from storage import suspects
from storage.suspects import Said
from workers.pace import portions

Bursts = set[tuple[int, datetime]]

COUNTED_AT_ONCE = 1000
_ACCOUNT_SIGNS = frozenset(get_args(Sign))


class Search:
    """Finds anew what reviews hold against each other, after those of some products changed.

    What is stored at the end depends on the scored reviews alone, not on the order in which they came in.
    Only one search of a workspace may be on at a time, for what it counted must hold until all is marked.

    Parameters
    ----------
    session : Session
        May be committed after each step.
    workspace_id : int
    timezone : str
        The shop's clock.

    Attributes
    ----------
    done, rows : int
        Products counted or marked so far, and all that are known to be counted or marked.
    marked : int
        How many products are marked; those given come first, in their order.
    others : set of int
        Further products whose marks change with those given: by an account that wrote about both, or
        because a day looks ordinary or not next to the rest of the shop.
    """

    def __init__(self, session: Session, workspace_id: int, timezone: str) -> None:
        self._session, self._workspace_id, self._timezone = session, workspace_id, timezone
        self._shop_of: dict[int, str] = {}
        self._bursts: Bursts = set()
        self.done, self.rows, self.marked = 0, 0, 0
        self.others: set[int] = set()

    def steps(self, product_ids: Collection[int]) -> Iterator[None]:
        """Count the shops of the products once, then mark product by product; yield after each step."""
        given, through = set(product_ids), set[int]()
        todo = list(dict.fromkeys(product_ids))
        self.rows += len(todo)
        while todo:
            unsettled = (yield from self._count(self._uncounted(todo))).difference(through, todo)
            self.rows += len(unsettled)
            self.others |= unsettled - given
            found: set[int] = set()
            for product_id in [*todo, *sorted(unsettled)]:
                touched = self._mark(product_id)
                through.add(product_id)
                found |= touched
                self.others |= touched - given
                self.done, self.marked = self.done + 1, self.marked + 1
                yield
            todo = sorted(found - through)
            self.rows += len(todo)

    def _uncounted(self, product_ids: Collection[int]) -> Sequence[int]:
        """Return the products of the shops of some, those that are not counted yet."""
        shops = suspects.shops_of(self._session, self._workspace_id, product_ids)
        new = [product_id for product_id in shops if product_id not in self._shop_of]
        self._shop_of |= shops
        self.rows += len(new)
        return new

    def _count(self, product_ids: Sequence[int]) -> Generator[None, None, set[int]]:
        """Count arrivals and note the hours of bursts; return the products that are marked otherwise."""
        parts = []
        for portion in portions(product_ids, COUNTED_AT_ONCE):
            here = (self._session, self._workspace_id)
            parts.append(suspects.arrivals(*here, portion, self._timezone, "burst", sorted(SILENT)))
            self.done += len(portion)
            yield
        return self._find_bursts(pd.concat(parts, ignore_index=True)) if parts else set()

    def _find_bursts(self, cells: pd.DataFrame) -> set[int]:
        flags = find_bursts(
            cells["product_id"].to_numpy(),
            cells["hour"].to_numpy().astype("datetime64[h]"),
            cells["count"].to_numpy(),
            cells["product_id"].map(self._shop_of).to_numpy(),
        )
        burst = cells[flags]
        moments = burst["hour"].to_numpy().astype("datetime64[h]").astype(object)
        self._bursts.update(zip(burst["product_id"].tolist(), moments, strict=True))
        unsettled = cells["marked"] != np.where(flags, cells["count"], 0)
        return set(cells.loc[unsettled, "product_id"].tolist())

    def _mark(self, product_id: int) -> set[int]:
        """Mark a product's reviews; return the other products that must be marked anew."""
        here = (self._session, self._workspace_id)
        own = suspects.said_of(*here, product_id, self._timezone)
        accounts = sorted({said.user_key for said in own if is_account(said.user_key)})
        others = suspects.said_elsewhere(*here, accounts, product_id, self._timezone)
        found = _findings([*own, *others], self._bursts, product_id)
        changed = [
            (said.id, list(signs), _since(said, signs))
            for said, signs in zip(own, found, strict=False)
            if (list(signs), _since(said, signs)) != (_stored(said), said.since)
        ]
        if changed:
            suspects.mark_reviews(*here, changed, CONTEXT)
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
