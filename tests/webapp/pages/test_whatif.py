from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import ForecastRun, Product
from tests.webapp.pages.factories import make_forecast
from webapp.pages.whatif import whatif

WISH = {"aspect": "物流", "polarity": "negative", "change": -0.3}
NEW = {
    "code": "never_seen",
    "detail": "promo 3 …",
    "values": {"column": "promo", "value": 3.0, "seen": [0, 1]},
}


def test_a_wish_is_said_in_words(english: None) -> None:
    scenario = {"promo": 1.0, "discount": 0.2, "holiday": True, "from": "2026-11-21", "sentiment": [WISH]}
    run = ForecastRun(scenario=scenario, state="failed", horizon=14, remarks=[], warnings=[], error="gone")
    found = whatif(run)
    assert found.wish == "Promotion 1.00; Discount 20%; days off; 物流 blamed -30%; 2026-11-21 – "
    assert (found.total, found.remarks) == (None, ["gone"])


def test_the_page_tells_warnings_and_refusals_in_the_readers_language(
    reader: FlaskClient, product: Product, session: Session
) -> None:
    assert 'id="whatifs"' not in reader.get(f"/products/{product.id}").text
    refusal = {"code": "already_planned", "detail": "…", "values": {"column": "price"}}
    make_forecast(session, product, scenario_hash="a", scenario={"promo": 3.0}, remarks=[NEW])
    refused = {"scenario_hash": "b", "state": "failed", "error": "…", "remarks": [refusal]}
    make_forecast(session, product, scenario={"price": 9.0}, **refused)
    session.commit()
    html = reader.get(f"/products/{product.id}").text
    block = html.split('id="whatifs"')[1].split("</section>")[0]
    assert "Promotion 3 was never seen, only 0, 1." in block
    assert ">630 <" in block
    assert "Refused</span> Nothing would change: Price is already planned so." in block
    chinese = reader.get(f"/products/{product.id}?lang=zh").text.split('id="whatifs"')[1]
    assert "促销 3 从未出现过，只有过 0, 1。" in chinese
    assert "不会有任何变化：价格本来就是这样计划的。" in chinese
