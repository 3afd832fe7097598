import json
import os
import subprocess
import sys

PROGRAM = """
import logging
from gunicorn.app.wsgiapp import WSGIApplication
from gunicorn.glogging import Logger
app = WSGIApplication()
Logger(app.cfg).error("cannot bind")
logging.getLogger("webapp.tracking").info("GET /", extra={"status": 200})
"""


def run(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"DATABASE_URL": "postgresql://x@localhost/x", "SECRET_KEY": "x"}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], env=env, capture_output=True, text=True, check=True
    )


def test_gunicorn_and_the_application_log_lines_of_one_form() -> None:
    found = run(PROGRAM, "--config", "python:webapp.serving", "webapp:create_app()").stderr
    server, request = (json.loads(line) for line in found.splitlines())
    assert (server["logger"], server["message"]) == ("gunicorn.error", "cannot bind")
    assert (request["logger"], request["status"]) == ("webapp.tracking", 200)


FREEZING = """
import gc
from gunicorn.app.wsgiapp import WSGIApplication
app = WSGIApplication()
app.load()
app.cfg.post_worker_init(None)
print(gc.get_freeze_count())
"""


def test_the_composed_application_is_left_out_of_garbage_collection() -> None:
    found = run(FREEZING, "--config", "python:webapp.serving", "webapp:create_app()").stdout
    assert int(found.splitlines()[-1]) > 100_000
