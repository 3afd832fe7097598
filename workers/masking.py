"""Personal data is starred out before a row is stored, and in older rows when they are read anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from ingest import Refusal, Row
from ingest.rows import SHOWN
from nlp.privacy import mask
from storage.models import Product, Review
from storage.rewriting import rewrite

REVIEW_TEXTS = ("text", "title", "user_id", "product_title")
PRODUCT_TEXTS = ("title", "description")
OF_FILES = {"import_reviews": REVIEW_TEXTS, "import_products": PRODUCT_TEXTS}
_LONGEST_NUMBER = 24


def masked(row: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return a row of a file with personal data hidden in those fields that it has."""
    hidden = dict(row)
    for name in names:
        if value := hidden.get(name):
            hidden[name] = mask(value)
    return hidden


def masked_rows(items: Iterator[Row | Refusal], kind: str) -> Iterator[Row | Refusal]:
    """Yield a file's rows with personal data hidden, as its kind of import asks; refusals as they are."""
    names = OF_FILES.get(kind)
    for item in items:
        yield Row(item.line, masked(item.values, names)) if names and isinstance(item, Row) else item


def masked_value(refusal: Refusal) -> str:
    """Return the value of a refused row as it may be kept; a number cut off at its end is hidden whole."""
    shown = mask(refusal.value)
    if len(shown) < SHOWN:
        return shown
    start = SHOWN - _LONGEST_NUMBER
    return shown[:start] + "".join("*" if letter.isnumeric() else letter for letter in shown[start:])


def mask_reviews(session: Session, workspace_id: int, ids: Collection[int]) -> int:
    """Hide personal data in those stored reviews; return how many had any."""
    return rewrite(session, Review, workspace_id, ids, ("text", "title", "user_key"), mask)


def mask_products(session: Session, workspace_id: int, ids: Collection[int]) -> int:
    """Hide personal data in those stored products; return how many had any."""
    return rewrite(session, Product, workspace_id, ids, PRODUCT_TEXTS, mask)
