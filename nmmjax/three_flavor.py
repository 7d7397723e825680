"""The sector of three light neutrinos: masses and mixing as one object, which models and fits share."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, Self

import equinox as eqx
import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import _checks, mixing
from nmmjax.low_energy import Majorana, Nature, Neutrinos
from nmmjax.numerics.special import safe_sqrt
from nmmjax.ordering import NormalOrdering, Ordering
from nmmjax.parameters import Parametrized, Scalar, component, constructor, parameter
from nmmjax.priors import UniformPhase

NUFIT60: Mapping[str, Any] = {
    "dm21": 7.49e-5,
    "dm3l": 2.513e-3,
    "sin2_theta12": 0.308,
    "sin2_theta13": 0.02215,
    "sin2_theta23": 0.470,
    "delta_cp": math.radians(212.0) - 2 * math.pi,
}
"""NuFIT 6.0 with IceCube and Super-Kamiokande data, normal ordering (JHEP 12 (2024) 216, table 1)."""
NUFIT61: Mapping[str, Any] = {
    "dm21": 7.537e-5,
    "dm3l": 2.511e-3,
    "sin2_theta12": 0.3088,
    "sin2_theta13": 0.02248,
    "sin2_theta23": 0.470,
    "delta_cp": math.radians(212.0) - 2 * math.pi,
}
"""NuFIT 6.1 (2025), the first with JUNO, else as `NUFIT60`: for `LightNeutrinos.from_sin2(**NUFIT61)`."""
_ANGLE = math.pi / 2
_ANGLES = ("theta12", "theta13", "theta23")
_Sin2Theta12 = Annotated[Scalar, parameter(r"\sin^2\theta_{12}", low=0.0, high=1.0)]
_Sin2Theta13 = Annotated[Scalar, parameter(r"\sin^2\theta_{13}", low=0.0, high=1.0)]
_Sin2Theta23 = Annotated[Scalar, parameter(r"\sin^2\theta_{23}", low=0.0, high=1.0)]
_Alpha = Annotated[Scalar, parameter(r"\alpha", "rad", circular=True)]


class LightNeutrinos(Parametrized):
    """Three Majorana or Dirac neutrinos: two splittings, three angles, three phases and the lightest mass.

    U = R23 R13(delta) R12 diag(1, e^{i alpha21 / 2}, e^{i alpha31 / 2}). `dm3l` is m_3^2 - m_1^2 > 0 for normal and
    m_3^2 - m_2^2 < 0 for inverted ordering.
    """

    dm21: Scalar = parameter(r"\Delta m^2_{21}", "eV^2", low=0.0, high=1.0)
    dm3l: Scalar = parameter(r"\Delta m^2_{3\ell}", "eV^2", low=-1.0, high=1.0)
    _: KW_ONLY
    theta12: Scalar = parameter(r"\theta_{12}", "rad", low=0.0, high=_ANGLE)
    theta13: Scalar = parameter(r"\theta_{13}", "rad", low=0.0, high=_ANGLE)
    theta23: Scalar = parameter(r"\theta_{23}", "rad", low=0.0, high=_ANGLE)
    delta_cp: Scalar = parameter(r"\delta_{CP}", "rad", circular=True, default=0.0)
    lightest_mass: Scalar = parameter(r"m_{\rm lightest}", "eV", low=0.0, high=100.0, default=0.0)
    alpha21: Scalar = parameter(r"\alpha_{21}", "rad", circular=True, default=0.0)
    alpha31: Scalar = parameter(r"\alpha_{31}", "rad", circular=True, default=0.0)
    ordering: Ordering = NormalOrdering()
    nature: Nature = Majorana()

    def _check_together(self) -> None:
        low, high = (0.0, 1.0) if self.ordering.sign > 0 else (-1.0, 0.0)
        unit = f"eV^2 for {self.ordering.long_name} ordering"
        _checks.check_range("dm3l", self.dm3l, low=low, high=high, unit=unit)

    @classmethod
    @constructor(instead_of=_ANGLES)
    def from_sin2(
        cls,
        dm21: Scalar,
        dm3l: Scalar,
        *,
        sin2_theta12: _Sin2Theta12,
        sin2_theta13: _Sin2Theta13,
        sin2_theta23: _Sin2Theta23,
        **others: Any,
    ) -> Self:
        """From sin^2 of the angles, the coordinates in which global fits publish; other fields as they are."""
        angles = map(angle_of_sin2, (sin2_theta12, sin2_theta13, sin2_theta23))
        return cls(dm21, dm3l, **dict(zip(_ANGLES, angles, strict=True)), **others)

    @classmethod
    @constructor(instead_of=(*_ANGLES, "alpha21", "alpha31", "lightest_mass"))
    def one_massless(
        cls,
        dm21: Scalar,
        dm3l: Scalar,
        *,
        sin2_theta12: _Sin2Theta12,
        sin2_theta13: _Sin2Theta13,
        sin2_theta23: _Sin2Theta23,
        alpha: _Alpha = 0.0,
        ordering: Ordering = NormalOrdering(),  # noqa: B008 (without data)
        **others: Any,
    ) -> Self:
        """From sin^2 of the angles where the lightest state has no mass.

        Then one Majorana phase is left, `alpha` of the heavier over the lighter massive state: alpha31 - alpha21 for
        normal ordering, where alpha21 is a convention, and alpha21 for inverted ordering.
        """
        phase = {"alpha31" if ordering.sign > 0 else "alpha21": alpha}
        sin2 = {"sin2_theta12": sin2_theta12, "sin2_theta13": sin2_theta13, "sin2_theta23": sin2_theta23}
        return cls.from_sin2(dm21, dm3l, **sin2, **phase, ordering=ordering, **others)

    @classmethod
    def benchmark(cls) -> Self:
        """`NUFIT60`."""
        return cls.from_sin2(**NUFIT60)

    @classmethod
    def with_small_mass(cls) -> Self:
        """`NUFIT60` and 5 meV for nu_1."""
        return cls.from_sin2(**NUFIT60, lightest_mass=0.005)

    @staticmethod
    def sin2_priors() -> dict[str, dist.Distribution]:
        """Of `from_sin2`: normal ordering, a few times wider than what is known; the lightest mass over decades."""
        return {
            "dm21": dist.Uniform(6e-5, 9e-5),
            "dm3l": dist.Uniform(2e-3, 3e-3),
            "sin2_theta12": dist.Uniform(0.2, 0.45),
            "sin2_theta13": dist.Uniform(0.015, 0.03),
            "sin2_theta23": dist.Uniform(0.3, 0.7),
            **{name: UniformPhase() for name in ("delta_cp", "alpha21", "alpha31")},
            "lightest_mass": dist.LogUniform(1e-5, 0.3),
        }

    def masses(self) -> Float[Array, "3"]:
        """(m_1, m_2, m_3) [eV]; the lightest is m_1 (normal) or m_3 (inverted ordering)."""
        dm21, dm3l, lightest_mass = map(jnp.asarray, (self.dm21, self.dm3l, self.lightest_mass))
        dm31 = self.ordering.dm31_from(dm21, dm3l)
        above_first = jnp.stack([jnp.zeros_like(dm31), dm21, dm31])
        above_lightest = above_first if self.ordering.sign > 0 else above_first - dm31
        heavier = safe_sqrt(lightest_mass**2 + above_lightest)
        return heavier.at[self.lightest].set(lightest_mass)

    @property
    def lightest(self) -> int:
        """Index of the lightest state: 0 for normal, 2 for inverted ordering."""
        return 0 if self.ordering.sign > 0 else 2

    def pmns(self) -> Complex[Array, "3 3"]:
        """U with its Majorana phases."""
        dirac = mixing.pmns(self.theta12, self.theta13, self.theta23, self.delta_cp)
        return dirac @ mixing.majorana_phases(self.alpha21, self.alpha31)

    def mass_matrix(self) -> Complex[Array, "3 3"]:
        """M = U^* diag(m) U^dagger [eV]."""
        return mixing.majorana_mass_matrix(self.pmns(), self.masses())

    def neutrinos(self) -> Neutrinos:
        """Masses and mixing put together; no moments beyond the Standard Model."""
        return Neutrinos(self.mass_matrix(), nature=self.nature)


Sin2 = Annotated[LightNeutrinos, component(LightNeutrinos.from_sin2, without=("nature",))]
"""An argument of models from oscillations: Majorana neutrinos, flat in the coordinates of `from_sin2`."""
OneMassless = Annotated[LightNeutrinos, component(LightNeutrinos.one_massless, without=("nature",))]
"""An argument of models that leave one neutrino massless, flat in the coordinates of `one_massless`."""


def given_or_benchmark() -> Any:
    """A field `origin` of models that leave masses and mixing free: NuFIT's where it is not given."""
    return eqx.field(default_factory=LightNeutrinos.benchmark)


def angle_of_sin2(sin2: Scalar) -> Float[Array, ""]:
    """theta in [0, pi/2] from sin^2 theta, with finite derivatives at the ends."""
    sin2 = jnp.asarray(sin2)
    return jnp.arctan2(safe_sqrt(sin2), safe_sqrt(1.0 - sin2))
