"""`python -m benchmarks.http`: requests a second of two web processes, from a shop of a million reviews."""

import argparse
import sys
from collections.abc import Sequence

import httpx2
import psutil
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks import report
from benchmarks.bulk.house import House, house
from benchmarks.http import data
from benchmarks.http.wrk import load
from local.__main__ import wait_for_web
from storage import accounts
from webapp.auth.passwords import generate_password, hash_password

EMAIL = "load@fengping.example"
CONNECTIONS = 8
KINDS = ("daily", "forecast", "products", "health", "report")


def measure(
    running: House, token: str, cookie: str, seconds: int, only: Sequence[str] = KINDS
) -> list[dict[str, object]]:
    """Load kinds of pages in turn and return the rows of the table."""
    with Session(running.engine) as session:
        products = session.scalars(text("SELECT id FROM products ORDER BY id")).all()
        runs = session.scalars(text("SELECT id FROM forecast_runs")).all()
    kinds = {
        "daily": ([f"/api/v1/products/{id}/daily" for id in products], token),
        "forecast": ([f"/api/v1/forecasts/{id}" for id in runs], token),
        "products": (["/api/v1/products", "/api/v1/products?limit=20"], token),
        "health": (["/healthz"], token),
        "report": ([f"/products/{id}" for id in products], cookie),
    }
    found = []
    for name, (paths, key) in ((name, kinds[name]) for name in only):
        headers = {"Cookie": key} if name == "report" else {"Authorization": f"Bearer {key}"}
        warm = 4 if name != "report" else 1  # each process answers each path once before the clock runs
        for path in paths * warm:
            httpx2.get(running.address + path, headers=headers, timeout=60).raise_for_status()
        connections = 4 if name == "report" else CONNECTIONS
        before = _processor(running)
        row = load(running.address, paths, headers, seconds, connections)
        spent = _processor(running)
        cost = {
            f"{part}_cpu_ms": 1000 * (spent[part] - before[part]) / max(int(str(row["requests"])), 1)
            for part in spent
        }
        found.append({"what": name, **row, **cost, "web_mb": running.megabytes("web")})
        print(report.table(found[-1:]), flush=True)
    return found


def log_in(running: House, workspace: int) -> str:
    """Make a user and return the cookie of a session."""
    password = generate_password()
    with Session(running.engine) as session:
        user = accounts.create_user(session, EMAIL, hash_password(password))
        accounts.set_membership(session, workspace, user.id, "owner")
        session.commit()
    with httpx2.Client(base_url=running.address) as client:
        page = client.get("/login").text
        csrf = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
        client.post("/login", data={"email": EMAIL, "password": password, "csrf_token": csrf})
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def _processor(running: House) -> dict[str, float]:
    server = psutil.Process(int((running.folder / "postgres" / "postmaster.pid").read_text().split()[0]))
    web = psutil.Process(running.processes.children["web"].pid)
    return {"web": _family(web), "postgres": _family(server)}


def _family(parent: psutil.Process) -> float:
    spent = parent.cpu_times()
    own = spent.user + spent.system + spent.children_user + spent.children_system
    return own + sum(_family(child) for child in parent.children())


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill the shop, run the load and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.http", description=__doc__)
    parser.add_argument("--products", type=int, default=100)
    parser.add_argument("--reviews", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=60, help="of load on each kind of page")
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS, help="kinds of pages")
    options = parser.parse_args(arguments)
    with house(workers=0) as running:
        with Session(running.engine) as session:
            workspace, token = data.fill(session, options.products, options.reviews)
            session.commit()
        with running.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
        wait_for_web(running.address, running.processes)
        found = measure(running, token, log_in(running, workspace), options.seconds, options.only)
    about = {"products": options.products, "reviews": options.reviews, "seconds": options.seconds}
    report.write("http", found, about)
    return 0


if __name__ == "__main__":
    sys.exit(main())
