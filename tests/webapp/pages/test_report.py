import json
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import ForecastRun, Product, Workspace
from tests.webapp.outbox import Outbox
from tests.webapp.pages.factories import (
    LAST,
    lift,
    make_backtest,
    make_forecast,
    make_mark,
    make_product,
    make_review,
)

BLOCKS = (
    *("kpis", "chart", "evidence", "worth", "drivers", "aspects", "emerging", "keywords"),
    *("actions", "models", "method"),
)


def chart_of(html: str) -> dict[str, list[object]]:
    found = re.search(r'<script type="application/json" id="chart-data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    return json.loads(found[1])  # type: ignore[no-any-return]


@pytest.fixture
def full(session: Session, product: Product) -> Product:
    make_forecast(session, product)
    make_backtest(session, product)
    make_mark(session, LAST.replace(day=11))
    session.commit()
    return product


def test_the_whole_report(reader: FlaskClient, full: Product) -> None:
    html = reader.get(f"/products/{full.id}").text
    places = [html.index(f'id="{place}"') for place in BLOCKS]
    assert places == sorted(places)
    assert "data cut-off" in html
    assert "the next 14 days should bring 630" in html
    assert "No significant difference" in html
    assert "Seasonal naive" in html
    assert "test-1" in html
    drawn = chart_of(html)
    assert len(drawn["days"]) == 104
    assert drawn["marks"][0]["name"] == "Double 11"  # type: ignore[index]
    assert drawn["stockouts"] == [["2026-10-30", "2026-10-31"]]


def test_where_sentiment_does_not_help_the_page_says_so_first(reader: FlaskClient, full: Product) -> None:
    block = reader.get(f"/products/{full.id}").text.split('id="worth"')[1].split("</section>")[0]
    assert block.index("No significant difference") < block.index("WAPE")
    assert "That is a finding, not a fault" in block
    assert "78.0%" in block
    assert "narrower than promised" in block


def test_the_verdict_that_helps(reader: FlaskClient, product: Product, session: Session) -> None:
    make_forecast(session, product, lift=lift("helps", wape_with=0.19, p_value=0.003))
    session.commit()
    block = reader.get(f"/products/{product.id}").text.split('id="worth"')[1]
    assert "Helps" in block
    assert "0.003" in block
    assert "(negative is better). It holds 0:" in block


def test_a_choice_that_was_not_the_closest_here_is_explained(
    reader: FlaskClient, product: Product, session: Session
) -> None:
    make_backtest(session, product)
    session.commit()
    said = "The choice is made for all products that sell alike"
    assert said not in reader.get(f"/products/{product.id}").text
    close = {"SeasonalNaive": {"wape": 0.2}, "Trees": {"wape": 0.1}, "Fengping": {"wape": 0.15}}
    make_backtest(session, product, champion="Ensemble", metrics=close)
    session.commit()
    shown = reader.get(f"/products/{product.id}").text
    assert said in shown
    assert "往往只是运气" in reader.get(f"/products/{product.id}?lang=zh").text


def test_complaints_that_lead_sales_are_told(reader: FlaskClient, product: Product, session: Session) -> None:
    leads = {"column": "negative_share", "aspect": "物流", "lag": 3, "correlation": -0.3, "p_value": 0.002}
    make_backtest(session, product, findings={"lags": [leads | {"q_value": 0.01, "verdict": "leads"}]})
    session.commit()
    block = reader.get(f"/products/{product.id}").text.split('id="worth"')[1].split("</section>")[0]
    assert "Complaints about 物流 led sales by about 3 d (correlation −0.30, q = 0.010)" in block


def test_how_the_data_was_prepared_is_told(reader: FlaskClient, product: Product, session: Session) -> None:
    make_backtest(session, product, findings={"preparation": {"days": 90, "stockout": 2}})
    session.commit()
    block = reader.get(f"/products/{product.id}").text.split('id="method"')[1]
    assert "90 days of sales: 2 out of stock, whose demand is taken as unknown." in block
    chinese = reader.get(f"/products/{product.id}?lang=zh").text
    assert "共 90 天销量：2 天缺货，需求视为未知。" in chinese


def test_a_report_without_forecast_says_how_to_get_one(reader: FlaskClient, product: Product) -> None:
    html = reader.get(f"/products/{product.id}").text
    for missing in ("No forecast yet", "Not measured yet", "No drivers yet", "Nothing compared yet"):
        assert missing in html
    assert "Make a forecast" in html


def test_a_product_without_data(reader: FlaskClient, workspace: Workspace, session: Session) -> None:
    bare = make_product(session, workspace.id)
    session.commit()
    html = reader.get(f"/products/{bare.id}").text
    assert "This product has no sale and no review yet" in html


def test_a_forecast_of_what_never_sold_says_what_it_rests_on(
    reader: FlaskClient, workspace: Workspace, product: Product, session: Session, outbox: Outbox
) -> None:
    bare, reviewed = make_product(session, workspace.id, "N"), make_product(session, workspace.id, "R")
    make_review(session, reviewed)
    session.commit()
    assert reader.post(f"/products/{bare.id}/forecasts").status_code == 302
    assert len(outbox.sent) == 1
    assert "being computed" in reader.get(f"/products/{bare.id}").text
    session.query(ForecastRun).delete()
    said = {"code": "never_sold", "detail": "…", "values": {"products": 12}}
    for unsold in (bare, reviewed):
        make_forecast(session, unsold, model="Analogues", remarks=[said], drivers=[])
    session.commit()
    for unsold in (bare, reviewed):
        english, chinese = (reader.get(f"/products/{unsold.id}?lang={code}").text for code in ("en", "zh"))
        assert "This product has never sold. The forecast is what 12 other products say" in english
        assert "630" in english
        assert "该商品尚无销量" in chinese


def test_reviews_without_sales_and_sales_without_reviews(
    reader: FlaskClient, workspace: Workspace, session: Session
) -> None:
    reviewed = make_product(session, workspace.id, "R")
    make_review(session, reviewed)
    session.commit()
    html = reader.get(f"/products/{reviewed.id}").text
    assert "sales <b>—</b>" in html
    assert "No sales yet: import daily sales" in html
    assert "收到货很满意" in html


def test_the_period_is_chosen(reader: FlaskClient, full: Product) -> None:
    assert "2026-11-14 – 2026-11-20" in reader.get(f"/products/{full.id}?days=7").text
    assert "2026-08-23 – 2026-11-20" in reader.get(f"/products/{full.id}?days=all").text


def test_the_worst_day_is_open_beside_the_chart(reader: FlaskClient, full: Product) -> None:
    evidence = reader.get(f"/products/{full.id}").text.split('id="evidence"')[1].split("</section>")[0]
    assert "2026-11-13" in evidence
    assert evidence.count("异味") == 2


def test_a_clicked_day_brings_its_reviews(reader: FlaskClient, full: Product) -> None:
    fragment = reader.get(f"/products/{full.id}/days/2026-11-20").text
    assert "<html" not in fragment
    assert fragment.count('<article class="review"') == 3
    assert "2026-11-20 12:30" in fragment
    assert 'aria-label="5 of 5 stars"' in fragment
    only = reader.get(f"/products/{full.id}/days/2026-11-20?polarity=positive").text
    assert only.count('<article class="review"') == 2


def test_a_day_without_reviews(reader: FlaskClient, full: Product) -> None:
    assert "No such review on this day" in reader.get(f"/products/{full.id}/days/2026-10-01").text


@pytest.fixture
def blamed(session: Session, product: Product) -> Product:
    told = [make_review(session, product, LAST, "negative", text=f"物流太慢 {n}") for n in range(21)]
    aspect = {"name": "sentiment:物流", "group": "sentiment", "polarity": "negative", "effect": -20.0}
    aspect["reviews"] = [review.id for review in told]
    make_forecast(session, product, drivers=[{"name": "promo", "effect": 60.0}, aspect])
    session.commit()
    return product


def test_a_bar_brings_the_reviews_behind_it(reader: FlaskClient, blamed: Product) -> None:
    block = reader.get(f"/products/{blamed.id}").text.split('id="drivers"')[1].split("</section>")[0]
    assert block.count("<a ") == 1
    link = re.search(r'href="([^"]+)"\s+hx-get="([^"]+)" hx-target="#evidence"[^>]*>物流 blamed<', block)
    assert link is not None
    page, address = (found.replace("&amp;", "&") for found in link.groups())
    fragment = reader.get(address).text
    assert "<html" not in fragment
    assert "Reviews · 物流 blamed" in fragment
    assert fragment.count("物流太慢") == 20
    onward = re.search(r'<button[^>]*hx-get="([^"]+)"', fragment)
    assert onward is not None
    rest = reader.get(onward[1].replace("&amp;", "&")).text
    assert (rest.count("物流太慢"), "Reviews · 物流 blamed" in rest) == (1, True)
    evidence = reader.get(page).text.split('id="evidence"')[1].split("</section>")[0]
    assert evidence.count("物流太慢") == 20


@pytest.mark.parametrize(
    "query", ["", "?driver=promo", "?driver=sentiment:物流", "?driver=nobody&polarity=x"]
)
def test_a_bar_without_reviews_opens_none(reader: FlaskClient, blamed: Product, query: str) -> None:
    fragment = reader.get(f"/products/{blamed.id}/behind{query}")
    assert (fragment.status_code, fragment.text.count("<article")) == (200, 0)
    assert "no longer here" in fragment.text
    assert "Reviews · 2026-11-20" in reader.get(f"/products/{blamed.id}{query}").text


def test_many_reviews_come_in_pages(reader: FlaskClient, product: Product, session: Session) -> None:
    day = LAST.replace(day=2)
    for _ in range(23):
        make_review(session, product, day)
    session.commit()
    first = reader.get(f"/products/{product.id}/days/{day}").text
    assert first.count('<article class="review"') == 20
    onward = re.search(r'<button[^>]*hx-get="([^"]+)"', first)
    assert onward is not None
    assert reader.get(onward[1].replace("&amp;", "&")).text.count('<article class="review"') == 3


@pytest.mark.parametrize(
    "path", ["/products/999999", "/products/{id}/days/2025-02-30", "/products/999999/days/2026-11-20"]
)
def test_what_is_not_there_is_404(reader: FlaskClient, full: Product, path: str) -> None:
    assert reader.get(path.format(id=full.id)).status_code == 404


def test_a_foreign_product_is_404(
    reader: FlaskClient, stranger_workspace: Workspace, session: Session
) -> None:
    foreign = make_product(session, stranger_workspace.id)
    session.commit()
    for path in ("", "/days/2026-11-20", "/behind?driver=promo"):
        assert reader.get(f"/products/{foreign.id}{path}").status_code == 404
    assert reader.post(f"/products/{foreign.id}/forecasts").status_code == 404


def test_asking_for_a_forecast_enqueues_one(
    reader: FlaskClient, product: Product, session: Session, outbox: Outbox
) -> None:
    answer = reader.post(f"/products/{product.id}/forecasts", follow_redirects=True)
    assert "The forecast is under way" in answer.text
    run = session.query(ForecastRun).one()
    assert outbox.sent == [("workers.tasks.run_forecast", (str(run.id),), "forecast")]
    again = reader.post(f"/products/{product.id}/forecasts", follow_redirects=True)
    assert len(outbox.sent) == 1
    assert again.status_code == 200


def test_a_forecast_under_way_is_watched_until_its_end(
    reader: FlaskClient, product: Product, session: Session
) -> None:
    run = make_forecast(session, product, state="running", finished_at=None)
    session.commit()
    address = f"/products/{product.id}/forecasts/newest"
    assert f'hx-get="{address}"' in reader.get(f"/products/{product.id}").text
    waiting = reader.get(address)
    assert "being computed" in waiting.text
    assert "HX-Refresh" not in waiting.headers
    run.state, run.error = "failed", "too few days"
    session.commit()
    ended = reader.get(address)
    assert ended.headers["HX-Refresh"] == "true"
    assert "too few days" in reader.get(f"/products/{product.id}").text


def test_no_forecast_without_sales(reader: FlaskClient, workspace: Workspace, session: Session) -> None:
    reviewed = make_product(session, workspace.id)
    make_review(session, reviewed)
    session.commit()
    answer = reader.post(f"/products/{reviewed.id}/forecasts", follow_redirects=True)
    assert "A forecast needs daily sales" in answer.text


def test_a_viewer_may_read_but_not_ask(viewer_client: FlaskClient, full: Product) -> None:
    assert viewer_client.get(f"/products/{full.id}").status_code == 200
    assert viewer_client.post(f"/products/{full.id}/forecasts").status_code == 403


def test_a_form_without_its_token_is_refused(app: Flask, reader: FlaskClient, product: Product) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert reader.post(f"/products/{product.id}/forecasts").status_code == 400


def test_nothing_inline_that_the_policy_would_drop(reader: FlaskClient, full: Product) -> None:
    answer = reader.get(f"/products/{full.id}")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", answer.text)
    inline = [tag for tag in re.findall(r"<script[^>]*>", answer.text) if "src=" not in tag]
    assert {*inline} <= {
        '<script type="application/json" id="chart-data">',
        '<script type="application/json" id="quadrant-data">',
    }
