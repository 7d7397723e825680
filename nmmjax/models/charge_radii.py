"""Charge radii of neutrinos beyond those of the Standard Model."""

from dataclasses import KW_ONLY
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist

from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models._base import Model
from nmmjax.numerics.entrywise import hermitian
from nmmjax.parameters import ComplexScalar, Scalar, parameter
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark


class ChargeRadii(Model):
    """<r^2>_ab of the three flavors, Hermitian, anapoles included, added to what loops of W and charged leptons make.

    Off the diagonal, [a, b] turns nu_b into nu_a. Dirac and Majorana neutrinos may have all of it: seen from mass
    states, those of Majorana have anapoles Re <r^2>_ij and charge radii i Im <r^2>_ij, none of these for i = j
    (`Neutrinos.radii_of_states`).

    Recoils see g_V + sqrt(2) pi alpha <r^2> / 3 G_F. Masses and nature are those of `origin`.
    """

    reference: ClassVar[str] = "C. Giunti and A. Studenikin, Rev. Mod. Phys. 87, 531 (2015), 1403.6344"

    r2_e: Scalar = parameter(r"\langle r^2_e\rangle", "cm^2", low=-1e-26, high=1e-26, default=0.0)
    r2_mu: Scalar = parameter(r"\langle r^2_\mu\rangle", "cm^2", low=-1e-26, high=1e-26, default=0.0)
    r2_tau: Scalar = parameter(r"\langle r^2_\tau\rangle", "cm^2", low=-1e-26, high=1e-26, default=0.0)
    _: KW_ONLY
    r2_emu: ComplexScalar = parameter(r"\langle r^2_{e\mu}\rangle", "cm^2", low=-1e-26, high=1e-26, default=0.0)
    r2_etau: ComplexScalar = parameter(r"\langle r^2_{e\tau}\rangle", "cm^2", low=-1e-26, high=1e-26, default=0.0)
    r2_mutau: ComplexScalar = parameter(r"\langle r^2_{\mu\tau}\rangle", "cm^2", low=-1e-26, high=1e-26, default=0.0)
    origin: LightNeutrinos = given_or_benchmark()

    def low_energy(self) -> LowEnergy:
        """The matrix of radii."""
        diagonal = jnp.diag(jnp.stack([self.r2_e, self.r2_mu, self.r2_tau]))
        radii = diagonal + hermitian(self.r2_emu, self.r2_etau, self.r2_mutau)
        return LowEnergy(Neutrinos(self.origin.mass_matrix(), nature=self.origin.nature, charge_radius=radii))

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Flavors keep theirs: of either sign, up to the reach of elastic scattering."""
        return {name: dist.Uniform(-1e-31, 1e-31) for name in ("r2_e", "r2_mu", "r2_tau")}

    @classmethod
    def benchmark(cls) -> Self:
        """The upper end for nu_e of elastic scattering on electrons."""
        return cls(6.6e-32)
