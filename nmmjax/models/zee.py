"""The Zee model: masses at one loop, and the spin-symmetric moment of Barr, Freire and Zee at two."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, ClassVar, Self

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import moments
from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.loops import one_loop, two_loop
from nmmjax.low_energy import ChargedLeptons, LowEnergy, Neutrinos
from nmmjax.models import _scalar_loops
from nmmjax.models._base import TRANSITION_MOMENTS, Model, perturbative, transition_moments
from nmmjax.models._second_doublet import Dipoles, SecondDoublet
from nmmjax.numerics.entrywise import antisymmetric
from nmmjax.numerics.special import safe_abs, smaller
from nmmjax.parameters import ComplexScalar, Scalar, constructor, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos

_GEV_PER_TEV = 1e3
_ONE_LOOP = 1.0 / (16.0 * math.pi**2)
_FOverMass = Annotated[Scalar, parameter(r"f_{e\mu} / M_1", "1/TeV", low=0.0, high=100.0)]
_YMuTau = Annotated[Scalar, parameter(r"Y_{\mu\tau}", low=-10.0, high=10.0)]
_Theta = Annotated[Scalar, parameter(r"\theta", "rad", low=-math.pi / 2, high=math.pi / 2)]
_MHeavy = Annotated[Scalar, parameter("m_H", "GeV", low=10.0, high=1e8)]
_Heavier = Annotated[Scalar, parameter("M_2 / M_1", low=1.0, high=1e3)]


class Zee(Model):
    """L = f_ab bar(L~_a) L_b eta^+ + Y_ab antiL_a l_Rb H_2 + y_t antiQ t_R H~_2 + y_b antiQ b_R H_2 + ...

    with H_2 = (H^+, (R + iA) / sqrt 2); y_tau is Y_tautau in the loops inside. eta and H^+ mix by phi, R and the Higgs
    boson by theta: h = S cos theta + R sin theta, H orthogonal, S of the doublet that has the vacuum value.

    f antisymmetric, summed over all a and b: its vertex is F = 2 f. S_1 = eta cos phi + H sin phi, S_2 orthogonal.

        M = (sin 2phi / 16 pi^2) [f m D Y^dagger + transpose],   D = B0(m_l, M_1) - B0(m_l, M_2),

    and the one-loop moment has -transpose with F(t_1) / M_1^2 - F(t_2) / M_2^2. The second doublet also joins eta, W
    and the photon by a loop of t, b or tau: a moment

        lambda_ab = (g^2 e / 256 pi^4) F_ab (sin 2phi / 2) sum_f N_c [J_f(M_1) - J_f(M_2)],

    that comes with hardly any mass, since without the photon only the longitudinal W contributes (an order of
    magnitude of that is in `derived`). Relative to the one-loop moment its sign is not fixed here.

    Charged leptons: h, H and A with Y at one loop, and at two with t, b, tau or W inside (Barr and Zee,
    `loops.barr_zee`), beside the charged scalars. Exchange of H and A in l -> 3 l', scalars inside and the Z in place
    of the photon are left out. So are searches for H and A: their limits on y_t are published as figures.

    `origin` is what gives masses besides: none of the model's own where None.
    """

    reference: ClassVar[str] = (
        "A. Zee, Phys. Lett. B 93, 389 (1980); S. M. Barr, E. M. Freire and A. Zee, Phys. Rev. Lett. 65, 2626 (1990); "
        "K. S. Babu, S. Jana and M. Lindner, JHEP 10 (2020) 040"
    )
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        **TRANSITION_MOMENTS,
        "f": Quantity(r"|f_{e\mu}|"),
        "longitudinal_mass": Quantity(r"m_\nu(W_L)", "eV"),
    }

    _: KW_ONLY
    f_emu: ComplexScalar = parameter(r"f_{e\mu}", default=0.0)
    f_etau: ComplexScalar = parameter(r"f_{e\tau}", default=0.0)
    f_mutau: ComplexScalar = parameter(r"f_{\mu\tau}", default=0.0)
    Y: Complex[Array, "3 3"] = parameter("Y", default=np.zeros((3, 3)))
    y_top: Scalar = parameter(r"\tilde y_t", default=0.0)
    y_bottom: Scalar = parameter(r"\tilde y_b", default=0.0)
    y_tau: Scalar = parameter(r"\tilde y_\tau", default=0.0)
    m_1: Scalar = parameter("M_1", "GeV", low=10.0, high=1e8)
    m_2: Scalar = parameter("M_2", "GeV", low=10.0, high=1e8)
    phi: Scalar = parameter(r"\phi", "rad", low=-math.pi / 2, high=math.pi / 2)
    even: Scalar = parameter("m_H / m_{H^+}", low=1e-2, high=1e2, default=1.0)
    odd: Scalar = parameter("m_A / m_{H^+}", low=1e-2, high=1e2, default=1.0)
    theta: Scalar = parameter(r"\theta", "rad", low=-math.pi / 2, high=math.pi / 2, default=0.0)
    origin: LightNeutrinos | None = None

    @classmethod
    @constructor()
    def from_strength(
        cls,
        f_over_mass: _FOverMass,
        y_top: Scalar,
        *,
        m_1: Scalar,
        heavier: _Heavier,
        phi: Scalar,
        origin: LightNeutrinos | None = None,
    ) -> Self:
        """The moment of nu_e and nu_mu by the top quark alone: f_emu = `f_over_mass` M_1, M_2 = `heavier` M_1.

        Universality bounds f_emu / M_1 [1/TeV] whatever the mass: a sampler meets a box, and with flat priors no wall.
        """
        f_emu, m_2 = f_over_mass * m_1 / _GEV_PER_TEV, heavier * m_1
        return cls(f_emu=f_emu, y_top=y_top, m_1=m_1, m_2=m_2, phi=phi, origin=origin)

    @classmethod
    @constructor()
    def from_flavor_change(
        cls, y_mutau: _YMuTau, theta: _Theta, y_top: Scalar, *, m_heavy: _MHeavy, origin: LightNeutrinos | None = None
    ) -> Self:
        """The second doublet alone, its scalars of one mass, with Y_mutau and the top quark: mu and tau change."""
        Y = jnp.zeros((3, 3)).at[1, 2].set(y_mutau)
        return cls(Y=Y + 0j, y_top=y_top, theta=theta, m_1=m_heavy, m_2=m_heavy, phi=0.0, origin=origin)

    @property
    def f(self) -> Complex[Array, "3 3"]:
        """f_ab, antisymmetric."""
        return antisymmetric(self.f_emu, self.f_etau, self.f_mutau)

    def mass_matrix(self) -> Complex[Array, "3 3"]:
        """One loop [eV]."""
        leptons = _scalar_loops.lepton_masses()
        loop = leptons * one_loop.b0_difference(leptons, self.m_1, self.m_2)
        half = _ONE_LOOP * jnp.sin(2.0 * self.phi) * (self.f * loop) @ jnp.conj(self.Y).T
        return EV_PER_GEV * (half + half.T)

    def one_loop_moments(self) -> Complex[Array, "3 3"]:
        """[mu_B]."""
        size = 0.5 * jnp.sin(2.0 * self.phi)
        light, heavy = (moments.charged_scalar(2.0 * self.f, self.Y, m) for m in (self.m_1, self.m_2))
        return size * ((light - light.T) - (heavy - heavy.T))

    def two_loop_moments(self) -> Complex[Array, "3 3"]:
        """Barr-Freire-Zee [mu_B]."""
        second = self.second_doublet
        light, heavy = (second.inner_loops(two_loop.w_gamma_fermion, m) for m in (self.m_1, self.m_2))
        difference = 0.5 * jnp.sin(2.0 * self.phi) * (light - heavy)
        return moments.barr_freire_zee(2.0 * self.f, difference)

    def low_energy(self) -> LowEnergy:
        """Masses of one loop, moments of one and two."""
        M = self.mass_matrix()
        if self.origin is not None:
            M = M + self.origin.mass_matrix()
        moment = moments.w_loop_majorana(M) + self.one_loop_moments() + self.two_loop_moments()
        return LowEnergy(Neutrinos(M, moment), self._charged_leptons())

    def _charged_leptons(self) -> ChargedLeptons:
        """f and Y each through the parts of S_1 and S_2 that they meet, and the neutral scalars."""
        sine, cosine = jnp.sin(self.phi) ** 2, jnp.cos(self.phi) ** 2
        singlet = cosine / self.m_1**2 + sine / self.m_2**2
        doublet = sine / self.m_1**2 + cosine / self.m_2**2
        second = self.second_doublet
        left, right, flip = second.neutral_dipoles()
        dipoles = Dipoles(
            left + _scalar_loops.singly_charged(2.0 * self.f, singlet),
            right + _scalar_loops.singly_charged(self.Y, doublet),
            flip + sine * second.charged_flip(self.m_1) + cosine * second.charged_flip(self.m_2),
        )
        whole_left, whole_right = dipoles.whole()
        return ChargedLeptons(
            dipole_left=whole_left,
            dipole_right=whole_right,
            anomalous_moments=dipoles.anomalous_moments(),
            fermi_shift=_scalar_loops.fermi_shift(2.0 * self.f, singlet),
            higgs=second.higgs_couplings(),
        )

    @property
    def second_doublet(self) -> SecondDoublet:
        """Its neutral part; m_H+^2 = M_1^2 sin^2 phi + M_2^2 cos^2 phi is the element of H^+ before mixing."""
        charged = jnp.sqrt((self.m_1 * jnp.sin(self.phi)) ** 2 + (self.m_2 * jnp.cos(self.phi)) ** 2)
        return SecondDoublet(
            self.Y, self.y_top, self.y_bottom, self.y_tau, self.even * charged, self.odd * charged, self.theta
        )

    def log_prior(self) -> Float[Array, ""]:
        """Perturbative couplings."""
        couplings = jnp.stack([self.f_emu, self.f_etau, self.f_mutau])
        third = jnp.stack([self.y_top, self.y_bottom, self.y_tau]) + 0j
        return perturbative(jnp.concatenate([couplings, third, self.Y.ravel()]))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """Moments, and (m_l^2 / M_W^2) M^2 mu / 2 m_e as an order of magnitude of the mass that comes with them."""
        found = transition_moments(self.low_energy())
        suppression = (_scalar_loops.lepton_masses()[jnp.array([1, 2, 2])] / PDG_2026.w_mass) ** 2
        sizes = jnp.stack([found[name] for name in TRANSITION_MOMENTS])
        masses = suppression * moments.expected_mass(sizes, smaller(self.m_1, self.m_2))
        return found | {"f": safe_abs(self.f_emu), "longitudinal_mass": jnp.max(masses)}

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_strength`: flat in couplings, masses over orders of magnitude from the reach of LEP."""
        return {
            "f_over_mass": dist.Uniform(0.0, 0.5),
            "y_top": dist.Uniform(0.0, 1.0),
            "m_1": dist.LogUniform(100.0, 3000.0),
            "heavier": dist.LogUniform(1.2, 10.0),
            "phi": dist.Uniform(0.05, math.pi / 4),
        }

    @classmethod
    def benchmark(cls) -> Self:
        """A top Yukawa coupling of one, maximal mixing: some 1e-13 mu_B; masses from elsewhere."""
        return cls(f_emu=0.05, y_top=1.0, m_1=300.0, m_2=800.0, phi=math.pi / 4, origin=LightNeutrinos.benchmark())
