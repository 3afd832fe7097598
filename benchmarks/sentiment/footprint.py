"""Peak memory and time to ready of an engine, in a process of its own.

`python -m benchmarks.sentiment.footprint ENGINE SETUP` reads texts, a JSON
list, and prints one line when the first is answered and one after all.
"""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.sentiment.engines import Setup, engines

ROOT = Path(__file__).parents[2]
MEGABYTE = 1024 * 1024


def measure(name: str, setup: Setup, texts: Sequence[str]) -> dict[str, float]:
    """Return `ready_s` from the start of Python, processor seconds of that, and `peak_mb` after all texts."""
    command = [sys.executable, "-m", "benchmarks.sentiment.footprint", name]
    command += [str(setup.bert), str(setup.threads), str(setup.train or "")]
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        process.stdin.write(json.dumps(list(texts)))
        process.stdin.close()
        ready = process.stdout.readline()
        seconds = time.perf_counter() - start
        rest = process.stdout.read()
    if process.returncode:
        raise RuntimeError(f"the process of {name} ended with {process.returncode}")
    return {"ready_s": seconds, "ready_cpu_s": float(ready), "peak_mb": float(rest)}


def peak_megabytes() -> float:
    """Return the most memory this process has held."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage of a child may begin with what its parent held
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


def main(arguments: Sequence[str]) -> None:
    """Load the engine named, answer, and say when and with how much."""
    name, bert, threads, train = arguments
    engine = engines(Setup(Path(bert), int(threads), Path(train) if train else None))[name]()
    texts = json.load(sys.stdin)
    engine(texts[:1])
    print(time.process_time(), flush=True)
    engine(texts)
    print(peak_megabytes())


if __name__ == "__main__":
    main(sys.argv[1:])
