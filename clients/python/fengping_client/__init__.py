"""Typed client of the Fengping HTTP API."""

from fengping_client.client import Fengping
from fengping_client.errors import ApiError, FengpingError, JobFailed, StillRunning

__all__ = ["ApiError", "Fengping", "FengpingError", "JobFailed", "StillRunning"]
