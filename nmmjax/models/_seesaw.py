"""What all seesaws with heavy fermions share: the blocks of the full mass matrix, and light masses from them.

In the basis (nu_L, heavy) the full matrix is [[0, m^T], [m, M_H]]: m (n, 3) joins the two, M_H (n, n) is heavy.
"""

import abc
from collections.abc import Mapping
from dataclasses import KW_ONLY

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jax import lax
from jaxtyping import Array, Complex, Float

from nmmjax import _checks
from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.low_energy import ChargedLeptons, LowEnergy, Neutrinos
from nmmjax.models._base import Model, perturbative
from nmmjax.numerics import hermitian
from nmmjax.numerics.special import modulus_squared
from nmmjax.numerics.spectral import Smooth
from nmmjax.parameters import Scalar, parameter
from nmmjax.quantities import Quantity

_ITERATIONS = 40
_LARGEST_MIXING = 0.4
HIGGS = PDG_2026.higgs_vev / 2.0**0.5
"""v / sqrt(2) [GeV]."""
SCALES: Mapping[str, Quantity] = {
    "log10_mixing": Quantity(r"\log_{10} \sum |\Theta_{\alpha k}|^2"),
    "largest_yukawa": Quantity(r"\max |Y_{k\alpha}|"),
}


class HeavyFermions(Model):
    """Abstract: three heavy neutral fermions."""

    _: KW_ONLY
    m_1: Scalar = parameter("M_1", "GeV", low=1e-6, high=1e19)
    m_2: Scalar = parameter("M_2", "GeV", low=1e-6, high=1e19)
    m_3: Scalar = parameter("M_3", "GeV", low=1e-6, high=1e19)

    @property
    def heavy_masses(self) -> Float[Array, "3"]:
        """M_1, M_2, M_3 [GeV]."""
        return jnp.stack([self.m_1, self.m_2, self.m_3])


class Seesaw(HeavyFermions):
    """Abstract: three Dirac masses m_D = Y v / sqrt(2), rows heavy and columns flavors, and three heavy masses."""

    yukawa: Complex[Array, "3 3"] = parameter("Y")

    @abc.abstractmethod
    def portal(self) -> Complex[Array, "n 3"]:
        """m [GeV]."""

    @abc.abstractmethod
    def heavy_matrix(self) -> Complex[Array, "n n"]:
        """M_H [GeV]."""

    @abc.abstractmethod
    def solve_heavy(self, rows: Complex[Array, "n 3"]) -> Complex[Array, "n 3"]:
        """M_H^-1 times a matrix, by blocks: an inverse would lose a small violation of lepton number."""

    @abc.abstractmethod
    def charged_leptons(self) -> ChargedLeptons:
        """What heavy and light states do to e, mu and tau together."""

    @property
    def dirac_masses(self) -> Complex[Array, "3 3"]:
        """m_D [GeV]."""
        return HIGGS * self.yukawa

    @property
    def mixing(self) -> Complex[Array, "3 3"]:
        """Theta = m_D^dagger M_R^-1 [flavor, heavy], to first order."""
        return jnp.conj(self.dirac_masses).T / self.heavy_masses

    def light_matrix(self) -> Complex[Array, "3 3"]:
        """-m^T M_H^-1 m [eV], the first order of the seesaw."""
        m = self.portal()
        return _symmetric(-EV_PER_GEV * m.T @ self.solve_heavy(m))

    def low_energy(self) -> LowEnergy:
        """The light block at first order, right to a fraction |Theta|^2, and what charged leptons see."""
        return LowEnergy(Neutrinos(self.light_matrix()), self.charged_leptons())

    def full_matrix(self) -> Complex[Array, "n+3 n+3"]:
        """[[0, m^T], [m, M_H]] [GeV]."""
        m = self.portal()
        return jnp.block([[jnp.zeros((3, 3)), m.T], [m, self.heavy_matrix()]])

    def exact_light_matrix(self) -> Complex[Array, "3 3"]:
        """The light block [eV] of the full matrix after a unitary change of basis that takes the two blocks apart.

        Its singular values are light masses of the full matrix to rounding, however far away the heavy ones are: a
        factorization of the full matrix would lose them in 1e-16 M. The light states span the columns of (1, X), for
        which the equation

            X = M_H^-1 (X^* m^T X - m)

        is iterated, each step by a factor |Theta|^2 closer to -Theta^dagger and its corrections; then

            M = P^* m^T X P^-1,    P = (1 + X^dagger X)^(1/2).

        The mixing that charged currents see is P^-1 U, not unitary, with U of this matrix: see `light_flavors`.

        **Domain:** singular values of Theta below 0.35 and light masses below a fifth of the lightest heavy one; there
        the error is 1e-14. W. Grimus and L. Lavoura, JHEP 11 (2000) 042 (as a series).
        """
        X = self._light_states()
        squared = jnp.conj(X).T @ X
        return _symmetric(EV_PER_GEV * jnp.conj(_root(squared, 0.5)) @ self.portal().T @ X @ _root(squared, -0.5))

    def light_flavors(self) -> Complex[Array, "3 3"]:
        """P^-1 of `exact_light_matrix`, 1 - Theta Theta^dagger / 2 to first order: flavors of the light states."""
        X = self._light_states()
        return _root(jnp.conj(X).T @ X, -0.5)

    def exact_heavy_matrix(self) -> Complex[Array, "n n"]:
        """The heavy block [GeV] beside `exact_light_matrix`; its singular values are the heavy masses. Same domain."""
        X = self._light_states()
        inverse = _root(X @ jnp.conj(X).T, -0.5)
        across = self.portal() @ jnp.conj(X).T
        return _symmetric(inverse.T @ (self.heavy_matrix() - across - across.T) @ inverse)

    def _light_states(self) -> Complex[Array, "n 3"]:
        """X."""
        mixing = _checks.concrete(self.mixing)
        if mixing is not None and (largest := np.linalg.norm(mixing, 2)) > _LARGEST_MIXING:
            must = f"mix heavy with light states by less than {_LARGEST_MIXING}"
            _checks.fail("yukawa", must, f"the largest singular value of Theta is {largest:.3g}")
        m = self.portal()

        def closer(_: int, X: Complex[Array, "n 3"]) -> Complex[Array, "n 3"]:
            return self.solve_heavy(jnp.conj(X) @ (m.T @ X) - m)

        return lax.fori_loop(0, _ITERATIONS, closer, -self.solve_heavy(m))

    def scales(self) -> dict[str, Float[Array, ""]]:
        """The mixing of heavy with light states and the largest coupling, as in `SCALES`."""
        return {
            "log10_mixing": jnp.log10(jnp.sum(modulus_squared(self.mixing))),
            "largest_yukawa": jnp.sqrt(jnp.max(modulus_squared(self.yukawa))),
        }

    def log_prior(self) -> Float[Array, ""]:
        """Perturbative Yukawa couplings."""
        return perturbative(self.yukawa.ravel())


def heavy_priors(low: float, high: float) -> dict[str, dist.Distribution]:
    """Of the three heavy masses [GeV]."""
    return {name: dist.LogUniform(low, high) for name in ("m_1", "m_2", "m_3")}


def _symmetric(M: Complex[Array, "n n"]) -> Complex[Array, "n n"]:
    return 0.5 * (M + M.T)


def _root(squared: Complex[Array, "n n"], power: float) -> Complex[Array, "n n"]:
    """(1 + H)^power of a positive Hermitian H."""
    return hermitian.matrix_function(squared, Smooth(_power, jnp.asarray(1.0), (jnp.asarray(power),)))


def _power(x: Array, power: Array) -> Array:
    return (1.0 + x) ** power
