"""What can go wrong when the server is asked."""

from collections.abc import Mapping
from typing import Any


class FengpingError(Exception):
    """Root of what this client raises."""


class ApiError(FengpingError):
    """The server refused: what its `application/problem+json` says."""

    def __init__(self, status: int, title: str, detail: str, errors: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {title}: {detail}" + (f" {dict(errors)}" if errors else ""))
        self.status, self.title, self.detail, self.errors = status, title, detail, errors


class JobFailed(FengpingError):
    """A job or a forecast ended otherwise than well; `found` is what the server says of it."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        super().__init__(f"{found['id']} {found['state']}: {found.get('error', '')}")
        self.found = found


class StillRunning(FengpingError):
    """It takes longer than the caller waits; `address` is where to look later."""

    def __init__(self, address: str) -> None:
        super().__init__(f"still running: {address}")
        self.address = address
