"""A workspace's own words: what its reviews are to be cut into."""

from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import Schema, ValidationError, fields
from marshmallow.validate import Length, OneOf, Range

from storage import dictionary
from storage.models import WORD_KINDS, DictionaryWord
from webapp import dictionary as changes
from webapp.api.analyze import answered_in_time
from webapp.api.blueprint import ApiBlueprint
from webapp.api.idempotency import idempotent
from webapp.api.jobs import JobSchema, accepted
from webapp.api.paging import PageQuery, page_of
from webapp.auth.access import current_workspace, principal, role_required
from webapp.database import session
from webapp.dictionary import MOST_AT_ONCE

blueprint = ApiBlueprint("dictionary", __name__, "Words of the workspace's own, and what they do.")


class WordField(fields.String):
    """A word in half-width letters."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        word = changes.cleaned(super()._deserialize(value, *args, **kwargs))
        if word is None:
            raise ValidationError(
                gettext(
                    "A word has 2 to 20 Chinese characters, Latin letters, digits and %(signs)s.",
                    signs="+#&._%-",
                )
            )
        return word


class EntrySchema(Schema):
    """A word to keep whole, or to split where it is known or guessed to be one."""

    word = WordField(required=True, metadata={"minLength": 2, "maxLength": 20, "example": "冰丝凉感"})
    kind = fields.String(load_default="keep", validate=OneOf(WORD_KINDS))
    weight = fields.Integer(
        strict=True,
        allow_none=True,
        load_default=None,
        validate=Range(1, dictionary.HEAVIEST),
        metadata={
            "description": "How often it stands in 60 million words; null is just enough to be cut out."
        },
    )


class DictionaryWordSchema(EntrySchema):
    """A word of the workspace."""

    id = fields.Integer(required=True)
    created_at = fields.AwareDateTime(required=True)


class EntriesSchema(Schema):
    """Words to put in; one that is there gets the new kind and weight."""

    words = fields.List(fields.Nested(EntrySchema), required=True, validate=Length(1, MOST_AT_ONCE))


class DictionaryChangeSchema(Schema):
    """The words put in or taken away, and the job that scores everything anew by the changed dictionary."""

    words = fields.List(fields.Nested(DictionaryWordSchema), required=True)
    job = fields.Nested(JobSchema, required=True)


class SuggestQuerySchema(Schema):
    """How many new words, and how many reviews must hold each."""

    top = fields.Integer(strict=True, load_default=50, validate=Range(1, 200))
    least = fields.Integer(strict=True, load_default=5, validate=Range(2, 1000))


class SuggestionSchema(Schema):
    """A run of characters that is a word in the reviews and in no dictionary."""

    word = fields.String(required=True)
    count = fields.Integer(required=True)
    texts = fields.Integer(required=True, metadata={"description": "Different reviews that hold it."})
    cohesion = fields.Float(
        required=True, metadata={"description": "Bits of mutual information, weakest joint."}
    )
    freedom = fields.Float(
        required=True, metadata={"description": "Bits of entropy of its neighbours, less free side."}
    )
    score = fields.Float(required=True)
    parts = fields.List(fields.String(), required=True, metadata={"description": "How it is cut today."})
    contexts = fields.List(fields.String(), required=True)


class SuggestionsSchema(Schema):
    """New words, the best first, and how many of the newest reviews were read."""

    suggestions = fields.List(fields.Nested(SuggestionSchema), required=True)
    texts = fields.Integer(required=True)


class TrialSchema(Schema):
    """A change of the dictionary that is only tried."""

    words = fields.List(fields.Nested(EntrySchema), load_default=list, validate=Length(max=MOST_AT_ONCE))
    remove = fields.List(fields.String(), load_default=list, validate=Length(max=MOST_AT_ONCE))


class CutSchema(Schema):
    """The words around a difference."""

    before = fields.List(fields.String(), required=True)
    after = fields.List(fields.String(), required=True)


class PreviewSchema(Schema):
    """What the change would do to the newest reviews."""

    texts = fields.Integer(required=True)
    changed = fields.Integer(required=True, metadata={"description": "Of them, cut differently."})
    examples = fields.List(fields.Nested(CutSchema), required=True)
    appearing = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "Keyword to reviews with it."}
    )
    vanishing = fields.Dict(keys=fields.String(), values=fields.Integer())


@blueprint.route("/dictionary")
@role_required("viewer")
@blueprint.arguments(PageQuery, location="query")
@blueprint.response(200, page_of(DictionaryWordSchema))
def listing(query: dict[str, Any]) -> Any:
    """List the workspace's own words, newest first."""
    return dictionary.list_words(session, current_workspace.id, **query)


@blueprint.route("/dictionary", methods=["POST"])
@role_required("analyst")
@idempotent
@blueprint.arguments(EntriesSchema)
@blueprint.response(202, DictionaryChangeSchema, description="`Location` is the job that scores anew.")
def put(wish: dict[str, Any]) -> ResponseReturnValue:
    """Put words in; reviews and products are then scored anew."""
    return _changed(changes.put_words(session, current_workspace.id, wish["words"], _user_id()))


@blueprint.route("/dictionary/<int:word_id>", methods=["DELETE"])
@role_required("analyst")
@blueprint.response(202, DictionaryChangeSchema, description="`Location` is the job that scores anew.")
def remove(word_id: int) -> ResponseReturnValue:
    """Take a word away; reviews and products are then scored anew."""
    answer = _changed([changes.remove_word(session, current_workspace.id, word_id)])
    session.commit()
    return answer


@blueprint.route("/dictionary/suggestions", methods=["POST"])
@role_required("analyst")
@answered_in_time
@idempotent
@blueprint.arguments(SuggestQuerySchema, required=False)
@blueprint.alt_response(200, schema=SuggestionsSchema, description="The words, when found within 10 s.")
@blueprint.response(202, JobSchema, description="Still at work; `Location` says where to look.")
def suggest(wish: dict[str, Any]) -> ResponseReturnValue:
    """Find words in the newest 20,000 reviews that no dictionary has."""
    return _study({"suggest": wish})


@blueprint.route("/dictionary/preview", methods=["POST"])
@role_required("analyst")
@answered_in_time
@idempotent
@blueprint.arguments(TrialSchema, required=False)
@blueprint.alt_response(200, schema=PreviewSchema, description="What would change, when known within 10 s.")
@blueprint.response(202, JobSchema, description="Still at work; `Location` says where to look.")
def preview(wish: dict[str, Any]) -> ResponseReturnValue:
    """Tell what a change would do to the newest 20,000 reviews, without making it."""
    return _study({"preview": wish})


def _study(wish: dict[str, Any]) -> ResponseReturnValue:
    return accepted(changes.study(session, current_workspace.id, wish, _user_id()))


def _changed(words: list[DictionaryWord]) -> ResponseReturnValue:
    view, status, headers = accepted(changes.score_anew(session, current_workspace.id, _user_id()))
    return {"words": words, "job": view}, status, headers


def _user_id() -> int | None:
    who = principal()
    return who.user_id if who else None
