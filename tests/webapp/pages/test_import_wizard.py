"""Mapping columns by hand: what the page shows is what the job does."""

import io
import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from settings import Settings
from storage.models import Job, Upload
from tests.webapp.outbox import Outbox
from tests.webapp.pages.conftest import LogIn

Pairs = list[tuple[str, str]]
REVIEWS = "货,何时,说了什么,几星\nA,2026-11-01,不错,5\nB,2025-02-30,一般,3\n"
BY_HAND = {"货": "product_id", "何时": "created_at", "说了什么": "text", "几星": "rating"}
SALES = "product_id,date,units,temperature,adverts,note\nA,2026-11-01,3,12,5,x\nA,2026-11-02,4,13,6,y\n"


def keep(client: FlaskClient, data: bytes, name: str = "x.csv", kind: str = "reviews") -> str:
    """Upload a file and return its address without the question mark."""
    answer = client.post("/imports", data={"kind": kind, "file": (io.BytesIO(data), name)})
    assert answer.status_code == 302
    return str(answer.location).partition("?")[0]


def pairs(kind: str, mapping: dict[str, str], **more: str) -> "MultiDict[str, str]":
    listed: Pairs = [("kind", kind)]
    for column, field in mapping.items():
        listed += [("column", column), ("field", field)]
    return MultiDict(listed + list(more.items()))


def shown_mapping(html: str) -> dict[str, str]:
    """Return column to field as the page's selects stand."""
    blocks = re.findall(
        r'name="column" value="([^"]*)">\s*<select[^>]*name="field">(.*?)</select>', html, re.S
    )
    chosen = {}
    for column, options in blocks:
        selected = re.findall(r'<option value="([^"]*)" selected>', options)
        assert len(selected) <= 1, column
        chosen[unescape(column)] = selected[0] if selected else ""
    return chosen


def only_job(session: Session) -> Job:
    return session.query(Job).one()


def test_a_file_of_another_kind_is_recognised(reader: FlaskClient) -> None:
    address = keep(reader, SALES.encode())
    page = reader.get(address, query_string={"kind": "reviews"}).text
    assert f'look like another kind of file: <a href="{address}?kind=sales">Daily sales</a>' in page
    assert "another kind of file" not in reader.get(address, query_string={"kind": "sales"}).text
    assert "another kind of file" not in reader.get(keep(reader, REVIEWS.encode())).text


def test_unknown_columns_are_offered_with_an_example(reader: FlaskClient) -> None:
    html = reader.get(keep(reader, REVIEWS.encode()), query_string={"kind": "reviews"}).text
    assert shown_mapping(html) == dict.fromkeys(BY_HAND, "")
    assert '<span class="hint cell">不错</span>' in html
    assert "Say which column holds: product_id, created_at, text" in html
    assert "can be read" not in html


def test_each_choice_is_one_less_to_make(reader: FlaskClient) -> None:
    address = keep(reader, REVIEWS.encode())
    chosen: dict[str, str] = {}
    left = ["product_id, created_at, text", "created_at, text", "text"]
    for column, still in zip(BY_HAND, left, strict=False):
        html = reader.get(address, query_string=pairs("reviews", chosen)).text
        assert re.search(rf"Say which column holds: {still}\b", html), chosen
        chosen[column] = BY_HAND[column]
    html = reader.get(address, query_string=pairs("reviews", BY_HAND)).text
    assert "Say which column holds" not in html
    assert "1 can be read, 1 would be refused" in html
    assert "disabled" not in html


def test_what_was_chosen_stays_chosen_and_becomes_the_job(
    reader: FlaskClient, session: Session, outbox: Outbox
) -> None:
    address = keep(reader, REVIEWS.encode())
    html = reader.get(address, query_string=pairs("reviews", BY_HAND)).text
    assert shown_mapping(html) == BY_HAND
    answer = reader.post(f"{address}/start", data=pairs("reviews", shown_mapping(html)))
    assert answer.status_code == 302
    assert only_job(session).params["mapping"] == BY_HAND
    assert len(outbox.sent) == 1


def test_the_refused_row_is_shown_under_the_files_own_column(reader: FlaskClient) -> None:
    html = reader.get(keep(reader, REVIEWS.encode()), query_string=pairs("reviews", BY_HAND)).text
    refused = html[html.index("Would be refused") :]
    assert '<td class="number">3</td><td class="nowrap">何时</td>' in refused
    assert "there is no such date" in refused


def test_two_columns_for_one_field_are_refused_with_both_names(reader: FlaskClient, session: Session) -> None:
    address = keep(reader, REVIEWS.encode())
    twice = BY_HAND | {"几星": "text"}
    answer = reader.post(f"{address}/start", data=pairs("reviews", twice))
    assert answer.status_code == 422
    alert = re.findall(r'role="alert">([^<]*)<', answer.text)[0]
    assert all(word in alert for word in ("text", "说了什么", "几星"))
    assert session.query(Job).count() == 0


def test_a_column_of_another_file_is_named(reader: FlaskClient, session: Session) -> None:
    address = keep(reader, REVIEWS.encode())
    answer = reader.post(f"{address}/start", data=pairs("reviews", BY_HAND | {"别的列": "source"}))
    assert answer.status_code == 422
    assert "The mapping names columns that are not there: 别的列" in answer.text
    assert session.query(Job).count() == 0


def test_a_refused_start_keeps_the_file_for_another_try(
    reader: FlaskClient, session: Session, settings: Settings
) -> None:
    address = keep(reader, REVIEWS.encode())
    assert reader.post(f"{address}/start", data=pairs("reviews", {"货": "product_id"})).status_code == 422
    upload = session.query(Upload).one()
    assert (settings.uploads_dir / upload.path).read_bytes() == REVIEWS.encode()
    assert reader.post(f"{address}/start", data=pairs("reviews", BY_HAND)).status_code == 302
    assert only_job(session).upload_id == upload.id


def test_a_column_left_out_is_not_guessed_again(reader: FlaskClient, session: Session) -> None:
    data = b"product_id,created_at,text,rating\nA,2026-11-01,fine,9\n"
    address = keep(reader, data)
    assert "0 can be read, 1 would be refused" in reader.get(address + "?kind=reviews").text
    left_out = {"product_id": "product_id", "created_at": "created_at", "text": "text", "rating": ""}
    html = reader.get(address, query_string=pairs("reviews", left_out)).text
    assert "1 can be read, 0 would be refused" in html
    assert shown_mapping(html) == left_out
    reader.post(f"{address}/start", data=pairs("reviews", left_out))
    assert only_job(session).params["mapping"]["rating"] == ""


def test_another_kind_asks_for_other_columns(reader: FlaskClient) -> None:
    address = keep(reader, SALES.encode(), kind="sales")
    assert "Say which column holds" not in reader.get(address + "?kind=sales").text
    html = reader.get(address + "?kind=orders").text
    assert '<option value="orders" selected>' in html
    missing = re.findall(r"Say which column holds: ([^<]*)<", html)[0]
    assert "order_id" in missing
    assert '<option value="extra"' not in html


def test_only_numbers_of_our_own_have_a_role(reader: FlaskClient) -> None:
    html = reader.get(keep(reader, SALES.encode(), kind="sales") + "?kind=sales").text
    assert re.findall(r'name="role_column" value="([^"]+)"', html) == ["temperature", "adverts"]
    assert shown_mapping(html)["note"] == ""
    assert shown_mapping(html)["temperature"] == "extra"


def test_roles_stay_with_their_columns(reader: FlaskClient, session: Session) -> None:
    address = keep(reader, SALES.encode(), kind="sales")
    roles = [("role_column", "temperature"), ("role", "past"), ("role_column", "adverts"), ("role", "future")]
    wish = MultiDict([("kind", "sales"), *roles])
    html = reader.get(address, query_string=wish).text
    adverts = html[html.index('name="role_column" value="adverts"') :]
    assert '<option value="future" selected>' in adverts
    reader.post(f"{address}/start", data=wish)
    assert only_job(session).params["columns"] == {"temperature": "past", "adverts": "future"}


def test_the_wrong_encoding_is_seen_before_anything_goes_in(reader: FlaskClient, session: Session) -> None:
    data = "商品编号,评论时间,评论内容\nA,2026-11-01,味道有点大\n".encode("gb18030")
    address = keep(reader, data)
    assert "味道有点大" in reader.get(address + "?kind=reviews").text
    wrong = reader.get(address + "?kind=reviews&encoding=utf-8").text
    assert "味道有点大" not in wrong
    assert 'role="alert"' in wrong
    assert reader.post(f"{address}/start", data={"kind": "reviews", "encoding": "utf-8"}).status_code == 422
    assert session.query(Job).count() == 0
    reader.post(f"{address}/start", data={"kind": "reviews", "encoding": "gb18030"})
    assert only_job(session).params["encoding"] == "gb18030"


@pytest.mark.parametrize("kind", ["reviews", "products", "sales", "orders"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_filled_template_needs_no_mapping(reader: FlaskClient, kind: str, language: str) -> None:
    reader.get(f"/jobs?lang={language}")
    header = reader.get(f"/imports/templates/{kind}.csv").data
    width = len(header.decode("utf-8-sig").split(","))
    reader.get("/jobs?lang=en")
    html = reader.get(
        keep(reader, header + b",".join([b"1"] * width) + b"\n", kind=kind) + f"?kind={kind}"
    ).text
    assert "Say which column holds" not in html
    mapping = shown_mapping(html)
    assert len(mapping) == width
    assert "" not in mapping.values()
    assert len(set(mapping.values())) == width


def test_names_and_cells_of_a_file_are_only_text(reader: FlaskClient) -> None:
    data = b"product_id,created_at,text,<script>alert(1)</script>\nA,2026-11-01,<b>fine</b>,<img src=x>\n"
    html = reader.get(keep(reader, data, "<i>x</i>.csv") + "?kind=reviews").text
    assert not any(tag in html for tag in ("<script>alert", "<b>fine", "<img src=x", "<i>x"))
    assert "<b>fine</b>" in unescape(html)
    assert "<script>alert(1)</script>" in shown_mapping(html)


def test_a_colleague_may_go_on_with_a_kept_file_but_a_viewer_may_not(
    reader: FlaskClient, log_in: LogIn, session: Session
) -> None:
    address = keep(reader, REVIEWS.encode())
    viewer = log_in("viewer")
    assert viewer.get(address).status_code == 403
    assert viewer.post(f"{address}/start", data=pairs("reviews", BY_HAND)).status_code == 403
    assert session.query(Job).count() == 0
    owner = log_in("owner")
    assert owner.post(f"{address}/start", data=pairs("reviews", BY_HAND)).status_code == 302
    assert only_job(session).params["mapping"] == BY_HAND
