import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import ForecastRun, Product, Sale
from tests.webapp.outbox import Outbox
from tests.webapp.pages.factories import (
    LAST,
    curve,
    found_in_training,
    make_backtest,
    make_forecast,
    make_product,
    make_review,
)

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def trained(session: Session, product: Product) -> Product:
    make_forecast(session, product)
    make_backtest(session, product, cv=curve(), findings=found_in_training())
    for sale in session.scalars(select(Sale).where(Sale.product_id == product.id)):
        sale.price = 50.0 if sale.day == LAST else 40.0
        sale.promo = 0.0
    make_review(session, product, label="negative", aspects=[{"category": "物流", "polarity": "negative"}])
    session.commit()
    return product


def address(product: Product) -> str:
    return f"/products/{product.id}/workspace"


def block(html: str, id: str) -> str:
    return html.split(f'id="{id}"')[1].split("</section>")[0]


def test_every_block_is_filled_from_what_training_kept(reader: FlaskClient, trained: Product) -> None:
    html = reader.get(address(trained)).text
    models = block(html, "models")
    assert "Regression <span" in models.replace("\n", "")
    assert "Seasonal naive (last week again)" in models
    assert "60% Boosted trees + 40% ARIMA" in models
    assert 'data-lines="cutoffs"' in models
    assert "misses repeat" in block(html, "residuals")
    assert "n = 3" in block(html, "coverage")
    parts = block(html, "parts")
    assert "Weekdays sell differently." in parts
    assert "(1,1,1)(0,1,1)" in parts
    whatif = block(html, "whatif")
    assert "from the last sold price ¥50.00; sold at ¥40.00 to ¥50.00" in whatif
    assert "1 reviews in four weeks" in whatif
    assert 'href="/method#wape"' in models


def test_without_anything_each_block_says_what_is_missing(
    reader: FlaskClient, session: Session, product: Product
) -> None:
    bare = make_product(session, product.workspace_id, "bare")
    session.commit()
    html = reader.get(address(bare)).text
    for id, said in (
        ("models", "Nothing compared yet"),
        ("residuals", "No residuals yet"),
        ("coverage", "No coverage yet"),
        ("parts", "Not taken apart yet"),
        ("whatif", "Nothing asked yet"),
    ):
        assert said in block(html, id), id


def test_both_languages_are_complete(reader: FlaskClient, trained: Product) -> None:
    english = reader.get(address(trained)).text
    inside = (
        block(english.split("<main")[1], "models") + block(english, "residuals") + block(english, "coverage")
    )
    assert CHINESE.findall(inside) == []
    chinese = reader.get(f"{address(trained)}?lang=zh").text
    assert "预测工作台" in chinese
    assert "超出历史范围" in chinese


def test_a_wish_is_asked_beside_the_plain_forecast(
    reader: FlaskClient, trained: Product, session: Session, outbox: Outbox
) -> None:
    form = {
        "price": "-20",
        "promo": "on",
        "from": "2026-11-21",
        "to": "2026-11-25",
        "reviews:negative:物流": "-30",
    }
    answer = reader.post(f"{address(trained)}/whatif", data=form)
    run = session.scalars(select(ForecastRun).where(ForecastRun.scenario_hash != "")).one()
    assert answer.location == f"{address(trained)}?run={run.id}#whatif"
    assert run.scenario == {
        "discount": 0.2,
        "promo": 1.0,
        "from": "2026-11-21",
        "to": "2026-11-25",
        "sentiment": [{"aspect": "物流", "polarity": "negative", "change": -0.3}],
    }
    assert len(outbox.sent) == 1
    waiting = reader.get(answer.location).text
    assert f'hx-get="{address(trained)}/whatif/{run.id}"' in waiting
    assert "Forecast is being computed" in waiting
    reader.post(f"{address(trained)}/whatif", data=form)
    assert len(outbox.sent) == 1


def test_what_was_asked_stays_in_the_form(reader: FlaskClient, trained: Product, outbox: Outbox) -> None:
    form = {"price": "-20", "promo": "on", "from": "2026-11-22", "to": "2026-11-25"}
    asked = reader.post(f"{address(trained)}/whatif", data=form | {"reviews:negative:物流": "-30"}).location
    page = block(reader.get(asked).text, "whatif")
    for name, value in [*form.items(), ("reviews:negative:物流", "-30")]:
        if name != "promo":
            assert re.search(rf'name="{name}"[^>]* value="{value}"', page), name
    assert '<option value="on" selected>' in page
    assert len(re.findall(r'type="range"[^>]* value="-[23]0"', page)) == 2


@pytest.mark.parametrize(
    ("form", "said"), [({}, "Nothing would change"), ({"price": "x"}, "A change is a number in per cent")]
)
def test_nothing_and_nonsense_are_answered_in_words(
    reader: FlaskClient, trained: Product, outbox: Outbox, form: dict[str, str], said: str
) -> None:
    answer = reader.post(f"{address(trained)}/whatif", data=form, follow_redirects=True)
    assert said in answer.text
    assert outbox.sent == []


def test_the_answer_stands_beside_the_forecast_as_it_is(
    reader: FlaskClient, trained: Product, session: Session
) -> None:
    drivers = [{"name": "price", "group": "price", "effect": 90.0}]
    run = make_forecast(
        session, trained, 50.0, scenario_hash="a", scenario={"discount": 0.2}, drivers=drivers
    )
    session.commit()
    html = reader.get(f"{address(trained)}/whatif/{run.id}").text
    assert "hx-get" not in html
    assert "Discount 20%" in html
    assert "<dd>700</dd>" in html
    assert "+70 <small>+11.1%</small>" in html
    assert '<th scope="row">Price</th>' in html


def test_a_refusal_says_why(reader: FlaskClient, trained: Product, session: Session) -> None:
    refusal = {"code": "already_planned", "detail": "…", "values": {"column": "price"}}
    run = make_forecast(
        session, trained, scenario_hash="b", scenario={"price": 9.0}, state="failed", remarks=[refusal]
    )
    session.commit()
    html = reader.get(f"{address(trained)}/whatif/{run.id}").text
    assert "Nothing would change: Price is already planned so." in html
    assert "不会有任何变化" in reader.get(f"{address(trained)}/whatif/{run.id}?lang=zh").text


def test_a_run_of_another_product_is_not_there(
    reader: FlaskClient, trained: Product, session: Session
) -> None:
    other = make_forecast(session, make_product(session, trained.workspace_id, "other"))
    session.commit()
    assert reader.get(f"{address(trained)}/whatif/{other.id}").status_code == 404
    assert reader.get(f"{address(trained)}?run={other.id}").status_code == 404


def test_a_viewer_sees_answers_and_asks_nothing(viewer_client: FlaskClient, trained: Product) -> None:
    html = viewer_client.get(f"{address(trained)}?lang=en").text
    assert "Analysts and owners may ask" in html
    assert "<form" not in block(html, "whatif")
    assert viewer_client.post(f"{address(trained)}/whatif", data={"promo": "on"}).status_code == 403


def test_the_report_leads_here(reader: FlaskClient, trained: Product) -> None:
    assert f'href="{address(trained)}"' in reader.get(f"/products/{trained.id}").text
