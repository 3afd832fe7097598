"""Numbers in addresses are ids of rows."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST_ID = 2**63 - 1


class RowId(IntegerConverter):
    """An integer that a `bigint` column can hold; a larger one is no address of ours."""

    def __init__(self, map: Map, **limits: Any) -> None:
        super().__init__(map, **{"max": LARGEST_ID} | limits)


def init_app(app: Flask) -> None:
    """Read every `<int:…>` of `app` as an id."""
    app.url_map.converters["int"] = RowId
