"""CONUS+: antineutrinos of a reactor on germanium, the first coherent scatterings of these that were seen."""

import math
from typing import ClassVar, Self

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.terms import SplitGaussian
from nmmjax.experiments.shared import germanium
from nmmjax.experiments.shared.germanium import IronFiltered, Lindhard, Photoneutrons, Quenching
from nmmjax.experiments.shared.nuclear_recoils import Beam, NuclearRecoils, Panels
from nmmjax.experiments.shared.reactor_recoils import near_reactor
from nmmjax.fluxes import ReactorTables
from nmmjax.low_energy import Dirac, LowEnergy, Neutrinos
from nmmjax.numerics.special import normal_cdf
from nmmjax.tables import read_table

__all__ = ["ConusPlus2025", "IronFiltered", "Lindhard", "Photoneutrons"]

_NAME = "conus_plus_2025"
_FISSIONS = {"U235": 0.55, "U238": 0.07, "Pu239": 0.32, "Pu241": 0.06}
"""Typical shares; the ratio hardly depends on them."""
_THRESHOLDS, _END = (0.16, 0.17, 0.18), 0.80
"""Ionization from which, and to which, is counted [keV]: three detectors, 160 to 180 eV; the end from memory."""
_RESOLUTION = 0.0204
"""Of ionization [keV]: 48 eV of full width at half maximum, from memory."""
_HIGHEST, _PANEL = 2.0, 1.2
"""Recoil [keV] beyond all, and ratio of the borders of a panel."""


class ConusPlus2025(MeasuredQuantities):
    """395 +- 106 scatterings, where 347 +- 59 are expected: the rate over that of the Standard Model, 1.14 +- 0.36.

    A Gaussian in the rate of recoils of nuclei above the threshold, whatever makes them: weak scattering with charge
    radii, charges and interactions with quarks, moments. Errors of measurement and expectation are added in
    quadrature, that of the quenching factor among the latter. The number is what the fit of the collaboration to its
    spectrum finds, which is not released: signals of another shape are not told apart here. Recoils of electrons, flat
    beside those of nuclei, are left out, which is on the safe side; `Conus2026` has limits on moment and charge that
    rest on them, and on these data: a fit takes one or the other.

    The quenching factor is a choice of `load` and changes how much a moment adds, not the rate of the Standard Model.
    """

    reference: ClassVar[str] = "N. Ackermann et al. (CONUS), Nature 643, 1229 (2025), arXiv:2501.05206"

    recoils: NuclearRecoils
    """Rates over that of the Standard Model, with one bin and no variants."""

    @classmethod
    @public
    def load(cls, quenching: Quenching | None = None) -> Self:
        """Read the published numbers, and fold the reactor's spectrum with cross sections.

        **Arguments:** the quenching factor, `Lindhard(0.162)` unless another is given.
        """
        quenching = Lindhard() if quenching is None else quenching
        table, spectra = read_table("germanium_counts"), ReactorTables.load()
        rows = [table.where(quantity=name) for name in (_NAME, f"{_NAME}_expected")]
        (seen, error), (expected, uncertain) = ((row["value"].item(), row["plus"].item()) for row in rows)
        value = seen / expected
        total = value * math.hypot(error / seen, uncertain / expected)
        return cls(
            name=f"{_NAME}_{quenching.short_name}",
            terms=(SplitGaussian(value, total, total),),
            sources=(table.source, spectra.table, read_table("isotopes").source, *quenching.sources),
            recoils=_recoils(spectra, quenching),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data, whatever the quenching factor: a part of what the limits of CONUS rest on."""
        return frozenset({"conus/leibstadt"})

    @property
    def counted_from(self) -> str:
        """The same for all quenching factors."""
        return _NAME

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name of the rate."""
        return (("rate over that of the Standard Model", ""),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Rate over that of the Standard Model (1,)."""
        return _rate(self.recoils, theory)


# What follows, but for the rate, is computed once, when the experiment is loaded.


def _rate(recoils: NuclearRecoils, theory: LowEnergy) -> Float[Array, "1"]:
    return near_reactor(recoils, theory)[0]


@quick()
def _standard(recoils: NuclearRecoils) -> Float[Array, "1"]:
    """That of neutrinos without moments."""
    nothing = jnp.zeros((3, 3))
    return _rate(recoils, LowEnergy(Neutrinos(nothing, nothing, Dirac())))


def _recoils(spectra: ReactorTables, quenching: Quenching) -> NuclearRecoils:
    energy, weight = (np.asarray(x) for x in spectra.quadrature(_FISSIONS))
    low = quenching.least_recoil()
    where = Panels.geometric(low, _HIGHEST, _PANEL, 8)
    seen = _acceptance(quenching.ionization(where.recoil))

    def scaled(number: float) -> NuclearRecoils:
        return NuclearRecoils.build([germanium.nuclei(number, 1.0)], Beam(energy, weight[:, None]), where, [seen])

    return scaled(1.0 / float(_standard(scaled(1.0))[0]))


def _acceptance(ionization: Float[np.ndarray, " nodes"]) -> Float[np.ndarray, "1 nodes"]:
    """The probability to be counted, the mean of three detectors."""
    ends = on_device(np.array([*_THRESHOLDS, _END]))
    below = np.asarray(normal_cdf((ends[:, None] - ionization) / _RESOLUTION))
    return (below[-1] - below[:-1].mean(0))[None]
