"""The calls of the API as methods."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Self, cast
from uuid import uuid4

import httpx2 as httpx

from fengping_client.errors import ApiError, JobFailed, StillRunning
from fengping_client.shapes import Analysis, Day, Job, Product, Review, Run

WAITING = ("queued", "running")
PASSING = (429, 503)
"""Answers that the same call need not get a second time."""
ATTEMPTS = 4
PAUSE_SECONDS = 0.5
MOST_PAUSE_SECONDS = 5.0


class Fengping:
    """A workspace, seen through one of its tokens.

    Parameters
    ----------
    address : str
        Where the server answers, e.g. ``http://127.0.0.1:8000``.
    token : str
        As ``flask --app webapp token create`` or the settings page show it once.
    patience : float
        Seconds that a call waits for a job or a forecast to end.
    transport : httpx transport, optional
        Another way to the server, for tests.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        patience: float = 600.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.patience = patience
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._http = httpx.Client(base_url=address, headers=headers, timeout=60.0, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def analyze(self, texts: Sequence[str], *, only: Sequence[str] = ()) -> list[Analysis]:
        """Read at most 64 texts; results stand in their order."""
        wish: dict[str, Any] = {"texts": list(texts)} | ({"only": list(only)} if only else {})
        answer = self._write("/api/v1/analyze", json=wish)
        if answer.status_code == httpx.codes.ACCEPTED:
            job = self.wait(answer.json()["id"])
            answer = self._ask("GET", str(job["result_url"]))
        return cast("list[Analysis]", answer.json()["results"])

    def import_file(
        self,
        kind: str,
        path: str | Path,
        *,
        mapping: Mapping[str, str] | None = None,
        encoding: str | None = None,
        roles: Mapping[str, str] | None = None,
        wait: bool = True,
    ) -> Job:
        """Import a file of ``reviews``, ``products``, ``sales`` or ``orders``.

        Parameters
        ----------
        mapping : mapping of str to str, optional
            Column name to field, where the name alone does not tell.
        roles : mapping of str to str, optional
            Further numeric columns of sales to ``future`` or ``past``.
        wait : bool
            Come back when every row is in and scored; else at once with the job.

        Raises
        ------
        JobFailed
            It stopped; refused rows alone do not stop it and are counted under ``failed``.
        """
        path = Path(path)
        fields = {"kind": kind, "mapping": json.dumps(dict(mapping or {}), ensure_ascii=False)}
        fields |= {"encoding": encoding} if encoding else {}
        fields |= {"roles": json.dumps(dict(roles), ensure_ascii=False)} if roles else {}
        files = {"file": (path.name, path.read_bytes(), "application/octet-stream")}
        job: Job = self._write("/api/v1/imports", data=fields, files=files).json()
        return self.wait(job["id"]) if wait else job

    def import_rows(self, kind: str, rows: Sequence[Mapping[str, Any]], *, wait: bool = True) -> Job:
        """Import a few rows, as `import_file` does."""
        job: Job = self._write("/api/v1/imports", json={"kind": kind, "rows": list(rows)}).json()
        return self.wait(job["id"]) if wait else job

    def jobs(self) -> Iterator[Job]:
        """Yield jobs, newest first."""
        return cast("Iterator[Job]", self._pages("/api/v1/jobs"))

    def job(self, job_id: str) -> Job:
        """Return how far a job is."""
        return cast(Job, self._ask("GET", f"/api/v1/jobs/{job_id}").json())

    def wait(self, job_id: str) -> Job:
        """Return a job once it has succeeded; raise `JobFailed` or `StillRunning` otherwise."""
        return cast(Job, self._follow(f"/api/v1/jobs/{job_id}"))

    def products(self, **filters: str) -> Iterator[Product]:
        """Yield products; filters are ``q``, ``category`` and ``shop``."""
        return cast("Iterator[Product]", self._pages("/api/v1/products", filters))

    def product(self, product_id: int) -> Product:
        """Return one product."""
        return cast(Product, self._ask("GET", f"/api/v1/products/{product_id}").json())

    def daily(self, product_id: int, start: date | None = None, end: date | None = None) -> Iterator[Day]:
        """Yield the days of a product, both ends included."""
        span = {"from": start.isoformat() if start else "", "to": end.isoformat() if end else ""}
        given = {name: day for name, day in span.items() if day}
        return cast("Iterator[Day]", self._pages(f"/api/v1/products/{product_id}/daily", given))

    def reviews(self, product_id: int, **filters: str) -> Iterator[Review]:
        """Yield reviews; filters are ``day``, ``aspect``, ``polarity`` and ``exclude_suspect``."""
        return cast("Iterator[Review]", self._pages(f"/api/v1/products/{product_id}/reviews", filters))

    def forecast(
        self,
        product_id: int,
        *,
        horizon: int = 14,
        models: str = "auto",
        scenario: Mapping[str, Any] | None = None,
    ) -> Run:
        """Forecast a product from the newest data, or as if something were different.

        Raises
        ------
        JobFailed
            It was refused, e.g. a scenario that changes nothing; ``found["remarks"]`` says why.
        """
        wish: dict[str, Any] = {"horizon": horizon, "models": models, "scenario": dict(scenario or {})}
        run: Run = self._write(f"/api/v1/products/{product_id}/forecasts", json=wish).json()
        return (
            run if run["state"] == "succeeded" else cast(Run, self._follow(f"/api/v1/forecasts/{run['id']}"))
        )

    def _follow(self, address: str) -> dict[str, Any]:
        until, pause = time.monotonic() + self.patience, PAUSE_SECONDS
        while (found := self._ask("GET", address).json())["state"] in WAITING:
            if time.monotonic() + pause > until:
                raise StillRunning(address)
            time.sleep(pause)
            pause = min(pause * 1.5, MOST_PAUSE_SECONDS)
        if found["state"] != "succeeded":
            raise JobFailed(found)
        return cast("dict[str, Any]", found)

    def _pages(self, address: str, filters: Mapping[str, str] | None = None) -> Iterator[Any]:
        cursor: dict[str, str] = {}
        while True:
            page = self._ask("GET", address, params={**(filters or {}), **cursor}).json()
            yield from page["items"]
            if not page["next"]:
                return
            cursor = {"cursor": page["next"]}

    def _write(self, address: str, **content: Any) -> httpx.Response:
        return self._ask("POST", address, headers={"Idempotency-Key": str(uuid4())}, **content)

    def _ask(self, method: str, address: str, **content: Any) -> httpx.Response:
        """Send a call, again where that can help: reads, and writes that the server knows by their key."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._http.request(method, address, **content)
            except httpx.TransportError:
                if attempt == ATTEMPTS:
                    raise
                time.sleep(PAUSE_SECONDS * attempt)
                continue
            if answer.status_code not in PASSING or attempt == ATTEMPTS:
                break
            wish = answer.headers.get("Retry-After", "")
            time.sleep(min(float(wish) if wish.isdigit() else PAUSE_SECONDS * attempt, MOST_PAUSE_SECONDS))
        if answer.is_error:
            raise _refusal(answer)
        return answer


def _refusal(answer: httpx.Response) -> ApiError:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    title, detail = problem.get("title", answer.reason_phrase), problem.get("detail", answer.text[:200])
    return ApiError(answer.status_code, title, detail, problem.get("errors", {}))
