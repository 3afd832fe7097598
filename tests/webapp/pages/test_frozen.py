import json
from datetime import timedelta

from sqlalchemy.orm import Session

from storage.models import Product
from tests.webapp.pages.factories import LAST
from tests.webapp.pages.test_findings import known_of
from webapp.pages.findings import blocks
from webapp.pages.frozen import freeze


def test_the_days_of_the_page_and_its_conclusion_are_what_is_frozen(
    session: Session, product: Product, english: None
) -> None:
    known = known_of(session, product, "7")
    frozen = json.loads(freeze(session, known).body)
    assert frozen["period"]["start"] == (LAST - timedelta(days=6)).isoformat()
    assert frozen["period"]["end"] == LAST.isoformat()
    said = [clause.text for clause in blocks(session, product.workspace_id, known)["conclusion"]]
    assert frozen["conclusion"] == said != []


def test_the_conclusion_is_in_the_readers_language(session: Session, product: Product, chinese: None) -> None:
    said = "".join(json.loads(freeze(session, known_of(session, product)).body)["conclusion"])
    assert any("\u4e00" <= letter <= "\u9fff" for letter in said)


def test_what_changed_afterwards_leaves_it_as_it_was(
    session: Session, product: Product, english: None
) -> None:
    frozen = freeze(session, known_of(session, product))
    body, hashed = frozen.body, frozen.hash
    product.title = "another"
    session.flush()
    assert (frozen.body, frozen.hash) == (body, hashed)
    assert freeze(session, known_of(session, product)).hash != hashed
