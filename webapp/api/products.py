"""Products, their days, and what shoppers wrote about them."""

from datetime import date, timedelta
from typing import Any

from flask import Response
from flask_babel import gettext
from marshmallow import Schema, fields
from marshmallow.validate import Length, OneOf

from storage import features, products, reviews, sales, stamps
from storage.models import DailyFeature, Sale
from webapp.api.blueprint import ApiBlueprint
from webapp.api.kept import answer
from webapp.api.paging import PageQuery, page_of
from webapp.auth.access import current_workspace, role_required
from webapp.database import session
from webapp.problems import Problem

POLARITIES = ("positive", "neutral", "negative")
MOST_DAYS = 1100
SALE_FIELDS = ("units", "revenue", "price", "promo", "stockout", "views", "visitors", "carts", "extra")
FEATURE_FIELDS = (
    "reviews",
    "sentiment_mean",
    "sentiment_std",
    "negative_share",
    "positive_share",
    "rating_mean",
    "length_mean",
    "suspect_share",
)

blueprint = ApiBlueprint("products", __name__, "Products, their days and their reviews.")


class CategoryGuessSchema(Schema):
    """What kind of product the text is about."""

    name = fields.String(allow_none=True, metadata={"description": "null where nothing says so clearly."})
    confidence = fields.Float(metadata={"description": "From 0 to 1."})
    source = fields.String(
        metadata={"description": "words of a category tree, or shop: like its own products."}
    )


class AttributeSchema(Schema):
    """A fact the text states; `field`'s [`start`:`end`] is `text`."""

    name = fields.String(metadata={"description": "brand, model, material, capacity, weight, power …"})
    value = fields.Raw(metadata={"description": "A name, a number, or a list of numbers for dimensions."})
    unit = fields.String()
    high = fields.Float(metadata={"description": "The other end of a range."})
    count = fields.Integer(metadata={"description": "How many there are of it, as in 500ml*2."})
    share = fields.Float(metadata={"description": "Of a material, %."})
    text = fields.String()
    field = fields.String(metadata={"description": "title or description."})
    start = fields.Integer()
    end = fields.Integer()


class SellingPointSchema(Schema):
    """A short phrase of the description, the weightiest first."""

    text = fields.String()
    field = fields.String(metadata={"description": "title or description."})
    start = fields.Integer()
    end = fields.Integer()
    weight = fields.Float()


class ProductAnalysisSchema(Schema):
    """What was read in title and description."""

    category = fields.Nested(CategoryGuessSchema)
    attributes = fields.List(fields.Nested(AttributeSchema))
    selling_points = fields.List(fields.Nested(SellingPointSchema))
    sentiment = fields.Dict()
    aspects = fields.List(fields.Dict())
    keywords = fields.List(fields.String())
    language = fields.String()
    analyzer = fields.String()


class EmbeddingSchema(Schema):
    """Where a product lies: the nearer two products, the more alike."""

    embedding = fields.List(
        fields.Float(), allow_none=True, metadata={"description": "Of length one; null until it was read."}
    )
    analyzer = fields.String(
        allow_none=True,
        attribute="scored_by",
        metadata={"description": "Compare only those of one analyser."},
    )


class ProductSchema(Schema):
    """A product; `id` is ours, `external_id` the shop's."""

    id = fields.Integer(required=True)
    external_id = fields.String(required=True)
    title = fields.String()
    description = fields.String()
    category = fields.String()
    brand = fields.String()
    price = fields.Float(allow_none=True)
    launched_at = fields.Date(allow_none=True)
    shop = fields.String()
    analysis = fields.Nested(
        ProductAnalysisSchema, allow_none=True, metadata={"description": "null until it was read."}
    )
    created_at = fields.AwareDateTime()
    updated_at = fields.AwareDateTime()


class ProductQuery(PageQuery):
    """Which products."""

    q = fields.String(
        load_default="", validate=Length(max=200), metadata={"description": "Part of id or title."}
    )
    category = fields.String(load_default=None)
    shop = fields.String(load_default=None)


class DaySchema(Schema):
    """A day of a product: what was sold, and what arrived in words; null is unknown."""

    day = fields.Date(required=True)
    units = fields.Float(allow_none=True)
    revenue = fields.Float(allow_none=True)
    price = fields.Float(allow_none=True)
    promo = fields.Float(allow_none=True)
    stockout = fields.Float(allow_none=True)
    views = fields.Float(allow_none=True)
    visitors = fields.Float(allow_none=True)
    carts = fields.Float(allow_none=True)
    extra = fields.Dict(
        keys=fields.String(), values=fields.Float(), metadata={"description": "Further columns."}
    )
    reviews = fields.Float(allow_none=True)
    sentiment_mean = fields.Float(allow_none=True)
    sentiment_std = fields.Float(allow_none=True)
    negative_share = fields.Float(allow_none=True)
    positive_share = fields.Float(allow_none=True)
    rating_mean = fields.Float(allow_none=True)
    length_mean = fields.Float(allow_none=True)
    suspect_share = fields.Float(allow_none=True)
    smooth = fields.Dict(metadata={"description": "Trailing 7 and 28 day means, weighted by reviews."})


class DailyQuery(Schema):
    """From which day to which, both included; without them the last year."""

    start = fields.Date(data_key="from", load_default=None)
    end = fields.Date(data_key="to", load_default=None)


class ReviewSchema(Schema):
    """A review and what was read in it."""

    id = fields.Integer(required=True)
    external_id = fields.String()
    source = fields.String()
    created_at = fields.AwareDateTime()
    day = fields.Date()
    title = fields.String()
    text = fields.String()
    rating = fields.Float(allow_none=True)
    sku = fields.String()
    channel = fields.String()
    label = fields.String(allow_none=True, metadata={"description": "null until it has been read."})
    score = fields.Float(allow_none=True)
    aspects = fields.List(fields.Dict())
    keywords = fields.List(fields.String())
    is_suspect = fields.Boolean()
    suspect_reasons = fields.List(fields.String())
    pii = fields.List(fields.String())


class ReviewQuery(PageQuery):
    """Which reviews."""

    day = fields.Date(load_default=None)
    aspect = fields.String(
        load_default=None, validate=Length(1, 50), metadata={"description": "Such as 物流."}
    )
    polarity = fields.String(
        load_default=None,
        validate=OneOf(POLARITIES),
        metadata={"description": "Of the aspect where one is given, else of the review."},
    )
    exclude_suspect = fields.Boolean(load_default=False)


ProductPageSchema, DayPageSchema = page_of(ProductSchema), page_of(DaySchema)


@blueprint.route("/products")
@role_required("viewer")
@blueprint.arguments(ProductQuery, location="query")
@blueprint.response(200, ProductPageSchema)
def listing(query: dict[str, Any]) -> Response:
    """List products."""
    wanted = {"query": query.pop("q"), **query}
    stamp = products.list_stamp(session, current_workspace.id, **wanted)
    return answer(
        stamp, ProductPageSchema, lambda: products.list_products(session, current_workspace.id, **wanted)
    )


@blueprint.route("/products/<int:product_id>")
@role_required("viewer")
@blueprint.response(200, ProductSchema)
def get(product_id: int) -> Any:
    """Get a product."""
    return products.get_product(session, current_workspace.id, product_id)


@blueprint.route("/products/<int:product_id>/embedding")
@role_required("viewer")
@blueprint.response(200, EmbeddingSchema)
def embedding(product_id: int) -> Any:
    """Get where a product's title and description place it."""
    return products.get_product(session, current_workspace.id, product_id)


@blueprint.route("/products/<int:product_id>/daily")
@role_required("viewer")
@blueprint.arguments(DailyQuery, location="query")
@blueprint.response(200, DayPageSchema)
def daily(query: dict[str, Any], product_id: int) -> Response:
    """List sales and features per day, oldest first; at most 1,100 days a call."""
    last_day = sales.last_day_of(session, current_workspace.id, product_id)
    start, end = _period(last_day or date.today(), **query)
    stamp = stamps.days_stamp(session, current_workspace.id, product_id, start, end)

    def days() -> dict[str, Any]:
        sold = sales.sales_by_day(session, current_workspace.id, product_id, start, end)
        said = features.daily_features(session, current_workspace.id, product_id, start, end)
        return {"items": _days(sold, said), "next": None}

    return answer(f"{start} {end} {stamp}", DayPageSchema, days)


@blueprint.route("/products/<int:product_id>/reviews")
@role_required("viewer")
@blueprint.arguments(ReviewQuery, location="query")
@blueprint.response(200, page_of(ReviewSchema))
def evidence(query: dict[str, Any], product_id: int) -> Any:
    """List reviews, newest first."""
    products.get_product(session, current_workspace.id, product_id)
    day = query.pop("day")
    return reviews.list_reviews(session, current_workspace.id, product_id, start=day, end=day, **query)


def _period(last_day: date, start: date | None, end: date | None) -> tuple[date, date]:
    last = end or last_day
    first = start or last - timedelta(days=364)
    if end is None and start is not None:
        last = max(last, first)
    if not 0 <= (last - first).days < MOST_DAYS:
        wrong = gettext(
            "“to” must not be before “from”, nor more than %(most)s days after it.", most=MOST_DAYS
        )
        raise Problem(400, wrong, errors={"to": [wrong]})
    return first, last


def _days(sold: list[Sale], said: list[DailyFeature]) -> list[dict[str, Any]]:
    days: dict[date, dict[str, Any]] = {}
    for sale in sold:
        days[sale.day] = {name: getattr(sale, name) for name in SALE_FIELDS}
    for feature in said:
        found = {name: getattr(feature, name) for name in (*FEATURE_FIELDS, "smooth")}
        days[feature.day] = days.get(feature.day, {}) | found
    empty = dict.fromkeys((*SALE_FIELDS, *FEATURE_FIELDS)) | {"extra": {}, "smooth": {}}
    return [{"day": day, **empty, **days[day]} for day in sorted(days)]
