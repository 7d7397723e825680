"""COHERENT, germanium: coherent scatterings of neutrinos from pions at rest, counted."""

from typing import ClassVar, Self

import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax.constants import MEV_PER_GEV
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.terms import SplitGaussian
from nmmjax.experiments.shared import coherent, germanium
from nmmjax.experiments.shared.germanium import Lindhard
from nmmjax.experiments.shared.nuclear_recoils import between
from nmmjax.experiments.shared.portal import MassSpline
from nmmjax.fluxes import pion_decay
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.special import normal_cdf
from nmmjax.tables import read_table

_NAME = "coherent_ge_2025"
_EXPOSURE = 10.22
"""[GWh kg]."""
_JOULE_PER_GWH, _JOULE_PER_MEV = 3.6e12, 1.602176634e-13
_PROTON_ENERGY = 1.0 * MEV_PER_GEV
"""[MeV]; from memory, as are the pions per proton, the baseline [km], and the end of what is counted [keV]."""
_PER_PROTON, _BASELINE = 0.0848, 0.0192
_WINDOW = (1.5, 8.5)
"""Ionization that is counted [keV]."""
_K, _ERROR = 0.157, 0.05
"""Of Lindhard's quenching factor, which is good at these energies, and its relative error."""
_RESOLUTION = 0.05
"""Of ionization [keV]; so small that it hardly matters."""
_RECOILS = (4.0, 85.0)
"""[keV]."""


class CoherentGe2025(MeasuredQuantities):
    """20.6 +7.1 -6.3 scatterings above 1.5 keV of ionization in 10.22 GWh kg: one split Gaussian.

    The spectrum is not released, so any signal counts as its number of events from 1.5 to 8.5 keV, whatever its shape:
    weak scattering with charge radii, charges and interactions with quarks, moments, a heavy lepton. All events in the
    window are taken to be found. The flux of the source, 10 %, is that of `CoherentCsI2021` and `CoherentLAr2020`; the
    quenching factor is Lindhard's with k = 0.157 +- 5 %. The Standard Model has 32, 1.6 standard deviations above.
    """

    reference: ClassVar[str] = "S. Adamski et al. (COHERENT), Phys. Rev. Lett. 134, 231801 (2025), arXiv:2406.13806"

    weak: Float[Array, "variants 6 bins sources"]
    flips: Float[Array, "variants 10 bins sources"]
    magnetic: Float[Array, "variants bins sources"]
    portal: MassSpline
    """As those of `coherent.Recoils`, with one bin."""

    @classmethod
    def load(cls) -> Self:
        """Read the published number, and fold the spectra of pions with cross sections."""
        table = read_table("germanium_counts")
        value, plus, minus = (table.where(quantity=_NAME)[name].item() for name in ("value", "plus", "minus"))
        where, quenching = coherent.grid(*_RECOILS), Lindhard(_K)
        ionization = quenching.ionization(where.recoil)
        protons = _EXPOSURE * _JOULE_PER_GWH / (_PROTON_ENERGY * _JOULE_PER_MEV)  # times kg
        target, nuclei = germanium.nuclei(1e3, pion_decay.fluence(protons, _BASELINE, per_proton=_PER_PROTON))
        variants = (1.0, 1.0 - _ERROR, 1.0 + _ERROR)
        return cls(
            name=_NAME,
            terms=(SplitGaussian(value, plus, minus),),
            sources=(table.source, read_table("isotopes").source),
            **coherent.fields(where, [(target, nuclei)], [_acceptance(q * ionization) for q in variants]),
        )

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors in standard deviations: the flux, shared by all detectors at the source, and the quenching factor."""
        return {name: dist.Normal(0.0, 1.0) for name in (coherent.FLUX, f"{_NAME}_quenching")}

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name of the number of scatterings."""
        return (("scatterings on germanium", ""),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Scatterings that are counted (1,)."""
        events = coherent.scatterings(
            theory, weak=self.weak, flips=self.flips, magnetic=self.magnetic, portal=self.portal
        )
        z = jnp.reshape(nuisance[f"{_NAME}_quenching"], (1,))
        return coherent.flux(nuisance) * jnp.sum(between(events, z), 1)


def _acceptance(ionization: Float[np.ndarray, " nodes"]) -> Float[np.ndarray, "1 nodes"]:
    """The probability to be counted."""
    low, high = ((edge - ionization) / _RESOLUTION for edge in _WINDOW)
    return np.asarray(normal_cdf(jnp.asarray(high)) - normal_cdf(jnp.asarray(low)))[None]
