import json
import logging
import subprocess
import sys

from telemetry import logs

PROGRAM = """
import logging, logging.config
from telemetry import logs
logging.config.dictConfig(logs.configuration("INFO"))
log = logging.getLogger("workers.scoring")
log.debug("not shown")
with logs.bound(request_id="r1"), logs.bound(job_id=7):
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("评论 %s 失败", 3, extra={"rows": 256})
log.warning("after")
"""


def lines() -> list[dict[str, object]]:
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert run.stdout == ""
    return [json.loads(line) for line in run.stderr.splitlines()]


def test_a_line_is_one_object_with_the_ids_around_it() -> None:
    failed, after = lines()
    assert failed["message"] == "评论 3 失败"
    assert (failed["level"], failed["logger"], failed["rows"]) == ("ERROR", "workers.scoring", 256)
    assert (failed["request_id"], failed["job_id"]) == ("r1", "7")
    assert "ZeroDivisionError" in str(failed["exc_info"])
    assert {"timestamp", "process"} <= set(failed)
    assert after["message"] == "after"
    assert "request_id" not in after


def test_ids_end_with_the_work_also_when_it_fails() -> None:
    record = logging.makeLogRecord({})
    try:
        with logs.bound(job_id=1):
            raise ValueError
    except ValueError:
        logs.AddIds().filter(record)
    assert not hasattr(record, "job_id")
