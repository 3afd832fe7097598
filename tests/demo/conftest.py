"""One demo, made once."""

import datetime as dt

import pytest

import demo

END = dt.date(2026, 6, 30)


@pytest.fixture(scope="session")
def shop() -> demo.Demo:
    return demo.generate(seed=7, end=END)
