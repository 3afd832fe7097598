"""The words for what a forecaster remarks on a what-if: warnings, and why one was refused."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from storage.models import ForecastRun
from webapp.pages.names import driver


def run_remarks(run: ForecastRun) -> list[str]:
    """Say in the reader's language what was warned of, or why a run was refused; empty where nothing was."""
    return [remark(found) for found in run.remarks]


def remark(found: Mapping[str, Any]) -> str:
    """Say one remark; one whose code is not known here stays as the forecaster said it."""
    values = found["values"]
    words = {**values, "column": _column(values.get("column", ""))}
    said = _warning(found["code"], words) or _refusal(found["code"], words)
    return said or str(found["detail"])


def _column(name: str) -> str:
    if name.startswith("negative_share"):
        return _("Share of negative reviews")
    if name.startswith("sentiment_mean"):
        return _("Mean sentiment of reviews")
    return driver("reviews" if name.startswith("reviews_") else name)


def _warning(code: str, words: dict[str, Any]) -> str | None:
    if code in ("below_seen", "above_seen"):
        words = words | {name: f"{words[name]:g}" for name in ("value", "low", "high")}
        if code == "below_seen":
            said = _(
                "%(column)s %(value)s is below every value seen of this product (%(low)s to %(high)s).",
                **words,
            )
        else:
            said = _(
                "%(column)s %(value)s is above every value seen of this product (%(low)s to %(high)s).",
                **words,
            )
        return said + (_(" No other product has such a value either.") if words["everywhere"] else "")
    if code == "never_sold":
        return _(
            "This product has never sold. The forecast is what %(products)s other products say of one like "
            "it, by category, price and description; no sale of its own has confirmed it.",
            **words,
        )
    if code == "never_seen":
        seen = ", ".join(f"{value:g}" for value in words["seen"])
        words = words | {"value": f"{words['value']:g}", "seen": seen}
        return _("%(column)s %(value)s was never seen, only %(seen)s.", **words)
    return None


def _refusal(code: str, words: dict[str, Any]) -> str | None:
    if code == "no_such_reviews":
        about = driver(f"sentiment:{words['aspect']}", words["polarity"])
        return _(
            "Nothing would change: in the last %(days)s days there is no review of this kind: %(about)s.",
            days=words["days"],
            about=about,
        )
    if code == "no_day":
        return _("Nothing would change: no day from %(first)s to %(last)s is meant.", **words)
    return {
        "never_sold_model": _("This product has never sold, which this model needs."),
        "never_sold_scenario": _(
            "This product has never sold, so nothing is known of what a scenario would change."
        ),
        "nothing_named": _("Nothing would change: nothing is named that would be different."),
        "unknown_column": _("Nothing would change: %(column)s is not known ahead.", **words),
        "already_planned": _("Nothing would change: %(column)s is already planned so.", **words),
        "never_different": _(
            "Nothing would change: %(column)s never was different, so nothing is known of what it does.",
            **words,
        ),
        "column_unfelt": _(
            "Nothing would change: no model that speaks for this product feels %(column)s.", **words
        ),
        "days_off_unfelt": _(
            "Nothing would change: no model that speaks for this product feels days off there, "
            "or they are as they were."
        ),
        "reviews_unheard": _(
            "Nothing would change: reviews were not shown to help this product's forecast, "
            "which does not listen to them."
        ),
    }.get(code)
