"""What solar neutrino experiments share: Gaussian rates, fluxes and their errors, energies that stand for spectra."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import NamedTuple, Self, TypedDict

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.constants import ELECTRON, MUON, PDG_2026
from nmmjax.experiments.base import Nuisance, without_nsi
from nmmjax.experiments.likelihoods.correlated import CorrelatedNumbers
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.numerics.quadrature import gauss_of
from nmmjax.oscillation import ProductionAverage
from nmmjax.oscillation._propagation import populations
from nmmjax.precession import MagneticSun
from nmmjax.precession.solar import passed_levels, unflipped
from nmmjax.tables import Table

FLUXES = {"pp": ("pp",), "pep": ("pep",), "be7": ("be7",), "b8": ("b8",), "cno": ("n13", "o15", "f17")}
"""Fluxes that vary together. That of hep neutrinos, 0.5 % of the chlorine rate and less elsewhere, is held."""
SNU = 1e-36
"""Solar neutrino unit: captures per second and target nucleus."""
FIELD = "solar_log10_field"
"""Nuisance: log10 of the magnetic field in the Sun, over the one that is given."""
_FIELD_ERROR = 0.5
_POINTS = 6
"""Energies that stand for a continuous spectrum: rates are right to 1e-7 near the mixing of the Sun."""

Response = Callable[[Float[np.ndarray, " n"]], Float[np.ndarray, "n k"]]
"""At energies [MeV], what a detector counts for one nu_e, nu_mu, nu_tau per cm^2 and second, in the unit of a datum.

Behind these three may stand what it would count for other combinations of couplings.
"""


def field_prior() -> dict[str, dist.Distribution]:
    """Half a decade around the fields that are given."""
    return {FIELD: dist.Normal(0.0, _FIELD_ERROR)}


def given_or_standard(sun: SolarModel | None) -> SolarModel:
    """The given model of the Sun, or B16-GS98 where none is given."""
    if sun is None:
        return SolarModel.b16_gs98()
    _checks.check_instance("sun", sun, SolarModel)
    return sun


class SurvivalPoint(NamedTuple):
    """A survival probability as one experiment measures it, whatever its cause."""

    label: str
    energy: float
    """Mean energy of the neutrinos that the experiment sees [MeV]."""
    probability: float
    error: float


class SolarMeasurement(CorrelatedNumbers):
    """Abstract: a few correlated Gaussian numbers, and fluxes of a solar model within their theoretical errors.

    In a Sun `with_magnetic_sun` Dirac neutrinos flip in the convective zone (`precession.level_survival`); the field
    has an error of half a decade, a nuisance that a fit may fix or give another prior.
    """

    flux_names: tuple[str, ...] = eqx.field(static=True)
    """Names of the nuisances, fluxes in standard deviations, shared by all experiments with the same solar model."""
    magnetic: MagneticSun | None = eqx.field(default=None, kw_only=True)
    """Fields in which neutrinos flip on their way out of the Sun."""

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors of the fluxes of the solar model, in standard deviations; log10 of the field over what is given."""
        fluxes: dict[str, dist.Distribution] = {name: dist.Normal(0.0, 1.0) for name in self.flux_names}
        return fluxes if self.magnetic is None else {**fluxes, **field_prior()}

    @public
    def with_magnetic_sun(self, magnetic: MagneticSun) -> Self:
        """The experiment with neutrinos from a Sun with a field in its convective zone.

        Dirac neutrinos flip there (`precession.level_survival`). Majorana neutrinos stay as they are: what fields make
        of them is rare, and seen in antineutrinos (`SolarAntineutrinos2022`). `solar_log10_field` is log10 of the field
        over the one given.
        """
        return dataclasses.replace(self, magnetic=magnetic)

    def arriving(
        self, average: ProductionAverage, theory: LowEnergy, nuisance: Nuisance
    ) -> Complex[Array, "points 3 3"]:
        """The state of nu_e, nu_mu and nu_tau at the energies of an average, by day."""
        neutrinos = theory.neutrinos
        state = average.state(neutrinos.mass_squared, nsi=theory.nsi)
        if self.magnetic is None:
            return state
        passed = passed_levels(neutrinos, self.magnetic, 10.0 ** nuisance[FIELD], PDG_2026)
        return without_nsi(theory) * unflipped(neutrinos, state, passed)


class Channel(NamedTuple):
    """The neutrinos of one source in one detector: energies, and for each flavor its contribution to the rate."""

    average: ProductionAverage
    weights: Float[np.ndarray, "points k"]
    """Sum over points of weights x P(nu_e -> nu_a) = rate for the flux of the solar model; as those of a `Response`."""
    flux: str | None
    """Key in `FLUXES` of the flux, None for one that is held."""
    flux_error: float

    @classmethod
    def of(cls, sun: SolarModel, spectra: SolarSpectra, source: str, response: Response) -> Self:
        """The channel of a source in a detector, the mean over its spectrum a sum over a few energies.

        These are the Gauss nodes of spectrum x cross section of nu_e: exact for polynomials P of degree 11.
        """
        quadrature = spectra.quadrature(source)
        energy, weight = np.asarray(quadrature.energy), np.asarray(quadrature.weight)
        seen = weight * response(energy)[:, ELECTRON]
        energy, seen = gauss_of(energy[seen > 0.0], seen[seen > 0.0], _POINTS)
        sections = response(energy)
        index = sun.index(source)
        weights = float(sun.fluxes[index]) * seen[:, None] * sections / sections[:, :1]
        flux = next((name for name, members in FLUXES.items() if source in members), None)
        return cls(ProductionAverage.build(energy, sun, source), weights, flux, float(sun.flux_errors[index]))


class SolarRates(SolarMeasurement):
    """Abstract: rates = sum over sources of flux x <cross section x P>, by day."""

    average: ProductionAverage
    weights: Float[Array, "data points k"]
    """Rates for each energy and flavor, and behind these as those of a `Response`."""
    flux_shifts: Float[Array, "nuisances points"]
    """Relative change of the flux behind an energy for one standard deviation of a nuisance."""

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted rates (data,), in the units of `quantities`."""
        rates = self.rates(self.arriving(self.average, theory, nuisance), theory)
        fluxes = 1.0 + sum(
            nuisance[name] * shift for name, shift in zip(self.flux_names, self.flux_shifts, strict=True)
        )
        return rates @ fluxes

    def rates(self, state: Complex[Array, "points 3 3"], theory: LowEnergy) -> Float[Array, "data points"]:
        """Rates (data, points) for the fluxes of the solar model, by energy, of a state that arrives."""
        del theory
        return jnp.einsum("dpa,pa->dp", self.weights[..., :3], populations(state))

    def survival(self) -> tuple[SurvivalPoint, ...]:
        """Survival probabilities, one for each datum: the P_ee at all energies with which it is as measured.

        What does not survive is nu_mu and nu_tau alike. The error is that of the datum and of the fluxes.
        """
        electron = self.weights[..., ELECTRON]
        other = jnp.mean(self.weights[..., MUON:3], -1)
        contrast = jnp.sum(electron - other, -1)
        probability = (self.values - jnp.sum(other, -1)) / contrast
        rates = electron * probability[:, None] + other * (1.0 - probability[:, None])
        from_fluxes = jnp.sum((rates @ self.flux_shifts.T) ** 2, -1)
        error = jnp.sqrt(jnp.diagonal(self.covariance) + from_fluxes) / contrast
        energy = electron @ self.average.energy / jnp.sum(electron, -1)
        columns = (self.labels, energy.tolist(), probability.tolist(), error.tolist())
        return tuple(SurvivalPoint(*row) for row in zip(*columns, strict=True))


class RateFields(TypedDict):
    """The fields of `SolarRates` that say what is predicted."""

    average: ProductionAverage
    weights: Float[Array, "data points k"]
    flux_shifts: Float[Array, "nuisances points"]
    flux_names: tuple[str, ...]


def rate_fields(sun: SolarModel, channels: Sequence[Sequence[Channel]]) -> RateFields:
    """The fields of `SolarRates` that predict rates.

    **Arguments:** `channels`, for each datum those that add up to it.
    """
    flat = [channel for of_datum in channels for channel in of_datum]
    sizes = [len(channel.weights) for channel in flat]
    ends = np.cumsum(sizes)
    weights = np.zeros((len(channels), sum(sizes), flat[0].weights.shape[-1]))
    fluxes = [name for name in FLUXES if any(channel.flux == name for channel in flat)]
    shifts = np.zeros((len(fluxes), sum(sizes)))
    data = [datum for datum, of_datum in enumerate(channels) for _ in of_datum]
    for datum, channel, end, size in zip(data, flat, ends, sizes, strict=True):
        points = slice(end - size, end)
        weights[datum, points] = channel.weights
        if channel.flux is not None:
            shifts[fluxes.index(channel.flux), points] = channel.flux_error
    return {
        "average": ProductionAverage.joined(*(channel.average for channel in flat)),
        "weights": on_device(weights),
        "flux_shifts": on_device(shifts),
        "flux_names": tuple(flux_name(sun, flux) for flux in fluxes),
    }


def flux_name(sun: SolarModel, flux: str) -> str:
    """Name of the nuisance of a flux; with that of the solar model in it, as another model is another nuisance."""
    return f"{sun.name.lower().replace('-', '_')}_flux_{flux}"


def variance(table: Table) -> Float[np.ndarray, " rows"]:
    """Variance of each row: statistical and systematic errors in quadrature."""
    return table["stat"] ** 2 + table["syst"] ** 2


def capture(threshold: float, energy: Float[np.ndarray, " n"], cross_section: Float[np.ndarray, " n"]) -> Response:
    """Response of captures of nu_e [SNU]: ln(cross section) is a polygon in ln(E - threshold).

    **Arguments:** threshold [MeV], and a table of energies [MeV] and cross sections [1e-46 cm^2].
    """
    x, y = np.log(energy - threshold), np.log(1e-46 * cross_section / SNU)
    slope = (y[1] - y[0]) / (x[1] - x[0])

    def response(energies: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n 3"]:
        above = energies > threshold
        u = np.log(np.where(above, energies - threshold, 1.0))
        values = np.exp(np.interp(u, x, y) + slope * np.minimum(u - x[0], 0.0))
        return np.where(above, values, 0.0)[:, None] * np.array([1.0, 0.0, 0.0])

    return response
