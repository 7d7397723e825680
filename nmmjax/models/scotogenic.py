"""The scotogenic model: light masses from a loop of dark matter."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.loops import one_loop
from nmmjax.loops._quotients import entropy_difference
from nmmjax.low_energy import ChargedLeptons, LowEnergy, Neutrinos
from nmmjax.models import _charged_currents, _scalar_loops
from nmmjax.models._base import perturbative
from nmmjax.models._casas_ibarra import ComplexRotation, Rotation, casas_ibarra
from nmmjax.models._seesaw import HeavyFermions, heavy_priors
from nmmjax.numerics.special import modulus_squared, smaller
from nmmjax.parameters import Scalar, constructor, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, Sin2

_ONE_LOOP = 1.0 / (16.0 * math.pi**2)
_Lambda5 = Annotated[Scalar, parameter(r"\lambda_5", low=0.0, high=10.0, open_low=True)]


class Scotogenic(HeavyFermions):
    """L = -h_ak bar(N_k) (nu_a eta^0 - l_a eta^+) - (1/2) M_k bar(N_k) N_k^c, V = (lambda_5 / 2) (phi^+ eta)^2, + h.c.

    N_k and the inert doublet eta, eta^0 = (eta_R + i eta_I) / sqrt(2), are odd, the lightest of them is dark matter.
    With m_R^2 - m_I^2 = lambda_5 v^2,

        M_ab = sum_k h_ak h_bk (M_k / 32 pi^2) [g_k(m_R^2) - g_k(m_I^2)],    g_k(x) = x ln(x / M_k^2) / (x - M_k^2).

    (1 / 16 pi^2 in the paper is twice too large.) The phase of eta makes lambda_5 >= 0, so that eta_I is the lighter.
    Fields: `yukawa` h (3, 3), rows flavors and columns N; m_1, m_2, m_3 of N, `m_imaginary` of eta_I and `m_charged` of
    eta^+ [GeV]; `lambda_5`, from which the loop is taken without a difference of masses.

    eta^+ with N_k in the loop gives l -> l' gamma and anomalous moments, A_ba = -(1 / 16 pi^2 m_+^2) sum_k h_bk^* h_ak
    H(M_k^2 / m_+^2) [T. Toma, A. Vicente, JHEP 01 (2014) 160]. Three leptons, from penguins and boxes, are left out.
    """

    reference: ClassVar[str] = "E. Ma, Phys. Rev. D 73, 077301 (2006)"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "dark_matter_mass": Quantity(r"m_{\rm DM}", "GeV"),
        "largest_yukawa": Quantity(r"\max |h_{\alpha k}|"),
        **_charged_currents.RADIATIVE_DECAY,
    }

    yukawa: Complex[Array, "3 3"] = parameter("h")
    _: KW_ONLY
    m_imaginary: Scalar = parameter("m_I", "GeV", low=1e-3, high=1e8)
    m_charged: Scalar = parameter(r"m_{\eta^+}", "GeV", low=10.0, high=1e8)
    lambda_5: Scalar = parameter(r"\lambda_5", low=0.0, high=10.0)

    @classmethod
    @constructor(instead_of=("yukawa",))
    def from_oscillations(
        cls,
        light: Sin2,
        rotation: Rotation,
        *,
        m_1: Scalar,
        m_2: Scalar,
        m_3: Scalar,
        m_imaginary: Scalar,
        lambda_5: _Lambda5,
        **others: Any,
    ) -> Self:
        """The couplings that give these masses, angles and phases, by a complex orthogonal matrix R.

        h = U^* diag(sqrt m) R diag(1 / sqrt Lambda), Lambda_k the loop of N_k and R = R23 R13 R12 of the angles x + i y
        [Casas and Ibarra]. Observables come back to 1e-15 e^(2 (|y12| + |y13| + |y23|)).
        """
        scale = _loop(jnp.stack([m_1, m_2, m_3]), m_imaginary, lambda_5)
        h = casas_ibarra(light.pmns(), light.masses() / EV_PER_GEV, scale, rotation.matrix())
        masses = {"m_1": m_1, "m_2": m_2, "m_3": m_3, "m_imaginary": m_imaginary}
        return cls(h, **masses, lambda_5=lambda_5, **others)

    @property
    def m_real(self) -> Float[Array, ""]:
        """m_R [GeV]."""
        return jnp.sqrt(self.m_imaginary**2 + self.lambda_5 * PDG_2026.higgs_vev**2)

    def low_energy(self) -> LowEnergy:
        """The mass matrix and charged leptons, at one loop."""
        h = self.yukawa
        M = EV_PER_GEV * (h * _loop(self.heavy_masses, self.m_imaginary, self.lambda_5)) @ h.T
        return LowEnergy(Neutrinos(0.5 * (M + M.T)), self.charged_leptons())

    def charged_leptons(self) -> ChargedLeptons:
        """eta^+, with the photon on it."""
        weight = one_loop.photon_on_scalar((self.heavy_masses / self.m_charged) ** 2)
        dipoles = -_ONE_LOOP / self.m_charged**2 * (jnp.conj(self.yukawa) * weight) @ self.yukawa.T
        return ChargedLeptons(dipole_left=dipoles, anomalous_moments=_scalar_loops.anomalous_moments(dipoles))

    def log_prior(self) -> Float[Array, ""]:
        """Perturbative Yukawa couplings and lambda_5."""
        return perturbative(jnp.append(self.yukawa.ravel(), self.lambda_5))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """The mass of the lightest odd neutral particle, the largest coupling, and mu -> e gamma."""
        return {
            "dark_matter_mass": smaller(jnp.min(self.heavy_masses), self.m_imaginary),
            "largest_yukawa": jnp.sqrt(jnp.max(modulus_squared(self.yukawa))),
        } | _charged_currents.radiative_decay(self.charged_leptons())

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_oscillations`: dark matter from the weak scale to 100 TeV."""
        return {
            **LightNeutrinos.sin2_priors(),
            **heavy_priors(1e2, 1e5),
            "m_imaginary": dist.LogUniform(100.0, 1e5),
            "m_charged": dist.LogUniform(100.0, 1e5),
            "lambda_5": dist.LogUniform(1e-11, 1.0),
            **ComplexRotation.default_priors(),
        }

    @classmethod
    def benchmark(cls) -> Self:
        """NuFIT 6.0, normal ordering; dark matter is N_1, beyond MEG II."""
        dark = {"m_1": 500.0, "m_2": 800.0, "m_3": 1200.0, "m_imaginary": 1000.0, "m_charged": 1010.0}
        light, rotation = LightNeutrinos.with_small_mass(), ComplexRotation.benchmark()
        return cls.from_oscillations(light, rotation, **dark, lambda_5=3e-8)


def _loop(m_fermion: Float[Array, "3"], m_imaginary: Scalar, lambda_5: Scalar) -> Float[Array, "3"]:
    """`one_loop.scotogenic` [GeV] with m_R^2 - m_I^2 = lambda_5 v^2 as it is given, however small."""
    split, squared = lambda_5 * PDG_2026.higgs_vev**2, m_imaginary**2
    difference = entropy_difference(squared + split, squared, m_fermion**2)
    return m_fermion / (32.0 * math.pi**2) * split * difference
