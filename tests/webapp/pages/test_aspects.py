import json
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import Product
from storage.themes import Stars
from tests.webapp.pages.factories import LAST, make_backtest, make_review
from webapp.pages.aspects import by_week, effect

SLOW = [{"category": "物流", "polarity": "negative"}]


def test_stars_of_two_groups_are_compared() -> None:
    found = effect(Stars(4, 2.0, 1.0), Stars(16, 4.5, 0.64))
    assert found is not None
    assert (found.stars, found.n, found.others) == (-2.5, 4, 16)
    assert found.low == pytest.approx(-2.5 - 1.959964 * (1 / 4 + 0.64 / 16) ** 0.5)
    assert effect(Stars(1, 1.0, None), Stars(16, 4.5, 0.64)) is None
    assert effect(Stars(0, None, None), Stars(16, 4.5, 0.64)) is None


def test_weeks_end_with_the_last_day() -> None:
    assert by_week([1] * 15) == [7, 7]
    assert by_week([1] * 3) == [3]
    assert by_week([]) == []


@pytest.fixture
def spoken(session: Session, product: Product) -> Product:
    for _ in range(4):
        make_review(session, product, LAST, "negative", aspects=SLOW)
        make_review(session, product, LAST, aspects=[{"category": "质量", "polarity": "positive"}])
    session.commit()
    return product


def block(html: str) -> str:
    return html.split('id="aspects"')[1].split("</section>")[0]


def test_the_most_blamed_is_first_with_what_it_goes_with(
    reader: FlaskClient, session: Session, spoken: Product
) -> None:
    led = {"column": "negative_share", "aspect": "物流", "lag": 3, "correlation": -0.3, "verdict": "leads"}
    make_backtest(session, spoken, findings={"lags": [led | {"p_value": 0.01, "q_value": 0.02}]})
    session.commit()
    shown = block(reader.get(f"/products/{spoken.id}").text)
    assert shown.index("物流") < shown.index("质量")
    assert "100% (51% – 100%), n = 4" in shown
    assert "leads sales by 3 d (r −0.30)" in shown
    assert "not measured" in shown
    drawn = re.search(r'id="quadrant-data">(.*?)</script>', shown)
    assert drawn is not None
    assert [point["name"] for point in json.loads(drawn[1])["points"]] == ["物流"]


def test_an_aspect_brings_its_reviews(reader: FlaskClient, spoken: Product) -> None:
    page = reader.get(f"/products/{spoken.id}").text
    link = re.search(r'<a href="([^"]+)" hx-get="([^"]+)" hx-target="#evidence"[^>]*>物流</a>', block(page))
    assert link is not None
    whole, fragment = (found.replace("&amp;", "&") for found in link.groups())
    beside = reader.get(fragment).text
    assert "Reviews · 物流 blamed" in beside
    assert beside.count('<article class="review"') == 4
    assert "<html" not in beside
    opened = reader.get(whole).text.split('id="evidence"')[1].split("</section>")[0]
    assert opened.count('<article class="review"') == 4


def test_days_of_an_aspect_must_be_days(reader: FlaskClient, spoken: Product) -> None:
    assert reader.get(f"/products/{spoken.id}/about?aspect=物流&start=x&end=y").status_code == 404
