"""What the reviews of a product come down to."""

from typing import Any

from marshmallow import Schema, fields

from storage import digests, products
from webapp.api.blueprint import ApiBlueprint
from webapp.auth.access import current_workspace, role_required
from webapp.database import session

DAY = {"format": "date"}

blueprint = ApiBlueprint("digests", __name__, "What the reviews of a product come down to.")


class KeywordSchema(Schema):
    """A word and how many reviews hold it."""

    word = fields.String(required=True)
    weight = fields.Float(required=True)
    texts = fields.Integer(required=True)


class KeywordsSchema(Schema):
    """Words by two measures."""

    tf_idf = fields.List(fields.Nested(KeywordSchema), required=True)
    text_rank = fields.List(fields.Nested(KeywordSchema), required=True)


class PeriodSchema(Schema):
    """Days, both included, and how many different reviews they have."""

    start = fields.String(required=True, metadata=DAY)
    end = fields.String(required=True, metadata=DAY)
    texts = fields.Integer(required=True)


class EmergingWordSchema(Schema):
    """A word that the recent reviews use more often, beyond chance."""

    word = fields.String(required=True)
    recent = fields.Integer(required=True)
    baseline = fields.Integer(required=True)
    ratio = fields.Float(required=True, metadata={"description": "Recent share over the baseline's."})
    p_value = fields.Float(required=True)
    q_value = fields.Float(required=True, metadata={"description": "After Benjamini and Hochberg."})
    first_seen = fields.String(required=True, metadata=DAY)


class EmergingSchema(Schema):
    """Emerging words, and what was compared."""

    enough = fields.Boolean(required=True, metadata={"description": "false: too few reviews to compare."})
    level = fields.Float(required=True, metadata={"description": "False discovery rate."})
    recent = fields.Nested(PeriodSchema, required=True)
    baseline = fields.Nested(PeriodSchema, required=True)
    tested = fields.Integer(required=True)
    words = fields.List(fields.Nested(EmergingWordSchema), required=True)


class QuoteSchema(Schema):
    """What a review says, personal data starred out."""

    review_id = fields.Integer(required=True)
    text = fields.String(required=True)


class SharesSchema(Schema):
    """Shares of sentiments."""

    negative = fields.Float(required=True)
    neutral = fields.Float(required=True)
    positive = fields.Float(required=True)


class TopicSchema(Schema):
    """Clauses about one thing."""

    label = fields.String(required=True)
    words = fields.List(fields.String(), required=True)
    clauses = fields.Integer(required=True)
    share = fields.Float(required=True, metadata={"description": "Of the clauses read."})
    reviews = fields.Integer(required=True)
    sentiment = fields.Nested(SharesSchema, required=True)
    quotes = fields.List(fields.Nested(QuoteSchema), required=True)


class TopicsSchema(Schema):
    """Topics, and how many different clauses there were and were read."""

    clauses = fields.Integer(required=True)
    read = fields.Integer(required=True)
    topics = fields.List(fields.Nested(TopicSchema), required=True)


class ProConSchema(Schema):
    """Something several reviews say."""

    label = fields.String(required=True)
    category = fields.String(required=True, metadata={"description": "Of the aspect; empty for a topic."})
    reviews = fields.Integer(required=True)
    share = fields.Float(required=True)
    quotes = fields.List(fields.Nested(QuoteSchema), required=True)


class SentenceSchema(Schema):
    """A sentence and the ids of the reviews it rests on."""

    text = fields.String(required=True)
    evidence = fields.List(fields.Integer(), required=True)


class SummarySchema(Schema):
    """Pros and cons, and the sentences that tell them."""

    enough = fields.Boolean(required=True, metadata={"description": "false: too few reviews to sum up."})
    reviews = fields.Integer(required=True)
    pros = fields.List(fields.Nested(ProConSchema), required=True)
    cons = fields.List(fields.Nested(ProConSchema), required=True)
    sentences = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Nested(SentenceSchema)),
        required=True,
        metadata={"description": "By language: zh, en."},
    )


class WrittenSchema(Schema):
    """The summary in a language model's words."""

    by = fields.String(required=True, metadata={"description": "The model, or extractive when refused."})
    sentences = fields.List(fields.Nested(SentenceSchema), required=True)
    refused = fields.String(required=True, metadata={"description": "Why the model's words are not used."})


class ContentSchema(Schema):
    """Keywords, emerging words, topics, pros and cons."""

    version = fields.String(required=True)
    reviews = fields.Integer(required=True)
    start = fields.String(data_key="from", attribute="from", required=True, allow_none=True, metadata=DAY)
    end = fields.String(data_key="to", attribute="to", required=True, allow_none=True, metadata=DAY)
    keywords = fields.Nested(KeywordsSchema, required=True)
    emerging = fields.Nested(EmergingSchema, required=True, allow_none=True)
    topics = fields.Nested(TopicsSchema, required=True)
    summary = fields.Nested(SummarySchema, required=True)
    written = fields.Nested(WrittenSchema, required=True, allow_none=True)


class DigestSchema(Schema):
    """A product's digest; null until the first one is made."""

    product_id = fields.Integer(required=True)
    stale = fields.Boolean(required=True, metadata={"description": "Reviews have come in or changed since."})
    created_at = fields.AwareDateTime(required=True, allow_none=True)
    digest = fields.Nested(ContentSchema, required=True, allow_none=True)


@blueprint.route("/products/<int:product_id>/digest")
@role_required("viewer")
@blueprint.response(200, DigestSchema)
def get(product_id: int) -> dict[str, Any]:
    """Get what the newest reviews of a product say, with quotes and the ids of their reviews."""
    products.get_product(session, current_workspace.id, product_id)
    found = digests.get_digest(session, current_workspace.id, product_id)
    return {
        "product_id": product_id,
        "stale": found is None or digests.is_stale(session, found),
        "created_at": found and found.created_at,
        "digest": found and found.digest,
    }
