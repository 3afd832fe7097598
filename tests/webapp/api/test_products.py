import gzip
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage import accounts
from storage.models import Product, Workspace
from tests.webapp import factories

Headers = dict[str, str]
URL = "/api/v1/products"
DAY = date(2026, 6, 1)


@pytest.fixture
def kettle(session: Session, workspace: Workspace) -> Product:
    return factories.product(
        session, workspace, external_id="K1", title="电热水壶", category="小家电", shop="旗舰店", price=89.5
    )


@pytest.fixture
def foreign(session: Session, stranger_workspace: Workspace) -> Product:
    return factories.product(session, stranger_workspace)


def get(client: FlaskClient, headers: Headers, path: str) -> Any:
    answer = client.get(f"{URL}{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json


def everything(client: FlaskClient, headers: Headers, path: str) -> list[dict[str, Any]]:
    """Follow `next` to the end, two items a page."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = get(client, headers, f"{path}{'&' if '?' in path else '?'}limit=2{cursor}")
        items += page["items"]
        if page["next"] is None:
            return items
        assert len(page["items"]) == 2
        cursor = f"&cursor={page['next']}"


class TestList:
    def test_pages_go_through_all_once(
        self, client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace, foreign: Product
    ) -> None:
        made = {factories.product(session, workspace).id for _ in range(5)}
        seen = [item["id"] for item in everything(client, viewer, "")]
        assert len(seen) == 5
        assert set(seen) == made

    @pytest.mark.parametrize(
        "query", ["q=水壶", "q=K1", "category=小家电", "shop=旗舰店", "q=水&shop=旗舰店"]
    )
    def test_it_can_be_searched(
        self,
        client: FlaskClient,
        viewer: Headers,
        session: Session,
        workspace: Workspace,
        kettle: Product,
        query: str,
    ) -> None:
        factories.product(session, workspace, title="茶杯")
        assert [item["id"] for item in get(client, viewer, f"?{query}")["items"]] == [kettle.id]

    @pytest.mark.parametrize("query", ["q=%25", "category=none", "shop=none"])
    def test_nothing_found_is_an_empty_list(
        self, client: FlaskClient, viewer: Headers, kettle: Product, query: str
    ) -> None:
        assert get(client, viewer, f"?{query}") == {"items": [], "next": None}

    @pytest.mark.parametrize(
        ("query", "field"), [("limit=0", "limit"), ("cursor=x", "cursor"), ("brand=x", "brand")]
    )
    def test_a_wrong_parameter_is_named(
        self, client: FlaskClient, viewer: Headers, query: str, field: str
    ) -> None:
        answer = client.get(f"{URL}?{query}", headers=viewer)
        assert answer.status_code == 400
        assert list(answer.json["errors"]) == [field]


class TestOne:
    def test_it_is_shown_whole(self, client: FlaskClient, viewer: Headers, kettle: Product) -> None:
        found = get(client, viewer, f"/{kettle.id}")
        assert found["id"] == kettle.id
        assert (found["external_id"], found["title"], found["price"]) == ("K1", "电热水壶", 89.5)

    def test_what_its_texts_say_is_shown_and_the_embedding_when_asked(
        self, client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace
    ) -> None:
        capacity = {
            "name": "capacity",
            "value": 500.0,
            "unit": "ml",
            "count": 2,
            "text": "500ml*2",
            "field": "title",
            "start": 4,
            "end": 11,
        }
        point = {"text": "不漏水", "field": "description", "start": 0, "end": 3, "weight": 1.2}
        read = {
            "category": {"name": None, "confidence": 0.4, "source": "words"},
            "attributes": [capacity, {"name": "dimensions", "value": [1.0, 2.0], "unit": "mm"}],
            "selling_points": [point],
            "keywords": ["保温杯"],
            "language": "zh",
        }
        cup = factories.product(
            session, workspace, analysis=read, embedding=[0.6, -0.8], scored_by="reader-1"
        )
        shown = get(client, viewer, f"/{cup.id}")
        assert shown["analysis"] == read
        assert "embedding" not in shown
        placed = get(client, viewer, f"/{cup.id}/embedding")
        assert placed == {"embedding": pytest.approx([0.6, -0.8]), "analyzer": "reader-1"}

    def test_one_that_was_not_read_yet(self, client: FlaskClient, viewer: Headers, kettle: Product) -> None:
        assert get(client, viewer, f"/{kettle.id}")["analysis"] is None
        assert get(client, viewer, f"/{kettle.id}/embedding") == {"embedding": None, "analyzer": None}

    def test_text_is_sent_readable(self, client: FlaskClient, viewer: Headers, kettle: Product) -> None:
        assert "电热水壶" in client.get(f"{URL}/{kettle.id}", headers=viewer).text

    @pytest.mark.parametrize("path", ["", "/embedding", "/daily", "/reviews"])
    def test_a_foreign_or_unknown_one_is_not_there(
        self, client: FlaskClient, viewer: Headers, foreign: Product, path: str
    ) -> None:
        for product_id in (foreign.id, 10**15, 10**30, "K1"):
            answer = client.get(f"{URL}/{product_id}{path}", headers=viewer)
            assert answer.status_code == 404
            assert answer.mimetype == "application/problem+json"

    @pytest.mark.parametrize("path", ["", "/1", "/1/embedding", "/1/daily", "/1/reviews"])
    def test_strangers_may_not(self, client: FlaskClient, path: str) -> None:
        assert client.get(f"{URL}{path}").status_code == 401


class TestDaily:
    def test_sales_and_words_meet_in_a_day(
        self, client: FlaskClient, viewer: Headers, session: Session, kettle: Product
    ) -> None:
        factories.sale(session, kettle, DAY, 3, price=89.0, extra={"weather": 21.5})
        factories.feature(
            session, kettle, DAY, reviews=2, sentiment_mean=0.4, smooth={"sentiment_mean_7": 0.3}
        )
        factories.feature(session, kettle, date(2026, 6, 2), reviews=1)
        first, second = get(client, viewer, f"/{kettle.id}/daily?from=2026-06-01&to=2026-06-30")["items"]
        assert (first["day"], first["units"], first["price"]) == ("2026-06-01", 3.0, 89.0)
        assert (first["reviews"], first["sentiment_mean"]) == (2.0, 0.4)
        assert (first["extra"], first["smooth"]) == ({"weather": 21.5}, {"sentiment_mean_7": 0.3})
        assert (second["day"], second["units"], second["reviews"]) == ("2026-06-02", None, 1.0)

    def test_both_ends_are_included_and_no_more(
        self, client: FlaskClient, viewer: Headers, session: Session, kettle: Product
    ) -> None:
        for day in range(1, 6):
            factories.sale(session, kettle, date(2026, 6, day), day)
        found = get(client, viewer, f"/{kettle.id}/daily?from=2026-06-02&to=2026-06-04")["items"]
        assert [item["units"] for item in found] == [2.0, 3.0, 4.0]

    def test_without_dates_the_year_up_to_the_last_day(
        self, client: FlaskClient, viewer: Headers, session: Session, kettle: Product
    ) -> None:
        for day in (date(2025, 5, 31), date(2025, 6, 3), date(2026, 6, 1)):
            factories.sale(session, kettle, day, 1)
        found = get(client, viewer, f"/{kettle.id}/daily")["items"]
        assert [item["day"] for item in found] == ["2025-06-03", "2026-06-01"]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("from=2026-06-02&to=2026-06-01", "to"),
            ("from=2020-01-01&to=2026-01-01", "to"),
            ("from=yesterday", "from"),
            ("start=2026-06-01", "start"),
        ],
    )
    def test_wrong_dates_are_named(
        self, client: FlaskClient, viewer: Headers, kettle: Product, query: str, field: str
    ) -> None:
        answer = client.get(f"{URL}/{kettle.id}/daily?{query}", headers=viewer)
        assert answer.status_code == 400
        assert list(answer.json["errors"]) == [field]


class TestReviews:
    def test_newest_first_and_all_of_them_once(
        self, client: FlaskClient, viewer: Headers, session: Session, kettle: Product
    ) -> None:
        made = [factories.review(session, kettle).id for _ in range(5)]
        assert [item["id"] for item in everything(client, viewer, f"/{kettle.id}/reviews")] == made[::-1]

    def test_what_was_read_in_it_is_shown(
        self, client: FlaskClient, viewer: Headers, session: Session, kettle: Product
    ) -> None:
        aspect = {
            "category": "物流",
            "aspect": "发货",
            "opinion": "快",
            "polarity": "positive",
            "start": 0,
            "end": 2,
        }
        factories.review(
            session, kettle, label="positive", score=0.9, aspects=[aspect], keywords=["物流"], rating=5
        )
        (found,) = get(client, viewer, f"/{kettle.id}/reviews")["items"]
        assert (found["label"], found["score"], found["rating"]) == ("positive", 0.9, 5.0)
        assert found["aspects"] == [aspect]
        assert found["text"] == "物流很快"
        assert "user_key" not in found

    @pytest.mark.parametrize(
        ("query", "wanted"),
        [
            ("day=2026-06-01", ["slow", "fast"]),
            ("polarity=negative", ["slow"]),
            ("aspect=物流", ["later", "fast"]),
            ("aspect=物流&polarity=negative", ["later"]),
            ("day=2026-06-01&aspect=物流", ["fast"]),
            ("exclude_suspect=true", ["later", "fast"]),
        ],
    )
    def test_it_can_be_narrowed(
        self,
        client: FlaskClient,
        viewer: Headers,
        session: Session,
        kettle: Product,
        query: str,
        wanted: list[str],
    ) -> None:
        good, bad = ({"category": "物流", "polarity": polarity} for polarity in ("positive", "negative"))
        factories.review(session, kettle, text="fast", label="positive", aspects=[good])
        factories.review(session, kettle, text="slow", label="negative", is_suspect=True)
        later = date(2026, 6, 2)
        factories.review(session, kettle, text="later", label="positive", aspects=[bad], day=later)
        found = get(client, viewer, f"/{kettle.id}/reviews?{query}")["items"]
        assert [item["text"] for item in found] == wanted

    def test_another_products_reviews_stay_there(
        self, client: FlaskClient, viewer: Headers, session: Session, kettle: Product, workspace: Workspace
    ) -> None:
        factories.review(session, factories.product(session, workspace))
        assert get(client, viewer, f"/{kettle.id}/reviews")["items"] == []

    @pytest.mark.parametrize(
        ("query", "field"),
        [("day=x", "day"), ("polarity=odd", "polarity"), ("aspect=", "aspect"), ("star=1", "star")],
    )
    def test_a_wrong_parameter_is_named(
        self, client: FlaskClient, viewer: Headers, kettle: Product, query: str, field: str
    ) -> None:
        answer = client.get(f"{URL}/{kettle.id}/reviews?{query}", headers=viewer)
        assert answer.status_code == 400
        assert list(answer.json["errors"]) == [field]


def test_a_foreign_token_sees_only_its_own(
    client: FlaskClient,
    bearer: Callable[..., Headers],
    stranger_workspace: Workspace,
    kettle: Product,
    foreign: Product,
) -> None:
    found = get(client, bearer("viewer", of=stranger_workspace), "")["items"]
    assert [item["id"] for item in found] == [foreign.id]


def test_an_answer_is_tagged_and_not_sent_again_until_its_rows_change(
    client: FlaskClient, viewer: Headers, session: Session, kettle: Product
) -> None:
    factories.sale(session, kettle, DAY, 3)
    for path in (URL, f"{URL}/{kettle.id}/daily"):
        first = client.get(path, headers=viewer)
        known = {**viewer, "If-None-Match": first.headers["ETag"]}
        again = client.get(path, headers=known)
        assert (again.status_code, again.data) == (304, b"")
        assert client.get(path, headers=viewer).data == first.data
    factories.sale(session, kettle, DAY.replace(day=2), 4)
    kettle.title = "水壶"
    session.commit()
    assert [day["units"] for day in get(client, viewer, f"/{kettle.id}/daily")["items"]] == [3.0, 4.0]
    assert get(client, viewer, "")["items"][0]["title"] == "水壶"


def test_whoever_reads_gzip_gets_the_same_answer_compressed(
    client: FlaskClient, viewer: Headers, session: Session, kettle: Product
) -> None:
    factories.sale(session, kettle, DAY, 3)
    path = f"{URL}/{kettle.id}/daily"
    plain = client.get(path, headers=viewer)
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.vary
    assert client.get(path, headers={**viewer, "Accept-Encoding": "gzip;q=0"}).data == plain.data
    packs = {**viewer, "Accept-Encoding": "gzip, deflate"}
    packed = client.get(path, headers=packs)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert client.get(path, headers=packs).data == packed.data
    tags = [answer.headers["ETag"] for answer in (plain, packed)]
    assert [client.get(path, headers={**packs, "If-None-Match": tag}).status_code for tag in tags] == [
        200,
        304,
    ]


def test_a_revoked_token_gets_not_even_a_kept_answer(
    client: FlaskClient, viewer: Headers, session: Session, workspace: Workspace, kettle: Product
) -> None:
    for path in (URL, f"{URL}/{kettle.id}/daily"):
        assert client.get(path, headers=viewer).status_code == 200
    [token] = accounts.list_tokens(session, workspace.id)
    accounts.revoke_token(session, workspace.id, token.id)
    session.commit()
    for path in (URL, f"{URL}/{kettle.id}/daily"):
        assert client.get(path, headers=viewer).status_code == 401


def test_one_workspaces_answers_are_not_anothers(
    client: FlaskClient,
    viewer: Headers,
    bearer: Callable[..., Headers],
    kettle: Product,
    foreign: Product,
    stranger_workspace: Workspace,
) -> None:
    path = f"{URL}/{kettle.id}/daily"
    tag = client.get(path, headers=viewer).headers["ETag"]
    theirs = bearer("viewer", of=stranger_workspace)
    assert client.get(path, headers={**theirs, "If-None-Match": tag}).status_code == 404
    assert get(client, theirs, "")["items"][0]["id"] == foreign.id
