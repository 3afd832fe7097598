"""`python -m benchmarks.bulk`: a file of reviews from the upload to the daily features, by size."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import httpx2
from sqlalchemy.orm import Session

from benchmarks import report
from benchmarks.bulk import rows
from benchmarks.bulk.house import House, house
from benchmarks.bulk.watch import Seen, follow
from local.__main__ import wait_for_web
from settings import Settings
from storage import accounts
from webapp.auth.tokens import generate_token, hash_token

READY_SECONDS = 120
SIZES = (10_000, 100_000, 1_000_000)


def measure(file: Path, count: int, options: argparse.Namespace) -> dict[str, object]:
    """Upload a file and return the row of the table."""
    with TemporaryDirectory() as name:
        log = Path(name) / "score.json"
        told = {
            "SCORE_ROWS": str(options.score_rows),
            "SCORE_LOG": str(log),
            "SCORE_CHUNK_ROWS": str(options.score_chunk_rows),
            "MAX_UPLOAD_MB": "2000",
        }
        with house(options.workers, **told) as running:
            wait_for_web(running.address, running.processes)
            wait_for_worker(running.address)
            before = running.megabytes("web")
            seen = follow(running, upload(running, file))
        measured = json.loads(log.read_text()) if log.exists() else {}
    if seen.state != "succeeded":
        raise RuntimeError(f"the job of {count} rows ended as {seen.state}")
    return line(count, seen, measured, before)


def wait_for_worker(address: str) -> None:
    """Return when a worker was heard of: what it takes to start is no part of a job."""
    deadline = time.monotonic() + READY_SECONDS
    while httpx2.get(f"{address}/readyz").status_code != 200:
        if time.monotonic() > deadline:
            raise RuntimeError(f"no worker is there after {READY_SECONDS} s")
        time.sleep(0.2)


def upload(running: House, file: Path) -> UUID:
    """Send a file as a program would; return its job."""
    secret = generate_token()
    with Session(running.engine) as session:
        workspace = accounts.create_workspace(session, "bulk").id
        accounts.create_token(session, workspace, name="bulk", role="analyst", token_hash=hash_token(secret))
        session.commit()
    with file.open("rb") as stream:
        answer = httpx2.post(
            f"{running.address}/api/v1/imports",
            headers={"Authorization": f"Bearer {secret}"},
            data={"kind": "reviews"},
            files={"file": (file.name, stream)},
            timeout=600,
        )
    answer.raise_for_status()
    return UUID(answer.json()["id"])


def line(count: int, seen: Seen, measured: dict[str, float], before: float) -> dict[str, object]:
    """Return what was seen as a row of the table."""
    took = {stage: end - start for stage, (start, end) in seen.stages.items()}
    spent = seen.processor.get("import", {"workers": 0.0, "postgres": 0.0})
    return {
        "rows": count,
        "import_per_s": count / took["import"],
        "import_per_python_s": count / max(spent["workers"], 1e-9),
        "import_per_postgres_s": count / max(spent["postgres"], 1e-9),
        "scored": measured.get("rows", 0),
        "score_per_s": measured["rows"] / measured["all"] if measured else None,
        "of_nlp_alone": measured["reading"] / measured["all"] if measured else None,
        "score_stage_s": took.get("score"),
        "suspects_s": took.get("suspects"),
        "daily_s": took.get("daily"),
        **{
            f"{stage}_{name}_cpu_s": used
            for stage in ("score", "suspects", "daily")
            for name, used in seen.processor.get(stage, {}).items()
        },
        "longest_gap_s": max(seen.gaps.values()),
        **{f"gap_{stage}_s": gap for stage, gap in sorted(seen.gaps.items())},
        "web_mb": seen.megabytes["web"],
        "web_mb_before": before,
        "worker_mb": max(size for name, size in seen.megabytes.items() if name != "web"),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run every size and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bulk", description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=SIZES)
    parser.add_argument(
        "--score-rows", type=int, default=10_000, help="texts read by the analyser; of the rest it is made up"
    )
    parser.add_argument(
        "--score-chunk-rows",
        type=int,
        default=Settings.score_chunk_rows,
        help="more than the default saves time where the scores are made up",
    )
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--name", default="bulk", help="of the table under benchmarks/results")
    options = parser.parse_args(arguments)
    found = []
    with TemporaryDirectory() as folder:
        for count in options.rows:
            file = rows.write(Path(folder) / f"{count}.csv", count)
            found.append({"workers": options.workers, **measure(file, count, options)})
            file.unlink()
            print(report.table(found[-1:]), flush=True)
    about = {
        "score_rows": options.score_rows,
        "score_chunk_rows": options.score_chunk_rows,
        "workers": options.workers,
        "products": rows.PRODUCTS,
    }
    report.write(options.name, found, about)
    return 0


if __name__ == "__main__":
    sys.exit(main())
