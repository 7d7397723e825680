"""Solar neutrinos in Super-Kamiokande: rates of elastic scattering over those without oscillation, by day and night."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax.constants import KEV_PER_MEV
from nmmjax.experiments.shared.electron_recoils import SolarRecoils
from nmmjax.experiments.shared.night import Night
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.numerics.special import normal_cdf
from nmmjax.scattering.kinematics import ELECTRON_MASS
from nmmjax.tables import Source, Table, read_table

PHASES = (1, 2, 3, 4)
NUMERALS = {1: "I", 2: "II", 3: "III", 4: "IV"}
SOURCES = ("b8", "hep")
UNIT = 1e6
"""Of fluxes [cm^-2 s^-1]."""
REFERENCE_FLUX = 5.25
"""Of the 8B neutrinos without oscillation to which all phases are compared [1e6 cm^-2 s^-1]."""
_TABLES = ("super_kamiokande_solar_2024_rates", "super_kamiokande_solar_2024_response")
_CELLS = np.geomspace(500.0, 19500.0, 500)
"""Edges of cells of the energy left to an electron [keV]."""


class Phase(NamedTuple):
    """What one phase has measured, and how it answers to an electron."""

    number: int
    rates: Table
    """Rates [1 / kt yr] in bins of energy, by day and by night."""
    response: dict[str, float]

    @property
    def edges(self) -> Float[np.ndarray, " bins+1"]:
        """Of the bins of the kinetic energy of an electron [MeV]; phases before the fourth publish total energies."""
        edges = np.append(self.rates["energy_low"], self.rates["energy_high"][-1])
        return edges - (ELECTRON_MASS - self.response["binned_above"])

    @property
    def expected(self) -> Float[np.ndarray, "bins 2"]:
        """Rates [1 / kt yr] without oscillation of `REFERENCE_FLUX` of 8B neutrinos, and of hep neutrinos."""
        b8 = self.rates["expected_b8"] * REFERENCE_FLUX / self.response["flux_b8"]
        return np.stack([b8, self.rates["expected_hep"]], -1)

    def acceptance(self, recoil: Float[np.ndarray, " n"], scale: float, width: float) -> Float[np.ndarray, "bins n"]:
        """The probability to be counted in a bin, by kinetic energy [MeV].

        A Gaussian in the total energy E of the electron, sigma = a + b sqrt(E) + c E.

        **Arguments:** `scale` of the energies and `width` of the resolution over their central values.
        """
        energy, known = recoil + ELECTRON_MASS, self.response
        sigma = width * (known["constant"] + known["root"] * np.sqrt(energy) + known["linear"] * energy)
        distance = (self.edges[:, None] + ELECTRON_MASS - scale * energy) / sigma
        return np.diff(np.asarray(normal_cdf(jnp.asarray(distance))), axis=0)

    def acceptances(self, recoil: Float[np.ndarray, " n"]) -> Float[np.ndarray, "5 bins n"]:
        """Central; then down and up by one standard deviation of the energy scale, and of the resolution."""
        s, r = self.response["scale_error"], self.response["resolution_error"]
        variants = ((1.0, 1.0), (1.0 - s, 1.0), (1.0 + s, 1.0), (1.0, 1.0 - r), (1.0, 1.0 + r))
        return np.stack([self.acceptance(recoil, *variant) for variant in variants])


def read_phases(phases: Sequence[int]) -> tuple[tuple[Phase, ...], tuple[Source, ...]]:
    """The chosen phases with the tables they are read from.

    **Raises:** `ValueError` unless these are one or more of 1, 2, 3 and 4, ascending.
    """
    if not phases or list(phases) != sorted(set(phases)) or not set(phases) <= set(PHASES):
        _checks.fail("phases", f"be one or more of {PHASES}, ascending", f"they are {phases!r}")
    rates, response = map(read_table, _TABLES)
    chosen = []
    for number in phases:
        row = response.where(phase=number)
        known = {name: float(column[0]) for name, column in row.columns.items()}
        chosen.append(Phase(number, rates.where(phase=number), known))
    return tuple(chosen), (rates.source, response.source)


class ElasticRatios(eqx.Module):
    """Rates over those without oscillation in the bins b of several phases, by day and by night t:

        R_bt = sum_s (e_sb / e_b) (Phi_s / Phi_s^0) N_sb(rho_t) / N_sb(nu_e),   s = 8B, hep.

    e_sb are the rates that the collaboration expects without oscillation of the fluxes Phi_s^0, e_b their sum; N_sb are
    `SolarRecoils` of the flux of the solar model, as the detector counts them with its energy resolution. So what the
    simulation of the detector knows of efficiencies stays, and the ratio is all that is computed.
    """

    recoils: SolarRecoils
    night: Night
    weights: Float[Array, "bins points"]
    """R_bt = sum over points p of weights x N_bp, whatever the variant of the response."""

    @classmethod
    def build(cls, sun: SolarModel, spectra: SolarSpectra, phases: Sequence[Phase]) -> Self:
        """For the bins of all phases, one after the other; variants as of `Phase.acceptances`."""
        middle = 0.5 * (_CELLS[1:] + _CELLS[:-1]) / KEV_PER_MEV
        acceptance = np.concatenate([phase.acceptances(middle) for phase in phases], axis=1)
        rows = acceptance.reshape(-1, len(middle))
        recoils = SolarRecoils.build(sun, spectra, SOURCES, _CELLS, rows, masses=None)
        born = jnp.zeros((len(recoils.source), 3, 3), complex).at[:, 0, 0].set(1.0)
        unchanged = np.asarray(recoils.weak_events(born)).reshape(*acceptance.shape[:2], -1)[0]
        expected = np.concatenate([phase.expected for phase in phases])
        hep = np.concatenate([np.full(len(phase.rates), phase.response["flux_hep"]) for phase in phases])
        weights = np.zeros(unchanged.shape)
        for s, (source, flux) in enumerate(zip(SOURCES, (np.full(len(hep), REFERENCE_FLUX), hep), strict=True)):
            of_source = np.array(recoils.source) == source
            share = expected[:, s] / expected.sum(1) * float(sun.fluxes[sun.index(source)]) / UNIT / flux
            weights[:, of_source] = (share / unchanged[:, of_source].sum(1))[:, None]
        return cls(recoils, Night.kamioka(), on_device(weights))

    def by_day(self, theory: LowEnergy) -> Complex[Array, "points 3 3"]:
        """States that arrive by day, at the energies of the points."""
        return self.recoils.average.state(theory.neutrinos.mass_squared, nsi=theory.nsi)

    def rates(self, theory: LowEnergy, flux: Float[Array, " points"]) -> Float[Array, "variants bins 2"]:
        """R by day and by night (variants, bins, 2) for fluxes (points,) over those of the solar model."""
        day, energy = self.by_day(theory), self.recoils.average.energy
        night = self.night.state(theory.neutrinos.mass_squared, day, energy, theory.nsi)
        events = jnp.stack([self.recoils.scattered(state, theory) for state in (day, night)], -1)
        return jnp.einsum("vbpt,bp->vbt", jnp.reshape(events, (-1, *self.weights.shape, 2)), self.weights * flux)
