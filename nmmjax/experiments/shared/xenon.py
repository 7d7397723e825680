"""What detectors of liquid xenon share: solar neutrinos that scatter on electrons, over a measured background."""

import math
from typing import ClassVar, TypedDict

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import _checks, mixing
from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.constants import PDG_2026
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.poisson import CountedSpectrum
from nmmjax.experiments.shared import solar
from nmmjax.experiments.shared.electron_recoils import SolarRecoils
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.numerics.special import normal_cdf
from nmmjax.oscillation import ProductionAverage
from nmmjax.scattering.atoms import Shells
from nmmjax.tables import Source, Table, read_table

SOURCES = ("pp", "be7", "pep", "n13", "o15", "b8")
"""Sources in the Sun. 8B neutrinos, 1e-4 of the signal of a moment, make the heaviest N; 17F and hep add as little."""
_MOLAR_MASS = 131.293
"""[g/mol]."""
_GRAMS_PER_TONNE, _YEAR = 1e6, 365.25 * 86400.0
"""[s]."""
_DEPOSITS = np.geomspace(0.05, 50.0, 800)
"""Energies [keV] left in the xenon, edges of the cells in which cross sections are integrated."""
_MASSES = 192
"""Of a heavy lepton, between which its recoils are a spline: right to 5e-3."""
_STEP = 0.04
"""Of the reconstructed energy [keV], in which the efficiency is constant, at most."""
_RESOLUTION = (0.310, 0.0037)
"""sigma = a sqrt(E) + b E, in keV [XENON, Phys. Rev. D 102, 072004 (2020)]."""
_STANDARD_SINES, _STANDARD_SPLITTINGS = tuple(map(math.sqrt, (0.307, 0.0222, 0.5))), (7.4e-5, 2.5e-3)
"""sin of theta12, theta13 and theta23, dm21 and dm31 [eV^2] in the published backgrounds."""


class Xenon(CountedSpectrum):
    """Abstract: electronic recoils over a background that the collaboration has measured and modeled.

        t_b = (1 + s_eff z_eff) [(1 + s_bkg z_bkg) B_b + sum_p N_bp - N^0_b].

    N_bp are the recoils of `SolarRecoils` by the neutrinos of `SOURCES`: weak scattering, moments, charge radii,
    charges, a heavy lepton. B, the background of the collaboration, contains the scattering by the weak interaction of
    neutrinos that oscillate in the standard way, N^0: what is added is the difference. The electrons of xenon are
    counted by stepping; the efficiency acts after smearing, at the reconstructed energy. Solar fluxes are held: 0.6 %
    for pp, 6 % for 7Be.
    """

    counts: Float[Array, " data"]
    edges: Float[Array, " data+1"]
    background: Float[Array, " data"]
    """Background B of the collaboration, events."""
    recoils: SolarRecoils
    """Recoils N_bp of solar neutrinos."""
    standard: Float[Array, " data"]
    """Standard scattering N^0 within the background, events."""
    background_error: float = eqx.field(static=True)
    """Relative error s_bkg of the background."""
    efficiency_error: float = eqx.field(static=True)
    """Relative error s_eff of the efficiency."""
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    ranges: ClassVar[tuple[tuple[float, float], ...]] = ((1.0, 7.0), (7.0, 15.0), (15.0, 30.0), (1.0, 30.0))

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors of background and efficiency, in standard deviations."""
        return {f"{self.name}_{name}": dist.Normal(0.0, 1.0) for name in ("background", "efficiency")}

    def signal(self, theory: LowEnergy) -> Float[Array, " data"]:
        """Events (data,) that neutrinos add to the background, for the central efficiency."""
        return jnp.sum(self.recoils.events(theory), axis=1) - self.standard

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted events (data,) of each bin."""
        background = 1.0 + self.background_error * nuisance[f"{self.name}_background"]
        efficiency = 1.0 + self.efficiency_error * nuisance[f"{self.name}_efficiency"]
        return efficiency * (background * self.background + self.signal(theory))


class XenonFields(TypedDict):
    """The fields of `Xenon` that come from tables."""

    counts: Float[Array, " data"]
    background: Float[Array, " data"]
    edges: Float[Array, " data+1"]
    recoils: SolarRecoils
    standard: Float[Array, " data"]
    name: str
    sources: tuple[Source, ...]


# Everything below turns the tables into arrays, once, when an experiment is loaded.


def fields(name: str, exposure: float, sun: SolarModel | None, shells: Shells | None, width: float) -> XenonFields:
    """The fields of `Xenon` for one detector.

    **Arguments:** `name` of the tables; exposure [tonne years]; the Sun, B16-GS98 unless another one is given; the
    electrons of xenon, free from their binding energies on unless others are given; width of the bins [keV].
    """
    sun = solar.given_or_standard(sun)
    spectra, xenon = SolarSpectra.load(), Shells.load("Xe") if shells is None else shells
    _checks.check_instance("shells", xenon, Shells)
    spectrum, efficiency = read_table(f"{name}_spectrum"), read_table(f"{name}_efficiency")
    edges, counts, background = _rebinned(spectrum, width)
    cells = np.union1d(_DEPOSITS, np.asarray(xenon.binding)[np.asarray(xenon.binding) > _DEPOSITS[0]])
    center = 0.5 * (cells[1:] + cells[:-1])
    acceptance = _acceptance(edges, center, efficiency["energy"], efficiency["efficiency"])
    atoms_seconds = exposure * _YEAR * _GRAMS_PER_TONNE / _MOLAR_MASS * PDG_2026.avogadro
    response = acceptance * atoms_seconds * np.asarray(xenon.available(center))
    recoils = SolarRecoils.build(sun, spectra, SOURCES, cells, response, masses=_MASSES)
    return {
        "counts": on_device(counts),
        "background": on_device(background),
        "edges": on_device(edges),
        "recoils": recoils,
        "standard": _standard(recoils, _state(recoils.average, _standard_mass_squared())),
        "name": name,
        "sources": (spectrum.source, efficiency.source, xenon.table, *spectra.tables, *sun.tables),
    }


@quick()
def _standard_mass_squared() -> Complex[Array, "3 3"]:
    """M^+ M [eV^2] of the standard oscillations."""
    theta12, theta13, theta23 = map(math.asin, _STANDARD_SINES)
    return mixing.mass_squared_matrix(mixing.pmns(theta12, theta13, theta23, 0.0), *_STANDARD_SPLITTINGS)


@quick()
def _state(average: ProductionAverage, mass_squared: Complex[Array, "3 3"]) -> Complex[Array, "points 3 3"]:
    """The state at Earth, at each point of the solar spectrum."""
    return average.state(mass_squared)


@quick()
def _standard(recoils: SolarRecoils, state: Complex[Array, "points 3 3"]) -> Float[Array, " data"]:
    """Events (data,) by the weak interaction of the Standard Model."""
    return jnp.sum(recoils.weak_events(state), axis=1)


def _rebinned(
    spectrum: Table, width: float
) -> tuple[Float[np.ndarray, " bins+1"], Float[np.ndarray, " bins"], Float[np.ndarray, " bins"]]:
    """Edges, counts and background in bins that join a whole number of those of the table."""
    low, high = spectrum["energy_low"], spectrum["energy_high"]
    joined = round(width / (high[0] - low[0]))
    starts = np.arange(0, len(low), joined)
    counts, background = (np.add.reduceat(spectrum[name], starts) for name in ("observed", "background"))
    return np.append(low[starts], high[-1]), counts, background


def _acceptance(
    edges: Float[np.ndarray, " bins+1"],
    deposit: Float[np.ndarray, " cells"],
    energy: Float[np.ndarray, " k"],
    efficiency: Float[np.ndarray, " k"],
) -> Float[np.ndarray, "bins cells"]:
    """The probability to be counted in a bin: smeared, then seen with the efficiency at the reconstructed energy."""
    bins, each = len(edges) - 1, math.ceil((edges[1] - edges[0]) / _STEP)
    steps = np.linspace(edges[0], edges[-1], bins * each + 1)
    sigma = _RESOLUTION[0] * np.sqrt(deposit) + _RESOLUTION[1] * deposit
    inside = np.diff(np.asarray(normal_cdf((steps[:, None] - deposit) / sigma)), axis=0)
    seen = np.interp(0.5 * (steps[1:] + steps[:-1]), energy, efficiency)
    return (seen[:, None] * inside).reshape(bins, each, -1).sum(1)
