"""How long does a likelihood take: to compile, and to run, alone, with its gradient and with its Hessian?

    python benchmarks/likelihood.py [FIT ...]

Default: every shipped analysis. Accuracy is asserted before timing: reverse and forward gradients agree to 1e-9.
"""

import sys

import jax
import jax.numpy as jnp
import numpy as np
from _timing import Stopwatch, table

from nmmjax import gallery

BATCH = 1024


def main(names):
    rows = []
    for name in names or sorted(gallery.analyses()):
        for hypothesis, analysis in gallery.build(gallery.find(name)).items():
            rows += measure("/".join(filter(None, (name, hypothesis))), analysis.fit)
    table(("fit", "what", "compile [s]", "run [us]", "spread"), rows)


def log_density(fit, z):
    return fit.log_density(z)


def measure(label, fit):
    z = fit.space.draw(jax.random.PRNGKey(1))
    batch = jax.vmap(fit.space.draw)(jax.random.split(jax.random.PRNGKey(2), BATCH))
    reverse, forward = jax.grad(log_density, 1)(fit, z), jax.jacfwd(log_density, 1)(fit, z)
    np.testing.assert_allclose(reverse, forward, rtol=1e-9, atol=1e-9 * float(jnp.max(jnp.abs(forward))))
    both = jax.value_and_grad(log_density, 1)
    for what, function, point, count in (
        ("value", log_density, z, 1),
        ("value and gradient", both, z, 1),
        ("Hessian", jax.hessian(log_density, 1), z, 1),
        (f"value and gradient, batch of {BATCH}, each", jax.vmap(both, (None, 0)), batch, BATCH),
    ):
        watch = Stopwatch.of(jax.jit(function), fit, point)
        yield label, what, f"{watch.compile:.2f}", f"{1e6 * watch.run / count:.1f}", f"{watch.spread:.0%}"


if __name__ == "__main__":
    main(sys.argv[1:])
