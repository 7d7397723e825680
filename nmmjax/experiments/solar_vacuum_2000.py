"""Solar neutrinos in 2000, read as vacuum oscillations."""

from typing import ClassVar, Self

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy


class SolarVacuum2000(MeasuredQuantities):
    """Solar neutrinos in 2000 as vacuum oscillations: dm2_sun = 1e-10 eV^2 and near-maximal mixing.

    Both widths are ours. The splitting, quoted as an order of magnitude, is log-normal with a factor 2. The amplitude
    sin^2 2theta_sun = 4 s^2 (1 - s^2), s^2 = `sin2_theta12`, is a half-Gaussian below 1 that holds 90 % above 0.7: an
    energy-averaged vacuum probability 1 - sin^2 2theta / 2 then stays below 0.65, near the half that the rates asked
    for. At dm21 = 0, where theta12 is undefined, the likelihood is negligible.
    """

    reference: ClassVar[str] = "W. Grimus, L. Lavoura, Phys. Rev. D 62, 093012 (2000), hep-ph/0007011"

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged tables."""
        values, limits = (PublishedValues.read(f"year_2000_{kind}") for kind in ("values", "limits"))
        terms = (values.log_normal("dm2_solar"), limits.limit("sin2_2theta_solar"))
        return cls(name="solar_vacuum_2000", terms=terms, sources=(values.source, limits.source))

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data: rates on chlorine and gallium and in Super-Kamiokande, as they stood in 2000."""
        return frozenset({"homestake", "gallex", "gno", "sage", "super_kamiokande/solar/mixing"})

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of splitting and amplitude."""
        return (("dm2_solar", "eV^2"), ("sin2_2theta_solar", ""))

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Splitting dm21 [eV^2] and amplitude 4 s12^2 c12^2 (2,)."""
        states = theory.neutrinos.states
        s12 = states.sin2_theta12
        return jnp.stack([states.dm21, 4.0 * s12 * (1.0 - s12)])
