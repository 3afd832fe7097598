"""The API, attacked from its own description: every check of schemathesis, as each role."""

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from schemathesis import hooks
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from storage import dictionary, digests
from tests.attacks.conftest import ROLES, Shop
from tests.attacks.server import serving
from tests.webapp import factories
from tests.webapp.api.test_digests import DIGEST
from tests.webapp.pages.factories import LAST, make_forecast, make_job, make_review, make_sales
from webapp.api.idempotency import HEADER

SMALL, FULL = 3, 100
# The edges of every parameter take longest; they are the same for all, and an owner may do everything.
SMALL_PHASES = {"viewer": ["fuzzing"], "analyst": ["fuzzing", "stateful"], "owner": ["examples", "coverage"]}
ALL_PHASES = ["examples", "coverage", "fuzzing", "stateful"]
# 422: what was asked fits the document and cannot be done, such as a file that is none.
ACCEPTED = ["2xx", "401", "403", "404", "409", "422"]
# What no document can say: which cursors there are, that one day comes before another, what a word is.
BEYOND_THE_DOCUMENT = {"cursor", "to", "word"}


@pytest.fixture(autouse=True)
def fresh_keys() -> Iterator[None]:
    """Let no two requests share an Idempotency-Key: the second would do nothing."""
    used: set[str] = set()

    def before_call(context: Any, case: Any, kwargs: Any) -> None:
        key = (case.headers or {}).get(HEADER)
        if key in used:
            case.headers[HEADER] = str(uuid4())
        used.add(key)

    schemathesis.hook(before_call)
    yield
    hooks.unregister_all()


def fill(shop: Shop) -> dict[str, Any]:
    """Make one of each thing that the API shows; return the ids by their names in its addresses."""
    with shop.context.sessions() as session:
        workspace = shop.workspace(session)
        product = factories.product(session, workspace)
        make_sales(session, product)
        factories.feature(session, product, LAST)
        for label in ("positive", "negative"):
            make_review(session, product, label=label)
        digests.save_digest(session, workspace.id, product.id, "digest-1", "", DIGEST)
        job = make_job(session, workspace.id)
        run = make_forecast(session, product)
        [word] = dictionary.put_words(session, workspace.id, [{"word": "冰丝凉感"}])
        session.commit()
        ids = {"product_id": product.id, "job_id": job.id, "run_id": run.id, "word_id": word.id}
    return {name: id if isinstance(id, int) else str(id) for name, id in ids.items()}


def plan(token: str, ids: dict[str, Any], phases: list[str], examples: int) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "suppress-health-check": ["all"],
            "continue-on-failure": True,
            "cache": {"enabled": False},
            "auth": {"openapi": {"bearer": {"bearer": token}}},
            "checks": {"enabled": True, "positive_data_acceptance": {"expected-statuses": ACCEPTED}},
            "dictionaries": {name: {"values": [id]} for name, id in ids.items()},
            "parameters": {f"path.{name}": {"dictionary": name, "probability": 0.5} for name in ids},
            # No text of PostgreSQL holds a NUL: it is answered with 400, which no document can say.
            "generation": {
                "max-examples": examples,
                "no-shrink": True,
                "database": "none",
                "allow-x00": False,
            },
            "phases": {name: {"enabled": name in phases} for name in ALL_PHASES},
        }
    )


def attack(address: str, config: SchemathesisConfig) -> Iterator[tuple[str, str]]:
    """Yield each check that was made, and what it found: the request and the answer, or nothing."""
    schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=config)
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            yield "error", event.info.format()
        elif isinstance(event, events.FatalError):
            raise event.exception
        elif isinstance(event, events.ScenarioFinished):
            yield from checks_of(event.recorder)


def checks_of(recorder: Any) -> Iterator[tuple[str, str]]:
    for id, checks in recorder.checks.items():
        for check in checks:
            failed = check.failure_info
            answer = recorder.interactions[id].response if failed else None
            if failed is None or (check.name == "positive_data_acceptance" and is_beyond(answer)):
                yield check.name, ""
            else:
                told = answer.content[:500].decode(errors="replace") if answer else "no answer"
                yield check.name, f"{failed.failure}\n{recorder.cases[id].value.as_curl_command()}\n{told}"


def is_beyond(answer: Any) -> bool:
    """Tell whether a request was refused for nothing but what the document cannot say."""
    faults = answer.json().get("errors", {}) if answer and answer.status_code == 400 else {}
    return bool(faults) and set(named(faults)) <= BEYOND_THE_DOCUMENT


def named(faults: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the fields at fault, however deep they lie."""
    for name, inner in faults.items():
        if isinstance(inner, dict):
            yield from named(inner)
        else:
            yield name


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("role", ROLES)
def test_the_api_keeps_its_word(shop: Shop, role: str, request: pytest.FixtureRequest) -> None:
    full = request.config.getoption("--full")
    phases, examples = (ALL_PHASES, FULL) if full else (SMALL_PHASES[role], SMALL)
    made: Counter[str] = Counter()
    failures: list[str] = []
    with serving(shop.app) as address:
        for check, found in attack(address, plan(shop.tokens[role], fill(shop), phases, examples)):
            made[check] += 1
            failures += [f"{check}: {found}"] if found else []
    print(f"{role}: {made.total():,} checks, {len(failures)} failures")
    assert len(made) >= 14
    assert failures == [], "\n\n".join(failures[:20])
