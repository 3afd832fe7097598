"""Texts written anew where a function has other words for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from storage.models import Product, Review


def rewrite(
    session: Session,
    model: type[Product] | type[Review],
    workspace_id: int,
    ids: Collection[int],
    columns: Sequence[str],
    change: Callable[[str], str],
) -> int:
    """Write the changed texts of some rows; return how many rows changed.

    Parameters
    ----------
    ids
        Rows to look at.
    columns
        Names of text columns.
    change
        From a text to what it shall be; rows for which nothing changes are not touched.
    """
    table = cast(Table, model.__table__)
    keys = [column.name for column in table.primary_key]
    found = session.execute(
        select(*(getattr(model, name) for name in (*keys, *columns))).where(
            model.workspace_id == workspace_id, model.id == func.any(list(ids))
        )
    )
    changed = []
    for row in found:
        texts = row[len(keys) :]
        new = tuple(change(text) for text in texts)
        if new != texts:
            named = {"workspace": workspace_id} | {f"old_{name}": row[at] for at, name in enumerate(keys)}
            changed.append(named | {f"new_{name}": text for name, text in zip(columns, new, strict=True)})
    if changed:
        same = [table.c[name] == bindparam(f"old_{name}") for name in keys]
        here = (*same, table.c.workspace_id == bindparam("workspace"))
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
        session.execute(update(table).where(*here).values(values), changed)
        session.expire_all()
    return len(changed)
