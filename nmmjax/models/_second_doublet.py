"""What a second Higgs doublet does to charged leptons: one loop, and the two loops of Barr and Zee.

Fields of the basis in which the first doublet alone has a vacuum value: H_1^0 = (v + S) / sqrt 2, H_2^0 = (R + iA) /
sqrt 2, h = S cos theta + R sin theta, H = -S sin theta + R cos theta.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float

from nmmjax.constants import HIGGS_MASS, PDG_2026
from nmmjax.loops import barr_zee, one_loop
from nmmjax.models import _scalar_loops
from nmmjax.models._fermions import FERMIONS
from nmmjax.parameters import Scalar

_ONE_LOOP = 1.0 / (16.0 * math.pi**2)
_ROOT = math.sqrt(2.0)
_PHOTON = PDG_2026.fine_structure / (4.0 * math.pi**3)
_WEAK = 8.0 * PDG_2026.w_mass**2 * PDG_2026.fermi_constant / _ROOT
"""g^2."""
_INNER = ("t", "b", "tau")


class Dipoles(NamedTuple):
    """Amplitudes of l_a -> l_b gamma, [b, a]."""

    left: Complex[Array, "3 3"]
    """Couplings to left-handed leptons, the flip of chirality on l_a [GeV^-2]: see `ChargedLeptons.dipole_left`."""
    right: Complex[Array, "3 3"]
    """To right-handed ones [GeV^-2]."""
    flip: Complex[Array, "3 3"]
    """The flip inside, right- to left-handed: m_a times what it adds to `left` [GeV^-1]."""

    def whole(self) -> tuple[Complex[Array, "3 3"], Complex[Array, "3 3"]]:
        """`dipole_left` and `dipole_right`."""
        leptons = _scalar_loops.lepton_masses()
        return self.left + self.flip / leptons, self.right + jnp.conj(self.flip).T / leptons

    def anomalous_moments(self) -> Float[Array, "3"]:
        """Delta a_l = m_l^2 (left + right)_ll + m_l Re flip_ll."""
        inside = _scalar_loops.lepton_masses() * jnp.real(jnp.diag(self.flip))
        return _scalar_loops.anomalous_moments(self.left + self.right) + inside


class _Neutral(NamedTuple):
    """One real scalar, even or odd: -L = phi [lbar_b y_ba P_R l_a + h.c. + c_f fbar (1 or i gamma_5) f]."""

    mass: Scalar
    leptons: Complex[Array, "3 3"]
    inner: Float[Array, "3"]
    weak: Scalar | None
    """None: odd, without a coupling to W."""

    def dipoles(self) -> Dipoles:
        """One loop, and two."""
        y, masses = self.leptons, _scalar_loops.lepton_masses()
        t = (masses / self.mass) ** 2
        size = _ONE_LOOP / self.mass**2
        outside = size * one_loop.photon_on_fermion(t)
        inside = 2.0 * size * masses * one_loop.flip_on_fermion(t)
        return Dipoles((y * outside) @ y.conj().T, (y.conj().T * outside) @ y, (y * inside) @ y + self._inner() * y)

    def _inner(self) -> Complex[Array, ""]:
        """Barr and Zee, over y [GeV^-1]."""
        masses = jnp.array([FERMIONS[name].mass for name in _INNER])
        charges = jnp.array([FERMIONS[name].colors * FERMIONS[name].charge ** 2 for name in _INNER])
        r = (masses / self.mass) ** 2
        coefficients = _PHOTON * charges / masses * self.inner
        if self.weak is None:
            return -1j * jnp.sum(coefficients * barr_zee.pseudoscalar(r))
        of_w = self.weak / (2.0 * PDG_2026.higgs_vev) * barr_zee.w_boson((PDG_2026.w_mass / self.mass) ** 2)
        return jnp.sum(coefficients * barr_zee.scalar(r)) + _PHOTON * of_w + 0j


class SecondDoublet(eqx.Module):
    """L = Y_ba antiL_b l_Ra H_2 + y_t antiQ t_R H~_2 + y_b antiQ b_R H_2 + y_tau antiL_tau tau_R H_2 + h.c.

    y_tau is that of the inner loops. Masses [GeV] of H and A; theta mixes h and H.
    """

    Y: Complex[Array, "3 3"]
    y_top: Scalar
    y_bottom: Scalar
    y_tau: Scalar
    m_even: Scalar
    m_odd: Scalar
    theta: Scalar

    def neutral_dipoles(self) -> Dipoles:
        """h, H and A less what h does in the Standard Model."""
        sine, cosine = jnp.sin(self.theta), jnp.cos(self.theta)
        scalars = (
            self._even(HIGGS_MASS, cosine, sine),
            self._even(self.m_even, -sine, cosine),
            self._odd(),
        )
        h, H, A = (scalar.dipoles() for scalar in scalars)
        standard = self._even(HIGGS_MASS, 1.0, 0.0).dipoles()
        return Dipoles(*(h[i] + H[i] + A[i] - standard[i] for i in range(3)))

    def higgs_couplings(self) -> Complex[Array, "3 3"]:
        """y_ba of h, -L = h lbar_b y_ba P_R l_a + h.c."""
        return self._even(HIGGS_MASS, jnp.cos(self.theta), jnp.sin(self.theta)).leptons

    def charged_flip(self, m_scalar: Scalar) -> Complex[Array, "3 3"]:
        """Barr and Zee with W, as `Dipoles.flip`, of a charged scalar that is H^+ whole [GeV^-1]."""
        inner = self.inner_loops(barr_zee.w_gamma_fermion, m_scalar)
        return -_WEAK / (256.0 * math.pi**4) * inner * self.Y

    def inner_loops(self, loop: Callable[..., Float[Array, ""]], m_scalar: Scalar) -> Float[Array, ""]:
        """sum_f N_c J_f [GeV^-1] with W: the quarks of the third generation and tau.

        **Arguments:** `w_gamma_fermion` of `barr_zee` or `two_loop`, for charged leptons or neutrinos outside.
        """
        quarks = loop(
            m_scalar,
            m_down=FERMIONS["b"].mass,
            m_up=FERMIONS["t"].mass,
            charge_down=-1.0 / 3.0,
            charge_up=2.0 / 3.0,
            yukawa_down=self.y_bottom,
            yukawa_up=self.y_top,
        )
        tau = loop(
            m_scalar,
            m_down=FERMIONS["tau"].mass,
            m_up=0.0,
            charge_down=-1.0,
            charge_up=0.0,
            yukawa_down=self.y_tau,
            yukawa_up=0.0,
        )
        return 3.0 * quarks + tau

    def _inner_couplings(self) -> Float[Array, "3"]:
        return jnp.stack([self.y_top, self.y_bottom, self.y_tau]) / _ROOT

    def _even(self, mass: Scalar, of_first: Scalar, of_second: Scalar) -> _Neutral:
        """of_first S + of_second R."""
        masses = jnp.array([FERMIONS[name].mass for name in _INNER])
        leptons = of_first * jnp.diag(_scalar_loops.lepton_masses()) / PDG_2026.higgs_vev
        inner = of_first * masses / PDG_2026.higgs_vev - of_second * self._inner_couplings()
        return _Neutral(mass, leptons - of_second / _ROOT * self.Y, inner, of_first)

    def _odd(self) -> _Neutral:
        """A, with opposite signs for up and down."""
        inner = self._inner_couplings() * jnp.array([1.0, -1.0, -1.0])
        return _Neutral(self.m_odd, -1j / _ROOT * self.Y, inner, None)
