"""A light scalar that makes neutrinos too heavy for plasmons: how a large moment would hide from stars."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import moments
from nmmjax.low_energy import LowEnergy, Neutrinos, ScalarField
from nmmjax.models._base import Model
from nmmjax.numerics.entrywise import antisymmetric
from nmmjax.numerics.special import floored_log10, safe_abs
from nmmjax.parameters import Scalar, constructor, parameter
from nmmjax.priors import FlatInSquare
from nmmjax.quantities import Quantity
from nmmjax.stars import Sphere
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark

_Y_NU = 2e-7
"""Of the paper; stars and KATRIN see the product of couplings alone."""
_Log10Scalar = Annotated[Scalar, parameter(r"\log_{10} (m_\phi / {\rm eV})", low=-20.0, high=-6.0)]
_Log10Inside = Annotated[Scalar, parameter(r"\log_{10} (m_{\rm giant} / {\rm eV})", low=-6.0, high=9.0)]


class LightScalar(Model):
    """L = -(y_nu / 2) antinu^c phi nu - y_e phi ebar e - y_N phi Nbar N - (m_phi^2 / 2) phi^2, beside lambda_emu.

    All flavors couple alike. Matter makes a field, and the field makes neutrinos heavy: m = y_nu y_e n_e / m_phi^2 in a
    medium without an end, less in a star within the range of phi, so that 2 m is above the plasma frequency, and the
    moment lambda_emu of Majorana neutrinos leaves no trace. Masses in vacuum are those of `origin`. Stars and KATRIN
    see the field; what it does to oscillations, a fifth force and neutrinos that scatter by phi are left out.
    """

    reference: ClassVar[str] = "K. S. Babu, S. Jana and M. Lindner, JHEP 10 (2020) 040, 2007.04291"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "log10_couplings": Quantity(r"\log_{10} |y_e y_\nu|"),
        "mass_in_giant": Quantity(r"m_{\rm giant}", "eV"),
        "mass_in_horizontal_branch": Quantity(r"m_{\rm HB}", "eV"),
        "mass_on_earth": Quantity(r"m_\oplus", "eV"),
    }

    m_scalar: Scalar = parameter(r"m_\phi", "eV", low=0.0, high=1e-6)
    y_nu: Scalar = parameter(r"y_\nu", low=-1.0, high=1.0)
    y_e: Scalar = parameter("y_e", low=-1.0, high=1.0, default=0.0)
    y_nucleon: Scalar = parameter("y_N", low=-1.0, high=1.0, default=0.0)
    lambda_emu: Scalar = parameter(r"\lambda_{e\mu}", "mu_B", low=0.0, high=1e-6, default=0.0)
    _: KW_ONLY
    origin: LightNeutrinos = given_or_benchmark()

    @classmethod
    @constructor(instead_of=("m_scalar", "y_nu", "y_e", "y_nucleon"))
    def from_trapping(cls, log10_mass: _Log10Inside, log10_scalar: _Log10Scalar, **others: Any) -> Self:
        """From what phi, coupled to electrons, adds to neutrino masses in a red giant [eV], and its own mass [eV].

        y_nu is that of the paper, 2e-7.
        """
        m_scalar = 10.0 ** jnp.asarray(log10_scalar)
        per_coupling = Sphere.red_giant().neutrino_mass(m_scalar, electron_coupling=1.0, nucleon_coupling=0.0)
        y_e = 10.0 ** jnp.asarray(log10_mass) / (_Y_NU * per_coupling)
        return cls(m_scalar, _Y_NU, y_e, **others)

    def low_energy(self) -> LowEnergy:
        """Light neutrinos with one moment on top of those of W, and the scalar."""
        M, none = self.origin.mass_matrix(), jnp.zeros(())
        moment = antisymmetric(jnp.asarray(self.lambda_emu), none, none)
        neutrinos = Neutrinos(M, moments.w_loop_majorana(M) + moment)
        return LowEnergy(neutrinos, light_scalar=self._field())

    def _field(self) -> ScalarField:
        couplings = self.y_nu * jnp.eye(3)
        return ScalarField(self.m_scalar, couplings, electron_coupling=self.y_e, nucleon_coupling=self.y_nucleon)

    def derived(self) -> dict[str, Float[Array, ""]]:
        """Product of couplings, and what it adds to neutrino masses: in cores of stars, and where we live."""
        field = self._field()

        def added(sphere: Sphere, *position: float) -> Float[Array, ""]:
            return safe_abs(field.mass_matrix_in(sphere, *position)[0, 0])

        return {
            "log10_couplings": floored_log10(safe_abs(jnp.asarray(self.y_e * self.y_nu) + 0j), 1e-60),
            "mass_in_giant": added(Sphere.red_giant()),
            "mass_in_horizontal_branch": added(Sphere.horizontal_branch()),
            "mass_on_earth": added(Sphere.earth(), 1.0),
        }

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of `from_trapping`: from light neutrinos to the MeV of the paper, ranges of 2 to 2e6 km."""
        return {
            "log10_mass": dist.Uniform(0.0, 7.0),
            "log10_scalar": dist.Uniform(-16.0, -10.0),
            "lambda_emu": FlatInSquare(1e-10),
        }

    @classmethod
    def benchmark(cls) -> Self:
        """The point of the paper, and the middle of the moments that it reads out of XENON1T."""
        return cls(2e-14, _Y_NU, 5e-30, lambda_emu=2.5e-11)
