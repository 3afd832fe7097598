"""Broken files by the thousand, by the road of the web: no 500, and nothing half in."""

import io
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, select, union_all

from storage.models import Chunk, Job, OrderLine, Product, Refusal, Review, Sale, Upload
from storage.progress import progress
from tests.attacks.conftest import Shop
from tests.attacks.mutations import mutant, whole
from tests.workers.factories import work_off

SMALL, FULL = 150, 5000
SLOWEST_SECONDS = 30
STORED = {"reviews": Review, "products": Product, "sales": Sale, "orders": OrderLine}


def send(shop: Shop, kind: str, name: str, data: bytes) -> Any:
    return shop.app.test_client().post(
        "/api/v1/imports",
        data={"kind": kind, "file": (io.BytesIO(data), name)},
        headers={"Authorization": f"Bearer {shop.tokens['analyst']}"},
    )


def count(shop: Shop, *tables: Any) -> dict[str, int]:
    """Return how many rows of each table the shop has; empty ones are left out."""
    parts = [
        select(func.count(), func.concat(table.__tablename__)).where(table.workspace_id == shop.id)
        for table in tables
    ]
    with shop.context.sessions() as session:
        return {name: number for number, name in session.execute(union_all(*parts)) if number}


def clear(shop: Shop) -> None:
    with shop.context.sessions.begin() as session:
        for table in (Job, Upload, Review, Sale, OrderLine, Product):
            session.execute(delete(table).where(table.workspace_id == shop.id))
    for path in kept(shop):
        path.unlink()


def kept(shop: Shop) -> list[Path]:
    return [path for path in shop.context.settings.uploads_dir.rglob("*") if path.is_file()]


def faults(shop: Shop, kind: str, answer: Any) -> str:
    """Say what is wrong with how a file was answered; nothing if all is well."""
    if answer.status_code == 202:
        return faults_of_job(shop, kind, UUID(answer.json["id"]))
    if answer.status_code not in (400, 413, 422) or answer.mimetype != "application/problem+json":
        return f"{answer.status_code} {answer.text[:200]}"
    left = count(shop, Job, Chunk, Upload, *STORED.values())
    return f"refused, and left {left} {kept(shop)}" if left or kept(shop) else ""


def faults_of_job(shop: Shop, kind: str, id: UUID) -> str:
    job = work_off(shop.context, id)
    stored = count(shop, *STORED.values(), Refusal)
    if job.state == "failed":
        return f"failed ({job.error}), and stored {stored}" if stored or not job.error else ""
    if job.state != "succeeded":
        return f"is still {job.state}"
    with shop.context.sessions() as session:
        found = progress(session, job)
    read = next(stage for stage in found.stages if stage.name == "import")
    rows, refused = stored.get(STORED[kind].__tablename__, 0), stored.get("refusals", 0)
    whole = found.done + found.failed == found.total and refused == read.failed
    # The same product or day twice in a file is one row; no row comes from nowhere, and none is lost.
    return (
        ""
        if whole and (0 < rows <= read.done if read.done else stored.keys() <= {"refusals"})
        else f"{found} {stored}"
    )


@pytest.mark.parametrize("kind", STORED)
@pytest.mark.parametrize("name", ["csv", "gbk.csv", "jsonl", "xlsx", "parquet", "csv.gz"])
def test_the_files_are_sound_before_they_are_broken(shop: Shop, kind: str, name: str) -> None:
    answer = send(shop, kind, f"file.{name}", whole(kind, name))
    assert (answer.status_code, faults(shop, kind, answer)) == (202, "")
    assert count(shop, STORED[kind], Refusal) == {STORED[kind].__tablename__: 9}


@pytest.mark.timeout(3600)
def test_no_broken_file_breaks_anything(shop: Shop, request: pytest.FixtureRequest) -> None:
    files = FULL if request.config.getoption("--full") else SMALL
    seen: Counter[int] = Counter()
    wrong: list[str] = []
    slowest = 0.0
    for seed in range(files):
        kind, name, data, how = mutant(seed)
        began = time.monotonic()
        answer = send(shop, kind, name, data)
        fault = faults(shop, kind, answer)
        slowest = max(slowest, time.monotonic() - began)
        seen[answer.status_code] += 1
        wrong += [f"{seed}: {how} as {kind} {name}: {fault}"] if fault else []
        clear(shop)
    print(f"{files:,} files, answered {dict(seen)}, slowest {slowest:.1f} s, {len(wrong)} wrong")
    assert seen[202] > files / 10
    assert seen[422] > files / 10
    assert slowest < SLOWEST_SECONDS
    assert wrong == [], "\n".join(wrong[:20])
