from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.orm import Session

from storage.models import Workspace
from tests.webapp import factories
from webapp.api.paging import PageQuery, page_of

Headers = dict[str, str]


class FruitSchema(Schema):
    name = fields.String(required=True)


class Stone(Schema):
    weight = fields.Float()


def test_without_wishes_the_first_fifty() -> None:
    assert PageQuery().load({}) == {"limit": 50, "cursor": None}


@pytest.mark.parametrize("limit", ["1", "200"])
def test_the_limits_themselves_are_allowed(limit: str) -> None:
    assert PageQuery().load({"limit": limit})["limit"] == int(limit)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "-1"}, "limit"),
        ({"limit": "201"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"limit": "1e2"}, "limit"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "x" * 501}, "cursor"),
    ],
)
def test_what_is_no_page_is_refused(query: dict[str, str], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PageQuery().load(query)
    assert list(refused.value.normalized_messages()) == [field]


def test_a_cursor_of_the_longest_kind_is_let_through() -> None:
    assert PageQuery().load({"cursor": "x" * 500})["cursor"] == "x" * 500


@pytest.mark.parametrize(("item", "name"), [(FruitSchema, "FruitPageSchema"), (Stone, "StonePageSchema")])
def test_a_page_is_named_after_what_it_holds(item: type[Schema], name: str) -> None:
    assert page_of(item).__name__ == name


def test_items_are_written_by_their_own_schema() -> None:
    page = SimpleNamespace(items=[SimpleNamespace(name="桃", colour="red")], next="abc")
    assert page_of(FruitSchema)().dump(page) == {"items": [{"name": "桃"}], "next": "abc"}


def test_the_last_page_says_null() -> None:
    assert page_of(FruitSchema)().dump({"items": [], "next": None}) == {"items": [], "next": None}


def test_a_page_without_its_members_is_not_one() -> None:
    assert set(page_of(FruitSchema)().validate({})) == {"items", "next"}


def test_the_last_full_page_has_no_next(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace
) -> None:
    made = [factories.product(session, workspace).id for _ in range(4)]
    first = client.get("/api/v1/products?limit=2", headers=viewer).json
    second = client.get(f"/api/v1/products?limit=2&cursor={first['next']}", headers=viewer).json
    assert sorted(item["id"] for page in (first, second) for item in page["items"]) == sorted(made)
    assert second["next"] is None


def test_a_cursor_of_another_list_is_refused(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace
) -> None:
    for _ in range(2):
        factories.job(session, workspace)
    cursor = client.get("/api/v1/jobs?limit=1", headers=viewer).json["next"]
    assert client.get(f"/api/v1/jobs?cursor={cursor}", headers=viewer).status_code == 200
    answer = client.get(f"/api/v1/products?cursor={cursor}", headers=viewer)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == ["cursor"]
