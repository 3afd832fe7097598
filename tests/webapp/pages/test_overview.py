import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import AlertItem, Product, Workspace
from tests.webapp.pages.factories import (
    LAST,
    lift,
    make_backtest,
    make_forecast,
    make_job,
    make_product,
    make_review,
    make_sales,
)
from webapp.pages.overview import Wish, read_wish, weekly


def titles(html: str) -> list[str]:
    return re.findall(r'class="product-name"[^>]*>([^<]*)<', html)


def test_a_stranger_is_asked_to_log_in(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert "/login" in answer.headers["Location"]


def test_an_empty_workspace_says_how_to_begin(reader: FlaskClient) -> None:
    html = reader.get("/").text
    assert "No product yet" in html
    assert 'href="/imports/new"' in html


def test_a_product_has_its_figures(reader: FlaskClient, product: Product, session: Session) -> None:
    make_forecast(session, product)
    make_backtest(session, product, lift=lift("helps"))
    session.commit()
    html = reader.get("/").text
    assert titles(html) == ["空气炸锅 5L"]
    assert "<b>2026-11-20</b>" in html
    assert "<polyline" in html
    assert ">630" in html.replace(" ", "").replace("\n", "")
    assert "504 – 756" in html
    assert "tag-positive" in html
    assert "Helps" in html


def test_jobs_at_work_are_told_while_figures_are_missing(
    reader: FlaskClient, product: Product, stranger_workspace: Workspace, session: Session
) -> None:
    make_job(session, stranger_workspace.id)
    make_job(session, product.workspace_id, "succeeded")
    session.commit()
    assert "at work" not in reader.get("/").text
    make_job(session, product.workspace_id)
    session.commit()
    assert '<a href="/jobs">jobs at work: 1, figures follow</a>' in reader.get("/").text


def test_a_product_of_another_workspace_is_not_shown(
    reader: FlaskClient, stranger_workspace: Workspace, session: Session
) -> None:
    make_product(session, stranger_workspace.id, title="别人的商品")
    session.commit()
    assert "别人的商品" not in reader.get("/").text


def test_search_sort_and_category(reader: FlaskClient, workspace: Workspace, session: Session) -> None:
    for number, (title, level) in enumerate((("茶叶", 5.0), ("杯子", 50.0), ("茶壶", 20.0))):
        made = make_product(session, workspace.id, f"P{number}", title=title, category=title[0])
        make_sales(session, made, days=30, level=level)
    session.commit()
    assert titles(reader.get("/").text) == ["杯子", "茶壶", "茶叶"]
    assert titles(reader.get("/?sort=units&order=asc").text) == ["茶叶", "茶壶", "杯子"]
    assert titles(reader.get("/?q=茶").text) == ["茶壶", "茶叶"]
    assert titles(reader.get("/?category=杯").text) == ["杯子"]
    html = reader.get("/?q=nothing").text
    assert "No product has “nothing” in its name or id." in html


def test_more_products_than_a_page(reader: FlaskClient, workspace: Workspace, session: Session) -> None:
    for number in range(27):
        make_product(session, workspace.id, f"P{number:02}", title=f"商品 {number:02}")
    session.commit()
    first = reader.get("/?sort=title").text
    assert len(titles(first)) == 25
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward is not None
    second = reader.get(onward[1].replace("&amp;", "&")).text
    assert titles(second) == ["商品 25", "商品 26"]
    assert 'rel="next"' not in second


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_search_filter_and_order_go_along_from_page_to_page(
    reader: FlaskClient, workspace: Workspace, session: Session, order: str
) -> None:
    for number in range(60):
        made = make_product(
            session, workspace.id, f"P{number:02}", title=f"茶 {number:02}", category="茶壶"[number % 2]
        )
        if number % 3:
            make_sales(session, made, days=1, level=number // 4 * 10.0)
    session.commit()
    wanted = f"/?q=茶&category=壶&sort=units&order={order}"
    seen, onward = [], wanted
    while onward:
        html = reader.get(onward).text
        seen += titles(html)
        assert re.search(r'name="q"[^>]*value="茶"', html)
        assert '<option value="壶" selected>' in html
        assert ('<input type="hidden" name="order" value="asc">' in html) is (order == "asc")
        found = re.search(r'rel="next" href="([^"]+)"', html)
        onward = found[1].replace("&amp;", "&") if found else ""
    levels = [int(title[-2:]) // 4 for title in seen if int(title[-2:]) % 3]
    assert sorted(seen) == [f"茶 {number:02}" for number in range(1, 60, 2)]
    assert levels == sorted(levels, reverse=order == "desc")
    assert all(int(title[-2:]) % 3 for title in seen[: len(levels)])


def test_a_cursor_that_is_none_is_a_clear_error(reader: FlaskClient) -> None:
    assert reader.get("/?cursor=nonsense").status_code == 400


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Wish("", {}, "units", True)),
        ({"sort": "title", "q": " 茶 "}, Wish("茶", {}, "title", False)),
        (
            {"sort": "title", "order": "desc", "brand": "风和", "shop": ""},
            Wish("", {"brand": "风和"}, "title", True),
        ),
        ({"sort": "password", "order": "sideways"}, Wish("", {}, "units", True)),
    ],
)
def test_a_wish_is_read_or_natural(given: dict[str, str], expected: Wish) -> None:
    assert read_wish(given) == expected
    assert read_wish(expected.asked) == expected


def test_brand_and_shop_are_offered_where_there_are_several(
    reader: FlaskClient, workspace: Workspace, session: Session
) -> None:
    for number, brand in enumerate(("风和", "远山")):
        make_product(session, workspace.id, f"P{number}", title=f"{brand}壶", brand=brand, shop="旗舰店")
    session.commit()
    html = reader.get("/").text
    assert 'name="brand"' in html
    assert 'name="shop"' not in html
    assert titles(reader.get("/?brand=远山").text) == ["远山壶"]
    assert "No product is in all of these." in reader.get("/?brand=远山&category=茶").text


def test_active_alerts_stand_beside_a_product(
    reader: FlaskClient, product: Product, session: Session
) -> None:
    for aspect, state in (("气味", "open"), ("物流", "fixing"), ("价格", "resolved")):
        session.add(
            AlertItem(
                workspace_id=product.workspace_id,
                product_id=product.id,
                kind="aspect_complaints",
                aspect=aspect,
                state=state,
                first_seen=LAST,
                last_seen=LAST,
            )
        )
    session.commit()
    assert f'href="/alerts?product={product.id}">Alerts: 2<' in reader.get("/").text


def test_a_week_smooths_what_few_reviews_say() -> None:
    assert weekly([None, 1.0, None, 0.0, *[None] * 6, 1.0]) == [
        None, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 1.0,
    ]  # fmt: skip


def test_titles_are_escaped(reader: FlaskClient, workspace: Workspace, session: Session) -> None:
    made = make_product(session, workspace.id, title="<script>alert(1)</script>")
    make_review(session, made, text="<img src=x onerror=alert(1)>")
    session.commit()
    assert "<script>alert" not in reader.get("/").text
    assert "<img" not in reader.get(f"/products/{made.id}").text


@pytest.mark.parametrize(
    ("p_up", "arrow", "text", "words"),
    [
        (0.81, "▲", "81%", "sell more than the last 14"),
        (0.19, "▼", "81%", "sell no more than the last 14"),
        (0.55, "→", "55%", "undecided"),
    ],
)
def test_an_arrow_says_which_way_sales_will_go(
    reader: FlaskClient, product: Product, session: Session, p_up: float, arrow: str, text: str, words: str
) -> None:
    make_forecast(session, product, direction={"p_up": p_up, "brier": 0.2, "brier_base": 0.25})
    session.commit()
    html = reader.get("/").text
    assert f'<i aria-hidden="true">{arrow}</i>{text}' in html
    assert words in html


def test_a_forecast_without_a_direction_has_no_arrow(
    reader: FlaskClient, product: Product, session: Session
) -> None:
    make_forecast(session, product)
    session.commit()
    html = reader.get("/").text
    assert "504 – 756" in html
    assert "the next 14 days sell" not in html
