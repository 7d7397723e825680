"""The scotogenic model: light masses from a loop of dark matter."""

import math
from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float, Num

from nmmjax import _checks
from nmmjax.constants import PDG_2026
from nmmjax.loops import one_loop
from nmmjax.loops._quotients import entropy_difference
from nmmjax.low_energy import ChargedLeptons, LowEnergy, Neutrinos
from nmmjax.models import _casas_ibarra, _charged_currents, _oscillations, _scalar_loops
from nmmjax.models._base import Model, Scalar, perturbative
from nmmjax.models._oscillations import EV_PER_GEV
from nmmjax.models._seesaw import HEAVY_MASSES, coupling_matrix, heavy_priors
from nmmjax.numerics.special import modulus_squared
from nmmjax.ordering import Ordering
from nmmjax.quantities import Quantity

_ONE_LOOP = 1.0 / (16.0 * math.pi**2)


class Scotogenic(Model):
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
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "yukawa": Quantity("h"),
        **HEAVY_MASSES,
        "m_imaginary": Quantity("m_I", "GeV", low=1e-3, high=1e8),
        "m_charged": Quantity(r"m_{\eta^+}", "GeV", low=10.0, high=1e8),
        "lambda_5": Quantity(r"\lambda_5", low=0.0, high=10.0),
        **_oscillations.PARAMETERS,
        **_casas_ibarra.PARAMETERS,
    }
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "dark_matter_mass": Quantity(r"m_{\rm DM}", "GeV"),
        "largest_yukawa": Quantity(r"\max |h_{\alpha k}|"),
        **_charged_currents.RADIATIVE_DECAY,
    }

    yukawa: Complex[Array, "3 3"]
    m_1: Float[Array, ""]
    m_2: Float[Array, ""]
    m_3: Float[Array, ""]
    m_imaginary: Float[Array, ""]
    m_charged: Float[Array, ""]
    lambda_5: Float[Array, ""]

    def __init__(
        self,
        yukawa: Num[Array, "3 3"],
        *,
        m_1: Scalar,
        m_2: Scalar,
        m_3: Scalar,
        m_imaginary: Scalar,
        m_charged: Scalar,
        lambda_5: Scalar,
    ):
        self.yukawa = coupling_matrix("yukawa", yukawa)
        self.m_1, self.m_2, self.m_3 = map(jnp.asarray, (m_1, m_2, m_3))
        self.m_imaginary, self.m_charged, self.lambda_5 = map(jnp.asarray, (m_imaginary, m_charged, lambda_5))
        self.check_domain(m_1=m_1, m_2=m_2, m_3=m_3)
        self.check_domain(m_imaginary=m_imaginary, m_charged=m_charged, lambda_5=lambda_5)

    @classmethod
    def from_oscillations(
        cls,
        dm21: Scalar,
        dm3l: Scalar,
        *,
        sin2_theta12: Scalar,
        sin2_theta13: Scalar,
        sin2_theta23: Scalar,
        delta_cp: Scalar,
        alpha21: Scalar = 0.0,
        alpha31: Scalar = 0.0,
        lightest_mass: Scalar = 0.0,
        m_1: Scalar,
        m_2: Scalar,
        m_3: Scalar,
        m_imaginary: Scalar,
        m_charged: Scalar,
        lambda_5: Scalar,
        x12: Scalar = 0.0,
        x13: Scalar = 0.0,
        x23: Scalar = 0.0,
        y12: Scalar = 0.0,
        y13: Scalar = 0.0,
        y23: Scalar = 0.0,
        ordering: Ordering | None = None,
    ) -> Self:
        """The couplings that give these masses, angles and phases, by a complex orthogonal matrix R.

        h = U^* diag(sqrt m) R diag(1 / sqrt Lambda), Lambda_k the loop of N_k and R = R23 R13 R12 of the angles x + i y
        [Casas and Ibarra]. Observables come back to 1e-15 e^(2 (|y12| + |y13| + |y23|)).
        """
        angles, phases = (sin2_theta12, sin2_theta13, sin2_theta23), (delta_cp, alpha21, alpha31)
        light = _oscillations.light_neutrinos((dm21, dm3l), angles, phases, lightest_mass, ordering)
        masses = {"m_1": m_1, "m_2": m_2, "m_3": m_3, "m_imaginary": m_imaginary}
        cls.check_domain(**masses, lambda_5=lambda_5)
        _checks.check_range("lambda_5", lambda_5, low=0.0, open_low=True)
        R = _casas_ibarra.complex_rotation((x23, x13, x12), (y23, y13, y12))
        heavy = jnp.stack([jnp.asarray(m) for m in (m_1, m_2, m_3)])
        scale = _loop(heavy, jnp.asarray(m_imaginary), jnp.asarray(lambda_5))
        h = _casas_ibarra.casas_ibarra(light.pmns(), _oscillations.masses(light), scale, R)
        return cls(h, **masses, m_charged=m_charged, lambda_5=lambda_5)

    @property
    def heavy_masses(self) -> Float[Array, "3"]:
        """M_1, M_2, M_3 [GeV]."""
        return jnp.stack([self.m_1, self.m_2, self.m_3])

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
            "dark_matter_mass": jnp.minimum(jnp.min(self.heavy_masses), self.m_imaginary),
            "largest_yukawa": jnp.sqrt(jnp.max(modulus_squared(self.yukawa))),
        } | _charged_currents.radiative_decay(self.charged_leptons())

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_oscillations`: dark matter from the weak scale to 100 TeV."""
        return {
            **_oscillations.default_priors(),
            **heavy_priors(1e2, 1e5),
            "m_imaginary": dist.LogUniform(100.0, 1e5),
            "m_charged": dist.LogUniform(100.0, 1e5),
            "lambda_5": dist.LogUniform(1e-11, 1.0),
            **_casas_ibarra.default_priors(),
        }

    @classmethod
    def benchmark(cls) -> Self:
        """NuFIT 6.0, normal ordering; dark matter is N_1, beyond MEG II."""
        dark = {"m_1": 500.0, "m_2": 800.0, "m_3": 1200.0, "m_imaginary": 1000.0, "m_charged": 1010.0}
        return cls.from_oscillations(**_oscillations.BENCHMARK, **dark, lambda_5=3e-8, **_casas_ibarra.SOME)


def _loop(m_fermion: Float[Array, "3"], m_imaginary: Float[Array, ""], lambda_5: Float[Array, ""]) -> Float[Array, "3"]:
    """`one_loop.scotogenic` [GeV] with m_R^2 - m_I^2 = lambda_5 v^2 as it is given, however small."""
    split, squared = lambda_5 * PDG_2026.higgs_vev**2, m_imaginary**2
    difference = entropy_difference(squared + split, squared, m_fermion**2)
    return m_fermion / (32.0 * math.pi**2) * split * difference
