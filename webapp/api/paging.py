"""Lists are `{"items": [...], "next": cursor}`."""

from marshmallow import Schema, fields
from marshmallow.validate import Length, Range


class PageQuery(Schema):
    """How much of a list, and from where."""

    limit = fields.Integer(load_default=50, validate=Range(1, 200), metadata={"description": "Items a page."})
    cursor = fields.String(
        load_default=None, validate=Length(1, 500), metadata={"description": "`next` of the page before."}
    )


def page_of(item: type[Schema]) -> type[Schema]:
    """Return the schema of a page of `item`."""
    name = item.__name__.removesuffix("Schema")
    return Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next": fields.String(
                allow_none=True,
                required=True,
                metadata={"description": "Cursor of the next page; null on the last."},
            ),
        },
        name=f"{name}PageSchema",
    )
