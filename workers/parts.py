"""Products are forecast in parts of bounded size, each with a model of its own."""

from __future__ import annotations

from sqlalchemy.orm import Session

from storage.errors import NoData
from storage.sales import selling_products
from workers.context import Context
from workers.leases import Assignment, hand_out


def parts_of(context: Context, session: Session, workspace_id: int) -> list[list[int]]:
    """Cut the products with sales into parts of nearly equal size, the same way for the same data."""
    ids = selling_products(session, workspace_id)
    count = -(-len(ids) // context.settings.forecast_part_products)
    return [ids[len(ids) * part // count : len(ids) * (part + 1) // count] for part in range(count)]


def part_of(context: Context, session: Session, workspace_id: int, product_id: int) -> int:
    """Return the number of the part that a product belongs to.

    Raises
    ------
    NoData
        The product has no sales.
    """
    for number, ids in enumerate(parts_of(context, session, workspace_id)):
        if product_id in ids:
            return number
    raise NoData(f"product {product_id} has no sales yet")


def plan_parts(assignment: Assignment) -> None:
    """Give each part a training chunk of its own.

    Raises
    ------
    NoData
        The workspace has no sales.
    """
    workspace_id = assignment.workspace_id
    with assignment.context.sessions.begin() as session:
        parts = parts_of(assignment.context, session, workspace_id)
        if not parts:
            raise NoData(f"workspace {workspace_id} has no sales yet")
        payloads = [(0, {"part": number, "products": len(ids)}) for number, ids in enumerate(parts)]
        wake = hand_out(session, assignment, payloads)
    wake()
