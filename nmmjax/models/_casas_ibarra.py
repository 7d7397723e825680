"""The couplings behind a given light mass matrix, up to a complex orthogonal matrix R.

Casas and Ibarra, Nucl. Phys. B 618, 171 (2001), for every mass matrix of the form M = h diag(scale) h^T: of heavy
singlets or triplets at tree level, of inert scalars in a loop.
"""

from typing import Annotated, Self

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float, Num

from nmmjax import _checks
from nmmjax.numerics.special import safe_sqrt
from nmmjax.parameters import Parametrized, Scalar, component, parameter
from nmmjax.priors import UniformPhase

_PLANES = ((1, 2), (0, 2), (0, 1))
_LARGEST = 10.0


class ComplexRotation(Parametrized):
    """R = R23(z_23) R13(z_13) R12(z_12), R^T R = 1, of complex angles z_ij = x_ij + i y_ij.

    Elements grow as e^(|y_23| + |y_13| + |y_12|). A reflection would change the sign of all couplings only.
    """

    x12: Scalar = parameter("x_{12}", "rad", circular=True, default=0.0)
    x13: Scalar = parameter("x_{13}", "rad", circular=True, default=0.0)
    x23: Scalar = parameter("x_{23}", "rad", circular=True, default=0.0)
    y12: Scalar = parameter("y_{12}", low=-_LARGEST, high=_LARGEST, default=0.0)
    y13: Scalar = parameter("y_{13}", low=-_LARGEST, high=_LARGEST, default=0.0)
    y23: Scalar = parameter("y_{23}", low=-_LARGEST, high=_LARGEST, default=0.0)

    def matrix(self) -> Complex[Array, "3 3"]:
        """The matrix R."""
        R = jnp.eye(3) + 0j
        for (i, j), x, y in zip(_PLANES, (self.x23, self.x13, self.x12), (self.y23, self.y13, self.y12), strict=True):
            z = x + 1j * y
            c, s = jnp.cos(z), jnp.sin(z)
            plane = (jnp.eye(3) + 0j).at[i, i].set(c).at[j, j].set(c).at[i, j].set(s).at[j, i].set(-s)
            R = R @ plane
        return R

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """R real to a factor of ten: |y| < 1."""
        circular = {name: quantity.circular for name, quantity in cls.parameters.items()}
        return {name: UniformPhase() if turns else dist.Uniform(-1.0, 1.0) for name, turns in circular.items()}

    @classmethod
    def benchmark(cls) -> Self:
        """Some R."""
        return cls(x12=0.4, x13=0.3, x23=0.5, y12=0.2, y13=-0.1, y23=0.1)


Rotation = Annotated[ComplexRotation, component(ComplexRotation)]
"""An argument of models from oscillations, flat in the complex angles."""


def casas_ibarra(
    pmns: Complex[Array, "3 3"],
    masses: Float[Array, "3"],
    scale: Float[Array, "3"],
    R: Num[Array, "3 3"],
) -> Complex[Array, "3 3"]:
    """h = U^* diag(sqrt m) R diag(1 / sqrt scale): the solution of M = h diag(scale) h^T, M = U^* diag(m) U^dagger.

    Rows of h are flavors, columns heavy states.

    **Arguments:** U with its Majorana phases; masses >= 0 and `scale`, not zero and of either sign, such that their
    ratio is that of M to h h^T; R R^T = 1.

    Rounding in h diag(scale) h^T is 1e-16 |R|^2 of the largest mass: e^(2 |y|) for a plane that is turned by x + i y. A
    massless state takes its row of R out of h; there the derivative of h in its mass, which diverges, is given as zero.
    """
    for name, matrix in (("pmns", pmns), ("R", R)):
        _checks.check_shape(name, matrix, (3, 3))
    for name, vector in (("masses", masses), ("scale", scale)):
        _checks.check_shape(name, vector, (3,))
    _checks.check_range("masses", masses, low=0.0)
    _check_scale(scale)
    _check_orthogonal(R)
    scale = jnp.asarray(scale)
    root = jnp.where(scale > 0.0, 1.0, 1j) * jnp.sqrt(jnp.abs(scale))
    return (jnp.conj(pmns) * safe_sqrt(jnp.asarray(masses))) @ R / root


def _check_scale(scale: Float[Array, "3"]) -> None:
    _checks.check_range("scale", scale)
    values = _checks.concrete(scale)
    if values is not None and (values == 0.0).any():
        _checks.fail("scale", "differ from zero", f"it is {values}")


def _check_orthogonal(R: Num[Array, "3 3"]) -> None:
    _checks.check_finite("R", R)
    values = _checks.concrete(R)
    if values is None:
        return
    excess = np.abs(values @ values.T - np.eye(3)).max()
    if excess > 1e-9 * np.abs(values).max() ** 2:
        _checks.fail("R", "satisfy R R^T = 1", f"it is off by {excess:.3g}")
