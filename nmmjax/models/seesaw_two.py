"""Seesaw of type II: a scalar triplet with a small expectation value."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax._checks import check_symmetric
from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.low_energy import ChargedLeptons, LowEnergy, Neutrinos
from nmmjax.models import _charged_currents, _scalar_loops
from nmmjax.models._base import Model, perturbative
from nmmjax.numerics.special import floored_log10, modulus_squared
from nmmjax.parameters import Scalar, constructor, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, Sin2

_ROOT_2 = math.sqrt(2.0)
_VDelta = Annotated[Scalar, parameter(r"v_\Delta", "GeV", low=0.0, high=10.0, open_low=True)]


class SeesawTypeTwo(Model):
    """L = -Y_ab L_a^T C i tau_2 Delta L_b, summed over all a and b, V = mu phi^T i tau_2 Delta^dagger phi, + h.c.

    Delta = [[Delta^+ / sqrt(2), Delta^++], [Delta^0, -Delta^+ / sqrt(2)]] with <Delta^0> = v_Delta / sqrt(2):

        v_Delta = mu v^2 / (sqrt(2) m_Delta^2),    M = sqrt(2) Y v_Delta,

    to first order in v_Delta / v, of which electroweak data leave less than some 0.01. Fields: `yukawa` Y, symmetric;
    `mu` and `m_delta` [GeV], the common mass of the triplet.

    Charged leptons: L contains Y_ab bar(l_a^c) P_L l_b Delta^++ and -sqrt(2) Y_ab bar(nu_a^c) P_L l_b Delta^+. The
    first is the bilepton of `ChargedLeptons`, whose rates do not depend on the chirality of the leptons, with g = Y; in
    loops the two amplitudes add up: vertices 2 Y with a charged and sqrt(2) Y with a massless lepton, together
    BR(mu -> e gamma) = 27 alpha |(Y^dagger Y)_e mu|^2 / (64 pi G_F^2 m_Delta^4). Delta^+ weakens muon decay, where the
    antisymmetric couplings of a singlet strengthen it: (G_ab / G_F)^2 - 1 = -|Y_ab|^2 / (sqrt(2) G_F m_Delta^2).
    """

    reference: ClassVar[str] = (
        "M. Magg, C. Wetterich, Phys. Lett. B 94, 61 (1980); J. Schechter, J. W. F. Valle, Phys. Rev. D 22, 2227 (1980)"
    )
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "log10_v_delta": Quantity(r"\log_{10} v_\Delta", "GeV"),
        "log10_br_mu_3e": Quantity(r"\log_{10} BR(\mu \to 3 e)"),
        "largest_yukawa": Quantity(r"\max |Y_{ab}|"),
        **_charged_currents.RADIATIVE_DECAY,
    }

    yukawa: Complex[Array, "3 3"] = parameter("Y", check=check_symmetric)
    _: KW_ONLY
    mu: Scalar = parameter(r"\mu", "GeV", low=0.0, high=1e19)
    m_delta: Scalar = parameter(r"m_\Delta", "GeV", low=10.0, high=1e19)

    @classmethod
    @constructor()
    def from_oscillations(cls, light: Sin2, *, v_delta: _VDelta, m_delta: Scalar) -> Self:
        """Y = M / (sqrt(2) v_Delta): masses and mixing fix all couplings but for their scale."""
        mu = _ROOT_2 * m_delta**2 * v_delta / PDG_2026.higgs_vev**2
        return cls(light.mass_matrix() / EV_PER_GEV / (_ROOT_2 * v_delta), mu=mu, m_delta=m_delta)

    @property
    def v_delta(self) -> Float[Array, ""]:
        """mu v^2 / (sqrt(2) m_Delta^2) [GeV]."""
        return self.mu * PDG_2026.higgs_vev**2 / (_ROOT_2 * self.m_delta**2)

    def low_energy(self) -> LowEnergy:
        """The mass matrix at tree level; charged leptons at tree level and at one loop."""
        return LowEnergy(Neutrinos(_ROOT_2 * EV_PER_GEV * self.v_delta * self.yukawa), self.charged_leptons())

    def charged_leptons(self) -> ChargedLeptons:
        """Delta^++ and Delta^+, both with left-handed leptons."""
        doubly = _scalar_loops.doubly_charged(2.0 * self.yukawa, self.m_delta)
        singly = _scalar_loops.singly_charged(_ROOT_2 * self.yukawa, 1.0 / self.m_delta**2)
        weaker = modulus_squared(self.yukawa) / (_ROOT_2 * PDG_2026.fermi_constant * self.m_delta**2)
        return ChargedLeptons(
            dipole_left=doubly + singly,
            anomalous_moments=_scalar_loops.anomalous_moments(doubly + singly),
            bilepton=self.yukawa / self.m_delta,
            fermi_shift=-weaker,
        )

    def log_prior(self) -> Float[Array, ""]:
        """Perturbative Yukawa couplings."""
        return perturbative(self.yukawa.ravel())

    def derived(self) -> dict[str, Float[Array, ""]]:
        """The expectation value, the largest coupling, and what charged leptons would show."""
        charged = self.charged_leptons()
        return {
            "log10_v_delta": jnp.log10(self.v_delta),
            "log10_br_mu_3e": floored_log10(charged.three_lepton_ratio(1, 0, (0, 0))),
            "largest_yukawa": jnp.sqrt(jnp.max(modulus_squared(self.yukawa))),
        } | _charged_currents.radiative_decay(charged)

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_oscillations`: from 0.1 eV to a GeV, triplets up to 100 TeV."""
        return {
            **LightNeutrinos.sin2_priors(),
            "v_delta": dist.LogUniform(1e-10, 1.0),
            "m_delta": dist.LogUniform(500.0, 1e5),
        }

    @classmethod
    def benchmark(cls) -> Self:
        """NuFIT 6.0, normal ordering; a triplet of a TeV that decays to leptons, beyond MEG II and SINDRUM."""
        return cls.from_oscillations(LightNeutrinos.with_small_mass(), v_delta=1e-8, m_delta=1000.0)
