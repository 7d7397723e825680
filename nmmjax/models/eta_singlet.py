"""Dirac neutrinos with a charged singlet eta: a large moment, and masses that run with it."""

import math
from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import moments
from nmmjax.loops import one_loop
from nmmjax.low_energy import ChargedLeptons, Dirac, LowEnergy, Neutrinos
from nmmjax.models import _scalar_loops
from nmmjax.models._base import Model, Scalar, perturbative
from nmmjax.numerics.entries import antisymmetric
from nmmjax.numerics.special import modulus_squared, safe_abs
from nmmjax.quantities import Quantity

_EV_PER_GEV = 1e9
_ONE_LOOP = 1.0 / (16.0 * math.pi**2)
_TINY = 1e-30
_FLAVORS = ("e", "mu", "tau")


class EtaSinglet(Model):
    """L = g_ij bar(L_i^c) i tau_2 L_j eta^+ + f_ij bar(l_Ri^c) N_Rj eta^+ + h.c., pairs i < j once; total L conserved.

    g and f antisymmetric, and f = g by parity. Removing the photon from the loop of the moment leaves a mass,

        lambda_ji = (e / 16 pi^2 M^2) sum_l g_il m_l f_lj^* F(m_l^2 / M^2),
        dM_ji     = -(1 / 16 pi^2) sum_l g_il m_l f_lj^* int_0^{Lambda^2} K dK / ((K + m_l^2) (K + M^2)),

    added to the masses at Lambda, `bare_...`: a see-saw relation m_nu = rho m_l that holds there is upset below.
    Without bare masses the loops are the masses: the literal interpretation.

    `log_cutoff` = ln(Lambda^2 / M^2). Where `hierarchy` = w > 0, the three ratios of bare masses to charged leptons
    carry a prior of Gaussians of width w in their logarithms about their mean: the see-saw relation up to e^w.
    """

    reference: ClassVar[str] = "M. Fukugita and T. Yanagida, Phys. Rev. Lett. 58, 1807 (1987)"
    parameters: ClassVar[Mapping[str, Quantity]] = {
        "g12": Quantity("g_{12}"),
        "g13": Quantity("g_{13}"),
        "g23": Quantity("g_{23}"),
        "g": Quantity("g", low=0.0, high=10.0),
        "theta": Quantity(r"\theta", "rad", low=0.0, high=math.pi / 2),
        "phi": Quantity(r"\phi", "rad", low=0.0, high=math.pi / 2),
        "m_eta": Quantity(r"m_\eta", "GeV", low=2.0, high=1e8),
        "log_cutoff": Quantity(r"\ln(\Lambda^2 / m_\eta^2)", low=0.0, high=100.0),
        "hierarchy": Quantity("w", low=0.0, high=100.0),
        **{f"bare_{name}": Quantity(rf"m_{i}(\Lambda)", "eV", low=-1e12, high=1e12) for i, name in enumerate(_FLAVORS)},
        "mass_e": Quantity(r"m(\nu_e)", "eV", low=0.0, high=1e9),
        "mass_mu": Quantity(r"m(\nu_\mu)", "eV", low=0.0, high=1e9),
        "mass_tau": Quantity(r"m(\nu_\tau)", "eV", low=0.0, high=1e9),
    }
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "moment_e": Quantity(r"\mu(\nu_e)", "mu_B"),
        "mu_21": Quantity(r"|\mu_{21}|", "mu_B"),
        "mu_31": Quantity(r"|\mu_{31}|", "mu_B"),
        "shift_e": Quantity(r"|\Delta m(\nu_e)|", "eV"),
        "shift_mu": Quantity(r"|\Delta m(\nu_\mu)|", "eV"),
        "shift_tau": Quantity(r"|\Delta m(\nu_\tau)|", "eV"),
        "ratio_e": Quantity(r"m(\nu_e) / m_e (\Lambda)"),
        "ratio_mu": Quantity(r"m(\nu_\mu) / m_\mu (\Lambda)"),
        "ratio_tau": Quantity(r"m(\nu_\tau) / m_\tau (\Lambda)"),
    }

    g12: Float[Array, ""]
    g13: Float[Array, ""]
    g23: Float[Array, ""]
    m_eta: Float[Array, ""]
    log_cutoff: Float[Array, ""]
    bare_e: Float[Array, ""]
    bare_mu: Float[Array, ""]
    bare_tau: Float[Array, ""]
    hierarchy: Float[Array, ""]

    def __init__(
        self,
        g12: Scalar,
        g13: Scalar,
        g23: Scalar,
        m_eta: Scalar,
        *,
        log_cutoff: Scalar = 1.0,
        bare_e: Scalar = 0.0,
        bare_mu: Scalar = 0.0,
        bare_tau: Scalar = 0.0,
        hierarchy: Scalar = 0.0,
    ):
        self.g12, self.g13, self.g23, self.m_eta = map(jnp.asarray, (g12, g13, g23, m_eta))
        self.bare_e, self.bare_mu, self.bare_tau = map(jnp.asarray, (bare_e, bare_mu, bare_tau))
        self.log_cutoff, self.hierarchy = jnp.asarray(log_cutoff), jnp.asarray(hierarchy)
        self.check_domain(g12=g12, g13=g13, g23=g23, m_eta=m_eta, log_cutoff=log_cutoff, hierarchy=hierarchy)
        self.check_domain(bare_e=bare_e, bare_mu=bare_mu, bare_tau=bare_tau)

    @classmethod
    def case_one(cls, g: Scalar, theta: Scalar, m_eta: Scalar, *, log_cutoff: Scalar = 1.0) -> Self:
        """g23 = 0 forbids mu -> e gamma: g12 = g sin theta, g13 = g cos theta, literal masses.

        theta mixes nu_mu and nu_tau to a state without mass and one of mass g^2 m_e. The mass and the moment of nu_e
        bound a combination of g12^2 and g13^2: an arc in g and theta, a sharp bend in their logarithms.
        """
        cls.check_domain(g=g, theta=theta)
        g, theta = jnp.asarray(g), jnp.asarray(theta)
        return cls(g * jnp.sin(theta), g * jnp.cos(theta), 0.0, m_eta, log_cutoff=log_cutoff)

    @classmethod
    def case_two(cls, g: Scalar, m_eta: Scalar, *, log_cutoff: Scalar = 1.0) -> Self:
        """g13 = g23 = 0: no mixing, g12 = g, literal masses."""
        cls.check_domain(g=g)
        return cls(g, 0.0, 0.0, m_eta, log_cutoff=log_cutoff)

    @classmethod
    def case_three(cls, g: Scalar, phi: Scalar, m_eta: Scalar, *, log_cutoff: Scalar = 1.0) -> Self:
        """g13 = 0: g12 = g sin phi, g23 = g cos phi; phi mixes nu_e and nu_tau, literal masses."""
        cls.check_domain(g=g, phi=phi)
        g, phi = jnp.asarray(g), jnp.asarray(phi)
        return cls(g * jnp.sin(phi), 0.0, g * jnp.cos(phi), m_eta, log_cutoff=log_cutoff)

    @classmethod
    def from_laboratory(
        cls,
        g12: Scalar,
        g13: Scalar,
        g23: Scalar,
        m_eta: Scalar,
        *,
        mass_e: Scalar,
        mass_mu: Scalar,
        mass_tau: Scalar,
        log_cutoff: Scalar = 1.0,
        hierarchy: Scalar = 0.0,
    ) -> Self:
        """The bare masses that leave these on the diagonal: what laboratories measure, where flavors mix little.

        Of the two signs of a mass, which the phase of N makes a convention, the one with which it grows with energy.
        The small mass of nu_e is a difference of two large numbers: a sampler that walked in the bare masses would
        have to find that difference to one part in hundreds.
        """
        cls.check_domain(mass_e=mass_e, mass_mu=mass_mu, mass_tau=mass_tau)
        shifts = jnp.diag(cls(g12, g13, g23, m_eta, log_cutoff=log_cutoff).mass_shift())
        bare_e, bare_mu, bare_tau = (-jnp.asarray(m) - shifts[i] for i, m in enumerate((mass_e, mass_mu, mass_tau)))
        return cls(
            g12,
            g13,
            g23,
            m_eta,
            log_cutoff=log_cutoff,
            bare_e=bare_e,
            bare_mu=bare_mu,
            bare_tau=bare_tau,
            hierarchy=hierarchy,
        )

    @property
    def g(self) -> Float[Array, "3 3"]:
        """g_ij, antisymmetric."""
        return antisymmetric(self.g12, self.g13, self.g23)

    def mass_shift(self) -> Float[Array, "3 3"]:
        """dM [eV], from the cutoff down to zero momentum."""
        leptons, cutoff = _scalar_loops.lepton_masses(), self.m_eta * jnp.exp(0.5 * self.log_cutoff)
        loop = leptons * one_loop.b0_cutoff(leptons, self.m_eta, cutoff=cutoff)
        return -_EV_PER_GEV * _ONE_LOOP * (self.g * loop) @ self.g

    def low_energy(self) -> LowEnergy:
        """Masses with their running, moments with those of W, and charged leptons."""
        M = jnp.diag(jnp.stack([self.bare_e, self.bare_mu, self.bare_tau])) + self.mass_shift()
        moment = moments.charged_scalar(self.g, self.g.T, self.m_eta)
        neutrinos = Neutrinos(M, moments.w_loop_dirac(M) + moment, Dirac())
        return LowEnergy(neutrinos, self._charged_leptons())

    def _charged_leptons(self) -> ChargedLeptons:
        """Left- and right-handed neutrinos in the loop, with equal couplings."""
        dipole = _scalar_loops.singly_charged(self.g, 1.0 / self.m_eta**2)
        return ChargedLeptons(
            dipole_left=dipole,
            dipole_right=dipole,
            anomalous_moments=_scalar_loops.anomalous_moments(2.0 * dipole),
            fermi_shift=_scalar_loops.fermi_shift(self.g, 1.0 / self.m_eta**2),
        )

    def _ratios(self) -> Float[Array, "3"]:
        """|bare mass| over the mass of the charged lepton."""
        bare = jnp.stack([self.bare_e, self.bare_mu, self.bare_tau])
        return jnp.abs(bare) / (_scalar_loops.lepton_masses() * _EV_PER_GEV)

    def log_prior(self) -> Float[Array, ""]:
        """Perturbative couplings, and the see-saw relation at the cutoff where it is asked for."""
        asked = self.hierarchy > 0.0
        logarithms = jnp.log(self._ratios() + _TINY)
        spread = (logarithms - jnp.mean(logarithms)) / jnp.where(asked, self.hierarchy, 1.0)
        seesaw = jnp.where(asked, -0.5 * jnp.sum(spread**2), 0.0)
        return perturbative(jnp.stack([self.g12, self.g13, self.g23])) + seesaw

    def derived(self) -> dict[str, Float[Array, ""]]:
        """Moments, what the masses run by, and the ratios to charged leptons at the cutoff."""
        moment = self.low_energy().neutrinos.moment_matrix
        shifts, ratios = jnp.abs(jnp.diag(self.mass_shift())), self._ratios()
        return {
            "moment_e": jnp.sqrt(jnp.sum(modulus_squared(moment[:, 0]))),
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
