"""What the address chooses is followed by every figure of the page."""

import re
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import Product, Workspace
from storage.scope import Origins, Rival
from tests.webapp.pages.factories import LAST, make_mark, make_product, make_review, make_sales
from webapp.pages.filters import Filters, Offered, read_filters
from webapp.pages.period import Period

SPOKEN = [{"category": "物流", "polarity": "negative"}]


def offered(**values: object) -> Offered:
    return Offered(**{"first": LAST - timedelta(days=399), "last": LAST} | values)  # type: ignore[arg-type]


def test_only_what_the_data_allows_is_chosen() -> None:
    plain = read_filters({"source": "京东", "channel": "app", "genuine": "1", "compare": "7"}, offered())
    assert plain.scope == {"exclude_suspect": False, "source": None, "channel": None}
    assert plain.is_plain
    one = offered(origins=Origins(["京东"], ["", "app"], 2), rivals=[Rival(7, "锅")])
    found = read_filters({"source": "京东", "channel": "", "genuine": "1", "compare": "7"}, one)
    assert found.scope == {"exclude_suspect": True, "source": None, "channel": ""}
    assert (found.rival, found.against) == (Rival(7, "锅"), "锅")
    assert found.args == {"days": "30", "compare": "7", "channel": "", "genuine": "1"}
    assert read_filters(found.args, one) == found


def test_a_year_before_is_compared_where_there_is_one() -> None:
    year = {"compare": "year"}
    found = read_filters(year, offered())
    assert found.before == (LAST - timedelta(days=364 + 29), LAST - timedelta(days=364))
    assert read_filters(year, offered(first=LAST - timedelta(days=363))).is_plain


def test_other_days_keep_the_rest_of_the_choice() -> None:
    chosen = Filters(offered(), Period("7", LAST, LAST), compare="year", genuine=True)
    assert chosen.of_days("90") == {"days": "90", "compare": "year", "genuine": "1"}


@pytest.fixture
def mixed(session: Session, product: Product) -> Product:
    """Beside the product's own reviews: three of 京东, of which one is suspect."""
    for number in range(3):
        make_review(
            session,
            product,
            label="negative",
            source="京东",
            channel="app",
            aspects=SPOKEN,
            keywords=["慢"],
            is_suspect=number == 0,
        )
    session.commit()
    return product


def text(html: str, place: str) -> str:
    return html.split(f'id="{place}"')[1].split("</section>")[0]


def card(html: str, name: str) -> str:
    found = re.search(rf">{name}</a></dt>(.*?)</div>", html, re.DOTALL)
    assert found is not None
    return found[1]


def test_a_source_narrows_every_block(reader: FlaskClient, mixed: Product) -> None:
    page = reader.get(f"/products/{mixed.id}?source=京东").text
    assert '<dd class="kpi-figure">3</dd>' in card(page, "Reviews")
    assert "物流" in text(page, "aspects")
    assert "慢" in text(page, "keywords")
    assert "100.0% of reviews are negative" in page
    assert page.split('id="evidence"')[1].count('<article class="review"') == 3
    assert "source=%E4%BA%AC%E4%B8%9C" in re.findall(r'data-day-url="([^"]+)"', page)[0]
    rest = reader.get(f"/products/{mixed.id}?source=").text
    assert '<dd class="kpi-figure">5</dd>' in card(rest, "Reviews")
    assert "物流" not in text(rest, "aspects")


def test_without_suspected_fakes(reader: FlaskClient, mixed: Product) -> None:
    address = f"/products/{mixed.id}"
    assert '<dd class="kpi-figure">8</dd>' in card(reader.get(address).text, "Reviews")
    page = reader.get(f"{address}?genuine=1").text
    assert '<dd class="kpi-figure">7</dd>' in card(page, "Reviews")
    assert "Not all reviews count" in page
    day = reader.get(f"{address}/days/{LAST}?genuine=1&polarity=negative").text
    assert day.count('<article class="review"') == 2
    assert "Negative 2" in day
    assert reader.get(f"{address}/days/{LAST}?polarity=negative").text.count("<article") == 3


def test_choices_without_a_choice_are_not_offered(reader: FlaskClient, product: Product) -> None:
    page = reader.get(f"/products/{product.id}").text
    for name in ("source", "channel", "genuine", "festival"):
        assert f'name="{name}"' not in page
    assert "a year before" not in page
    assert "data cut-off" in page


def test_a_festival_is_a_period(reader: FlaskClient, session: Session, product: Product) -> None:
    for day in (10, 11):
        make_mark(session, LAST.replace(day=day))
    session.commit()
    page = reader.get(f"/products/{product.id}?festival=双11").text
    assert "Double 11: 2026-11-10 – 2026-11-11" in page
    assert "sold in 2 days" in page


def test_a_rival_of_the_same_category_is_compared(
    reader: FlaskClient, session: Session, product: Product, workspace: Workspace
) -> None:
    rival = make_product(session, workspace.id, "P2", title="电饭煲", category="小家电")
    make_sales(session, rival, days=90, level=10.0)
    other = make_product(session, workspace.id, "P3", title="无关", category="书")
    session.commit()
    page = reader.get(f"/products/{product.id}?compare={rival.id}").text
    assert re.search(r"sold in 30 days, against 3\d\d \(电饭煲\)", page)
    assert "电饭煲: 3" in card(page, "Units sold")
    assert "against 电饭煲" in page
    alone = reader.get(f"/products/{product.id}?compare={other.id}").text
    assert "无关" not in alone


def test_a_strangers_product_is_no_rival(
    reader: FlaskClient, session: Session, product: Product, stranger_workspace: Workspace
) -> None:
    foreign = make_product(session, stranger_workspace.id, "X", title="别人的", category="小家电")
    session.commit()
    assert "别人的" not in reader.get(f"/products/{product.id}?compare={foreign.id}").text


def test_own_days(reader: FlaskClient, product: Product) -> None:
    page = reader.get(f"/products/{product.id}?from=2026-11-01&to=2026-11-15").text
    assert "2026-11-01 – 2026-11-15" in page
    assert "from=2026-11-01" not in reader.get(f"/products/{product.id}?from=x&to=").text
    assert date(2026, 11, 1).isoformat() in re.findall(r'name="from"[^>]*value="([^"]+)"', page)
