"""Bad files through both doors, the page's form and the API, into a database that really commits."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from settings import Settings
from storage import accounts
from storage.database import session_factory
from storage.models import (
    Chunk,
    DailyFeature,
    Job,
    LoginAttempt,
    Product,
    Review,
    Sale,
    Upload,
    User,
    Workspace,
)
from tests.workers.factories import Sent, SmallArtifacts, work_off
from webapp import create_app
from webapp.auth.passwords import hash_password
from webapp.auth.tokens import generate_token, hash_token
from workers.context import Context

EMAIL, PASSWORD = "bad-input@example.com", "correct horse battery"
REVIEWS = "product_id,created_at,text,rating"
SALES = "product_id,date,units"
GOOD = "A1,2026-06-01 10:00:00,物流很快,5"
MEGABYTE = 2**20
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Shop:
    """A workspace of somebody who may import, and what reaches it."""

    app: Flask
    id: int
    context: Context
    bearer: dict[str, str]
    browser: FlaskClient

    def count(self, table: Any) -> int:
        with self.context.sessions() as session:
            found = session.scalar(select(func.count()).where(table.workspace_id == self.id))
        return found or 0

    def written(self) -> dict[str, int]:
        """Return how many rows of each table of data there are; empty tables are left out."""
        counts = {table.__name__: self.count(table) for table in (Product, Review, Sale, DailyFeature)}
        return {name: number for name, number in counts.items() if number}

    def job(self) -> Job:
        with self.context.sessions() as session:
            return session.scalars(select(Job).where(Job.workspace_id == self.id)).one()

    def files(self) -> int:
        folder = self.context.settings.uploads_dir
        return sum(path.is_file() for path in folder.rglob("*"))

    def answers(self) -> None:
        """Fail unless the pages and the API still answer, and a good file still goes in."""
        assert self.browser.get("/jobs").status_code == 200
        assert self.app.test_client().get("/healthz").status_code == 200
        sent = send_api(self, f"{REVIEWS}\nZ9,2026-06-09 10:00:00,还在,4\n".encode(), "reviews")
        assert sent.status_code == 202
        assert work_off(self.context, sent.json["id"]).state == "succeeded"


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    return session_factory(engine)


@pytest.fixture
def shop(settings: Settings, sessions: sessionmaker[Session]) -> Iterator[Shop]:
    secret = generate_token()
    with sessions.begin() as session:
        workspace = accounts.create_workspace(session, "bad input")
        person = accounts.create_user(session, EMAIL, hash_password(PASSWORD))
        accounts.set_membership(session, workspace.id, person.id, "analyst")
        accounts.create_token(session, workspace.id, name="t", role="analyst", token_hash=hash_token(secret))
        ids = workspace.id, person.id
    sent = Sent()
    app = create_app(settings, TESTING=True, SESSION_FACTORY=sessions, SENDER=sent, WTF_CSRF_ENABLED=False)
    browser = app.test_client()
    browser.post("/login?lang=en", data={"email": EMAIL, "password": PASSWORD})
    bearer = {"Authorization": f"Bearer {secret}", "Accept-Language": "en"}
    yield Shop(app, ids[0], Context(settings, sessions, SmallArtifacts(settings), sent), bearer, browser)
    with sessions.begin() as session:
        session.execute(delete(Workspace).where(Workspace.id == ids[0]))
        session.execute(delete(User).where(User.id == ids[1]))
        session.execute(delete(LoginAttempt).where(LoginAttempt.email == EMAIL))


def send_api(shop: Shop, data: bytes, kind: str, name: str = "x.csv") -> Any:
    form = {"kind": kind, "file": (io.BytesIO(data), name)}
    return shop.app.test_client().post("/api/v1/imports", data=form, headers=shop.bearer)


def send_form(shop: Shop, data: bytes, kind: str, name: str = "x.csv") -> tuple[str, Any]:
    """Upload, look and start as a browser would; return the preview and the answer to the start."""
    form = {"kind": kind, "file": (io.BytesIO(data), name)}
    address = shop.browser.post("/imports", data=form).location
    preview = shop.browser.get(address)
    assert preview.status_code == 200
    started = shop.browser.post(f"{address.partition('?')[0]}/start", data={"kind": kind})
    return preview.text, started


def workbook(rows: int = 3) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for cells in [REVIEWS.split(","), *([GOOD.split(",")] * rows)]:
        book.active.append(cells)
    book.save(file)
    return file.getvalue()


def zip_bomb() -> bytes:
    file = io.BytesIO(workbook())
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", bytes(40 * MEGABYTE))
    return file.getvalue()


def huge_line() -> bytes:
    return gzip.compress(
        f"{REVIEWS}\n{GOOD}\n".encode() + b"A1,2026-06-02 10:00:00," + b"x" * (20 * MEGABYTE)
    )


def cut_gzip() -> bytes:
    """Return a gzip cut so that header and first rows can still be read: only its end shows it."""
    numbers = (
        f"A1,2026-06-01 10:00:00,好 {n * 7919 % 100_003} {n * 104_729 % 99_991},5" for n in range(60_000)
    )
    return gzip.compress("\n".join([REVIEWS, *numbers]).encode())[:-1000]


@dataclass(frozen=True)
class Whole:
    """A file that is wrong as a whole."""

    make: Callable[[], bytes]
    said: list[str]
    name: str = "x.csv"
    kind: str = "reviews"


WHOLE = {
    "wrong column": Whole(
        lambda: b"product_id,created_at,opinion\nA1,2026-06-01,fine\n",
        ["Required columns are missing: text", "opinion"],
    ),
    "columns of another kind": Whole(
        lambda: f"{REVIEWS}\n{GOOD}\n".encode(), ["missing", "units"], kind="sales"
    ),
    "empty file": Whole(lambda: b"", ["The file is empty."]),
    "blank lines only": Whole(lambda: b"\xef\xbb\xbf\r\n  \r\n", ["The file is empty."]),
    "0-byte xlsx": Whole(lambda: b"", ["The file is empty."], "x.xlsx"),
    "truncated xlsx": Whole(lambda: workbook(500)[:-600], ["no whole xlsx workbook"], "x.xlsx"),
    "xlsx zip bomb": Whole(zip_bomb, ["compression ratio", "not opened"], "x.xlsx"),
    "truncated gz": Whole(
        lambda: gzip.compress(f"{REVIEWS}\n{GOOD}\n".encode())[:-12], ["cut short"], "x.csv.gz"
    ),
    "gz with a huge line": Whole(huge_line, ["line 3", "longer than 8,388,608 bytes"], "x.csv.gz"),
    "NUL in the header": Whole(lambda: b"product_id,created_at,te\0xt\nA1,2026-06-01,x\n", ["line 1"]),
}


@pytest.mark.parametrize("bad", WHOLE.values(), ids=WHOLE)
def test_the_api_refuses_a_file_that_is_wrong_as_a_whole(shop: Shop, bad: Whole) -> None:
    answer = send_api(shop, bad.make(), bad.kind, bad.name)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert [part for part in bad.said if part not in answer.json["detail"]] == []
    assert shop.files() == shop.count(Upload) == shop.count(Job) == 0
    shop.answers()


@pytest.mark.parametrize("bad", WHOLE.values(), ids=WHOLE)
def test_the_form_explains_a_file_that_is_wrong_as_a_whole(shop: Shop, bad: Whole) -> None:
    preview, started = send_form(shop, bad.make(), bad.kind, bad.name)
    assert 'role="alert"' in preview
    assert started.status_code == 422
    shown = started.text.replace("&#39;", "'")
    assert [part for part in bad.said if part not in shown] == []
    assert shop.count(Job) == shop.count(Chunk) == 0
    assert shop.written() == {}
    shop.answers()


def test_a_gzip_cut_far_behind_its_first_rows_fails_the_job_and_writes_nothing(shop: Shop) -> None:
    preview, started = send_form(shop, cut_gzip(), "reviews", "x.csv.gz")
    assert "Of the first 200 rows 200 can be read, 0 would be refused" in preview
    assert started.status_code == 302
    job = work_off(shop.context, shop.job().id)
    assert job.state == "failed"
    assert "cut short" in job.error
    assert "cut short" in shop.browser.get(started.location).text
    assert shop.written() == {}


@dataclass(frozen=True)
class Line:
    """One bad line among good ones: the column, the code, and the sentence it must give."""

    line: bytes
    column: str
    code: str
    reason: str
    header: str = REVIEWS
    good: str = GOOD
    kind: str = "reviews"
    encoding: str = "utf-8"
    table: type = field(default=Review)

    @property
    def data(self) -> bytes:
        head = f"{self.header}\n{self.good}\n".encode(self.encoding)
        return head + self.line + b"\n" + self.good.replace("06-01", "06-02").encode(self.encoding) + b"\n"


LINES = {
    "a day that never was": Line(
        "A1,2025-02-30,很好,5".encode(), "created_at", "no_such_date", "there is no such date"
    ),
    "negative units": Line(
        b"A1,2026-06-05,-3", "units", "negative", "must not be negative", SALES, "A1,2026-06-01,3", "sales",
        table=Sale,
    ),
    "a day of sales that never was": Line(
        b"A1,2025-02-30,3", "date", "no_such_date", "there is no such date", SALES, "A1,2026-06-01,3",
        "sales", table=Sale,
    ),
    "rating 7": Line(
        "A1,2026-06-05,很好,7".encode(), "rating", "rating_out_of_range", "between 1 and 5"
    ),
    "100,000 characters": Line(
        f"A1,2026-06-05,{'长' * 100_000},5".encode(), "text", "text_too_long", "100000 characters"
    ),
    "a NUL byte": Line("A1,2026-06-05,很\0好,5".encode(), "", "nul", "holds a NUL character"),
    "GBK with a stray byte": Line(
        "A1,2026-06-05,很".encode("gb18030") + b"\xff" + "好,5".encode("gb18030"),
        "", "undecodable", "cannot be decoded", encoding="gb18030",
    ),
    "a field too many": Line(
        "A1,2026-06-05,很好,5,6".encode(), "", "too_many_fields", "too many fields: 5 / 4"
    ),
}  # fmt: skip


def refused(text: str) -> Rows:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("bad", LINES.values(), ids=LINES)
def test_a_bad_line_sent_to_the_api_is_refused_alone(shop: Shop, bad: Line) -> None:
    answer = send_api(shop, bad.data, bad.kind)
    assert answer.status_code == 202
    assert work_off(shop.context, answer.json["id"]).state == "succeeded"
    job = shop.app.test_client().get(answer.location, headers=shop.bearer).json
    assert (job["total"], job["done"], job["failed"]) == (3, 2, 1)
    listed = shop.app.test_client().get(job["errors_url"], headers=shop.bearer).text
    [refusal] = refused(listed)
    assert (refusal["line"], refusal["column"]) == ("3", bad.column)
    assert refusal["code"].partition(":")[0] == bad.code
    assert bad.reason in refusal["reason"]
    assert len(refusal["value"]) <= 201
    assert shop.count(bad.table) == 2
    shop.answers()


@pytest.mark.parametrize("bad", LINES.values(), ids=LINES)
def test_a_bad_line_is_shown_before_and_after_the_import(shop: Shop, bad: Line) -> None:
    preview, started = send_form(shop, bad.data, bad.kind)
    assert "2 can be read, 1 would be refused" in preview
    assert bad.reason in preview
    assert started.status_code == 302
    job = work_off(shop.context, shop.job().id)
    assert job.state == "succeeded"
    page = shop.browser.get(started.location)
    assert bad.reason in page.text
    assert '<td class="number">3</td>' in page.text
    assert shop.browser.get(f"/jobs/{job.id}/failures.csv").status_code == 200
    assert shop.count(bad.table) == 2
    shop.answers()


EMOJI = "太好用了👍🏽👨‍👩‍👧 ❤️"


def test_emoji_go_in_and_come_out_whole(shop: Shop) -> None:
    _, started = send_form(shop, f"{REVIEWS}\nA1,2026-06-01 10:00:00,{EMOJI},5\n".encode(), "reviews")
    assert started.status_code == 302
    assert work_off(shop.context, shop.job().id).state == "succeeded"
    client = shop.app.test_client()
    [product] = client.get("/api/v1/products", headers=shop.bearer).json["items"]
    address = f"/api/v1/products/{product['id']}/reviews"
    assert client.get(address, headers=shop.bearer).json["items"][0]["text"] == EMOJI
    assert EMOJI in shop.browser.get(f"/products/{product['id']}?day=2026-06-01").text


def test_rows_sent_as_json_are_refused_by_line_and_field(shop: Shop) -> None:
    good = {"product_id": "A1", "created_at": "2026-06-01", "text": EMOJI, "rating": 5}
    wrong = [{"created_at": "2025-02-30"}, {"rating": 7}, {"text": "长" * 100_000}, {"text": "a\0b"}]
    rows = [good, *(good | change for change in wrong)]
    client = shop.app.test_client()
    answer = client.post("/api/v1/imports", json={"kind": "reviews", "rows": rows}, headers=shop.bearer)
    assert answer.status_code == 202
    assert work_off(shop.context, answer.json["id"]).state == "succeeded"
    listed = refused(client.get(f"{answer.location}/errors.csv", headers=shop.bearer).text)
    assert [(row["line"], row["column"]) for row in listed] == [
        ("2", "created_at"),
        ("3", "rating"),
        ("4", "text"),
        ("5", "text"),
    ]
    assert shop.count(Review) == 1


def test_a_file_of_bad_lines_only_writes_no_product(shop: Shop) -> None:
    lines = "\n".join(f"P{n},2025-02-30,很好,5" for n in range(30))
    answer = send_api(shop, f"{REVIEWS}\n{lines}\n".encode(), "reviews")
    job = work_off(shop.context, answer.json["id"])
    shown = shop.app.test_client().get(answer.location, headers=shop.bearer).json
    assert (job.state, shown["done"], shown["failed"]) == ("succeeded", 0, 30)
    assert shop.written() == {}


def test_the_reason_is_told_in_the_readers_language(shop: Shop) -> None:
    answer = send_api(shop, LINES["rating 7"].data, "reviews")
    work_off(shop.context, answer.json["id"])
    chinese = shop.bearer | {"Accept-Language": "zh-CN"}
    listed = shop.app.test_client().get(f"{answer.location}/errors.csv", headers=chinese).text
    assert refused(listed)[0]["reason"] == "评分应在 1 到 5 之间"
    assert "评分应在 1 到 5 之间" in shop.browser.get(f"/jobs/{answer.json['id']}?lang=zh").text


def test_one_file_after_another_leaves_no_trace_of_the_bad_ones(shop: Shop) -> None:
    """All whole-file faults in a row through one application: none may poison the next request."""
    statuses = {
        name: send_api(shop, bad.make(), bad.kind, bad.name).status_code for name, bad in WHOLE.items()
    }
    assert statuses == dict.fromkeys(WHOLE, 422)
    assert shop.files() == 0
    assert json.loads(shop.app.test_client().get("/api/v1/jobs", headers=shop.bearer).data)["items"] == []
    shop.answers()
