import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from storage.models import Product, Workspace
from tests.webapp.pages.factories import lift, make_backtest, make_forecast, make_product, make_sales
from webapp.pages.compare import read_ids


@pytest.mark.parametrize(
    ("text", "ids"), [("3,7", [3, 7]), ("3, 3,x,-1,²", [3]), ("1,2,3,4,5", [1, 2, 3, 4]), ("", [])]
)
def test_ids_are_read_once_each_and_at_most_four(text: str, ids: list[int]) -> None:
    assert read_ids(MultiDict({"ids": text})) == ids


@pytest.fixture
def other(session: Session, product: Product) -> Product:
    made = make_product(session, product.workspace_id, "P2", title="电饭煲")
    make_sales(session, made, level=80.0)
    make_forecast(session, made, 90.0)
    make_backtest(session, made, lift=lift("helps"), metrics={"Fengping": {"wape": 0.123}})
    session.commit()
    return made


def test_products_stand_beside_each_other(reader: FlaskClient, product: Product, other: Product) -> None:
    html = reader.get(f"/compare?ids={product.id},{other.id}").text
    figures = html.split('id="figures"')[1]
    assert figures.index("空气炸锅 5L") < figures.index("电饭煲")
    assert "1,260" in figures
    assert "no forecast yet" in figures
    assert "12.3%" in figures
    assert "Helps" in figures
    assert "not measured" in figures
    assert "n = 5" in figures
    assert f'href="/products/{other.id}/workspace"' in figures


def chart(client: FlaskClient, address: str) -> Any:
    found = re.search(
        r'<script type="application/json" id="compared">(.+?)</script>', client.get(address).text
    )
    assert found is not None
    return json.loads(found[1])


def test_the_index_sets_each_mean_to_a_hundred(reader: FlaskClient, product: Product, other: Product) -> None:
    address = f"/compare?ids={product.id},{other.id}&days=90"
    absolute, indexed = chart(reader, address), chart(reader, f"{address}&scale=index")
    assert [one["name"] for one in absolute["series"]] == ["空气炸锅 5L", "电饭煲"]
    assert sum(absolute["series"][1]["data"]) == pytest.approx(
        2 * sum(absolute["series"][0]["data"]), rel=0.02
    )
    for one in indexed["series"]:
        assert sum(one["data"]) / len(one["data"]) == pytest.approx(100, abs=0.01)


def test_products_called_alike_keep_their_own_curve(
    reader: FlaskClient, session: Session, product: Product
) -> None:
    twin = make_product(session, product.workspace_id, "P3")
    make_sales(session, twin)
    session.commit()
    names = [one["name"] for one in chart(reader, f"/compare?ids={product.id},{twin.id}")["series"]]
    assert names == ["空气炸锅 5L (P1)", "空气炸锅 5L (P3)"]


def test_a_product_of_another_workspace_is_not_there(
    reader: FlaskClient, session: Session, product: Product, stranger_workspace: Workspace
) -> None:
    theirs = make_product(session, stranger_workspace.id, "P9", title="别人的")
    session.commit()
    assert reader.get(f"/compare?ids={product.id},{theirs.id}").status_code == 404
    assert "别人的" not in reader.get("/compare/search?q=别人").text


def test_the_picker_offers_what_is_not_chosen_and_adds_it(
    reader: FlaskClient, product: Product, other: Product
) -> None:
    html = reader.get(f"/compare/search?ids={product.id}&scale=index&q=P").text
    assert "电饭煲" in html
    assert "空气炸锅" not in html
    assert f"ids={product.id},{other.id}" in html
    assert "scale=index" in html
    assert "No other product has" in reader.get("/compare/search?q=nothing").text


def test_a_product_can_be_taken_out(reader: FlaskClient, product: Product, other: Product) -> None:
    html = reader.get(f"/compare?ids={product.id},{other.id}").text
    assert f'href="/compare?ids={other.id}" aria-label="Take 空气炸锅 5L out"' in html


def test_nothing_chosen_says_how(viewer_client: FlaskClient, product: Product) -> None:
    html = viewer_client.get("/compare?lang=en").text
    assert "Nothing to compare yet" in html
    assert "空气炸锅" in html


def test_days_without_sales_say_so(reader: FlaskClient, session: Session, product: Product) -> None:
    bare = make_product(session, product.workspace_id, "P4", title="新品")
    session.commit()
    assert "No sales in these days" in reader.get(f"/compare?ids={bare.id}").text
