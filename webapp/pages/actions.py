"""What can be done next, as far as stored facts support it."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from flask_babel import gettext as _

from webapp.language import language
from webapp.pages.aspect_names import aspect_label
from webapp.pages.aspects import Aspect
from webapp.pages.filters import Filters
from webapp.pages.format import compact, percent, signed
from webapp.pages.outlook import Outlook


@dataclass(frozen=True)
class Action:
    """A step: what is known of it, and where it is taken; without an address it cannot be yet."""

    name: str
    text: str
    href: str | None = None
    label: str = ""


def actions(
    product_id: int,
    filters: Filters,
    ahead: Outlook | None,
    stockout_days: int | None,
    told: Sequence[Aspect],
) -> list[Action]:
    """Return the four steps, in order."""
    return [
        _restock(ahead, stockout_days),
        _promote(product_id, ahead),
        _renew(product_id, filters, told),
        _compare(product_id, filters),
    ]


def _restock(ahead: Outlook | None, stockout_days: int | None) -> Action:
    name = _("Restock")
    if ahead is None:
        return Action(name, _("Needs a forecast: the button above makes one, once daily sales are imported."))
    asked = {"days": ahead.days, "high": compact(round(ahead.high), language())}
    if stockout_days is None:
        text = _(
            "The next %(days)s days may ask for up to %(high)s (80%% band). How much to order is not advised "
            "yet: neither days out of stock nor the stock level nor the time of delivery is in the data.",
            **asked,
        )
    else:
        text = _(
            "The next %(days)s days may ask for up to %(high)s (80%% band). Of this period %(out)s days were "
            "out of stock. How much to order is not advised yet: neither the stock level nor the time of "
            "delivery is in the data.",
            out=stockout_days,
            **asked,
        )
    return Action(name, text, "#chart", _("See the forecast"))


def _promote(product_id: int, ahead: Outlook | None) -> Action:
    name = _("Simulate a promotion")
    if ahead is None:
        return Action(name, _("Needs a forecast: the button above makes one, once daily sales are imported."))
    text = _("Ask what a promotion, another price or other reviews would change in the forecast.")
    return Action(name, text, url_for("pages.workspace", product_id=product_id), _("Open the workspace"))


def _renew(product_id: int, filters: Filters, told: Sequence[Aspect]) -> Action:
    name = _("Chances for a new product")
    worst = min((one for one in told if one.effect and one.effect.high < 0), key=_weight, default=None)
    if worst is None or worst.effect is None:
        return Action(name, _("No aspect is blamed with clearly fewer stars in these days."))
    text = _(
        "%(aspect)s: %(share)s of those who speak about it blame it (n = %(n)s), with %(stars)s stars "
        "against all others. A version that is better in this answers what buyers already say.",
        aspect=aspect_label(worst.category),
        share=percent(worst.share, 0),
        n=worst.mentions,
        stars=signed(worst.effect.stars),
    )
    which = filters.args | {"aspect": worst.category, "polarity": "negative"}
    href = url_for("pages.product", product_id=product_id, _anchor="evidence", **which)
    return Action(name, text, href, _("Read the reviews behind it"))


def _weight(one: Aspect) -> float:
    """Return what a complaint costs: fewer stars, times how many blame it."""
    return one.effect.stars * one.negative if one.effect else 0.0


def _compare(product_id: int, filters: Filters) -> Action:
    name, rivals = _("Compare with a rival"), filters.offered.rivals
    if not rivals:
        return Action(name, _("Needs another product of the same category: import products with a category."))
    rival = filters.rival or rivals[0]
    which = filters.period.args | filters.reviews_args | {"compare": str(rival.id)}
    text = _(
        "Other products of this category: %(n)s. All figures above can stand beside one of them.",
        n=len(rivals),
    )
    href = url_for("pages.product", product_id=product_id, **which)
    return Action(name, text, href, _("Compare with %(name)s", name=rival.name))
