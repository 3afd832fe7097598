"""What shoppers wrote is withheld from a session: rows are loaded without words, counts stay as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from storage.models import Job, ProductDigest, Refusal, Review

WITHHELD = "texts_withheld"
# Parts of a digest that are words of reviews, or sentences that quote them.
EMPTY: dict[str, Any] = {"quotes": [], "sentences": {}, "written": None}


def withhold(session: Session) -> Session:
    """Load reviews, refused rows, digests and results without what shoppers wrote, from here on."""
    if not session.info.get(WITHHELD):
        session.info[WITHHELD] = True
        event.listen(session, "loaded_as_persistent", _empty)
    return session


def are_withheld(session: Session) -> bool:
    """Tell whether a session loads no words of shoppers."""
    return bool(session.info.get(WITHHELD))


def _empty(_session: Session, row: object) -> None:
    change = CHANGES.get(type(row))
    if change is not None:
        for name, value in change(row).items():
            set_committed_value(row, name, value)


def _review(row: Any) -> dict[str, Any]:
    named = [{name: part[name] for name in ("category", "polarity") if name in part} for part in row.aspects]
    return {"text": "", "title": "", "user_key": "", "aspects": named, "keywords": []}


def _refusal(_row: Any) -> dict[str, Any]:
    return {"value": ""}


def _digest(row: Any) -> dict[str, Any]:
    return {"digest": _without_words(row.digest)}


def _job(row: Any) -> dict[str, Any]:
    return {"result": None, "params": {name: part for name, part in row.params.items() if name != "texts"}}


def _without_words(part: Any) -> Any:
    """Return a digest with no quotes, and no sentences made of them."""
    if isinstance(part, dict):
        return {name: EMPTY[name] if name in EMPTY else _without_words(inner) for name, inner in part.items()}
    return [_without_words(inner) for inner in part] if isinstance(part, list) else part


CHANGES: dict[type, Callable[[Any], dict[str, Any]]] = {
    Review: _review,
    Refusal: _refusal,
    ProductDigest: _digest,
    Job: _job,
}
