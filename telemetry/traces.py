"""Traces for OpenTelemetry, where a setting names a collector; else nothing."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any


def span(endpoint: str, name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """Time what happens inside, under a name.

    Parameters
    ----------
    endpoint
        The collector (OTLP over HTTP), such as ``http://127.0.0.1:4318``; empty: nothing is done.
    name
        The route of a request, or the stage of a chunk.
    **attributes
        Ids and sizes.

    Raises
    ------
    RuntimeError
        A collector is named, but the packages of requirements-tracing.txt are not installed.
    """
    if not endpoint:
        return nullcontext()
    found: AbstractContextManager[Any] = _tracer(endpoint, os.getpid()).start_as_current_span(
        name, attributes={f"fengping.{key}": value for key, value in attributes.items()}
    )
    return found


@cache
def _tracer(endpoint: str, _pid: int) -> Any:
    """Return a tracer of this process: the thread that sends does not survive a fork."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise RuntimeError("traces need more packages: pip install -r requirements-tracing.txt") from error
    provider = TracerProvider(resource=Resource.create({"service.name": "fengping"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces")))
    return provider.get_tracer("fengping")
