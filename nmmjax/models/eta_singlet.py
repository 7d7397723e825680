"""Dirac neutrinos with a charged singlet eta: a large moment, and masses that run with it."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import moments
from nmmjax.constants import EV_PER_GEV
from nmmjax.loops import one_loop
from nmmjax.low_energy import ChargedLeptons, Dirac, LowEnergy, Neutrinos
from nmmjax.models import _scalar_loops
from nmmjax.models._base import Model, perturbative
from nmmjax.numerics.entrywise import antisymmetric
from nmmjax.numerics.special import larger, modulus_squared, safe_abs, safe_sqrt
from nmmjax.parameters import Scalar, constructor, parameter
from nmmjax.quantities import Quantity

_ONE_LOOP = 1.0 / (16.0 * math.pi**2)
_TINY, _LEAST = 1e-30, 1e-12
_FLAVORS = {"e": "e", "mu": r"\mu", "tau": r"\tau"}
_Coupling = Annotated[Scalar, parameter("g", low=0.0, high=10.0)]
_Theta = Annotated[Scalar, parameter(r"\theta", "rad", low=0.0, high=math.pi / 2)]
_Phi = Annotated[Scalar, parameter(r"\phi", "rad", low=0.0, high=math.pi / 2)]
_MassE = Annotated[Scalar, parameter(r"m(\nu_e)", "eV", low=0.0, high=1e9)]
_MassMu = Annotated[Scalar, parameter(r"m(\nu_\mu)", "eV", low=0.0, high=1e9)]
_MassTau = Annotated[Scalar, parameter(r"m(\nu_\tau)", "eV", low=0.0, high=1e9)]


class EtaSinglet(Model):
    """L = g_ij bar(L_i^c) i tau_2 L_j eta^+ + f_ij bar(l_Ri^c) N_Rj eta^+ + h.c., pairs i < j once; total L conserved.

    g and f antisymmetric, f = a g, and a = 1 by parity: masses and moments go as a g^2, mu -> e gamma as (1 + a^4) g^4,
    universality as g^2. Removing the photon from the loop of the moment leaves a mass,

        lambda_ji = (e / 16 pi^2 M^2) sum_l g_il m_l f_lj^* F(m_l^2 / M^2),
        dM_ji     = -(1 / 16 pi^2) sum_l g_il m_l f_lj^* int_0^{Lambda^2} K dK / ((K + m_l^2) (K + M^2)),

    added to the masses at Lambda, `bare_...`: a see-saw relation m_nu = rho m_l that holds there is upset below.
    Without bare masses the loops are the masses: the literal interpretation.

    `log_cutoff` = ln(1 + Lambda^2 / M^2): the integral itself where the lepton is massless. Where `hierarchy` = w > 0,
    the three ratios of bare masses to charged leptons carry a prior of Gaussians of width w in their logarithms about
    their mean: the see-saw relation up to e^w.
    """

    reference: ClassVar[str] = "M. Fukugita and T. Yanagida, Phys. Rev. Lett. 58, 1807 (1987)"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "moment_e": Quantity(r"\mu(\nu_e)", "mu_B"),
        "mu_21": Quantity(r"|\mu_{21}|", "mu_B"),
        "mu_31": Quantity(r"|\mu_{31}|", "mu_B"),
        **{f"shift_{name}": Quantity(rf"|\Delta m(\nu_{tex})|", "eV") for name, tex in _FLAVORS.items()},
        **{f"ratio_{name}": Quantity(rf"m(\nu_{tex}) / m_{tex} (\Lambda)") for name, tex in _FLAVORS.items()},
    }

    g12: Scalar = parameter("g_{12}")
    g13: Scalar = parameter("g_{13}")
    g23: Scalar = parameter("g_{23}")
    m_eta: Scalar = parameter(r"m_\eta", "GeV", low=2.0, high=1e8)
    _: KW_ONLY
    log_cutoff: Scalar = parameter(r"\ln(1 + \Lambda^2 / m_\eta^2)", low=0.0, high=100.0, default=1.0)
    bare_e: Scalar = parameter(r"m_0(\Lambda)", "eV", low=-1e12, high=1e12, default=0.0)
    bare_mu: Scalar = parameter(r"m_1(\Lambda)", "eV", low=-1e12, high=1e12, default=0.0)
    bare_tau: Scalar = parameter(r"m_2(\Lambda)", "eV", low=-1e12, high=1e12, default=0.0)
    hierarchy: Scalar = parameter("w", low=0.0, high=100.0, default=0.0)
    ratio: Scalar = parameter("a", low=-1e3, high=1e3, default=1.0)

    @classmethod
    @constructor()
    def case_one(cls, g: _Coupling, theta: _Theta, m_eta: Scalar, *, log_cutoff: Scalar = 1.0) -> Self:
        """g23 = 0 forbids mu -> e gamma: g12 = g sin theta, g13 = g cos theta, literal masses.

        theta mixes nu_mu and nu_tau to a state without mass and one of mass g^2 m_e. The mass and the moment of nu_e
        bound a combination of g12^2 and g13^2: an arc in g and theta, a sharp bend in their logarithms.
        """
        return cls(g * jnp.sin(theta), g * jnp.cos(theta), 0.0, m_eta, log_cutoff=log_cutoff)

    @classmethod
    @constructor()
    def case_two(cls, g: _Coupling, m_eta: Scalar, *, log_cutoff: Scalar = 1.0) -> Self:
        """g13 = g23 = 0: no mixing, g12 = g, literal masses."""
        return cls(g, 0.0, 0.0, m_eta, log_cutoff=log_cutoff)

    @classmethod
    @constructor()
    def case_three(cls, g: _Coupling, phi: _Phi, m_eta: Scalar, *, log_cutoff: Scalar = 1.0) -> Self:
        """g13 = 0: g12 = g sin phi, g23 = g cos phi; phi mixes nu_e and nu_tau, literal masses."""
        return cls(g * jnp.sin(phi), 0.0, g * jnp.cos(phi), m_eta, log_cutoff=log_cutoff)

    @classmethod
    @constructor(instead_of=("bare_e", "bare_mu", "bare_tau"))
    def from_laboratory(
        cls,
        g12: Scalar,
        g13: Scalar,
        g23: Scalar,
        m_eta: Scalar,
        *,
        mass_e: _MassE,
        mass_mu: _MassMu,
        mass_tau: _MassTau,
        **others: Any,
    ) -> Self:
        """The bare masses that leave these on the diagonal: what laboratories measure, where flavors mix little.

        Of the two signs of a mass, which the phase of N makes a convention, the one with which it grows with energy.
        The small mass of nu_e is a difference of two large numbers: a sampler that walked in the bare masses would
        have to find that difference to one part in hundreds.
        """
        masses = (mass_e, mass_mu, mass_tau)
        shifts = jnp.diag(cls(g12, g13, g23, m_eta, **others).mass_shift())
        bare = {f"bare_{name}": -m - shifts[i] for i, (name, m) in enumerate(zip(_FLAVORS, masses, strict=True))}
        return cls(g12, g13, g23, m_eta, **bare, **others)

    @property
    def g(self) -> Float[Array, "3 3"]:
        """g_ij, antisymmetric."""
        return antisymmetric(self.g12, self.g13, self.g23)

    @property
    def f(self) -> Float[Array, "3 3"]:
        """f_ij = a g_ij."""
        return self.ratio * self.g

    def mass_shift(self) -> Float[Array, "3 3"]:
        """dM [eV], from the cutoff down to zero momentum."""
        leptons = _scalar_loops.lepton_masses()
        cutoff = self.m_eta * jnp.sqrt(jnp.expm1(larger(self.log_cutoff, _LEAST)))
        loop = leptons * one_loop.b0_cutoff(leptons, self.m_eta, cutoff=cutoff)
        return -EV_PER_GEV * _ONE_LOOP * (self.g * loop) @ self.f

    def low_energy(self) -> LowEnergy:
        """Masses with their running, moments with those of W, and charged leptons."""
        M = jnp.diag(jnp.stack([self.bare_e, self.bare_mu, self.bare_tau])) + self.mass_shift()
        moment = moments.charged_scalar(self.g, self.f.T, self.m_eta)
        neutrinos = Neutrinos(M, moments.w_loop_dirac(M) + moment, Dirac())
        return LowEnergy(neutrinos, self._charged_leptons())

    def _charged_leptons(self) -> ChargedLeptons:
        """Left-handed neutrinos in the loop by g, right-handed ones by f."""
        left, right = (_scalar_loops.singly_charged(coupling, 1.0 / self.m_eta**2) for coupling in (self.g, self.f))
        return ChargedLeptons(
            dipole_left=left,
            dipole_right=right,
            anomalous_moments=_scalar_loops.anomalous_moments(left + right),
            fermi_shift=_scalar_loops.fermi_shift(self.g, 1.0 / self.m_eta**2),
        )

    def _ratios(self) -> Float[Array, "3"]:
        """|bare mass| over the mass of the charged lepton."""
        bare = jnp.stack([self.bare_e, self.bare_mu, self.bare_tau])
        return jnp.abs(bare) / (_scalar_loops.lepton_masses() * EV_PER_GEV)

    def log_prior(self) -> Float[Array, ""]:
        """Perturbative couplings, and the see-saw relation at the cutoff where it is asked for."""
        asked = self.hierarchy > 0.0
        logarithms = jnp.log(self._ratios() + _TINY)
        spread = (logarithms - jnp.mean(logarithms)) / jnp.where(asked, self.hierarchy, 1.0)
        seesaw = jnp.where(asked, -0.5 * jnp.sum(spread**2), 0.0)
        return perturbative(jnp.stack([1.0, self.ratio]) * jnp.max(jnp.abs(self.g))) + seesaw

    def derived(self) -> dict[str, Float[Array, ""]]:
        """Moments, what the masses run by, and the ratios to charged leptons at the cutoff."""
        moment = self.low_energy().neutrinos.moment_matrix
        shifts, ratios = jnp.abs(jnp.diag(self.mass_shift())), self._ratios()
        return {
            "moment_e": safe_sqrt(jnp.sum(modulus_squared(moment[:, 0]))),
            "mu_21": safe_abs(moment[1, 0]),
            "mu_31": safe_abs(moment[2, 0]),
            **{f"shift_{name}": shifts[i] for i, name in enumerate(_FLAVORS)},
            **{f"ratio_{name}": ratios[i] for i, name in enumerate(_FLAVORS)},
        }

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Log-uniform, above the reach of searches for the scalar at that time."""
        return {
            "g12": dist.LogUniform(1e-5, 1.0),
            "g13": dist.LogUniform(1e-7, 1.0),
            "g23": dist.LogUniform(1e-7, 1.0),
            "m_eta": dist.LogUniform(25.0, 1000.0),
        }

    @classmethod
    def benchmark(cls) -> Self:
        """g12 = 1/19, g23 = g12 / 36.5, m_eta = 30 GeV: masses near the laboratory bounds of 1988."""
        return cls.from_laboratory(1.0 / 19.0, 0.0, 1.0 / 19.0 / 36.5, 30.0, mass_e=20.0, mass_mu=2.5e5, mass_tau=2.5e7)
