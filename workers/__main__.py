"""Run Celery with our app: ``python -m workers worker -Q nlp``, ``python -m workers beat``."""

import sys

from settings import Settings
from workers.app import create_app

if __name__ == "__main__":
    create_app(Settings.from_env()).start(sys.argv[1:])
