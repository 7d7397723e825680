"""The seesaw with a two-loop mass splitting from its couplings and scales."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, ClassVar, Self

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax.constants import EV_PER_GEV
from nmmjax.loops import two_loop
from nmmjax.low_energy import ChargedLeptons, LowEnergy, Neutrinos
from nmmjax.models import _scalar_loops
from nmmjax.models._base import Model, perturbative
from nmmjax.models.grimus_lavoura import AtmosphericMass, GrimusLavoura, SolarSplitting
from nmmjax.numerics.entrywise import antisymmetric, stacked
from nmmjax.numerics.special import safe_abs, smaller
from nmmjax.parameters import ComplexScalar, Scalar, constructor, parameter
from nmmjax.quantities import Quantity

_TWO_LOOPS = (16.0 * math.pi**2) ** 2
_LARGEST = (4.0 * math.pi) ** 2
"""Of a product of four perturbative couplings."""
_Yukawa = Annotated[Scalar, parameter(r"|\lambda f_\tau^2 h_{\tau\tau}|", low=0.0, high=1e6)]
_Scale = Annotated[Scalar, parameter("m_h = m_f", "GeV", low=10.0, high=1e20)]
_DiracMass = Annotated[Scalar, parameter("m_D", "GeV", low=0.0, high=300.0)]
_Ratio = Annotated[Scalar, parameter("r", low=0.0, high=1e3)]
_PAIRS = np.array([1, 1, 2]), np.array([1, 2, 2])


class GrimusLavouraCouplings(Model):
    """L = f^+ sum_{l = mu, tau} f_l (nu_e^T C^-1 l_L - e_L^T C^-1 nu_l) + h_ll' l_R^T C^-1 l'_R h^{++} + h.c. with two
    right-handed neutrinos of mass term M^* nu_R1^T C^-1 nu_R2, and V = lambda <eta> f^- f^- h^{++} + h.c.

    The 5 x 5 matrix has Dirac masses delta_e of nu_R1 and delta_mu, delta_tau of nu_R2; its light block is

        M_nu = [[m_ee, -delta_e delta_mu / M, -delta_e delta_tau / M], [., 0, 0], [., 0, 0]],
        m_ee = -(4 lambda <eta> / (16 pi^2)^2) sum_ll' f_l h_ll'^* f_l' m_l m_l' I_ll',

    with I of `nmmjax.loops.two_loop.massive`. (The paper has -2 h: the 4 belongs to its mass term with 1/2 and to this
    I, which it does not define; the conjugate makes m_ee independent of the phase of h^{++}.)
    """

    reference: ClassVar[str] = GrimusLavoura.reference
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "a": Quantity("a", "eV"),
        "b": Quantity("b", "eV"),
        "log10_scalar_mass": Quantity(r"\log_{10} (m_h / {\rm GeV})"),
        "log10_seesaw_scale": Quantity(r"\log_{10} (M / {\rm GeV})"),
    }

    _: KW_ONLY
    f_mu: ComplexScalar = parameter(r"f_\mu")
    f_tau: ComplexScalar = parameter(r"f_\tau")
    h_mumu: ComplexScalar = parameter(r"h_{\mu\mu}")
    h_mutau: ComplexScalar = parameter(r"h_{\mu\tau}")
    h_tautau: ComplexScalar = parameter(r"h_{\tau\tau}")
    trilinear: Scalar = parameter(r"\lambda \langle\eta\rangle", "GeV", low=0.0, high=1e24)
    m_f: Scalar = parameter("m_f", "GeV", low=10.0, high=1e20)
    m_h: Scalar = parameter("m_h", "GeV", low=10.0, high=1e20)
    delta_e: Scalar = parameter(r"\delta_e", "GeV", low=0.0, high=300.0)
    delta_mu: Scalar = parameter(r"\delta_\mu", "GeV", low=0.0, high=300.0)
    delta_tau: Scalar = parameter(r"\delta_\tau", "GeV", low=0.0, high=300.0)
    seesaw_scale: Scalar = parameter("M", "GeV", low=1e-3, high=1e20)

    @classmethod
    @constructor()
    def from_scales(
        cls, yukawa: _Yukawa, scale: _Scale, dirac_mass: _DiracMass, seesaw_scale: Scalar, r: _Ratio
    ) -> Self:
        """The paper's simplifying assumptions: one mass of the scalars, m_h = m_f = <eta>, and one Dirac mass.

        Of the couplings those of the tau, f_tau = h_tautau = lambda = yukawa^(1/4), as its mass makes them dominate;
        delta_e = delta_tau = dirac_mass, delta_mu = r dirac_mass.
        """
        coupling = jnp.asarray(yukawa) ** 0.25
        return cls(
            f_mu=0.0,
            f_tau=coupling,
            h_mumu=0.0,
            h_mutau=0.0,
            h_tautau=coupling,
            trilinear=coupling * scale,
            m_f=scale,
            m_h=scale,
            delta_e=dirac_mass,
            delta_mu=r * dirac_mass,
            delta_tau=dirac_mass,
            seesaw_scale=seesaw_scale,
        )

    @classmethod
    @constructor()
    def from_splittings(
        cls, m0: AtmosphericMass, r: _Ratio, dm21: SolarSplitting, yukawa: _Yukawa, dirac_mass: _DiracMass
    ) -> Self:
        """What oscillations measure in the place of the scalar mass and of `seesaw_scale`, which follow.

        Data bind two products of couplings and scales to a few tens of percent; the scales are free over many orders
        of magnitude. In ln m_0, ln r, ln dm21, ln yukawa and ln m_D the posterior is a box, where the limit of
        perturbation theory is the end of a prior, and flat priors in these are flat in the logarithms of couplings and
        scales. m_ee falls as 1 / m_h but for (m_tau^2 / m_h^2) ln: three steps solve it to rounding above 100 GeV.
        """
        shape = GrimusLavoura.from_splittings(m0, r, dm21)
        a = shape.a / EV_PER_GEV
        seesaw_scale = EV_PER_GEV * dirac_mass**2 / shape.b
        scale = jnp.asarray(1e10)
        for _ in range(3):
            trial = cls.from_scales(yukawa, scale, dirac_mass, seesaw_scale, r)
            scale = scale * safe_abs(trial.two_loop_mass()) / a
        return cls.from_scales(yukawa, scale, dirac_mass, seesaw_scale, r)

    def two_loop_mass(self) -> Complex[Array, ""]:
        """m_ee [GeV]."""
        i, j = _PAIRS
        leptons = _scalar_loops.lepton_masses()
        I = two_loop.massive(leptons[i], leptons[j], self.m_f, self.m_h)
        f = jnp.stack([jnp.zeros_like(self.f_mu), self.f_mu, self.f_tau])
        h = jnp.stack([self.h_mumu, 2.0 * self.h_mutau, self.h_tautau])
        terms = f[i] * jnp.conj(h) * f[j] * leptons[i] * leptons[j] * I
        return -4.0 * self.trilinear / _TWO_LOOPS * jnp.sum(terms)

    def full_mass_matrix(self) -> Complex[Array, "5 5"]:
        """[[M_L, M_D^T], [M_D, M_R]] [GeV] of (nu_e, nu_mu, nu_tau, nu_R1^c, nu_R2^c)."""
        zero = jnp.zeros(())
        e, mu, tau, M = self.delta_e, self.delta_mu, self.delta_tau, self.seesaw_scale
        return stacked(
            [
                [self.two_loop_mass(), zero, zero, e, zero],
                [zero, zero, zero, zero, mu],
                [zero, zero, zero, zero, tau],
                [e, zero, zero, zero, M],
                [zero, mu, tau, M, zero],
            ]
        )

    def low_energy(self) -> LowEnergy:
        """M_L - M_D^T M_R^-1 M_D, right to m_D^2 / M^2; charged leptons as in any model with h^{++} and f^+."""
        zero = jnp.zeros(())
        mu, tau = (-self.delta_e * d / self.seesaw_scale for d in (self.delta_mu, self.delta_tau))
        M = stacked([[self.two_loop_mass(), mu, tau], [mu, zero, zero], [tau, zero, zero]])
        return LowEnergy(Neutrinos(EV_PER_GEV * M), self._charged_leptons())

    def _charged_leptons(self) -> ChargedLeptons:
        zero = jnp.zeros(())
        F = antisymmetric(self.f_mu, self.f_tau, zero)
        h = stacked([[zero, zero, zero], [zero, self.h_mumu, self.h_mutau], [zero, self.h_mutau, self.h_tautau]])
        return _scalar_loops.singlets(F, self.m_f, h, self.m_h)

    def log_prior(self) -> Float[Array, ""]:
        """Perturbative couplings, the trilinear one over the mass of the lighter scalar among them."""
        trilinear = self.trilinear / smaller(self.m_f, self.m_h)
        couplings = (self.f_mu, self.f_tau, self.h_mumu, self.h_mutau, self.h_tautau, trilinear)
        return perturbative(jnp.stack([c + 0j for c in couplings]))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """a and b of the mass matrix, as `GrimusLavoura` has them (r = delta_mu / delta_tau), and what gives them."""
        return {
            "a": EV_PER_GEV * safe_abs(self.two_loop_mass()),
            "b": EV_PER_GEV * self.delta_e * self.delta_tau / self.seesaw_scale,
            "log10_scalar_mass": jnp.log10(self.m_h),
            "log10_seesaw_scale": jnp.log10(self.seesaw_scale),
        }

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_splittings`: couplings up to sqrt(4 pi), Dirac masses from that of e to that of t."""
        return {
            "m0": dist.LogUniform(1e-3, 1.0),
            "r": dist.LogUniform(0.2, 5.0),
            "dm21": dist.LogUniform(1e-12, 1e-8),
            "yukawa": dist.LogUniform(1e-12, _LARGEST),
            "dirac_mass": dist.LogUniform(5e-4, 175.0),
        }

    @classmethod
    def benchmark(cls) -> Self:
        """m_D the mass of the tau; a = 8.9e-10 eV and b = 0.04 eV follow."""
        return cls.from_scales(1e-3, 1e12, 1.77693, 7.9e10, 1.0)
