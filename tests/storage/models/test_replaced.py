import pytest
from sqlalchemy.orm import Session

from storage.models import Product, ReplacedRow
from storage.models.replaced import REPLACED
from tests.storage.factories import make_import
from tests.storage.models.rows import count, put, refusal, remove


def test_a_row_is_kept_once_for_each_import(session: Session, workspace_id: int) -> None:
    first, second = (make_import(session, workspace_id, "import_sales") for _ in range(2))
    kept = {"workspace_id": workspace_id, "job_id": first.id, "kind": "sales", "key": '[1, "2026-06-08"]'}
    row = put(session, ReplacedRow, **kept)
    assert (row.before, row.product_id, row.was_job_id) == ({}, None, None)
    assert refusal(session, ReplacedRow, **kept) == "uq_replaced_rows_job_id_kind_key"
    assert refusal(session, ReplacedRow, **kept | {"job_id": second.id}) is None


def test_only_rows_that_imports_write_over_are_kept(session: Session, workspace_id: int) -> None:
    kept = {"workspace_id": workspace_id, "job_id": make_import(session, workspace_id).id, "key": "[1]"}
    assert {refusal(session, ReplacedRow, **kept, kind=kind) for kind in REPLACED} == {None}
    assert refusal(session, ReplacedRow, **kept, kind="reviews") == "ck_replaced_rows_kind"


@pytest.mark.parametrize("goes", ["job", "product"])
def test_what_is_kept_goes_with_its_import_or_its_product(
    session: Session, workspace_id: int, goes: str
) -> None:
    job = make_import(session, workspace_id)
    product = put(session, Product, workspace_id=workspace_id, external_id="A")
    kept = {"workspace_id": workspace_id, "kind": "sales", "key": "[1]"}
    put(session, ReplacedRow, **kept, job_id=job.id, product_id=product.id)
    remove(session, {"job": job, "product": product}[goes])
    assert count(session, ReplacedRow) == 0
