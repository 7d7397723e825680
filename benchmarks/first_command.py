"""How long does a new user wait for figures, and where does the time go?

    python benchmarks/first_command.py [FIT ...] [--all]

Runs `nmmjax fit` from prompt to prompt in processes of their own, first with an empty cache of compiled programs, then
again. Default: grimus_lavoura_2000. Asserted: the fit converges, and both runs find the same numbers.
"""

import os
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from _fits import fits, options_of_fits
from _question import answer

from nmmjax import results
from nmmjax._speed import Speed
from nmmjax.results import Result

TYPICAL = ("grimus_lavoura_2000",)
AROUND = dict(os.environ)
OF_JAX = ("JAX_COMPILATION_CACHE_DIR", "JAX_ENABLE_COMPILATION_CACHE")
PHASES = ("tracing", "compilation", "sampling", "drawing")
NOTE = "beside other work: parts may add up to more than the whole"


class Command(NamedTuple):
    """One that has run: its seconds, and what it has found."""

    wall: float
    found: list[Result]

    @classmethod
    def fit(cls, name: str, cache: str, platform: str | None) -> "Command":
        environment = {key: value for key, value in AROUND.items() if key not in OF_JAX} | {"NMMJAX_CACHE": cache}
        chosen = ["--platform", platform] if platform else []
        with tempfile.TemporaryDirectory() as out:
            begun = time.perf_counter()
            command = [sys.executable, "-m", "nmmjax", "fit", name, "--out", out, *chosen]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            wall = time.perf_counter() - begun
            assert done.returncode == 0, done.stderr or done.stdout
            return cls(wall, [results.load(path.parent) for path in sorted(Path(out).rglob("summary.json"))])

    def rows(self, label: str, **about: Any) -> Iterator[Speed]:
        """The whole, and its parts."""
        yield Speed(label, "command", self.wall, **about)
        for phase in PHASES:
            seconds = sum(getattr(result.run.seconds, phase) for result in self.found)
            yield Speed(f"{label}: {phase}", "command", float(seconds), note=NOTE if phase == "compilation" else "")


def rows(options: Namespace) -> Iterator[Speed]:
    for name in dict.fromkeys(label.partition("/")[0] for label, _ in fits(options, TYPICAL)):
        with tempfile.TemporaryDirectory() as cache:
            first = Command.fit(name, cache, options.platform)
            worst = max(row.rhat or 1.0 for result in first.found for row in result.parameters)
            yield from first.rows(f"{name}, empty cache", error=worst - 1.0, reference="R-hat of one")
            again = Command.fit(name, cache, options.platform)
        apart = max(disagreement(*both) for both in zip(first.found, again.found, strict=True))
        assert apart < 1e-9, apart
        yield from again.rows(f"{name}, second run", error=apart, reference="the first run")


def disagreement(one: Result, other: Result) -> float:
    """Largest difference of posterior means, in standard deviations."""
    pairs = zip(one.parameters, other.parameters, strict=True)
    apart = [abs(a.mean - b.mean) / a.sd for a, b in pairs if a.mean is not None and b.mean is not None and a.sd]
    return max(apart, default=0.0)


if __name__ == "__main__":
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"  # the memory of a GPU is for the command
    sys.exit(answer(rows, options_of_fits(__doc__).parse_args()))
