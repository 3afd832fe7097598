"""Whatever users, workers, clocks and sweeps do, in any order: nothing lost, nothing doubled."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.attacks.conftest import Shop
from tests.attacks.machine import JobsMachine


@pytest.mark.timeout(1800)
def test_jobs_lose_nothing_and_double_nothing(shop: Shop, request: pytest.FixtureRequest) -> None:
    full = request.config.getoption("--full")
    run_state_machine_as_test(
        lambda: JobsMachine(shop.context),
        settings=settings(
            max_examples=300 if full else 10,
            stateful_step_count=60 if full else 40,
            deadline=None,
            database=None,
            derandomize=not full,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )
