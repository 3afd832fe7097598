from datetime import date

from sqlalchemy.orm import Session

from storage.models import Review
from storage.withheld import are_withheld, withhold
from tests.storage.factories import analysis, aspect, make_products, make_reviews, review_row


def test_a_review_is_loaded_without_its_words_and_with_its_figures(
    session: Session, workspace_id: int
) -> None:
    [product_id] = make_products(session, workspace_id, "A1")
    found = analysis(aspects=[aspect("物流", "negative")])
    row = review_row(product_id, date(2026, 6, 1), text="发货太慢", analysis=found)
    [id] = make_reviews(session, workspace_id, [row])
    assert session.get_one(Review, id).text == "发货太慢"
    session.expunge_all()

    withhold(withhold(session))
    assert are_withheld(session)
    review = session.get_one(Review, id)
    assert (review.text, review.title, review.user_key) == ("", "", "")
    assert review.aspects == [{"category": "物流", "polarity": "negative"}]
    assert review.label == "positive"
    assert not session.dirty
