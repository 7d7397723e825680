"""Super-Kamiokande, atmospheric neutrinos, summer 2000."""

from typing import ClassVar, Self

import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy


class SuperKamiokande2000(MeasuredQuantities):
    """Atmospheric neutrinos in 2000: dm2_atm = 3.2e-3 eV^2 and sin^2 2theta_atm >= 0.88 at 90 %.

    dm2_atm, the mean of |dm31| and |dm32|, is log-normal with 30 %, a width that is ours (no error is quoted);
    sin^2 2theta_atm = 4 |U_mu3|^2 (1 - |U_mu3|^2) is a half-Gaussian below 1.
    """

    reference: ClassVar[str] = (
        "H. Sobel (Super-Kamiokande), Neutrino 2000, as quoted by W. Grimus, L. Lavoura, "
        "Phys. Rev. D 62, 093012 (2000), hep-ph/0007011"
    )

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged tables."""
        values, limits = (PublishedValues.read(f"year_2000_{kind}") for kind in ("values", "limits"))
        terms = (values.log_normal("dm2_atm"), limits.limit("sin2_2theta_atm"))
        return cls(name="super_kamiokande_2000", terms=terms, sources=(values.source, limits.source))

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: the first years of phase I."""
        return frozenset({"super_kamiokande/atmospheric/1"})

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of splitting and amplitude."""
        return (("dm2_atm", "eV^2"), ("sin2_2theta_atm", ""))

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Splitting |dm31 + dm32| / 2 [eV^2] and amplitude 4 |U_mu3|^2 (1 - |U_mu3|^2) (2,)."""
        states = theory.neutrinos.states
        mu3 = states.sin2_theta23 * (1.0 - states.sin2_theta13)
        splitting = 0.5 * jnp.abs(states.dm31 + states.dm32)
        return jnp.stack([splitting, 4.0 * mu3 * (1.0 - mu3)])
