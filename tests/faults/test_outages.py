"""A full disk, a read-only database, no database: a clear 503, and all is well again without a restart."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.pool import NullPool

from storage.models import Upload
from tests.faults.house import House

pytestmark = [pytest.mark.functional, pytest.mark.timeout(600)]

IMPORTS, PRODUCTS = "/api/v1/imports", "/api/v1/products"


@pytest.fixture(scope="module")
def token(strict_house: House) -> str:
    return strict_house.new_workspace("outages")


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Leave no byte on a disk."""
    if not disk.is_mount():
        pytest.skip("only root can mount a small disk")
    filler = disk / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096, 1):
                fill(file, b"x" * size)
        yield
    finally:
        filler.unlink()


def fill(file: RawIOBase, piece: bytes) -> None:
    try:
        while file.write(piece):
            pass
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


def set_read_only(house: House, value: str) -> None:
    engine = create_engine(
        house.database.url,
        isolation_level="AUTOCOMMIT",
        poolclass=NullPool,
        connect_args={"options": "-c default_transaction_read_only=off"},
    )
    with engine.connect() as connection:
        connection.execute(text(f"ALTER SYSTEM SET default_transaction_read_only = {value}"))
        connection.execute(text("SELECT pg_reload_conf()"))


def rows(name: str) -> dict[str, object]:
    said = "做工不错，物流很快。" * 40
    row = {"product_id": "P1", "review_id": name, "created_at": "2026-11-01", "text": said}
    return {"kind": "reviews", "rows": [row]}


def check_problem(answer: tuple[int, dict[str, object], dict[str, str]], words: str) -> None:
    status, problem, headers = answer
    assert (status, headers["Content-Type"]) == (503, "application/problem+json")
    assert words in str(problem["detail"])
    assert int(headers["Retry-After"]) > 0


def check_done(house: House, token: str, job: dict[str, object]) -> None:
    house.until(lambda: house.ended(UUID(str(job["id"]))), "the end of the job")
    assert house.get(f"/api/v1/jobs/{job['id']}", token)[1]["state"] == "succeeded"


def test_a_full_disk_of_uploads(strict_house: House, token: str) -> None:
    house = strict_house
    file = b"product_id,review_id,created_at,text\nP1,d1,2026-11-01," + b"x" * 5000 + b"\n"
    with full(house.settings.data_dir):
        check_problem(house.upload(token, file, "disk"), "磁盘已满")
        left = list(house.settings.uploads_dir.rglob("*.csv"))
        assert left == [], "half an upload stays"
    status, job, _ = house.upload(token, file, "disk")
    assert status == 202
    check_done(house, token, job)


def test_a_full_disk_of_the_database(strict_house: House, token: str) -> None:
    house, accepted, refused = strict_house, [], []
    with full(house.database.folder.parent):
        for n in range(400):
            answer = house.post(token, IMPORTS, rows(f"f{n}"), key=f"full {n}")
            if answer[0] == 202:
                accepted.append(answer[1])
            else:
                check_problem(answer, "磁盘已满")
                refused.append(n)
                if len(refused) == 3:
                    break
        assert len(refused) == 3, "the disk was never full"
        assert house.get(PRODUCTS, token)[0] == 200
    kept = [path for path in house.settings.uploads_dir.rglob("*") if path.is_file()]
    named = house.asked(lambda session: session.scalars(select(Upload.path)).all())
    assert {path.relative_to(house.settings.uploads_dir).as_posix() for path in kept} == set(named)
    for n in refused:
        status, job, _ = house.post(token, IMPORTS, rows(f"f{n}"), key=f"full {n}")
        assert status == 202
        accepted.append(job)
    for job in accepted:
        check_done(house, token, job)


def test_a_read_only_database(strict_house: House, token: str) -> None:
    house = strict_house
    set_read_only(house, "on")
    try:
        house.until(lambda: house.post(token, IMPORTS, rows("o"))[0] == 503, "the new setting")
        check_problem(house.post(token, IMPORTS, rows("o1"), key="read-only"), "只能读取")
        assert house.get(PRODUCTS, token)[0] == 200
    finally:
        set_read_only(house, "off")
    house.until(lambda: house.post(token, IMPORTS, rows("o1"), key="read-only")[0] == 202, "writing again")
    check_done(house, token, house.post(token, IMPORTS, rows("o1"), key="read-only")[1])


def test_no_database(strict_house: House, token: str) -> None:
    house = strict_house
    web = house.processes.children["web"].pid
    house.database.end()
    check_problem(house.post(token, IMPORTS, rows("n1"), key="away"), "无法连接数据库")
    status, ready = house.get("/readyz")
    assert (status, ready["database"]) == (503, False)
    assert house.get("/healthz")[0] == 200
    house.database.start()
    status, job, _ = house.post(token, IMPORTS, rows("n1"), key="away")
    assert status == 202
    check_done(house, token, job)
    assert house.processes.children["web"].pid == web
