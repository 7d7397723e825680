"""A horizontal SU(2) of electron and muon: the moment adds where the mass cancels."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import moments
from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.loops import one_loop
from nmmjax.low_energy import ChargedLeptons, LowEnergy, Neutrinos
from nmmjax.models import _scalar_loops
from nmmjax.models._base import Model, perturbative
from nmmjax.numerics.special import floored_log10, safe_sqrt
from nmmjax.parameters import Scalar, constructor, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos

_ONE_LOOP = 1.0 / (16.0 * math.pi**2)
_TAU = PDG_2026.tau_mass
_Moment = Annotated[Scalar, parameter(r"\mu_{e\mu}", "mu_B", low=0.0, high=1e-6)]
_Heavier = Annotated[Scalar, parameter("m_{H^+} / m_{h^+}", low=1.0, high=1e3)]
_Balance = Annotated[Scalar, parameter("f / f'", low=0.0, high=1e6, open_low=True)]
_E_MU = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
_TAU_TAU = np.diag([0.0, 0.0, 1.0])
_E_MU_SIGNED = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])


class SU2Horizontal(Model):
    """L = f [(1 + d_f) L_e L_tau eta_2^+ + (1 - d_f) L_mu L_tau eta_1^+]
    + f' [(1 + d_f') antiL_e tau_R phi_1 - (1 - d_f') antiL_mu tau_R phi_2]
    + h_3 [(1 + d_h3) antiL_tau e_R phi_2 + (1 - d_h3) antiL_tau mu_R phi_1] + h.c.,
    L_e L_tau = nu_e^T C tau_L - e_L^T C nu_tau,    antiL_e tau_R phi_1 = antinu_e tau_R phi_1^+ + ebar_L tau_R phi_1^0,

    with eta_k - phi_k mixing by alpha_k to h_k and H_k, k = 1, 2. Fields are those of k = 1; k = 2 differs by further
    breakings: alpha_2 = alpha (1 + d_alpha), m_h2 = m_h (1 + d_h), m_H2 = m_H (1 + d_H). With t = m_tau^2 / m^2,

        D_k(m) = sin 2alpha_k [B0(m, h_k) - B0(m, H_k)],    L_k = sin 2alpha_k [F(t_hk) / m_hk^2 - F(t_Hk) / m_Hk^2],
        c_1 = (1 - d_f) (1 + d_f'),    c_2 = (1 + d_f) (1 - d_f'):
        mu_emu   = (e f f' m_tau / 32 pi^2) (c_1 L_1 + c_2 L_2),
        m_emu    = (f f' m_tau / 32 pi^2) [c_1 D_1(m_tau) - c_2 D_2(m_tau)],
        m_tautau = -(f h_3 / 16 pi^2) [(1 + d_f) (1 + d_h3) m_e D_2(m_e) + (1 - d_f) (1 - d_h3) m_mu D_1(m_mu)].

    By the symmetry the moment stays and m_emu goes. Unequal Yukawa couplings, delta f = f d_f, bring back
    (m_tau / 16 pi^2) (f delta f' - f' delta f) D, exact in them. nu_tau is a singlet: no symmetry forbids m_tautau, and
    h_3 never touches m_emu. The masses of e and mu are those measured, broken by delta h_1 of a doublet that does not
    mix with eta. `origin` gives the neutrino masses that are measured.

    The neutral phi_2^0 = (H + iA) / sqrt 2 adds f'^2 m_mu^2 (E_H / m_H^2 + E_A / m_A^2) / 32 pi^2 to (g - 2) / 2 of the
    muon, phi_1^0 as much by h_3, never negative; the charged scalars subtract a little. L_e - L_mu, which all breakings
    keep, forbids mu -> e gamma.
    """

    reference: ClassVar[str] = (
        "K. S. Babu, S. Jana and M. Lindner, JHEP 10 (2020) 040, 2007.04291; "
        "K. S. Babu, S. Jana, M. Lindner and Vishnu P. K., Phys. Lett. B, 2104.03291"
    )
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "f": Quantity("f"),
        "f_prime": Quantity("f'"),
        "mu_emu": Quantity(r"|\mu_{e\mu}|", "mu_B"),
        "log10_ff": Quantity(r"\log_{10} f f' \sin 2\alpha"),
        "log10_mass_emu": Quantity(r"\log_{10} (|m_{e\mu}| / {\rm eV})"),
        "log10_mass_tautau": Quantity(r"\log_{10} (|m_{\tau\tau}| / {\rm eV})"),
        "log10_tuning": Quantity(r"\log_{10} |m_{e\mu}| / m_{\rm sector}"),
        "delta_a_mu": Quantity(r"\Delta a_\mu"),
    }

    f: Scalar = parameter("f", low=0.0, high=10.0)
    f_prime: Scalar = parameter("f'", low=0.0, high=10.0)
    alpha: Scalar = parameter(r"\alpha", "rad", low=0.0, high=math.pi / 4)
    _: KW_ONLY
    m_h: Scalar = parameter("m_{h^+}", "GeV", low=10.0, high=1e6)
    m_heavy: Scalar = parameter("m_{H^+}", "GeV", low=10.0, high=1e6)
    m_neutral: Scalar = parameter("m_{H^0}", "GeV", low=10.0, high=1e6)
    m_pseudo: Scalar = parameter("m_{A^0}", "GeV", low=10.0, high=1e6)
    d_alpha: Scalar = parameter(r"\delta_\alpha", low=-0.5, high=0.5, default=0.0)
    d_h: Scalar = parameter(r"\delta_h", low=-0.5, high=0.5, default=0.0)
    d_heavy: Scalar = parameter(r"\delta_H", low=-0.5, high=0.5, default=0.0)
    d_f: Scalar = parameter(r"\delta f / f", low=-0.5, high=0.5, default=0.0)
    d_f_prime: Scalar = parameter(r"\delta f' / f'", low=-0.5, high=0.5, default=0.0)
    h_3: Scalar = parameter("h_3", low=-10.0, high=10.0, default=0.0)
    d_h3: Scalar = parameter(r"\delta h_3 / h_3", low=-0.5, high=0.5, default=0.0)
    origin: LightNeutrinos | None = None

    @classmethod
    @constructor(instead_of=("f", "f_prime", "m_heavy", "m_pseudo"))
    def from_moment(
        cls,
        moment: _Moment,
        balance: _Balance,
        alpha: Scalar,
        *,
        m_h: Scalar,
        heavier: _Heavier,
        m_neutral: Scalar,
        **others: Any,
    ) -> Self:
        """The couplings with f / f' = `balance` that give a moment mu_emu [mu_B]; m_H = `heavier` m_h, m_A = m_H0.

        The moment is proportional to f f': solved for it, a wanted moment needs no likelihood.
        """
        root, masses = jnp.sqrt(balance), {"m_heavy": heavier * m_h, "m_neutral": m_neutral, "m_pseudo": m_neutral}

        def with_size(size: Scalar) -> Self:
            return cls(size * root, size / root, alpha, m_h=m_h, **masses, **others)

        return with_size(safe_sqrt(moment / with_size(1.0).new_moment()))

    def _angles(self) -> Float[Array, "2"]:
        """alpha_k [rad]."""
        return self.alpha * (1.0 + jnp.array([0.0, 1.0]) * self.d_alpha)

    def _sectors(self) -> tuple[Float[Array, "2"], Float[Array, "2"], Float[Array, "2"]]:
        """sin 2alpha_k, m_hk and m_Hk."""
        mirrored = jnp.array([0.0, 1.0])
        return (
            jnp.sin(2.0 * self._angles()),
            self.m_h * (1.0 + mirrored * self.d_h),
            self.m_heavy * (1.0 + mirrored * self.d_heavy),
        )

    @property
    def _strength(self) -> Float[Array, ""]:
        """f f' m_tau / 32 pi^2 [GeV]."""
        return 0.5 * _ONE_LOOP * self.f * self.f_prime * _TAU

    @property
    def _yukawas(self) -> tuple[Float[Array, "2"], Float[Array, "2"], Float[Array, "2"]]:
        """f, f' and h_3 of e and mu."""
        signs = jnp.array([1.0, -1.0])
        return (
            self.f * (1.0 + signs * self.d_f),
            self.f_prime * (1.0 + signs * self.d_f_prime),
            self.h_3 * (1.0 + signs * self.d_h3),
        )

    def _products(self) -> Float[Array, "2"]:
        """c_1 and c_2, the products of couplings in the two loops over f f'."""
        signs = jnp.array([1.0, -1.0])
        return (1.0 - signs * self.d_f) * (1.0 + signs * self.d_f_prime)

    def new_moment(self) -> Float[Array, ""]:
        """mu_emu of the scalars [mu_B]."""
        sine, light, heavy = self._sectors()
        loops = one_loop.chirality_flip((_TAU / light) ** 2) / light**2
        loops -= one_loop.chirality_flip((_TAU / heavy) ** 2) / heavy**2
        return moments.in_bohr_magnetons(self._strength * jnp.sum(self._products() * sine * loops))

    def sector_masses(self) -> Float[Array, "2"]:
        """What each of the two loops alone would give to m_emu [eV]."""
        return EV_PER_GEV * self._strength * self._products() * self._loops(_TAU)

    def _loops(self, m_lepton: float) -> Float[Array, "2"]:
        """D_1 and D_2 of a charged lepton [GeV]."""
        sine, light, heavy = self._sectors()
        return sine * one_loop.b0_difference(m_lepton, light, heavy)

    def new_mass(self) -> Float[Array, ""]:
        """m_emu of the scalars [eV], the difference of the sectors written without their cancellation."""
        (_, mirrored), light, heavy = self._sectors()
        unequal = 2.0 * jnp.cos(self.alpha * (2.0 + self.d_alpha)) * jnp.sin(-self.alpha * self.d_alpha)
        shifts = 2.0 * jnp.log1p(self.d_h) - 2.0 * jnp.log1p(self.d_heavy)
        shifts += _below_logarithm(light) - _below_logarithm(heavy)
        of_scalars = unequal * one_loop.b0_difference(_TAU, light[0], heavy[0]) + mirrored * shifts
        of_couplings = (self.d_f_prime - self.d_f) * jnp.sum(self._loops(_TAU))
        common = 1.0 - self.d_f * self.d_f_prime
        return EV_PER_GEV * self._strength * (common * of_scalars + of_couplings)

    def tau_mass(self) -> Float[Array, ""]:
        """m_tautau of e and mu in the loop [eV]."""
        f, _, h_3 = self._yukawas
        (_, of_e), (of_mu, _) = self._loops(PDG_2026.electron_mass), self._loops(PDG_2026.muon_mass)
        loops = jnp.stack([PDG_2026.electron_mass * of_e, PDG_2026.muon_mass * of_mu])
        return -EV_PER_GEV * _ONE_LOOP * jnp.sum(f * h_3 * loops)

    def low_energy(self) -> LowEnergy:
        """The masses of `origin` with m_emu and m_tautau added; the moment; (g - 2) of charged leptons."""
        M = self.new_mass() * _E_MU + self.tau_mass() * _TAU_TAU
        if self.origin is not None:
            M = M + self.origin.mass_matrix()
        moment = moments.w_loop_majorana(M + 0j) + self.new_moment() * _E_MU_SIGNED
        return LowEnergy(Neutrinos(M, moment), ChargedLeptons(anomalous_moments=self._anomalous_moments()))

    def _anomalous_moments(self) -> Float[Array, "3"]:
        """e: tau with phi_1^0 and phi_2^0, nu_tau with eta_2^+ and phi_2^+; mu: 1 and 2 exchanged; tau: both."""
        leptons = _scalar_loops.lepton_masses()
        f, f_prime, h_3 = (coupling**2 for coupling in self._yukawas)
        eta, phi = (-share[::-1] / 6.0 for share in self._shares())  # of k = 2 and 1: those of e and mu
        by_mass = jnp.stack([self.m_neutral, self.m_pseudo])
        neutral = jnp.sum(0.5 * one_loop.photon_on_fermion((leptons[:, None] / by_mass) ** 2) / by_mass**2, axis=1)
        of_light = (f_prime + h_3) * neutral[2] + f * eta + h_3 * phi
        of_tau = jnp.sum((f_prime + h_3) * neutral[:2] + f_prime * phi[::-1] + f * eta)
        return _ONE_LOOP * leptons**2 * jnp.append(of_light, of_tau)

    def _shares(self) -> tuple[Float[Array, "2"], Float[Array, "2"]]:
        """<1 / m^2> of eta_k and of phi_k [GeV^-2]."""
        alpha, light, heavy = self._angles(), *self._sectors()[1:]
        sine, cosine = jnp.sin(alpha) ** 2, jnp.cos(alpha) ** 2
        return cosine / light**2 + sine / heavy**2, sine / light**2 + cosine / heavy**2

    def log_prior(self) -> Float[Array, ""]:
        """Perturbative couplings."""
        return perturbative(jnp.stack([self.f, self.f_prime, self.h_3]))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """Couplings, moment, the mass and how far its two parts cancel, and (g - 2) / 2 of the muon."""
        sectors = jnp.abs(self.sector_masses())
        mass = jnp.abs(self.new_mass())
        return {
            "f": self.f,
            "f_prime": self.f_prime,
            "mu_emu": jnp.abs(self.new_moment()),
            "log10_ff": floored_log10(self.f * self.f_prime * jnp.sin(2.0 * self.alpha)),
            "log10_mass_emu": floored_log10(mass),
            "log10_mass_tautau": floored_log10(jnp.abs(self.tau_mass())),
            "log10_tuning": floored_log10(mass) - floored_log10(jnp.max(sectors)),
            "delta_a_mu": self._anomalous_moments()[1],
        }

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_moment`: scalars above the reach of LEP, couplings and breakings over orders of magnitude."""
        return {
            "moment": dist.LogUniform(1e-13, 1e-10),
            "balance": dist.LogUniform(0.1, 10.0),
            "alpha": dist.Uniform(0.1, math.pi / 4),
            "m_h": dist.LogUniform(100.0, 1000.0),
            "heavier": dist.LogUniform(1.1, 10.0),
            "m_neutral": dist.LogUniform(100.0, 3000.0),
            "d_h": dist.LogUniform(1e-12, 1e-1),
        }

    @classmethod
    def benchmark(cls) -> Self:
        """1e-11 mu_B from f f' sin 2alpha = 1.44e-3, m_h = 100 GeV and m_H = 300 GeV."""
        masses = {"m_h": 100.0, "heavier": 3.0, "m_neutral": 300.0}
        return cls.from_moment(1e-11, 1.0, 0.5, **masses, d_h=1e-6, origin=LightNeutrinos.benchmark())


def _below_logarithm(masses: Float[Array, "2"]) -> Float[Array, ""]:
    """t ln t / (1 - t) = -t [1 + (1 - t) F(t)] at M_1 less that at M_2: what B0 differ by beside a logarithm."""
    t = (_TAU / masses) ** 2
    first, second = -t * (1.0 + (1.0 - t) * one_loop.chirality_flip(t))
    return first - second
