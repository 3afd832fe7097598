"""`python -m benchmarks.forecasting.fresh`: seconds from asking for a forecast over HTTP to having it."""

import argparse
import itertools
import sys
import time
from collections.abc import Iterator, Sequence

import httpx2
import numpy as np

from benchmarks import report

POLL_SECONDS = 0.05
PATIENCE_SECONDS = 60


def seconds(client: httpx2.Client, requests: int) -> Iterator[float]:
    """Ask for as many forecasts as no one has asked for before, one after the other.

    Each is of the next product and of a price of its own, so none is there already; the models are those
    that the service has fitted.

    Raises
    ------
    RuntimeError
        When a forecast fails, or is not there after a minute.
    """
    products = [found["id"] for found in client.get("/api/v1/products").raise_for_status().json()["items"]]
    if not products:
        raise RuntimeError("the workspace has no products")
    for number, product in zip(range(requests), itertools.cycle(products)):
        started = time.perf_counter()
        scenario = {"price": round(50 + number + time.time() % 1, 4)}
        asked = client.post(f"/api/v1/products/{product}/forecasts", json={"scenario": scenario})
        wait(client, asked.raise_for_status().headers["Location"])
        yield time.perf_counter() - started


def wait(client: httpx2.Client, location: str) -> None:
    """Return when a run has ended well."""
    end = time.perf_counter() + PATIENCE_SECONDS
    while time.perf_counter() < end:
        run = client.get(location).raise_for_status().json()
        if run["state"] == "failed":
            raise RuntimeError(f"{location} failed: {run['error']}")
        if run["state"] == "succeeded":
            return
        time.sleep(POLL_SECONDS)
    raise RuntimeError(f"{location} is not there after {PATIENCE_SECONDS} s")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure a running service and write the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forecasting.fresh", description=__doc__)
    parser.add_argument("--address", default="http://127.0.0.1:8000")
    parser.add_argument("--token", required=True, help="an analyst's: flask --app webapp token create …")
    parser.add_argument("--requests", type=int, default=60)
    options = parser.parse_args(arguments)
    headers = {"Authorization": f"Bearer {options.token}"}
    with httpx2.Client(base_url=options.address, headers=headers, timeout=30) as client:
        taken = np.array(list(seconds(client, options.requests)))
    row = {"forecasts": len(taken)} | {
        f"p{share}_s": float(np.percentile(taken, share)) for share in (50, 95, 100)
    }
    report.write("forecasting-fresh", [row], {"poll_s": POLL_SECONDS})
    return 0


if __name__ == "__main__":
    sys.exit(main())
