"""What a reader sees of a product, frozen: the snapshot that files and links are made of."""

from sqlalchemy.orm import Session

from storage import snapshots
from storage.models import Product, Snapshot
from webapp.auth import principal
from webapp.pages.findings import Known, blocks


def freeze(session: Session, known: Known) -> Snapshot:
    """Take a snapshot of the days that the page shows, with its conclusion in the reader's language."""
    product: Product = known.product
    who = principal()
    said, filters = blocks(session, product.workspace_id, known)["conclusion"], known.filters
    return snapshots.take(
        session,
        product,
        (known.period.start, known.period.end),
        user_id=who.user_id if who else None,
        scope=filters.scope,
        comparison=filters.comparison,
        against="" if filters.is_plain else filters.against,
        conclusion=[clause.text for clause in said],
    )
