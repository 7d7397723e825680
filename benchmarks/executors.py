"""How many times as fast do two workers simulate and fit toys as one, each of them on a core of its own?

    pip install -e ".[cluster]"
    python benchmarks/executors.py [--toys NUMBER]

Toys of `dayabay_theta13` (maximum, and Delta chi^2 of both parameters) on the workers of two clusters on this machine,
`local:1` and `local:2`, in turns, after each worker has compiled its programs. Asserted: both give the same bits.
Claimed: two are 1.7 times as fast.
"""

import os
import statistics
import sys
import time
from argparse import Namespace
from collections.abc import Iterator

import jax
import numpy as np
from _question import answer, options, peer

from nmmjax import _platform, executors, gallery, infer
from nmmjax._speed import Speed

FIT = "dayabay_theta13"
TOYS, TURNS = 1920, 5
CLAIMED = 1.7


def rows(asked: Namespace) -> Iterator[Speed]:
    about = f"{FIT}: {asked.toys} toys"
    if peer("distributed", Namespace(peers=True)) is None or _platform.cores() < 2:
        yield Speed(about, "toy", None, note="needs distributed and two cores")
        return
    os.environ["NMMJAX_CACHE"] = "off"  # of the workers, as of this process
    (analysis,) = gallery.build(gallery.find(FIT)).values()
    fit, maximum = analysis.fit, infer.maximize(analysis.fit, settings=analysis.settings)
    tests = tuple(infer.Held((name,)) for name in ("sin2_theta13", "dm3l"))

    def run(executor: executors.Executor) -> tuple[float, np.ndarray]:
        begun = time.perf_counter()
        given = {"key": jax.random.PRNGKey(0), "at": maximum.parameters, "tests": tests, "executor": executor}
        found = infer.toys(fit, maximum, asked.toys, **given)
        return time.perf_counter() - begun, found.delta_chi2

    with executors.connected("local:1") as one, executors.connected("local:2") as two:
        (first_one, expected), (first_two, found) = run(one), run(two)
        np.testing.assert_array_equal(found, expected)
        turns = [(run(one)[0], run(two)[0]) for _ in range(TURNS)]
    alone, together = (statistics.median(times) for times in zip(*turns, strict=True))
    ratio = statistics.median(a / b for a, b in turns)
    yield Speed(f"{about}, one worker", "toy", alone / asked.toys, compile=first_one - alone)
    yield Speed(
        f"{about}, two workers",
        "toy",
        together / asked.toys,
        compile=first_two - together,
        error=0.0,
        reference="one worker",
        peer="one worker",
        peer_run=alone / asked.toys,
        ratio=ratio,
        note="" if ratio >= CLAIMED else f"less than {CLAIMED} times as fast",
        good=ratio >= CLAIMED,
    )


if __name__ == "__main__":
    parser = options(__doc__)
    parser.add_argument("--toys", type=int, default=TOYS, help=f"in each turn; default: {TOYS}")
    sys.exit(answer(rows, parser.parse_args()))
