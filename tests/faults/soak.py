"""``python -m tests.faults.soak --minutes 30``: mixed load for long, and whether memory stays flat."""

import argparse
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil

from local.processes import commands
from tests.faults.house import House
from tests.faults.servers import Postgres, Redis
from tests.faults.test_nothing_lost import review_file

MEGABYTE = 1024 * 1024
PRODUCTS = 40
# Warm by then: models loaded, caches and the database's buffers filled.
WARM_SHARE = 0.3
GROWTH, GROWTH_MEGABYTES = 0.1, 25


class Load:
    """People and programs that use the house, each in a thread of its own."""

    def __init__(self, house: House, token: str) -> None:
        self.house, self.token = house, token
        self.answers: Counter[tuple[str, int]] = Counter()
        self.stop = threading.Event()
        pace = {self.read: 0.2, self.write: 10.0, self.analyse: 2.0, self.forecast: 60.0}
        self._threads = [
            threading.Thread(target=self._repeat, args=part, daemon=True) for part in pace.items()
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def read(self, turn: int) -> None:
        product = 1 + turn % PRODUCTS
        paths = ["/products", f"/products/{product}/daily", f"/products/{product}/reviews", "/jobs"]
        path = paths[turn % len(paths)]
        self._note("read", self.house.get(f"/api/v1{path}", self.token)[0])

    def write(self, turn: int) -> None:
        file = review_file(200, seed=turn).replace(b",r", b",s%d-" % turn)
        self._note("import", self.house.upload(self.token, file, f"soak {turn}")[0])

    def analyse(self, turn: int) -> None:
        texts = [f"第 {turn} 次购买，物流很快，就是有点掉色。"] * 8
        self._note("analyse", self.house.post(self.token, "/api/v1/analyze", {"texts": texts})[0])

    def forecast(self, turn: int) -> None:
        path = f"/api/v1/products/{1 + turn % PRODUCTS}/forecasts"
        self._note("forecast", self.house.post(self.token, path, {"horizon": 7})[0])

    def _note(self, what: str, status: int) -> None:
        self.answers[what, status] += 1

    def _repeat(self, act: Callable[[int], None], every: float) -> None:
        turn = 0
        while not self.stop.wait(every):
            act(turn)
            turn += 1


def sales_file() -> bytes:
    dice = random.Random(1)
    days = [f"2026-{month:02d}-{day:02d}" for month in range(1, 12) for day in range(1, 29)]
    rows = [f"P{n},{day},{dice.randint(1, 30)}" for n in range(PRODUCTS) for day in days]
    return "\n".join(["product_id,date,units", *rows]).encode()


def megabytes(house: House) -> dict[str, float]:
    """Return the memory of each process and its children; pages that they share are counted once."""
    pids = {name: child.pid for name, child in house.processes.children.items()}
    servers = {"postgres": house.database.process, "broker": house.broker.process}
    pids |= {name: process.pid for name, process in servers.items() if process}
    return {name: round(sum(map(_held, _family(pid))) / MEGABYTE, 1) for name, pid in pids.items()}


def _family(pid: int) -> list[psutil.Process]:
    try:
        return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _held(process: psutil.Process) -> int:
    try:
        found = process.memory_full_info() if sys.platform == "linux" else process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    return int(getattr(found, "pss", found.rss))


def verdict(samples: list[dict[str, float]]) -> dict[str, dict[str, float | bool]]:
    """Compare the medians of the first and the last third of what came after warming up."""
    warm = samples[int(len(samples) * WARM_SHARE) :]
    third = max(len(warm) // 3, 1)
    found: dict[str, dict[str, float | bool]] = {}
    for name in warm[0]:
        first, last = (statistics.median(s[name] for s in part) for part in (warm[:third], warm[-third:]))
        flat = last - first <= max(GROWTH * first, GROWTH_MEGABYTES)
        found[name] = {"first": first, "last": last, "most": max(s[name] for s in samples), "flat": flat}
    return found


def soak(house: House, minutes: float, every: float) -> tuple[Load, list[dict[str, float]]]:
    """Load a house that has 40 products with sales and reviews, printing its memory."""
    token = house.new_workspace("soak")
    for kind, file in (("sales", sales_file()), ("reviews", review_file(1000))):
        job = house.import_file(token, file, kind, kind)
        house.until(lambda job=job: house.ended(job), f"the import of {kind}", 600)
    load, samples, start = Load(house, token), [], time.monotonic()
    load.start()
    while (passed := time.monotonic() - start) < minutes * 60:
        samples.append(megabytes(house))
        print(f"{passed:6.0f} s  " + "  ".join(f"{k} {v:6.1f}" for k, v in samples[-1].items()), flush=True)
        time.sleep(every)
    load.end()
    return load, samples


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--output", type=Path, help="JSON file for the figures")
    options = parser.parse_args()
    settings = {"SENTIMENT_MODEL": "fast", "LEASE_SECONDS": "60", "REFRESH_DELAY_SECONDS": "300"}
    with tempfile.TemporaryDirectory(prefix="fengping-soak-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        # Buffers that are soon full: what grows afterwards is a leak.
        database = Postgres(folder / "database", None, "-c", "shared_buffers=32MB")
        broker = Redis(folder / "broker")
        with database.running(), broker.running():
            house = House(folder, database, broker, settings, commands)
            try:
                house.start()
                load, samples = soak(house, options.minutes, max(options.minutes, 1))
            finally:
                house.stop()
    return report(load, samples, options.output)


def report(load: Load, samples: list[dict[str, float]], output: Path | None) -> int:
    """Print what came of it; return 1 when memory grew or an answer was an error."""
    found = verdict(samples)
    answers = {f"{what} {status}": count for (what, status), count in sorted(load.answers.items())}
    print(f"\nanswers: {answers}\n\n{'MB':10} {'first':>8} {'last':>8} {'most':>8}")
    for name, row in found.items():
        grown = "" if row["flat"] else "  GREW"
        print(f"{name:10} {row['first']:8.1f} {row['last']:8.1f} {row['most']:8.1f}{grown}")
    if output:
        output.write_text(json.dumps({"answers": answers, "memory": found, "samples": samples}, indent=1))
    errors = sum(count for (_, status), count in load.answers.items() if not 200 <= status < 500)
    return int(errors > 0 or not all(row["flat"] for row in found.values()))


if __name__ == "__main__":
    sys.exit(main())
