import csv
import io

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import Product, Workspace
from storage.relabels import Agreement
from tests.webapp.pages.factories import make_product, make_review
from webapp.pages.labelling import agreed


def test_an_empty_queue_says_so(reader: FlaskClient) -> None:
    page = reader.get("/labelling").text
    assert "Nothing to label" in page
    assert "Nobody has judged a review yet" in page


def test_the_least_sure_is_first_and_can_be_judged(
    reader: FlaskClient, session: Session, product: Product, stranger_workspace: Workspace
) -> None:
    unsure = make_review(session, product, label="uncertain", text="说不上来")
    make_review(session, make_product(session, stranger_workspace.id), label="uncertain", text="别人的")
    session.commit()
    page = reader.get("/labelling").text
    assert page.index("说不上来") < page.index("中规中矩")
    assert "别人的" not in page
    assert f'hx-post="/reviews/{unsure.id}/label"' in page
    assert f'<a href="/products/{product.id}">{product.title}</a>' in page
    reader.post(f"/reviews/{unsure.id}/label", data={"label": "negative"})
    judged = reader.get("/labelling").text
    assert "说不上来" not in judged
    assert "Unsure" in judged.split('id="agreement"')[1]


def test_corrections_are_what_training_reads(reader: FlaskClient, session: Session, product: Product) -> None:
    review = make_review(session, product, label="positive", text="=真的，“好”\n差")
    session.commit()
    reader.post(f"/reviews/{review.id}/label", data={"label": "negative"})
    answer = reader.get("/labelling/corrections.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="corrections.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows == [{"text": "'=真的，“好”\n差", "polarity": "negative"}]


def test_the_commands_are_those_of_the_training_page(reader: FlaskClient) -> None:
    page = reader.get("/labelling").text
    for word in ("nlp.training.tune --corrections corrections.csv", "SENTIMENT_MODEL=models/mine"):
        assert word in page


@pytest.mark.parametrize("path", ["/labelling", "/labelling/corrections.csv"])
def test_viewers_may_not(viewer_client: FlaskClient, path: str) -> None:
    assert viewer_client.get(path).status_code == 403


def test_it_is_there_in_chinese(reader: FlaskClient) -> None:
    assert "最拿不准的在前" in reader.get("/labelling?lang=zh").text


def test_agreement_has_a_line_for_all_and_none_for_the_unsure(english: None) -> None:
    lines = agreed([Agreement("negative", 10, 9), Agreement("uncertain", 5, 0)])
    assert [(line.name, line.n, line.share) for line in lines] == [
        ("All", 10, 0.9),
        ("Negative", 10, 0.9),
        ("Unsure", 5, None),
    ]
    assert lines[0].interval is not None
    assert lines[0].interval[0] < 0.9 < lines[0].interval[1]
