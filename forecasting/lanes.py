"""Work of several models at the same time, on two cores."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits

from forecasting.model import Forecaster

T = TypeVar("T")


def in_lanes(models: Sequence[Forecaster], work: Callable[[Forecaster], T]) -> dict[str, T]:
    """Do the same work for every model, those that hold the interpreter beside those that do not.

    Models that spend their time in compiled code which leaves the interpreter free (``concurrent``) go one
    after another in a thread of their own, the others in the caller's. Results do not depend on it.

    Parameters
    ----------
    models : sequence of Forecaster
        With distinct aliases.
    work : callable
        Takes a model; what it raises is raised here.

    Returns
    -------
    dict
        Alias -> what the work returned, in the order of the models.
    """
    free = [model for model in models if model.concurrent]
    # Linear algebra of this size is slower with threads of its own: they spin beside the other lane.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(1) as pool:
        beside = pool.submit(lambda: {model.alias: work(model) for model in free})
        done = {model.alias: work(model) for model in models if not model.concurrent}
        done |= beside.result()
    return {model.alias: done[model.alias] for model in models}
