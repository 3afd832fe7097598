"""Built-in aspects have an English name on every English page; a shop's own stay as the shop named them."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage import alert_items, alert_rules, aspects
from storage.alert_items import Sighting
from storage.models import AlertRule, Product, Workspace
from tests.webapp.conftest import LogIn
from tests.webapp.pages.factories import LAST, make_backtest, make_forecast, make_review
from webapp.pages import names
from webapp.pages.aspect_names import aspect, aspect_label

TREE = [
    {"name": "物流", "english": "delivery", "words": ["快递"]},
    {"name": "自建", "english": "", "words": ["自建"]},
]
SPOKEN: list[dict[str, Any]] = [
    {"category": name, "polarity": "negative", "aspect": name, "opinion": "差", "start": 0, "end": 2}
    for name in ("物流", "烟机")
]


@pytest.fixture
def spoken(session: Session, workspace: Workspace, product: Product) -> Product:
    """A product whose reviews, forecast, findings and alerts name a built-in aspect and one of the shop."""
    aspects.keep_tree(session, TREE)
    aspects.put_category(session, workspace.id, "烟机", words=["拢烟罩"])
    for _ in range(30):
        make_review(session, product, LAST.replace(day=10), "positive", text="物流快")
        make_review(session, product, LAST, "negative", text="物流慢，烟机响", aspects=SPOKEN)
    driver = {"name": "sentiment:物流", "group": "sentiment", "polarity": "negative", "effect": -20.0}
    make_forecast(session, product, drivers=[driver | {"reviews": [1]}])
    led = {"column": "negative_share", "aspect": "物流", "lag": 3, "correlation": -0.3, "verdict": "leads"}
    make_backtest(session, product, findings={"lags": [led | {"p_value": 0.002, "q_value": 0.01}]})
    rule = alert_rules.add_rule(session, workspace.id, {"name": "差评", "kind": "aspect_complaints"})
    for name in ("物流", "烟机"):
        seen = Sighting(product.id, name, LAST, {"now": 0.3, "before": 0.1, "n": 20}, 3.0, 12.0)
        alert_items.see(session, rule, seen)
    session.commit()
    return product


def block(html: str, id: str) -> str:
    return html.split(f'id="{id}"')[1].split("</section>")[0]


def text(html: str) -> str:
    return re.sub(r"<script.*?</script>|<[^>]*>", " ", html, flags=re.DOTALL)


def test_the_report_names_them_in_english(reader: FlaskClient, spoken: Product) -> None:
    html = reader.get(f"/products/{spoken.id}?days=7").text
    assert "Complaints about delivery led sales" in html
    for place in ("drivers", "aspects", "emerging"):
        assert "物流" not in text(block(html, place)), place
    assert "Delivery blamed" in block(html, "drivers")
    assert "Delivery blamed" in block(html, "emerging")
    assert "烟机 blamed" in block(html, "emerging")
    assert re.search(r"aspect=%E7%89%A9%E6%B5%81[^>]*>Delivery</a>", block(html, "aspects"))
    [drawn] = re.findall(r'id="quadrant-data">(.*?)</script>', html, re.DOTALL)
    assert {(point["category"], point["name"]) for point in json.loads(drawn)["points"]} == {
        ("物流", "Delivery"),
        ("烟机", "烟机"),
    }


def test_the_chinese_report_has_the_chinese_names(log_in: LogIn, spoken: Product) -> None:
    html = log_in("analyst").get(f"/products/{spoken.id}?days=7").text
    assert "物流差评" in block(html, "drivers")
    assert "elivery" not in html


def test_alerts_and_evidence_name_them_in_english(reader: FlaskClient, spoken: Product) -> None:
    alerts = reader.get("/alerts").text
    assert "Complaints about delivery rise" in alerts
    assert "Complaints about 烟机 rise" in alerts
    shown = reader.get(f"/products/{spoken.id}/about?aspect=物流").text
    assert "Reviews · Delivery" in shown
    assert 'title="Delivery: Negative"' in shown
    table = reader.get(f"/products/{spoken.id}/aspects.csv?days=7").text.splitlines()
    assert {line.partition(",")[0] for line in table[1:]} == {"Delivery", "烟机"}
    assert ">Delivery" in reader.get("/settings/aspects").text


def test_a_rule_is_about_the_aspect_that_is_meant(
    reader: FlaskClient, session: Session, spoken: Product
) -> None:
    form = reader.get("/alerts/rules/new").text
    assert '<option value="Delivery">' in form
    assert '<option value="烟机">' in form
    for said, name in (("delivery", "物流"), ("物流", "物流"), ("烟机", "烟机"), ("", "")):
        asked = {"kind": "aspect_complaints", "aspect": said, "name": f"rule {said}."}
        assert reader.post("/alerts/rules/new", data=asked).status_code == 302
        assert session.query(AlertRule).filter_by(name=f"rule {said}.").one().aspect == name


@pytest.mark.usefixtures("english")
def test_only_what_has_an_english_name_is_called_by_it(session: Session) -> None:
    aspects.keep_tree(session, TREE)
    session.commit()
    said = [(aspect(name), aspect_label(name)) for name in ("物流", "自建", "delivery hall")]
    assert said == [("delivery", "Delivery"), ("自建", "自建"), ("delivery hall", "delivery hall")]
    assert names.driver("sentiment:物流", "positive") == "Delivery praised"


@pytest.mark.usefixtures("chinese")
def test_chinese_readers_see_the_name_in_the_reviews(app: Flask) -> None:
    assert (aspect("物流"), aspect_label("物流")) == ("物流", "物流")
