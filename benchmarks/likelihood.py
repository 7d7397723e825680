"""How long does a likelihood take: to compile, and to run, alone, with its gradient and with its Hessian?

    python benchmarks/likelihood.py [FIT ...] [--all]

Default: three fits of different size. What is measured is what inference works with, the density that `Fit.prepare`
returns. Asserted: reverse and forward gradients agree to 1e-9.
"""

import sys
import time
from argparse import Namespace
from collections.abc import Iterator

import jax
from _fits import fits, options_of_fits
from _question import answer, disagreement
from _timing import Program
from jaxtyping import Array, Float

from nmmjax._compilation import quick
from nmmjax._speed import Speed
from nmmjax.fit import Fit, Prepared

TYPICAL = ("grimus_lavoura_2000", "xenonnt_moment/flat_in_square", "dayabay_theta13")
BATCH = 1024


def rows(options: Namespace) -> Iterator[Speed]:
    for label, analysis in fits(options, TYPICAL):
        yield from measure(label, analysis.fit)


def log_density(density: Prepared, z: Float[Array, " d"]) -> Float[Array, ""]:
    return density.log_density(z)


def measure(label: str, fit: Fit) -> Iterator[Speed]:
    begun = time.perf_counter()
    density = jax.block_until_ready(fit.prepare())
    preparing = time.perf_counter() - begun
    z = fit.space.draw(jax.random.PRNGKey(1))
    batch = jax.vmap(fit.space.draw)(jax.random.split(jax.random.PRNGKey(2), BATCH))
    both = jax.value_and_grad(log_density, 1)
    with_gradient = Program.of(both, density, z)
    error = disagreement(with_gradient.call()[1], quick()(jax.jacfwd(log_density, 1))(density, z))
    assert error < 1e-9, (label, error)
    agreement = {"error": error, "reference": "forward mode"}
    yield Program(lambda: jax.block_until_ready(fit.prepare()), preparing).speed(f"{label}: prepare", "call", 1)
    yield Program.of(log_density, density, z).speed(f"{label}: value", "call", 1)
    yield with_gradient.speed(f"{label}: value and gradient", "call", 1, **agreement)
    yield Program.of(jax.hessian(log_density, 1), density, z).speed(f"{label}: Hessian", "call", 1)
    many = Program.of(jax.vmap(both, (None, 0)), density, batch)
    yield many.speed(f"{label}: value and gradient, in a batch of {BATCH}", "call", BATCH)


if __name__ == "__main__":
    sys.exit(answer(rows, options_of_fits(__doc__).parse_args()))
