"""A real worker process with the small analyser, slow enough to be killed in the middle."""

import sys
import time
from typing import Any

from settings import Settings
from tests.workers.factories import SmallArtifacts
from workers import imports
from workers.app import create_app


def slowed(function: Any, seconds: float) -> Any:
    def slow(*args: Any, **options: Any) -> Any:
        time.sleep(seconds)
        return function(*args, **options)

    return slow


def main() -> None:
    settings = Settings.from_env()
    artifacts = SmallArtifacts(settings)
    artifacts.reader = slowed(artifacts.reader, 0.02)
    imports._commit = slowed(imports._commit, 0.05)
    create_app(settings, artifacts).start(sys.argv[1:])


if __name__ == "__main__":
    main()
