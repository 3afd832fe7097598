"""The settings of the whole program: one frozen dataclass, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MEGABYTE = 1024 * 1024
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
TRUE = {"1", "true", "yes", "on"}
FALSE = {"", "0", "false", "no", "off"}


class SettingsError(ValueError):
    """An environment variable is missing or cannot be used; the message names it."""


@dataclass(frozen=True)
class Settings:
    """What the program needs to know about where it runs.

    Attributes
    ----------
    database_url
        SQLAlchemy URL, ``postgresql+psycopg://…`` (``DATABASE_URL``, required).
    secret_key
        Signs sessions (``SECRET_KEY``, required).
    broker_url
        Redis or RabbitMQ (``BROKER_URL``).
    data_dir
        Holds ``uploads/``, ``artifacts/`` and ``exports/`` (``DATA_DIR``).
    sentiment_model
        A bundled sentiment model by name, or another: a folder, or the hub name of a Hugging Face
        classifier; empty is ``accurate`` (``SENTIMENT_MODEL``).
    timezone
        The shop's zone: a review counts on its local day (``TIMEZONE``).
    max_upload_bytes, max_unpacked_bytes
        Size limits of a file as sent and as unpacked (``MAX_UPLOAD_MB``, ``MAX_UNPACKED_MB``).
    secure_cookies
        Send cookies only over HTTPS (``SECURE_COOKIES``).
    trusted_proxies
        How many proxies' X-Forwarded-* headers are believed (``TRUSTED_PROXIES``).
    threads
        Numeric threads of one worker process (``THREADS``).
    lease_seconds
        How long a silent worker keeps a chunk (``LEASE_SECONDS``).
    max_attempts
        Claims of a chunk before it is quarantined (``MAX_ATTEMPTS``).
    requests_per_minute
        Calls of the API that a token or person may make, by process; 0 for any number
        (``REQUESTS_PER_MINUTE``).
    webhook_hosts
        Hosts that webhooks may be sent to, ``.example.com`` for all below it (``WEBHOOK_HOSTS``).
    smtp_url, mail_from
        Server that sends mail, ``smtp://user:password@host:587`` (STARTTLS) or ``smtps://…``, and the address
        it is sent from; empty for none (``SMTP_URL``, ``MAIL_FROM``).
    public_url
        Where people reach the pages, for links in messages; empty for none (``PUBLIC_URL``).
    sweep_seconds
        How often forgotten work is woken (``SWEEP_SECONDS``).
    import_batch_rows
        Rows committed at once by an import (``IMPORT_BATCH_ROWS``).
    score_chunk_rows
        Texts in one scoring chunk (``SCORE_CHUNK_ROWS``).
    daily_chunk_products
        Products in one daily chunk (``DAILY_CHUNK_PRODUCTS``).
    forecast_part_products
        Most products that one forecasting model is trained on (``FORECAST_PART_PRODUCTS``).
    refresh_delay_seconds
        Quiet time after new data before models are trained again (``REFRESH_DELAY_SECONDS``).
    task_time_limit
        Seconds after which a task is killed (``TASK_TIME_LIMIT``).
    score_time_limit
        Seconds after which the reading of one chunk of texts is ended (``SCORE_TIME_LIMIT``).
    child_memory_mb
        A worker child above this is recycled, above twice this killed (``CHILD_MEMORY_MB``).
    log_level
        Least level of what the web process logs (``LOG_LEVEL``).
    otlp_endpoint
        Collector of OpenTelemetry that traces are sent to; empty for none (``OTEL_EXPORTER_OTLP_ENDPOINT``).
    llm_base_url, llm_api_key, llm_model
        Endpoint of OpenAI's chat protocol that writes summaries; empty for none
        (``LLM_BASE_URL``, ``LLM_API_KEY``, ``LLM_MODEL``).
    """

    database_url: str
    secret_key: str
    broker_url: str = "redis://127.0.0.1:6379/0"
    data_dir: Path = Path("var/data")
    sentiment_model: str = ""
    timezone: str = "Asia/Shanghai"
    max_upload_bytes: int = 200 * MEGABYTE
    max_unpacked_bytes: int = 2000 * MEGABYTE
    secure_cookies: bool = False
    trusted_proxies: int = 0
    threads: int = 1
    lease_seconds: int = 60
    max_attempts: int = 5
    requests_per_minute: int = 60_000
    webhook_hosts: tuple[str, ...] = ()
    smtp_url: str = ""
    mail_from: str = ""
    public_url: str = ""
    sweep_seconds: int = 15
    import_batch_rows: int = 5000
    score_chunk_rows: int = 64
    daily_chunk_products: int = 200
    forecast_part_products: int = 1000
    refresh_delay_seconds: int = 10
    task_time_limit: int = 3600
    score_time_limit: int = 300
    child_memory_mb: int = 2000
    log_level: str = "INFO"
    otlp_endpoint: str = ""
    llm_base_url: str = ""
    llm_api_key: str = ""
    llm_model: str = ""

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings from environment variables.

        Parameters
        ----------
        env
            The variables; every one but the two required has a default.

        Raises
        ------
        SettingsError
            A required variable is missing or a value cannot be read.
        """
        return cls(
            database_url=_database_url(_required(env, "DATABASE_URL")),
            secret_key=_required(env, "SECRET_KEY"),
            broker_url=env.get("BROKER_URL") or cls.broker_url,
            data_dir=Path(env.get("DATA_DIR") or cls.data_dir).absolute(),
            sentiment_model=env.get("SENTIMENT_MODEL", cls.sentiment_model),
            timezone=_timezone(env.get("TIMEZONE") or cls.timezone),
            max_upload_bytes=_number(env, "MAX_UPLOAD_MB", 200) * MEGABYTE,
            max_unpacked_bytes=_number(env, "MAX_UNPACKED_MB", 2000) * MEGABYTE,
            secure_cookies=_flag(env, "SECURE_COOKIES"),
            trusted_proxies=_number(env, "TRUSTED_PROXIES", cls.trusted_proxies, least=0),
            threads=_number(env, "THREADS", cls.threads),
            lease_seconds=_number(env, "LEASE_SECONDS", cls.lease_seconds),
            max_attempts=_number(env, "MAX_ATTEMPTS", cls.max_attempts),
            requests_per_minute=_number(env, "REQUESTS_PER_MINUTE", cls.requests_per_minute, least=0),
            webhook_hosts=_names(env.get("WEBHOOK_HOSTS", "")),
            smtp_url=_server(_required_together(env, "SMTP_URL", "MAIL_FROM")),
            mail_from=env.get("MAIL_FROM", ""),
            public_url=env.get("PUBLIC_URL", "").rstrip("/"),
            sweep_seconds=_number(env, "SWEEP_SECONDS", cls.sweep_seconds),
            import_batch_rows=_number(env, "IMPORT_BATCH_ROWS", cls.import_batch_rows),
            score_chunk_rows=_number(env, "SCORE_CHUNK_ROWS", cls.score_chunk_rows),
            daily_chunk_products=_number(env, "DAILY_CHUNK_PRODUCTS", cls.daily_chunk_products),
            forecast_part_products=_number(env, "FORECAST_PART_PRODUCTS", cls.forecast_part_products),
            refresh_delay_seconds=_number(env, "REFRESH_DELAY_SECONDS", cls.refresh_delay_seconds, least=0),
            task_time_limit=_number(env, "TASK_TIME_LIMIT", cls.task_time_limit),
            score_time_limit=_number(env, "SCORE_TIME_LIMIT", cls.score_time_limit),
            child_memory_mb=_number(env, "CHILD_MEMORY_MB", cls.child_memory_mb),
            log_level=_level(env),
            otlp_endpoint=env.get("OTEL_EXPORTER_OTLP_ENDPOINT", ""),
            llm_base_url=_required_together(env, "LLM_BASE_URL", "LLM_MODEL"),
            llm_api_key=env.get("LLM_API_KEY", ""),
            llm_model=env.get("LLM_MODEL", ""),
        )

    @property
    def uploads_dir(self) -> Path:
        """Where uploaded files are kept, byte for byte."""
        return self.data_dir / "uploads"

    @property
    def artifacts_dir(self) -> Path:
        """Where trained forecasting models are kept."""
        return self.data_dir / "artifacts"

    @property
    def exports_dir(self) -> Path:
        """Where files made for download are kept."""
        return self.data_dir / "exports"

    @property
    def zone(self) -> ZoneInfo:
        """The shop's time zone."""
        return ZoneInfo(self.timezone)


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set; the program cannot start without it")
    return value


def _required_together(env: Mapping[str, str], name: str, other: str) -> str:
    value = env.get(name, "")
    if value and not env.get(other):
        raise SettingsError(f"{other} is not set; {name} needs it")
    return value


def _server(url: str) -> str:
    scheme, found, _rest = url.partition("://")
    if url and (not found or scheme not in {"smtp", "smtps"}):
        raise SettingsError("SMTP_URL must begin with smtp:// or smtps://")
    return url


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def _number(env: Mapping[str, str], name: str, default: int, least: int = 1) -> int:
    text = env.get(name) or str(default)
    try:
        value = int(text)
    except ValueError:
        raise SettingsError(f"{name} must be a whole number, not {text!r}") from None
    if value < least:
        raise SettingsError(f"{name} must be at least {least}, not {value}")
    return value


def _flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "").lower()
    if text not in TRUE | FALSE:
        raise SettingsError(f"{name} must be true or false, not {text!r}")
    return text in TRUE


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingsError(f"TIMEZONE names no known time zone: {name!r}") from None
    return name


def _database_url(url: str) -> str:
    """Name the driver we ship, so that a plain ``postgresql://`` works too."""
    scheme, _, rest = url.partition("://")
    if scheme in {"postgresql", "postgres"}:
        return f"postgresql+psycopg://{rest}"
    if scheme != "postgresql+psycopg":
        raise SettingsError(f"DATABASE_URL must be a postgresql:// address, not {scheme}://")
    return url


def _level(env: Mapping[str, str]) -> str:
    name = (env.get("LOG_LEVEL") or "INFO").upper()
    if name not in LEVELS:
        raise SettingsError(f"LOG_LEVEL is one of {', '.join(LEVELS)}, not {name!r}")
    return name
