"""The parameters worth searching over, and the values that each may take."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import optuna


class Dimension(Protocol):
    """The values that a parameter may take."""

    def suggest(self, trial: optuna.Trial, name: str) -> Any:
        """Let a trial choose one."""

    def steps(self) -> list[Any]:
        """Return the values of a grid."""


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    values: tuple[Any, ...]

    def suggest(self, trial: optuna.Trial, name: str) -> Any:
        """Let a trial choose one."""
        return trial.suggest_categorical(name, self.values)

    def steps(self) -> list[Any]:
        """Return the values of a grid."""
        return list(self.values)


@dataclass(frozen=True)
class Span:
    """Numbers from low to high, on a log scale where ratios matter; a grid takes ends and middle."""

    low: float
    high: float
    log: bool = False

    def suggest(self, trial: optuna.Trial, name: str) -> float:
        """Let a trial choose one."""
        return trial.suggest_float(name, self.low, self.high, log=self.log)

    def steps(self) -> list[Any]:
        """Return the values of a grid."""
        space = np.geomspace if self.log else np.linspace
        return [self.low, float(space(self.low, self.high, 3)[1]), self.high]


@dataclass(frozen=True)
class Count(Span):
    """Whole numbers from low to high."""

    def suggest(self, trial: optuna.Trial, name: str) -> int:
        """Let a trial choose one."""
        return trial.suggest_int(name, int(self.low), int(self.high), log=self.log)

    def steps(self) -> list[Any]:
        """Return the values of a grid."""
        return sorted({round(value) for value in super().steps()})


Space = Mapping[str, Dimension]
NETWORK: Space = {
    "window": Choice((28, 42, 56, 84)),
    "hidden": Choice((32, 64, 128)),
    "learning_rate": Span(1e-3, 2e-2, log=True),
    "batch": Choice((32, 64, 128)),
    "max_steps": Choice((200, 400, 800)),
}
SPACES: dict[str, Space] = {
    "Trees": {
        "loss": Choice(("absolute", "squared", "tweedie")),
        "trees": Count(100, 1500, log=True),
        "leaves": Count(7, 127, log=True),
        "learning_rate": Span(0.01, 0.2, log=True),
        "least_rows": Count(10, 200, log=True),
    },
    "Regression": {
        "alpha": Span(1.0, 3000.0, log=True),
        "shared_alpha": Span(1.0, 300.0, log=True),
        "l1_ratio": Choice((0.0, 0.1, 0.5, 0.9)),
        "max_days": Choice((365, 730, 1100)),
    },
    **dict.fromkeys(("LSTM", "GRU", "TCN"), NETWORK),
}
