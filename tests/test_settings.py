from dataclasses import FrozenInstanceError
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from settings import MEGABYTE, Settings, SettingsError

LEAST = {"DATABASE_URL": "postgresql://shop@db/fengping", "SECRET_KEY": "secret"}


def read(**env: str) -> Settings:
    return Settings.from_env({**LEAST, **env})


def test_everything_but_database_and_key_has_a_default() -> None:
    settings = read()
    assert settings.broker_url == "redis://127.0.0.1:6379/0"
    assert settings.timezone == "Asia/Shanghai"
    assert settings.zone == ZoneInfo("Asia/Shanghai")
    assert settings.max_upload_bytes == 200 * MEGABYTE
    assert settings.secure_cookies is False
    assert settings.sentiment_model == ""
    assert settings.data_dir == Path("var/data").absolute()


@pytest.mark.parametrize("name", ["DATABASE_URL", "SECRET_KEY"])
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_env({key: value for key, value in LEAST.items() if key != name})
    with pytest.raises(SettingsError, match=name):
        read(**{name: ""})


def test_a_language_model_is_off_by_default_and_needs_a_name() -> None:
    assert read().llm_base_url == ""
    settings = read(LLM_BASE_URL="https://llm.example/v1", LLM_MODEL="m", LLM_API_KEY="k")
    assert (settings.llm_base_url, settings.llm_model) == ("https://llm.example/v1", "m")
    assert settings.llm_api_key == "k"
    with pytest.raises(SettingsError, match="LLM_MODEL is not set"):
        read(LLM_BASE_URL="https://llm.example/v1")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_driver_we_ship_is_named_in_the_address(scheme: str) -> None:
    assert (
        read(DATABASE_URL=f"{scheme}://u@h/d?host=/run/pg").database_url
        == "postgresql+psycopg://u@h/d?host=/run/pg"
    )


@pytest.mark.parametrize("url", ["sqlite:///a.db", "mysql://h/d", "nonsense"])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        read(DATABASE_URL=url)


def test_the_folders_lie_in_the_data_folder(tmp_path: Path) -> None:
    settings = read(DATA_DIR=str(tmp_path))
    folders = {settings.uploads_dir, settings.artifacts_dir, settings.exports_dir}
    assert folders == {tmp_path / name for name in ("uploads", "artifacts", "exports")}


def test_sizes_are_given_in_megabytes() -> None:
    settings = read(MAX_UPLOAD_MB="3", MAX_UNPACKED_MB="7")
    assert (settings.max_upload_bytes, settings.max_unpacked_bytes) == (3 * MEGABYTE, 7 * MEGABYTE)


def test_whole_numbers_are_read() -> None:
    settings = read(THREADS="4", LEASE_SECONDS="9", SCORE_CHUNK_ROWS="32", TRUSTED_PROXIES="2", THREADS_="x")
    assert (settings.threads, settings.lease_seconds, settings.score_chunk_rows) == (4, 9, 32)
    assert settings.trusted_proxies == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [("THREADS", "two"), ("THREADS", "0"), ("LEASE_SECONDS", "-1"), ("MAX_UPLOAD_MB", "1.5")],
)
def test_a_number_that_cannot_be_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read(**{name: text})


def test_zero_is_allowed_where_it_means_none() -> None:
    assert read(TRUSTED_PROXIES="0", REFRESH_DELAY_SECONDS="0").refresh_delay_seconds == 0


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("false", False), ("", False)]
)
def test_flags_are_read(text: str, value: bool) -> None:
    assert read(SECURE_COOKIES=text).secure_cookies is value


def test_a_flag_that_is_none_is_refused() -> None:
    with pytest.raises(SettingsError, match="SECURE_COOKIES"):
        read(SECURE_COOKIES="maybe")


@pytest.mark.parametrize("zone", ["Asia/Atlantis", "../etc/passwd"])
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(SettingsError, match="TIMEZONE"):
        read(TIMEZONE=zone)


def test_settings_never_change() -> None:
    with pytest.raises(FrozenInstanceError):
        read().threads = 2


def test_levels_of_the_log_are_named() -> None:
    assert read().log_level == "INFO"
    assert read(LOG_LEVEL="warning").log_level == "WARNING"
    with pytest.raises(SettingsError, match="LOG_LEVEL is one of DEBUG, INFO"):
        read(LOG_LEVEL="loud")
