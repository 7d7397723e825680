"""Levels of the neutrinos of the Sun where they are born, and what arrives of them: the equations of `solar`."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Complex, Float, Num

from nmmjax._device import on_device
from nmmjax.constants import Constants
from nmmjax.matter import added_mass_squared
from nmmjax.media.sun import SolarModel
from nmmjax.numerics.projectors import Levels, levels, product, trace
from nmmjax.numerics.quadrature import gauss_of
from nmmjax.numerics.special import larger, safe_sqrt

MatrixFirst = Complex[Array, "3 3 ..."]

_SPLIT = 1e-10
"""tau of a degenerate pair [eV^2]."""
_PLACES = 10
_OUTSIDE = 0.154
"""Neutrons per electron in the outer half of the Sun: (1 - X) / (1 + X), X = 0.733."""


class Places(NamedTuple):
    """Places of birth: the density of electrons there, neutrons per electron, and their shares."""

    density: Float[Array, "... places"]
    """n_e / N_A [mol/cm^3]."""
    neutrons: Float[Array, "... places"] | None
    """n_n / n_e."""
    weights: Float[Array, "... places"]
    """They sum to one."""

    @classmethod
    def of(cls, sun: SolarModel, source: str, points: int) -> "Places":
        """A few places that stand for all of a source, the same for so many energies: Gauss nodes in the density."""
        production = np.asarray(sun.production)[sun.index(source)]
        electrons, neutrons = np.asarray(sun.electron_density), np.asarray(sun.neutron_density)
        order = np.argsort(electrons)
        density, shares = gauss_of(electrons, production, _PLACES)
        ratio = np.interp(density, electrons[order], (neutrons / electrons)[order])
        return cls(*(on_device(np.tile(row, (points, 1))) for row in (density, ratio, shares)))


class Fate(NamedTuple):
    """What becomes of a nu_e: where it is born, and where it leaves the Sun."""

    born: tuple[Float[Array, "... places"], ...]
    """P_1, P_2, P_3 by eigenvalue, and the excess of the upper over the lower level of the vacuum pair, or zero."""
    projectors: tuple[MatrixFirst, ...]
    """Pi_1, Pi_2, Pi_3 outside."""
    apart_on_top: Bool[Array, "..."]
    splitting: Float[Array, "..."]
    """Of the pair outside [eV^2]."""
    sine_squared: Float[Array, "..."]
    """The overlap of its upper level with that deep inside: |U_e2|^2 / (|U_e1|^2 + |U_e2|^2) without interactions."""

    def at(
        self,
        mass_squared: MatrixFirst,
        direction: "Direction",
        energy: Float[Array, "..."],
        density: Float[Array, ""] | None,
        constants: Constants,
    ) -> "Fate":
        """That of a nu_e that is still inside, at a density; None for outside."""
        if density is None:
            return self
        found = levels(mass_squared + added_mass_squared(energy * density, constants) * direction.outside())
        return self._replace(projectors=found.projectors)


class Direction(NamedTuple):
    """1_ee + eps, and eps_n where neutrons are seen, as matrices (..., 3, 3) or with their axes first."""

    charged: Complex[Array, "..."]
    neutron: Complex[Array, "..."] | None

    def axes_first(self, batch_rank: int) -> "Direction":
        """The same with the axes of the matrices first."""
        neutron = None if self.neutron is None else axes_first(self.neutron, batch_rank)
        return Direction(axes_first(self.charged, batch_rank), neutron)

    def outside(self) -> MatrixFirst:
        """That of the outer Sun, from the axes first."""
        return self.charged if self.neutron is None else self.charged + _OUTSIDE * self.neutron

    def inside(self, neutrons: Float[Array, "... places"] | None) -> MatrixFirst:
        """That at places with so many neutrons per electron, on a new last axis, from the axes first."""
        if self.neutron is None or neutrons is None:
            return self.charged[..., None]
        return self.charged[..., None] + neutrons * self.neutron[..., None]


def fate_of(
    mass_squared: MatrixFirst,
    direction: Direction,
    x: Float[Array, "... places"],
    neutrons: Float[Array, "... places"] | None,
    constants: Constants,
) -> Fate:
    """For nu_e born at x = E n_e, with so many neutrons per electron there."""
    split = _SPLIT / (1.0 + (levels(mass_squared).gap / _SPLIT) ** 4)
    outer, inner = direction.outside(), direction.inside(neutrons)
    potential = added_mass_squared(x, constants)  # 2E V [eV^2]
    shape = jnp.broadcast_shapes(mass_squared.shape[2:], outer.shape[2:], x.shape[:-1])

    def on_places(matrix: MatrixFirst, count: int) -> MatrixFirst:
        return jnp.broadcast_to(matrix, (3, 3, *shape, count))

    far = on_places((mass_squared + split * outer)[..., None], 1)
    near = on_places(mass_squared[..., None] + potential * inner, x.shape[-1])
    found = levels(jnp.concatenate([far, near], -1))
    free = Levels(*(a[..., 0] for a in found))
    born = (jnp.real(p[0, 0, ..., 1:]) for p in (found.lower, found.upper, found.apart))
    first, second, third = Levels(*(a[..., 1:] for a in found)).ordered(*born)
    excess = larger(jnp.where(free.on_top[..., None], second - first, third - second), 0.0)
    return Fate((first, second, third, excess), free.projectors, free.on_top, free.gap, _alignment(free, outer))


def _alignment(free: Levels, direction: MatrixFirst) -> Float[Array, "..."]:
    """|<upper level of the pair outside | upper level deep inside>|^2, (1 + cosine of twice the angle between) / 2."""
    difference = jnp.real(trace(product(free.upper - free.lower, direction)))
    pair = product(free.upper + free.lower, direction)
    width = safe_sqrt(jnp.real(2.0 * trace(product(pair, pair)) - trace(pair) ** 2))
    return 0.5 + 0.5 * difference / jnp.where(width > 0.0, width, jnp.inf)


def arriving(
    born: list[Float[Array, "..."]],
    fate: Fate,
    energy: Float[Array, "..."],
    scale_height: Float[Array, ""],
    constants: Constants,
) -> Complex[Array, "... 3 3"]:
    """sum_k P_k Pi_k, jumps included."""
    *P, excess = born
    adiabaticity = 2.0 * jnp.pi * scale_height * constants.phase * fate.splitting / energy
    jumps = excess * _jump_probability(adiabaticity, fate.sine_squared)
    low, high = jnp.where(fate.apart_on_top, jumps, 0.0), jnp.where(fate.apart_on_top, 0.0, jumps)
    populations = P[0] + low, P[1] - low + high, P[2] - high
    rho = sum(p * projector for p, projector in zip(populations, fate.projectors, strict=True))
    return jnp.moveaxis(jnp.asarray(rho), (0, 1), (-2, -1))


def _jump_probability(adiabaticity: Float[Array, "..."], sine_squared: Float[Array, "..."]) -> Float[Array, "..."]:
    """e^{-g s^2} (1 - e^{-g c^2}) / (1 - e^{-g}); c^2 at g = 0."""
    g = larger(adiabaticity, 1e-30)
    return jnp.exp(-g * sine_squared) * jnp.expm1(-g * (1.0 - sine_squared)) / jnp.expm1(-g)


def axes_first(A: Num[Array, "... 3 3"], batch_rank: int) -> MatrixFirst:
    """Matrix axes first, then exactly so many batch axes."""
    A = A.reshape((1,) * (batch_rank + 2 - A.ndim) + A.shape)
    return jnp.moveaxis(A + 0j, (-2, -1), (0, 1))
