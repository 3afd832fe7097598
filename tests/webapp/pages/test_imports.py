import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

import ingest
from settings import Settings
from storage.models import Job, Upload
from tests.webapp.outbox import Outbox
from webapp.pages.imports import read_wish

REVIEWS = "商品编号,评论时间,评论内容,评分,备注\nA,2026-11-01,味道有点大,2,x\nA,2025-02-30,很好,5,\n"


def send(client: FlaskClient, text: str = REVIEWS, kind: str = "reviews", encoding: str = "gb18030") -> str:
    """Upload a file and return the address of its preview."""
    file = (io.BytesIO(text.encode(encoding)), "评论.csv")
    answer = client.post("/imports", data={"kind": kind, "file": file})
    assert answer.status_code == 302
    return answer.headers["Location"]


def test_the_form_offers_every_kind_and_its_template(reader: FlaskClient) -> None:
    html = reader.get("/imports/new?kind=sales").text
    for kind in ("reviews", "products", "sales", "orders"):
        assert f'value="{kind}"' in html
        assert f"/imports/templates/{kind}.csv" in html
        assert f"/imports/templates/{kind}.xlsx" in html
    assert 'value="sales" checked' in html


def test_a_gbk_file_is_previewed(reader: FlaskClient) -> None:
    html = reader.get(send(reader)).text
    assert "GB18030" in html
    assert "味道有点大" in html
    assert '<option value="text" selected>' in html
    assert "Of the first 2 rows 1 can be read, 1 would be refused" in html
    assert "Found out by itself: GB18030" in html
    assert "2025-02-30" in html


def test_the_bytes_are_kept_once_as_sent(reader: FlaskClient, session: Session, settings: Settings) -> None:
    send(reader)
    upload = session.query(Upload).one()
    assert (settings.uploads_dir / upload.path).read_bytes() == REVIEWS.encode("gb18030")
    assert upload.original_name == "评论.csv"


def test_starting_imports_the_stored_file(reader: FlaskClient, session: Session, outbox: Outbox) -> None:
    preview = send(reader)
    upload = session.query(Upload).one()
    columns = ["商品编号", "评论时间", "评论内容", "评分", "备注"]
    fields = ["product_id", "created_at", "text", "rating", ""]
    answer = reader.post(
        f"{preview.partition('?')[0]}/start",
        data=MultiDict(
            [("kind", "reviews"), *(("column", c) for c in columns), *(("field", f) for f in fields)]
        ),
    )
    job = session.query(Job).one()
    assert answer.headers["Location"] == f"/jobs/{job.id}"
    assert (job.kind, job.upload_id) == ("import_reviews", upload.id)
    assert job.params["mapping"] == dict(zip(columns, fields, strict=True))
    assert [task for task, _, _ in outbox.sent] == ["workers.tasks.import_chunk"]
    assert session.query(Upload).count() == 1


def test_a_missing_column_is_mapped_by_hand(reader: FlaskClient, session: Session) -> None:
    preview = send(reader, "商品编号,评论时间,说了什么\nA,2026-11-01,不错\n", encoding="utf-8")
    html = reader.get(preview).text
    assert "Say which column holds" in html
    assert "disabled" in html
    mapped = reader.get(preview + "&column=说了什么&field=text").text
    assert "Say which column holds" not in mapped
    assert "Of the first 1 rows 1 can be read, 0 would be refused" in mapped


def test_starting_without_a_needed_column_says_what_is_missing(reader: FlaskClient, session: Session) -> None:
    preview = send(reader, "商品编号,评论时间,说了什么\nA,2026-11-01,不错\n", encoding="utf-8")
    answer = reader.post(f"{preview.partition('?')[0]}/start", data={"kind": "reviews"})
    assert answer.status_code == 422
    assert "Required columns are missing: text" in answer.text
    assert session.query(Job).count() == 0


def test_an_extra_number_of_sales_has_a_role(reader: FlaskClient, session: Session) -> None:
    preview = send(reader, "product_id,date,units,temperature\nA,2026-11-01,3,12\n", "sales", "utf-8")
    assert "When is temperature known?" in reader.get(preview).text
    reader.post(
        f"{preview.partition('?')[0]}/start",
        data={"kind": "sales", "role_column": "temperature", "role": "future"},
    )
    assert session.query(Job).one().params["columns"] == {"temperature": "future"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"product_id,created_at,text\n", "The file has a header and no rows."),
        (b"PK\x03\x04 truncated", "no whole xlsx workbook"),
        (b"\x1f\x8b\x08\x00 cut", ""),
    ],
)
def test_a_bad_file_is_explained_and_nothing_breaks(reader: FlaskClient, content: bytes, said: str) -> None:
    answer = reader.post("/imports", data={"kind": "reviews", "file": (io.BytesIO(content), "x.csv")})
    page = reader.get(answer.headers["Location"])
    assert page.status_code == 200
    assert 'class="note note-danger"' in page.text
    assert said in page.text
    assert "disabled" in page.text


def test_a_mapping_that_does_not_fit_falls_back(reader: FlaskClient) -> None:
    html = reader.get(send(reader) + "&column=评论内容&field=nonsense").text
    assert "The mapping names unknown fields: nonsense" in html
    assert '<option value="text" selected>' in html


def test_no_file_chosen(reader: FlaskClient) -> None:
    answer = reader.post("/imports", data={"kind": "reviews"}, follow_redirects=True)
    assert "Choose a file first." in answer.text


def test_a_file_that_is_too_large(reader: FlaskClient, settings: Settings, session: Session) -> None:
    object.__setattr__(settings, "max_upload_bytes", 10)
    answer = reader.post("/imports", data={"kind": "reviews", "file": (io.BytesIO(b"x" * 11), "x.csv")})
    assert answer.status_code == 413
    assert session.query(Upload).count() == 0


@pytest.mark.parametrize("kind", ["secrets", ""])
def test_an_unknown_kind(reader: FlaskClient, kind: str) -> None:
    assert reader.post("/imports", data={"kind": kind}).status_code == 400


def test_the_template_opens_in_excel(reader: FlaskClient) -> None:
    answer = reader.get("/imports/templates/reviews.csv")
    assert answer.data.startswith(b"\xef\xbb\xbfproduct_id,created_at,text,")
    assert reader.get("/imports/templates/secrets.csv").status_code == 404


@pytest.mark.parametrize("kind", ["reviews", "products", "sales", "orders"])
def test_the_workbook_has_chinese_names_and_keeps_long_ids(
    reader: FlaskClient, kind: str, tmp_path: Path
) -> None:
    answer = reader.get(f"/imports/templates/{kind}.xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    [sheet] = book.worksheets
    names = [cell.value for cell in sheet[1]]
    assert names == ingest.template(kind, "zh")
    place = names.index("商品ID") + 1
    assert sheet.column_dimensions[get_column_letter(place)].number_format == "@"
    sheet.cell(2, place, "6221260000000000001")
    book.save(tmp_path / "filled.xlsx")
    seen = ingest.preview(tmp_path / "filled.xlsx", kind)
    assert (seen.missing, seen.unmapped) == ([], [])
    assert "6221260000000000001" in seen.sample[0]


def test_a_workbook_of_no_kind(reader: FlaskClient) -> None:
    assert reader.get("/imports/templates/secrets.xlsx").status_code == 404


def test_the_preview_says_of_how_many_rows_it_speaks(reader: FlaskClient) -> None:
    rows = [f"A,2026-11-01,第{n}条," for n in range(250)]
    html = reader.get(send(reader, "\n".join(["商品编号,评论时间,评论内容,评分", *rows]))).text
    assert "Of the first 200 rows 200 can be read, 0 would be refused" in html


def test_a_viewer_may_not_import(viewer_client: FlaskClient) -> None:
    assert viewer_client.get("/imports/new").status_code == 403
    assert viewer_client.post("/imports", data={"kind": "reviews"}).status_code == 403


def test_a_foreign_upload_is_404(reader: FlaskClient) -> None:
    assert reader.get("/imports/999999").status_code == 404
    assert reader.post("/imports/999999/start", data={"kind": "reviews"}).status_code == 404


def test_pairs_are_read_in_order() -> None:
    wish = read_wish(
        MultiDict([("kind", "sales"), ("column", "a"), ("column", "b"), ("field", "units"), ("field", "")])
    )
    assert wish.mapping == {"a": "units", "b": ""}
    assert (wish.kind, wish.encoding, wish.roles) == ("sales", None, {})
    assert read_wish(MultiDict([("encoding", "gb18030")])).encoding == "gb18030"
    assert read_wish(MultiDict([("encoding", "klingon")])).encoding is None
