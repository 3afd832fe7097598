"""Texts that break the analyser, freeze it or eat its memory: each alone is lost, with its reason."""

import pytest

from storage import jobs
from storage.models import Job
from tests.faults.house import House
from tests.faults.worker import EATS, HANGS, RAISES

pytestmark = [pytest.mark.functional, pytest.mark.timeout(600)]

ROWS = 48
BAD = {5: RAISES, 22: HANGS, 40: EATS}
REASONS = {5: "RuntimeError: poisonous text", 22: "took longer than 5 s", 40: "MB of memory"}


def test_only_the_bad_rows_are_lost_and_the_job_says_why(strict_house: House) -> None:
    house = strict_house
    texts = {line: f"做工不错 {line}{BAD.get(line, '')}" for line in range(2, ROWS + 2)}
    lines = [f"P{line % 5},r{line},2026-11-01,{text}" for line, text in texts.items()]
    token = house.new_workspace("poisoned")
    file = "\n".join(["product_id,review_id,created_at,text", *lines]).encode()
    job_id = house.import_file(token, file)
    house.until(lambda: house.ended(job_id), "the end of the job", 300)
    state, counted = house.progress(job_id)
    with house.sessions() as session:
        job = session.get_one(Job, job_id)
        refused = {row.line: row for row in jobs.iter_refusals(session, job.workspace_id, job_id)}
    assert (state, counted.error) == ("succeeded", "")
    assert (counted.total, counted.done, counted.failed) == (ROWS, ROWS - 3, 3)
    assert refused.keys() == BAD.keys()
    for line, row in refused.items():
        assert row.value == texts[line]
        assert REASONS[line] in row.code
