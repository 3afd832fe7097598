"""An id for reviews that come without one."""

import hashlib
from typing import Any


def review_id(values: dict[str, Any]) -> str:
    """Return a stable id from product, moment, user and text, so that the same file adds nothing twice."""
    created = values["created_at"].timestamp()
    parts = (values["product_id"], f"{created:.6f}", values["user_id"] or "", values["text"])
    digest = hashlib.blake2b("\0".join(parts).encode(), digest_size=16)
    return "h-" + digest.hexdigest()
