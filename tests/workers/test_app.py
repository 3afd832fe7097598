import subprocess
import sys
from pathlib import Path

import pytest
from celery import Celery

from settings import Settings, SettingsError
from storage.wakeups import QUEUES, TASKS
from workers import app as module
from workers.app import create_app

ROOT = Path(__file__).parents[2]
OURS = {
    f"workers.tasks.{name}"
    for name in (
        "import_chunk",
        "score_reviews",
        "rebuild_daily",
        "digest_products",
        "analyze_texts",
        "train_models",
        "run_forecast",
        "sweep",
        "deliver",
        "find_suspects",
        "undo_import",
        "export_file",
        "weekly_reports",
        "check_alerts",
        "nightly_refresh",
    )
}


@pytest.fixture
def app(settings: Settings) -> Celery:
    return create_app(settings)


def test_every_task_is_registered_under_its_name(app: Celery) -> None:
    assert {name for name in app.tasks if name.startswith("workers.")} == OURS
    assert {task for task, _, _ in TASKS.values()} <= OURS


def test_tasks_go_to_the_queue_that_wakeups_name(app: Celery) -> None:
    routed = {task: route["queue"] for task, route in app.conf.task_routes.items()}
    for task, queue, _ in TASKS.values():
        assert routed.get(task, app.conf.task_default_queue) == queue
        assert queue in QUEUES


def test_no_work_is_lost_or_given_out_twice(app: Celery, settings: Settings) -> None:
    conf = app.conf
    assert conf.task_acks_late is True
    assert conf.task_reject_on_worker_lost is True
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_transport_options["visibility_timeout"] > conf.task_time_limit
    assert conf.task_soft_time_limit < conf.task_time_limit
    assert conf.worker_max_memory_per_child == settings.child_memory_mb * 1024


def test_only_json_is_accepted(app: Celery) -> None:
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.beat_scheduler == "celery.beat:Scheduler"


def test_the_night_begins_at_half_past_three_in_the_shops_zone(app: Celery) -> None:
    night = app.conf.beat_schedule["nightly refresh"]["schedule"]
    assert (night.hour, night.minute) == ({3}, {30})
    assert app.conf.timezone == "Asia/Shanghai"
    assert app.conf.beat_schedule["sweep"]["schedule"] == 15


def test_importing_composes_nothing_and_asking_without_an_environment_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert "app" not in vars(module)
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        _ = module.app
    with pytest.raises(AttributeError):
        _ = module.nothing


def test_the_main_process_loads_what_tasks_share_but_no_model_before_it_forks() -> None:
    program = (
        "import sys; from celery.signals import worker_init;"
        "from settings import Settings; from workers.app import create_app;"
        "create_app(Settings.from_env({'DATABASE_URL': 'postgresql:///x', 'SECRET_KEY': 'k'}));"
        "print(*{'nlp', 'forecasting'} & set(sys.modules));"
        "worker_init.send(sender=None); print('workers.imports' in sys.modules);"
        "print(*{'torch', 'onnxruntime', 'tokenizers', 'lightgbm', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["", "True", ""]
