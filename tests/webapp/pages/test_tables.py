import csv
import io

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import Product, Workspace
from tests.webapp.pages.factories import LAST, make_forecast, make_product, make_review

SLOW = [{"category": "=物流", "polarity": "negative"}]


def rows(client: FlaskClient, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.data.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_the_days_behind_the_chart(reader: FlaskClient, session: Session, product: Product) -> None:
    make_forecast(session, product)
    session.commit()
    found = rows(reader, f"/products/{product.id}/days.csv?days=7")
    assert found[0][:2] == ["Day", "Units sold"]
    assert [row[0] for row in found[1:8]] == [f"2026-11-{day}" for day in range(14, 21)]
    assert found[7][4:7] == ["3", "2", "0"]
    assert found[8][7:10] == ["45.0", "36.0", "54.0"]
    assert len(found) == 1 + 7 + 14


def test_the_aspects(reader: FlaskClient, session: Session, product: Product) -> None:
    for _ in range(3):
        make_review(session, product, LAST, "negative", aspects=SLOW)
    session.commit()
    header, line = rows(reader, f"/products/{product.id}/aspects.csv")
    assert (header[0], line[0], line[1:4]) == ("Aspect", "'=物流", ["3", "0", "3"])


def test_without_data_there_is_no_file(reader: FlaskClient, session: Session, workspace: Workspace) -> None:
    bare = make_product(session, workspace.id)
    session.commit()
    for name in ("days", "aspects"):
        assert reader.get(f"/products/{bare.id}/{name}.csv").status_code == 404
