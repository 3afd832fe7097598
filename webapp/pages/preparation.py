"""What was made of a product's days before models learned from them, in one line."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

KINDS = ("stockout", "unknown", "closed", "unrecorded", "filled_zero", "ended")


def preparation(findings: Mapping[str, Any] | None) -> str | None:
    """Say how many days there are and what was made of those that are not plain; None where nobody counted.

    Parameters
    ----------
    findings : mapping or None
        Of a backtest: ``preparation`` as `forecasting.data_account.count_days` makes it for a series.
    """
    counts = (findings or {}).get("preparation") or {}
    days = counts.get("days", 0)
    if not days:
        return None
    said = [_said(kind, counts[kind]) for kind in KINDS if counts.get(kind)]
    if not said:
        return _("%(days)s days of sales, all used as they were given.", days=days)
    return _("%(days)s days of sales: %(said)s.", days=days, said=_("; ").join(said))


def _said(kind: str, n: int) -> str:
    return {
        "stockout": _("%(n)s out of stock, whose demand is taken as unknown", n=n),
        "unknown": _("%(n)s without a figure, taken as unknown", n=n),
        "closed": _("%(n)s closed, left out", n=n),
        "unrecorded": _("%(n)s of zeros where nothing was recorded, left out", n=n),
        "filled_zero": _("%(n)s without a row, taken as nothing sold", n=n),
        "ended": _("%(n)s after the last row, taken as nothing sold", n=n),
    }[kind]
