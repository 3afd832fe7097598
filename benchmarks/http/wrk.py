"""wrk, a public load generator (Debian's package `wrk`), with a script that says what it saw as JSON."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

_SCRIPT = """
local paths = {%s}
local at = 0
%s
request = function()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at])
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('JSON{"requests":%%d,"us":%%d,"p50":%%d,"p95":%%d,"p99":%%d,"errors":%%d}',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(95),
    latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def load(
    address: str, paths: Sequence[str], headers: Mapping[str, str], seconds: int, connections: int
) -> dict[str, object]:
    """Ask for paths in turn; return requests a second, percentiles in milliseconds, and errors.

    An answer outside 200 … 399 counts as an error.

    Raises
    ------
    RuntimeError
        wrk is not installed.
    """
    program = shutil.which("wrk")
    if program is None:
        raise RuntimeError("wrk is not installed: apt-get install wrk")
    listed = ", ".join(json.dumps(path) for path in paths)
    told = "\n".join(
        f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in headers.items()
    )
    with TemporaryDirectory() as folder:
        script = Path(folder) / "load.lua"
        script.write_text(_SCRIPT % (listed, told))
        command = [
            program,
            "-t",
            "1",
            "-c",
            str(connections),
            "-d",
            f"{seconds}s",
            "-s",
            str(script),
            address,
        ]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = json.loads(said.split("JSON")[1])
    return {
        "per_s": found["requests"] / found["us"] * 1e6,
        **{f"{name}_ms": found[name] / 1000 for name in ("p50", "p95", "p99")},
        "requests": found["requests"],
        "errors": found["errors"],
    }
