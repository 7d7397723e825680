"""The Zee-Babu model: two charged scalars, masses at two loops, one neutrino massless."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax.constants import EV_PER_GEV, PDG_2026, Constants
from nmmjax.loops import two_loop
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.mixing import majorana_mass_matrix
from nmmjax.models import _scalar_loops
from nmmjax.models._base import Model, perturbative
from nmmjax.numerics.entrywise import antisymmetric, stacked
from nmmjax.numerics.special import floored_log10, modulus_squared
from nmmjax.parameters import ComplexScalar, Scalar, arguments, constructor, parameter
from nmmjax.priors import UniformPhase
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import NUFIT60, LightNeutrinos, OneMassless

_TWO_LOOPS = (16.0 * math.pi**2) ** 2
_GNorm = Annotated[Scalar, parameter("|g|", low=0.0, high=10.0, open_low=True)]
_MuOverMass = Annotated[Scalar, parameter(r"\mu / m", low=0.0, high=100.0, open_low=True)]


class ZeeBabu(Model):
    """L = f_ab bar(L~_a) L_b h^+ + g_ab bar(e_a^c) P_R e_b k^{++} + h.c. and V = mu k^{--} h^+ h^+ + h.c.

    f antisymmetric, g symmetric, both summed over all a and b, so that a vertex is 2 f or 2 g. With m the masses of the
    charged leptons and I the two-loop integral of `nmmjax.loops.two_loop.massive`,

        M_ab = 16 mu sum_cd f_ac m_c g_cd^* m_d f_bd I_cd / (16 pi^2)^2,

    whose determinant vanishes with that of f: (f_mutau, -f_etau, f_emu) is the massless state.
    """

    reference: ClassVar[str] = (
        "K. S. Babu, Phys. Lett. B 203, 132 (1988); M. Nebot et al., Phys. Rev. D 77, 093013 (2008)"
    )
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "log10_br_mu_e_gamma": Quantity(r"\log_{10} BR(\mu \to e \gamma)"),
        "log10_br_mu_3e": Quantity(r"\log_{10} BR(\mu \to 3 e)"),
        "f_norm": Quantity("|f|"),
        "largest_g": Quantity(r"\max |g_{ab}|"),
    }

    _: KW_ONLY
    f_emu: ComplexScalar = parameter(r"f_{e\mu}")
    f_etau: ComplexScalar = parameter(r"f_{e\tau}")
    f_mutau: ComplexScalar = parameter(r"f_{\mu\tau}")
    g_ee: ComplexScalar = parameter("g_{ee}", default=0.0)
    g_emu: ComplexScalar = parameter(r"g_{e\mu}", default=0.0)
    g_etau: ComplexScalar = parameter(r"g_{e\tau}", default=0.0)
    g_mumu: ComplexScalar = parameter(r"g_{\mu\mu}")
    g_mutau: ComplexScalar = parameter(r"g_{\mu\tau}")
    g_tautau: ComplexScalar = parameter(r"g_{\tau\tau}")
    m_h: Scalar = parameter("m_h", "GeV", low=10.0, high=1e8)
    m_k: Scalar = parameter("m_k", "GeV", low=10.0, high=1e8)
    mu: Scalar = parameter(r"\mu", "GeV", low=0.0, high=1e9)

    @classmethod
    @constructor()
    def from_oscillations(
        cls,
        light: OneMassless,
        *,
        g_norm: _GNorm,
        m_h: Scalar,
        m_k: Scalar,
        mu_over_mass: _MuOverMass,
        g_ee: ComplexScalar = 0.0,
        g_emu: ComplexScalar = 0.0,
        g_etau: ComplexScalar = 0.0,
    ) -> Self:
        """The couplings that give these masses, angles and phases, with what is left free.

        The state without mass is the direction of f: (f_mutau, -f_etau, f_emu) = |f| (U_ek, U_muk, U_tauk), k = 1 or 3.
        M then fixes g_mumu, g_mutau and g_tautau, by three linear equations, once |f| and the couplings of the electron
        are chosen; those its mass makes unimportant. A sampler walks in the observables, which data bound to a few
        percent: in the couplings the same region is a thin curved sheet across orders of magnitude. Nor does it walk in
        |f|, where the limit of perturbation theory on g is a wall across the region: |f| follows from the size of g,
        for which that limit is the end of the prior. For inverted ordering theta13 = 0 would ask for infinite g.

        **Arguments:** `g_norm` = sqrt(|g_mumu|^2 + 2 |g_mutau|^2 + |g_tautau|^2) as it is where those of the electron
        vanish; `mu_over_mass` = mu / m with 1 / m^2 = 1 / m_h^2 + 1 / m_k^2: the lighter mass but for a factor below
        sqrt(2), and without its kink. Naturalness and a stable vacuum ask for mu below a few m.
        """
        mu = mu_over_mass * m_h * m_k / jnp.hypot(m_h, m_k)
        weight = _weight(mu, m_h, m_k)
        U = light.pmns()
        M, massless = majorana_mass_matrix(U, light.masses()) / EV_PER_GEV, U[:, light.lightest]
        size = _size_of_f(M, massless[0], weight, g_norm)
        f_mutau, f_etau, f_emu = size * massless[0], -size * massless[1], size * massless[2]
        X = [weight[0, i] * jnp.conj(jnp.asarray(g) + 0j) for i, g in enumerate((g_ee, g_emu, g_etau))]
        X_tautau = (M[1, 1] - f_emu**2 * X[0] + 2.0 * f_emu * f_mutau * X[2]) / f_mutau**2
        X_mumu = (M[2, 2] - f_etau**2 * X[0] - 2.0 * f_etau * f_mutau * X[1]) / f_mutau**2
        mixed = f_emu * f_etau * X[0] + f_emu * f_mutau * X[1] - f_mutau * f_etau * X[2]
        X_mutau = (mixed - M[1, 2]) / f_mutau**2
        return cls(
            f_emu=f_emu,
            f_etau=f_etau,
            f_mutau=f_mutau,
            g_ee=g_ee,
            g_emu=g_emu,
            g_etau=g_etau,
            g_mumu=jnp.conj(X_mumu / weight[1, 1]),
            g_mutau=jnp.conj(X_mutau / weight[1, 2]),
            g_tautau=jnp.conj(X_tautau / weight[2, 2]),
            m_h=m_h,
            m_k=m_k,
            mu=mu,
        )

    @property
    def f(self) -> Complex[Array, "3 3"]:
        """f_ab, antisymmetric."""
        return antisymmetric(self.f_emu, self.f_etau, self.f_mutau)

    @property
    def g(self) -> Complex[Array, "3 3"]:
        """g_ab, symmetric."""
        return stacked(
            [
                [self.g_ee, self.g_emu, self.g_etau],
                [self.g_emu, self.g_mumu, self.g_mutau],
                [self.g_etau, self.g_mutau, self.g_tautau],
            ]
        )

    def low_energy(self) -> LowEnergy:
        """The mass matrix at two loops; charged leptons at one loop and at tree level."""
        f = self.f
        M = EV_PER_GEV * f @ (_weight(self.mu, self.m_h, self.m_k) * jnp.conj(self.g)) @ f.T
        return LowEnergy(Neutrinos(0.5 * (M + M.T)), _scalar_loops.singlets(2.0 * self.f, self.m_h, self.g, self.m_k))

    def log_prior(self) -> Float[Array, ""]:
        """Perturbative couplings."""
        electron = [self.g_ee, self.g_emu, self.g_etau]
        f = [self.f_emu, self.f_etau, self.f_mutau]
        return perturbative(jnp.stack([*f, *electron, self.g_mumu, self.g_mutau, self.g_tautau]))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """What charged leptons would show."""
        charged = _scalar_loops.singlets(2.0 * self.f, self.m_h, self.g, self.m_k)
        ratios = {
            "log10_br_mu_e_gamma": charged.radiative_ratio(1, 0),
            "log10_br_mu_3e": charged.three_lepton_ratio(1, 0, (0, 0)),
        }
        found = {name: floored_log10(ratio) for name, ratio in ratios.items()}
        f_norm = jnp.sqrt(0.5 * jnp.sum(modulus_squared(self.f)))
        return found | {"f_norm": f_norm, "largest_g": jnp.sqrt(jnp.max(modulus_squared(self.g)))}

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_oscillations`: scalars up to 100 TeV, couplings over orders of magnitude."""
        light = LightNeutrinos.sin2_priors()
        return {
            **{name: light[name] for name in arguments(LightNeutrinos.one_massless) if name in light},
            "alpha": UniformPhase(),
            "g_norm": dist.LogUniform(1e-3, 3.0),
            "m_h": dist.LogUniform(200.0, 1e5),
            "m_k": dist.LogUniform(200.0, 1e5),
            "mu_over_mass": dist.LogUniform(1e-3, 5.0),
            "g_ee": dist.LogUniform(1e-4, 1.0),
            "g_emu": dist.LogUniform(1e-5, 1.0),
            "g_etau": dist.LogUniform(1e-4, 1.0),
        }

    @classmethod
    def benchmark(cls) -> Self:
        """`NUFIT60`; scalars at 5 TeV, beyond MEG II."""
        free = {"g_norm": 1.0, "m_h": 5000.0, "m_k": 5000.0, "mu_over_mass": 1.0}
        light = LightNeutrinos.one_massless(**NUFIT60)
        return cls.from_oscillations(light, **free, g_ee=0.01, g_emu=1e-4, g_etau=0.01)


def _size_of_f(
    M: Complex[Array, "3 3"], massless: Complex[Array, ""], weight: Float[Array, "3 3"], g_norm: Scalar
) -> Float[Array, ""]:
    """|f| of f_mutau = |f| U_ek for which the couplings of muon and tau have this norm."""
    block, turned = modulus_squared(M[1:, 1:]), weight[1:, 1:][::-1, ::-1]  # M_mumu is that of g_tautau, and back
    return (jnp.sum(block / turned**2) / jnp.asarray(g_norm) ** 2 / modulus_squared(massless) ** 2) ** 0.25


def _weight(mu: Scalar, m_h: Scalar, m_k: Scalar, constants: Constants = PDG_2026) -> Float[Array, "3 3"]:
    """16 mu m_c m_d I_cd / (16 pi^2)^2 [GeV], what multiplies f_ac g_cd^* f_bd."""
    leptons = jnp.asarray(constants.lepton_masses)
    I = two_loop.massive(leptons[:, None], leptons, jnp.asarray(m_h), jnp.asarray(m_k))
    return 16.0 / _TWO_LOOPS * jnp.asarray(mu) * leptons[:, None] * leptons * I
