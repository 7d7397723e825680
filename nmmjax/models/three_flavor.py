"""Three massive neutrinos described by their observables."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import _checks, mixing
from nmmjax.low_energy import LowEnergy, Majorana, Nature, Neutrinos
from nmmjax.models._base import Model, Scalar
from nmmjax.numerics.special import safe_sqrt
from nmmjax.ordering import NormalOrdering, Ordering
from nmmjax.priors import UniformPhase
from nmmjax.quantities import Quantity

NUFIT60: Mapping[str, Any] = {
    "dm21": 7.49e-5,
    "dm3l": 2.513e-3,
    "sin2_theta12": 0.308,
    "sin2_theta13": 0.02215,
    "sin2_theta23": 0.470,
    "delta_cp": math.radians(212.0) - 2 * math.pi,
}
"""NuFIT 6.0 with IceCube and Super-Kamiokande data, normal ordering (JHEP 12 (2024) 216, table 1)."""
_ANGLE = math.pi / 2


def _angle(symbol: str) -> Quantity:
    return Quantity(symbol, "rad", low=0.0, high=_ANGLE)


def _sine(symbol: str) -> Quantity:
    return Quantity(symbol, low=0.0, high=1.0)


def _phase(symbol: str) -> Quantity:
    return Quantity(symbol, "rad", circular=True)


class ThreeFlavor(Model):
    """Three Majorana or Dirac neutrinos: lightest mass, two splittings, three angles and three phases.

    M = U^* diag(m) U^dagger with U = R23 R13(delta) R12 diag(1, e^{i alpha21 / 2}, e^{i alpha31 / 2}).
    `dm3l` is m_3^2 - m_1^2 > 0 for normal and m_3^2 - m_2^2 < 0 for inverted ordering.
    """

    reference: ClassVar[str] = "S. Navas et al. (Particle Data Group), Phys. Rev. D 110, 030001 (2024), section 14"
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "lightest_mass": Quantity(r"m_{\rm lightest}", "eV", low=0.0, high=100.0),
        "dm21": Quantity(r"\Delta m^2_{21}", "eV^2", low=0.0, high=1.0),
        "dm3l": Quantity(r"\Delta m^2_{3\ell}", "eV^2", low=-1.0, high=1.0),
        "theta12": _angle(r"\theta_{12}"),
        "theta13": _angle(r"\theta_{13}"),
        "theta23": _angle(r"\theta_{23}"),
        "sin2_theta12": _sine(r"\sin^2\theta_{12}"),
        "sin2_theta13": _sine(r"\sin^2\theta_{13}"),
        "sin2_theta23": _sine(r"\sin^2\theta_{23}"),
        "delta_cp": _phase(r"\delta_{CP}"),
        "alpha21": _phase(r"\alpha_{21}"),
        "alpha31": _phase(r"\alpha_{31}"),
    }

    lightest_mass: Float[Array, ""]
    dm21: Float[Array, ""]
    dm3l: Float[Array, ""]
    theta12: Float[Array, ""]
    theta13: Float[Array, ""]
    theta23: Float[Array, ""]
    delta_cp: Float[Array, ""]
    alpha21: Float[Array, ""]
    alpha31: Float[Array, ""]
    ordering: Ordering
    nature: Nature

    def __init__(
        self,
        dm21: Scalar,
        dm3l: Scalar,
        *,
        theta12: Scalar,
        theta13: Scalar,
        theta23: Scalar,
        delta_cp: Scalar = 0.0,
        lightest_mass: Scalar = 0.0,
        alpha21: Scalar = 0.0,
        alpha31: Scalar = 0.0,
        ordering: Ordering | None = None,
        nature: Nature | None = None,
    ):
        self.lightest_mass, self.dm21, self.dm3l = map(jnp.asarray, (lightest_mass, dm21, dm3l))
        self.theta12, self.theta13, self.theta23 = map(jnp.asarray, (theta12, theta13, theta23))
        self.delta_cp, self.alpha21, self.alpha31 = map(jnp.asarray, (delta_cp, alpha21, alpha31))
        self.ordering = NormalOrdering() if ordering is None else ordering
        self.nature = Majorana() if nature is None else nature
        fields = {name: getattr(self, name) for name in self.parameters if not name.startswith("sin2")}
        self.check_domain(**fields)
        low, high = (0.0, 1.0) if self.ordering.sign > 0 else (-1.0, 0.0)
        _checks.check_range("dm3l", dm3l, low=low, high=high, unit=f"eV^2 for {self.ordering.long_name} ordering")

    @classmethod
    def from_sin2(
        cls,
        dm21: Scalar,
        dm3l: Scalar,
        *,
        sin2_theta12: Scalar,
        sin2_theta13: Scalar,
        sin2_theta23: Scalar,
        delta_cp: Scalar = 0.0,
        lightest_mass: Scalar = 0.0,
        alpha21: Scalar = 0.0,
        alpha31: Scalar = 0.0,
        ordering: Ordering | None = None,
        nature: Nature | None = None,
    ) -> Self:
        """The same model from sin^2 of the angles, the coordinates in which global fits publish."""
        cls.check_domain(sin2_theta12=sin2_theta12, sin2_theta13=sin2_theta13, sin2_theta23=sin2_theta23)
        theta12, theta13, theta23 = (_angle_of(s) for s in (sin2_theta12, sin2_theta13, sin2_theta23))
        return cls(
            dm21,
            dm3l,
            theta12=theta12,
            theta13=theta13,
            theta23=theta23,
            delta_cp=delta_cp,
            lightest_mass=lightest_mass,
            alpha21=alpha21,
            alpha31=alpha31,
            ordering=ordering,
            nature=nature,
        )

    def masses(self) -> Float[Array, "3"]:
        """(m_1, m_2, m_3) [eV]; the lightest is m_1 (normal) or m_3 (inverted ordering)."""
        dm31 = self.ordering.dm31_from(self.dm21, self.dm3l)
        above_first = jnp.stack([jnp.zeros_like(dm31), self.dm21, dm31])
        above_lightest = above_first if self.ordering.sign > 0 else above_first - dm31
        lightest = 0 if self.ordering.sign > 0 else 2
        heavier = safe_sqrt(self.lightest_mass**2 + above_lightest)
        return heavier.at[lightest].set(self.lightest_mass)

    def pmns(self) -> Complex[Array, "3 3"]:
        """U with its Majorana phases."""
        dirac = mixing.pmns(self.theta12, self.theta13, self.theta23, self.delta_cp)
        return dirac @ mixing.majorana_phases(self.alpha21, self.alpha31)

    def low_energy(self) -> LowEnergy:
        """Masses and mixing put together; no moments beyond the Standard Model."""
        matrix = mixing.majorana_mass_matrix(self.pmns(), self.masses())
        return LowEnergy(Neutrinos(matrix, nature=self.nature))

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Flat in the splittings, normal ordering; isotropic in the angles is left to the fit."""
        return {
            "dm21": dist.Uniform(6e-5, 9e-5),
            "dm3l": dist.Uniform(2e-3, 3e-3),
            "theta12": dist.Uniform(0.0, _ANGLE),
            "theta13": dist.Uniform(0.0, _ANGLE),
            "theta23": dist.Uniform(0.0, _ANGLE),
            "delta_cp": UniformPhase(),
        }

    @classmethod
    def benchmark(cls) -> Self:
        """`NUFIT60`."""
        return cls.from_sin2(**NUFIT60)


def given_or_benchmark(origin: ThreeFlavor | None) -> ThreeFlavor:
    """Masses and mixing for a model that leaves them free."""
    if origin is None:
        return ThreeFlavor.benchmark()
    _checks.check_instance("origin", origin, ThreeFlavor)
    return origin


def _angle_of(sin2: Scalar) -> Float[Array, ""]:
    """theta in [0, pi/2] from sin^2 theta, with finite derivatives at the ends."""
    sin2 = jnp.asarray(sin2)
    return jnp.arctan2(safe_sqrt(sin2), safe_sqrt(1.0 - sin2))
