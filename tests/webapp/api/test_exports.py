from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from settings import Settings
from storage.models import Export, Job, Product, Workspace
from tests.webapp import factories

DAY = date(2026, 6, 1)


@pytest.fixture
def sold(session: Session, workspace: Workspace) -> Product:
    made = factories.product(session, workspace)
    factories.sale(session, made, DAY, 3)
    return made


def test_an_export_is_accepted_and_its_file_is_the_result(
    client: FlaskClient,
    session: Session,
    sold: Product,
    analyst: dict[str, str],
    viewer: dict[str, str],
    settings: Settings,
) -> None:
    answer = client.post(f"/api/v1/products/{sold.id}/exports", json={"format": "pdf"}, headers=analyst)
    assert answer.status_code == 202
    assert answer.json is not None
    assert (answer.json["kind"], answer.json["result_url"]) == ("export", None)
    row = session.scalars(select(Export)).one()
    assert answer.headers["Location"] == f"/api/v1/jobs/{row.job_id}"
    assert (row.format, row.language) == ("pdf", "en")
    assert client.get(f"/api/v1/jobs/{row.job_id}/file", headers=viewer).status_code == 404
    row.path, row.sha256 = "a.pdf", "ab"
    session.get_one(Job, row.job_id).state = "succeeded"
    session.commit()
    settings.exports_dir.mkdir(parents=True)
    (settings.exports_dir / "a.pdf").write_bytes(b"%PDF")
    for told in (
        client.get(f"/api/v1/jobs/{row.job_id}", headers=viewer).json,
        client.get("/api/v1/jobs", headers=viewer).json["items"][0],
    ):
        assert told["result_url"] == f"/api/v1/jobs/{row.job_id}/file"
    got = client.get(told["result_url"], headers=viewer, buffered=True)
    assert (got.data, got.mimetype) == (b"%PDF", "application/pdf")


def test_the_same_key_makes_one_file(
    client: FlaskClient, session: Session, sold: Product, analyst: dict[str, str]
) -> None:
    headers = analyst | {"Idempotency-Key": "monday"}
    for _ in range(2):
        answer = client.post(f"/api/v1/products/{sold.id}/exports", json={}, headers=headers)
        assert answer.status_code == 202
    assert len(session.scalars(select(Export)).all()) == 1


@pytest.mark.parametrize("wish", [{"format": "exe"}, {"days": "3"}, {"colour": "red"}])
def test_a_wish_that_is_not_understood_is_refused(
    client: FlaskClient, sold: Product, analyst: dict[str, str], wish: dict[str, str]
) -> None:
    assert client.post(f"/api/v1/products/{sold.id}/exports", json=wish, headers=analyst).status_code == 400


def test_a_product_without_days_is_a_conflict(
    client: FlaskClient, session: Session, workspace: Workspace, analyst: dict[str, str]
) -> None:
    empty = factories.product(session, workspace)
    answer = client.post(f"/api/v1/products/{empty.id}/exports", json={}, headers=analyst)
    assert answer.status_code == 409


def test_all_products_are_a_workbook(
    client: FlaskClient, session: Session, analyst: dict[str, str], viewer: dict[str, str]
) -> None:
    assert client.post("/api/v1/exports", json={}, headers=viewer).status_code == 403
    assert client.post("/api/v1/exports", json={}, headers=analyst).status_code == 202
    assert session.scalars(select(Export)).one().name.startswith("shop-20")
    assert client.post("/api/v1/exports", json={"format": "pdf"}, headers=analyst).status_code == 400
