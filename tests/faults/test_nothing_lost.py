"""Killed workers, a broker that forgets, a database that crashes: the tables come out the same."""

import random
import socket
import time
from uuid import UUID

import pytest
from sqlalchemy import func, select

from storage.models import Chunk
from tests.faults.conftest import Weather
from tests.faults.house import House, form
from tests.faults.tables import rows_of

pytestmark = [pytest.mark.functional, pytest.mark.timeout(900)]

SEED = 20_261_126
PRAISE = ("物流很快", "做工精致", "颜色正", "客服耐心", "味道好闻", "性价比高", "包装完好", "尺码标准")
BLAME = ("发货太慢", "有异味", "掉色严重", "客服不理人", "电池不耐用", "屏幕有划痕", "和描述不符", "漏水")
LINKS = ("，", "，而且", "，不过", "，总之", "；")
HEADER = "product_id,review_id,created_at,text,rating,user_id"


def review_file(rows: int, seed: int = SEED) -> bytes:
    """Make reviews of 40 products, one in five a copy of another, one in a thousand refused."""
    dice = random.Random(seed)
    lines, said = [HEADER], ["不错"]
    for n in range(rows):
        if dice.random() < 0.8:
            said.append(dice.choice(LINKS).join(dice.choices(PRAISE + BLAME, k=dice.randint(2, 6))) + f"{n}")
        day = "not a day" if n % 1000 == 999 else f"2026-{n % 12 + 1:02d}-{n % 28 + 1:02d} 09:{n % 60:02d}:00"
        lines.append(f"P{n % 40},r{n},{day},{dice.choice(said)},{dice.randint(1, 5)},u{n % 900}")
    return "\n".join(lines).encode()


def test_the_tables_are_those_of_an_undisturbed_run(house: House, weather: Weather) -> None:
    file = review_file(weather.rows)
    calm = house.import_file(house.new_workspace("calm"), file)
    house.until(lambda: house.ended(calm), "the end of the undisturbed job", 600)
    token = house.new_workspace("storm")
    storm = interrupted_upload(house, token, file)
    blow(house, storm, weather)
    house.until(lambda: house.ended(storm), "the end of the job", 600)

    state, counted = house.progress(storm)
    refused = weather.rows // 1000
    assert (state, counted.error) == ("succeeded", "")
    assert (counted.total, counted.done, counted.failed) == (weather.rows, weather.rows - refused, refused)
    with house.sessions() as session:
        expected, found = rows_of(session, "calm"), rows_of(session, "storm")
    assert len(expected["reviews"]) == weather.rows - refused
    for table, rows in expected.items():
        assert rows, f"{table} is empty: nothing is compared"
        assert found[table] == rows, f"{table} differs"
    house.until(lambda: house.get("/readyz")[0] == 200, "readiness after the storm")
    logs = "".join(log.read_text(errors="replace") for log in house.processes.logs.glob("*.log"))
    assert "deadlock detected" not in logs


def interrupted_upload(house: House, token: str, file: bytes) -> UUID:
    """Kill the web process when half of the file is sent; send it again, as a client does, until it is in."""
    body, headers = form(file, "reviews")
    headers |= {"Authorization": f"Bearer {token}", "Idempotency-Key": "storm", "Host": "127.0.0.1"}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection(("127.0.0.1", house.port), 10) as line:
        line.sendall(f"POST /api/v1/imports HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode())
        line.sendall(body[: len(body) // 2])
        house.kill("web")
        try:
            answer = line.recv(100)
        except ConnectionResetError:
            answer = b""
    assert answer == b"", "answered before the kill: nothing was interrupted"
    house.until(lambda: house.upload(token, file, "storm")[0] == 202, "the upload")
    status, job, answered = house.upload(token, file, "storm")
    assert (status, answered.get("Idempotency-Replayed")) == (202, "true")
    assert len(house.get("/api/v1/jobs", token)[1]["items"]) == 1
    return UUID(job["id"])


def blow(house: House, job_id: UUID, weather: Weather) -> None:
    """Kill workers while they hold a chunk; between kills crash the database once and empty the broker."""
    dice = random.Random(SEED)
    step = weather.kills // (weather.broker_restarts + 2)
    broker_at = {step * (n + 1) + n for n in range(weather.broker_restarts)}
    database_at = {step * (weather.broker_restarts + 1)}
    assert not broker_at & database_at
    for kill in range(weather.kills):
        before = rows_done(house, job_id)
        house.until(lambda before=before: rows_done(house, job_id) > before, f"work after kill {kill}")
        house.until(lambda: house.busy() is not None or house.ended(job_id), "a worker at work")
        time.sleep(dice.uniform(0, 0.5))
        name = house.busy()
        while name is None:
            assert not house.ended(job_id), f"over after {kill} kills: too fast to prove anything"
            name = house.busy()
        house.kill(name)
        if kill in broker_at:
            house.broker.restart_empty()
        if kill in database_at:
            house.database.restart()


def rows_done(house: House, job_id: UUID) -> int:
    done = select(func.coalesce(func.sum(Chunk.done), 0)).where(Chunk.job_id == job_id)
    return house.asked(lambda session: session.scalar(done)) or 0
