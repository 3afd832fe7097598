"""How often a page asks the database; a number here that grows with the rows is a defect."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from storage.models import ForecastRun, Product, Workspace
from tests.webapp import factories
from tests.webapp.pages.factories import LAST, make_backtest, make_forecast, make_job, make_mark, make_product


@pytest.fixture
def asked(session: Session) -> Iterator[list[str]]:
    """The statements sent; savepoints are the test's own."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "SAVEPOINT" not in statement:
            seen.append(statement)

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


@pytest.fixture
def run(session: Session, product: Product) -> ForecastRun:
    made = make_forecast(session, product)
    make_backtest(session, product)
    make_mark(session, LAST.replace(day=11))
    session.commit()
    return made


def count(client: FlaskClient, asked: list[str], path: str, **headers: str) -> int:
    asked.clear()
    assert client.get(path, headers=headers).status_code == 200
    return len(asked)


@pytest.mark.parametrize(
    ("path", "first", "kept"),
    [
        ("/api/v1/products", 4, 3),
        ("/api/v1/products/{product}/daily", 6, 4),
        ("/api/v1/forecasts/{run}", 5, 3),
        ("/products/{product}", 22, 22),
        ("/", 12, 12),
        ("/jobs", 5, 5),
        ("/jobs/{job}/progress", 5, 5),
    ],
)
def test_a_page_asks_so_often_whatever_the_number_of_rows(
    session: Session,
    workspace: Workspace,
    reader: FlaskClient,
    product: Product,
    run: ForecastRun,
    asked: list[str],
    path: str,
    first: int,
    kept: int,
) -> None:
    path = path.format(product=product.id, run=run.id, job=make_job(session, workspace.id).id)
    session.commit()
    assert (count(reader, asked, path), count(reader, asked, path)) == (first, kept)
    for number in range(3):
        make_product(session, workspace.id, f"further {number}")
        factories.review(session, product, day=LAST)
        make_job(session, workspace.id)
    assert count(reader, asked, path) in (first, kept)


def test_the_comparison_asks_as_often_for_four_products_as_for_two(
    session: Session, reader: FlaskClient, product: Product, run: ForecastRun, asked: list[str]
) -> None:
    ids = [product.id]
    for number in range(3):
        further = make_product(session, product.workspace_id, f"further {number}")
        make_forecast(session, further)
        make_backtest(session, further)
        ids.append(further.id)
    session.commit()
    two, four = (",".join(str(id) for id in some) for some in (ids[:2], ids))
    count(reader, asked, f"/compare?ids={two}")
    assert count(reader, asked, f"/compare?ids={two}") == count(reader, asked, f"/compare?ids={four}") < 20


def test_the_workspace_asks_as_often_whatever_was_asked_before(
    session: Session, reader: FlaskClient, product: Product, run: ForecastRun, asked: list[str]
) -> None:
    path = f"/products/{product.id}/workspace"
    make_forecast(session, product, scenario_hash="first", scenario={"promo": 1.0})
    session.commit()
    count(reader, asked, path)
    before = count(reader, asked, path)
    for number in range(4):
        make_forecast(session, product, scenario_hash=f"{number}", scenario={"promo": number})
    session.commit()
    assert count(reader, asked, path) == before < 25


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/api/v1/products", 2),
        ("/api/v1/products/{product}/daily", 3),
        ("/api/v1/products/{product}/daily?from=2026-11-01&to=2026-11-20", 3),
        ("/api/v1/forecasts/{run}", 2),
    ],
)
def test_a_program_gets_a_kept_answer_for_its_token_and_a_stamp(
    client: FlaskClient,
    viewer: dict[str, str],
    product: Product,
    run: ForecastRun,
    asked: list[str],
    path: str,
    kept: int,
) -> None:
    path = path.format(product=product.id, run=run.id)
    first = count(client, asked, path, **viewer)
    assert count(client, asked, path, **viewer) == kept < first
    assert count(client, asked, path, **viewer, **{"Accept-Encoding": "gzip"}) == kept
