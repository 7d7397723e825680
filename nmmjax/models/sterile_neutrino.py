"""A fourth, sterile neutrino that mixes with the three known ones: 3 + 1."""

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import mixing
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import Model
from nmmjax.numerics.special import modulus_squared, safe_sqrt
from nmmjax.parameters import Scalar, constructor, parameter
from nmmjax.priors import UniformPhase
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, Sin2, angle_of_sin2, given_or_benchmark

_ANGLES = ("theta14", "theta24", "theta34")
_RIGHT = math.pi / 2
_Sin2Theta14 = Annotated[Scalar, parameter(r"\sin^2\theta_{14}", low=0.0, high=1.0)]
_Sin2Theta24 = Annotated[Scalar, parameter(r"\sin^2\theta_{24}", low=0.0, high=1.0)]
_Sin2Theta34 = Annotated[Scalar, parameter(r"\sin^2\theta_{34}", low=0.0, high=1.0)]
_Sin2TwoTheta = Annotated[Scalar, parameter(r"\sin^2 2\theta_{\mu e}", low=0.0, high=1.0)]


class SterileNeutrino(Model):
    """Four Majorana neutrinos, m_4^2 = m_1^2 + dm41, and the mixing matrix

        U = R34 R24(delta24) R14(delta14) (U_light + 1),
        |U_e4|^2 = s14^2,    |U_mu4|^2 = c14^2 s24^2,    |U_tau4|^2 = c14^2 c24^2 s34^2,

    with U_light that of `origin`, R_ij a rotation by theta_ij with e^{-i delta} above the diagonal. All oscillations on
    Earth follow four states, as long as their docstrings say that they resolve the splitting; m_beta, m_beta_beta and
    the moments are those of four states. Solar neutrinos are followed for three states alone: that is an error. Nothing
    disappears on the way to recoil detectors at reactors and beams.
    """

    reference: ClassVar[str] = (
        "P. Adamson et al. (MINOS+), Phys. Rev. Lett. 122, 091803 (2019), 1710.06488; "
        "Z. Maki, M. Nakagawa and S. Sakata, Prog. Theor. Phys. 28, 870 (1962)"
    )
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "u_e4": Quantity(r"|U_{e4}|^2"),
        "u_mu4": Quantity(r"|U_{\mu 4}|^2"),
        "u_tau4": Quantity(r"|U_{\tau 4}|^2"),
        "sin2_2theta_mue": Quantity(r"\sin^2 2\theta_{\mu e}"),
        "m_4": Quantity("m_4", "eV"),
    }

    dm41: Scalar = parameter(r"\Delta m^2_{41}", "eV^2", low=0.0, high=1e6)
    _: KW_ONLY
    theta14: Scalar = parameter(r"\theta_{14}", "rad", low=0.0, high=_RIGHT, default=0.0)
    theta24: Scalar = parameter(r"\theta_{24}", "rad", low=0.0, high=_RIGHT, default=0.0)
    theta34: Scalar = parameter(r"\theta_{34}", "rad", low=0.0, high=_RIGHT, default=0.0)
    delta14: Scalar = parameter(r"\delta_{14}", "rad", circular=True, default=0.0)
    delta24: Scalar = parameter(r"\delta_{24}", "rad", circular=True, default=0.0)
    origin: LightNeutrinos = given_or_benchmark()

    @classmethod
    @constructor(instead_of=(*_ANGLES, "origin"))
    def from_oscillations(
        cls,
        light: Sin2,
        dm41: Scalar,
        *,
        sin2_theta14: _Sin2Theta14 = 0.0,
        sin2_theta24: _Sin2Theta24 = 0.0,
        sin2_theta34: _Sin2Theta34 = 0.0,
        **others: Any,
    ) -> Self:
        """From sin^2 of all angles, those of three flavors included: sin^2 theta14 = |U_e4|^2."""
        angles = map(angle_of_sin2, (sin2_theta14, sin2_theta24, sin2_theta34))
        return cls(dm41, **dict(zip(_ANGLES, angles, strict=True)), origin=light, **others)

    @classmethod
    @constructor(instead_of=(*_ANGLES, "origin", "delta14", "delta24"))
    def two_flavors(cls, dm41: Scalar, sin2_2theta: _Sin2TwoTheta) -> Self:
        """nu_mu -> nu_e as two flavors do it, P = sin^2 2theta sin^2(dm41 L / 4E): three massless states and a fourth.

        It has |U_e4|^2 = |U_mu4|^2 = sin 2theta / 2; what disappears is not what two flavors have.
        """
        half = 0.5 * safe_sqrt(jnp.asarray(sin2_2theta))
        massless = LightNeutrinos(0.0, 0.0, theta12=0.0, theta13=0.0, theta23=0.0)
        return cls(dm41, theta14=angle_of_sin2(half), theta24=angle_of_sin2(half / (1.0 - half)), origin=massless)

    def masses(self) -> Float[Array, "4"]:
        """(m_1, m_2, m_3, m_4) [eV]."""
        light = self.origin.masses()
        return jnp.append(light, safe_sqrt(light[0] ** 2 + jnp.asarray(self.dm41)))

    def mixing(self) -> Complex[Array, "4 4"]:
        """U[alpha, i] of e, mu, tau, s."""
        U = jnp.eye(4, dtype=complex).at[:3, :3].set(self.origin.pmns())
        phases = (self.delta14, self.delta24, 0.0)
        for row, (angle, phase) in enumerate(zip((self.theta14, self.theta24, self.theta34), phases, strict=True)):
            U = _rotation(row, jnp.asarray(angle), jnp.asarray(phase)) @ U
        return U

    def low_energy(self) -> LowEnergy:
        """M = U^* diag(m) U^dagger; moments of the W loop."""
        matrix = mixing.majorana_mass_matrix(self.mixing(), self.masses())
        return LowEnergy(Neutrinos(0.5 * (matrix + matrix.T), nature=self.origin.nature))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """Elements of the fourth column, what two flavors see of them, and the mass."""
        e, mu, tau, _ = modulus_squared(self.mixing()[:, 3])
        return {"u_e4": e, "u_mu4": mu, "u_tau4": tau, "sin2_2theta_mue": 4.0 * e * mu, "m_4": self.masses()[3]}

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_oscillations`: three flavors as known, the fourth from the atmospheric splitting to 100 eV^2."""
        elements = {name: dist.LogUniform(1e-4, 0.5) for name in ("sin2_theta14", "sin2_theta24", "sin2_theta34")}
        phases = {name: UniformPhase() for name in ("delta14", "delta24")}
        return {**LightNeutrinos.sin2_priors(), "dm41": dist.LogUniform(1e-3, 100.0), **elements, **phases}

    @classmethod
    def benchmark(cls) -> Self:
        """The best point of MiniBooNE for two flavors (Phys. Rev. D 103, 052002), on top of NuFIT 6.0."""
        return cls.from_oscillations(
            LightNeutrinos.with_small_mass(), 0.0431, sin2_theta14=0.449, sin2_theta24=0.8153, sin2_theta34=0.01
        )


def _rotation(row: int, angle: Float[Array, ""], phase: Float[Array, ""]) -> Complex[Array, "4 4"]:
    """R_{row+1, 4}: cosines on the diagonal, s e^{-i phase} above it and -s e^{i phase} below."""
    s, c = jnp.sin(angle), jnp.cos(angle) + 0j
    R = jnp.eye(4, dtype=complex)
    above = s * jnp.exp(-1j * phase)
    return R.at[row, row].set(c).at[3, 3].set(c).at[row, 3].set(above).at[3, row].set(-jnp.conj(above))
