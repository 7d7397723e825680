"""The couplings behind a given light mass matrix, up to a complex orthogonal matrix R.

Casas and Ibarra, Nucl. Phys. B 618, 171 (2001), for every mass matrix of the form M = h diag(scale) h^T: of heavy
singlets or triplets at tree level, of inert scalars in a loop.
"""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float, Num

from nmmjax import _checks
from nmmjax.models._base import Scalar
from nmmjax.numerics.special import safe_sqrt
from nmmjax.priors import UniformPhase
from nmmjax.quantities import Quantity

_PLANES = ((1, 2), (0, 2), (0, 1))
_LARGEST = 10.0
PARAMETERS: Mapping[str, Quantity] = {
    **{f"x{i + 1}{j + 1}": Quantity(rf"x_{{{i + 1}{j + 1}}}", "rad", circular=True) for i, j in _PLANES},
    **{f"y{i + 1}{j + 1}": Quantity(rf"y_{{{i + 1}{j + 1}}}", low=-_LARGEST, high=_LARGEST) for i, j in _PLANES},
}
"""z_ij = x_ij + i y_ij, the complex angles of R."""
SOME: Mapping[str, Any] = {"x12": 0.4, "x13": 0.3, "x23": 0.5, "y12": 0.2, "y13": -0.1, "y23": 0.1}
"""An R for benchmark points."""


def default_priors() -> dict[str, dist.Distribution]:
    """R real to a factor of ten: |y| < 1."""
    return {
        name: UniformPhase() if quantity.circular else dist.Uniform(-1.0, 1.0) for name, quantity in PARAMETERS.items()
    }


def complex_rotation(x: tuple[Scalar, Scalar, Scalar], y: tuple[Scalar, Scalar, Scalar]) -> Complex[Array, "3 3"]:
    """R = R23(z_23) R13(z_13) R12(z_12), R^T R = 1, of z = x + i y in this order.

    Elements grow as e^(|y_23| + |y_13| + |y_12|). A reflection would change the sign of all couplings only.
    """
    names = [f"{i + 1}{j + 1}" for i, j in _PLANES]
    for letter, values in (("x", x), ("y", y)):
        for name, value in zip(names, values, strict=True):
            quantity = PARAMETERS[letter + name]
            _checks.check_range(letter + name, value, low=quantity.low, high=quantity.high, unit=quantity.unit)
    R = jnp.eye(3) + 0j
    for (i, j), real, imaginary in zip(_PLANES, x, y, strict=True):
        z = jnp.asarray(real) + 1j * jnp.asarray(imaginary)
        c, s = jnp.cos(z), jnp.sin(z)
        plane = (jnp.eye(3) + 0j).at[i, i].set(c).at[j, j].set(c).at[i, j].set(s).at[j, i].set(-s)
        R = R @ plane
    return R


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
