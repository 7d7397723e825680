"""Daya Bay: reactor antineutrinos in eight identical detectors, two near halls against a far one."""

import dataclasses
import itertools
import math
from typing import ClassVar, NamedTuple, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float, PRNGKeyArray

from nmmjax import _checks, oscillation
from nmmjax._device import on_device
from nmmjax.constants import ELECTRON, PDG_2026
from nmmjax.experiments.base import Nuisance, Pull, Spectrum, prediction
from nmmjax.experiments.likelihoods import gaussian
from nmmjax.experiments.likelihoods.counts import BinnedCounts
from nmmjax.experiments.shared import reactor
from nmmjax.fluxes import ReactorSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.numerics.special import normal_cdf
from nmmjax.scattering import inverse_beta
from nmmjax.tables import Source, Table, read_table

_NAME = "daya_bay_2022"
_TABLES = ("daya_bay_2022_spectra", "daya_bay_flux", "daya_bay_detectors", "daya_bay_reactor")
_HALLS = ("EH1", "EH2", "EH3")
_PERIODS = ("6AD", "8AD", "7AD")
_CORES = ("D1", "D2", "L1", "L2", "L3", "L4")

SIN2_2THETA13, DM32, SIN2_THETA12, DM21 = 0.0851, 2.466e-3, 0.307, 7.53e-5
"""The published best fit (normal ordering, eV^2) behind the tabulated prediction."""

_EFFICIENCY_ERROR = 0.0013
"""Of each detector, uncorrelated (2022)."""
_CORE_ERROR = 0.008
"""Of the rate of each core, uncorrelated: power 0.5 % and fission fractions 0.6 % (2017)."""
_NORM_ERROR = 0.05
"""Of the reactor flux, common: wider than any prediction of it; the near halls fix it."""
_SCALE_ERROR, _DETECTOR_SCALE_ERROR = 0.005, 0.002
"""Of the energy scale: common (2018), and of each detector (2022)."""
_HALL_BACKGROUNDS = {"accidental": 0.01, "lithium_helium": 0.30, "fast_neutron": 0.15}
"""Relative errors of rates, uncorrelated between halls: rounded from the rate tables of 2017 and 2018; ours."""
_COMMON_BACKGROUNDS = {"americium_carbon": 0.45, "alpha_neutron": 0.50}
"""Relative errors of rates that one estimate fixes in all halls."""

_HIGHEST = 13.2
"""Antineutrino energies [MeV] that reach the last prompt bin."""
_NODES = 128
_RANGES = 8


class DayaBay2022(BinnedCounts):
    """The full data set of 3158 days, neutron capture on gadolinium: 26 prompt-energy bins in each of three halls.

    The published best-fit prediction of each hall and period is divided by its mean survival probability at the
    published best fit and multiplied by that of the theory, in vacuum:

        t_b = sum_periods n_b <P(theory)>_b / <P(best fit)>_b + background_b.

    The mean runs over detectors and cores (target mass x efficiency / distance^2, equal powers) and over the
    antineutrino energies that reach the bin (reactor spectrum x inverse beta decay, mean neutron recoil, energy
    resolution). P depends on x = L/E alone, so all means are one matrix times P at 128 nodes x: right to 1e-6 while
    every splitting is below 0.04 eV^2; the mean of faster oscillations comes out bounded, but rough.

    Likelihood: Gaussian with the statistical errors of the published prediction. Flux shape and normalization, core
    powers, detector efficiencies and background rates are marginalized into a covariance evaluated at that prediction
    (were it to follow the theory, with its determinant, the best fit would move by less than 0.05 standard deviations).
    The energy scales, one common and one of each hall, are nuisances in standard deviations; the prediction is linear
    in them. Best fit: sin^2 2theta13 = 0.0850 +- 0.0025, dm2_32 = (2.465 +- 0.053)e-3 eV^2, published
    0.0851 +- 0.0024 and (2.466 +- 0.060)e-3.

    The published prediction was fitted to these data, flux shape included, so chi^2 at the best fit is lower than the
    number of bins: 58 for 78, where 45 would be expected of purely statistical fluctuations.

    The density of the crust would change P by less than 1e-4; that the powers of the two sites differ by some 10 %, and
    differently in each period, moves the result by less than 0.01 standard deviations.
    """

    reference: ClassVar[str] = "F. P. An et al. (Daya Bay), Phys. Rev. Lett. 130, 161802 (2023), arXiv:2211.14988"

    counts: Float[Array, " data"]
    """Candidates, background included; hall by hall."""
    background: Float[Array, " data"]
    edges: Float[Array, " bins+1"]
    """Prompt energies [MeV]."""
    nodes: Float[Array, " nodes"]
    """L/E [km/MeV]."""
    weights: Float[Array, "data nodes"]
    """Counts without background = weights @ P_ee(nodes)."""
    shift: Float[Array, "bins bins"]
    """Change of the counts of one hall for a relative change of its energy scale by one."""
    scales: Float[Array, "nuisances halls"]
    """Relative change of the energy scale of a hall for one standard deviation of a nuisance."""
    variance: Float[Array, " data"]
    modes: Float[Array, "data modes"]
    """Marginalized nuisances: what one standard deviation of each adds."""
    whitening: Float[Array, "data data"]
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """Read the packaged data."""
        tables = [read_table(name) for name in _TABLES]
        spectra, flux, detectors, cores = tables
        bins = spectra.where(hall=_HALLS[0], period=_PERIODS[0])
        edges = np.append(bins["energy_low"], bins["energy_high"][-1])
        reactor = ReactorSpectra.huber_mueller()
        response = _Response.of(edges, cores, reactor)
        exposure = _exposure(detectors)
        nodes, mean = _mean_on_nodes(exposure, _baselines(detectors), response)
        predicted = _by_hall_and_period(spectra, "predicted")
        unoscillated = predicted / (mean @ _published_survival(nodes))
        kinds = (*_HALL_BACKGROUNDS, *_COMMON_BACKGROUNDS)
        background = np.sum([_by_hall_and_period(spectra, kind) for kind in kinds], axis=0)
        variance = on_device(_hall_sums(predicted + background))
        modes = on_device(_modes(spectra, flux, exposure))
        return cls(
            counts=on_device(_hall_sums(_by_hall_and_period(spectra, "observed"))),
            background=on_device(_hall_sums(background)),
            edges=on_device(edges),
            nodes=on_device(nodes),
            weights=on_device(np.einsum("hpb,hpbx->hbx", unoscillated, mean).reshape(-1, len(nodes))),
            shift=on_device(_shift(edges, response)),
            scales=on_device(_scales(detectors)),
            variance=variance,
            modes=modes,
            whitening=gaussian.whitening(gaussian.covariance(variance, modes)),
            name=_NAME,
            sources=(*(table.source for table in tables), *reactor.tables),
        )

    @property
    def bins(self) -> int:
        """Number of bins, all halls together."""
        return self.background.size

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors of the energy scales, common and of each hall, in standard deviations."""
        return {name: dist.Normal(0.0, 1.0) for name in self._scale_names}

    @property
    def _scale_names(self) -> tuple[str, ...]:
        return (f"{self.name}_energy_scale", *(f"{self.name}_energy_scale_{hall.lower()}" for hall in _HALLS))

    @property
    def labels(self) -> tuple[str, ...]:
        """Hall and prompt energies [MeV] of each bin."""
        edges = self.edges.tolist()
        bins = [f"{low:g}-{high:g} MeV" for low, high in itertools.pairwise(edges)]
        return tuple(f"{hall} {energies}" for hall in _HALLS for energies in bins)

    def errors(self) -> Float[Array, " data"]:
        """Statistical standard deviations (data,), those of the published prediction."""
        return jnp.sqrt(self.variance)

    def spectrum(self) -> Spectrum:
        """The spectrum in prompt energy, one panel for each hall."""
        return Spectrum(_HALLS, (self.edges,) * len(_HALLS), "prompt energy", "MeV")

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted candidates (data,), hall by hall."""
        mass_squared = theory.neutrinos.mass_squared
        P = oscillation.probability(mass_squared, 1.0, oscillation.Uniform(self.nodes), antineutrino=True)
        signal = (self.weights @ P[..., ELECTRON, ELECTRON]).reshape(len(_HALLS), -1)
        scale = jnp.stack([nuisance[name] for name in self._scale_names]) @ self.scales
        return (signal + scale[:, None] * (signal @ self.shift.T)).ravel() + self.background

    def fitted(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Candidates with flux, cores, efficiencies and backgrounds pulled to their most probable values."""
        predicted = self.predict(theory, nuisance)
        amplitudes = gaussian.best_amplitudes(self.counts - predicted, self.variance, self.modes)
        return predicted + self.modes @ amplitudes

    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """ln L = -|W (observed - predicted)|^2 / 2, W the inverse root of the covariance."""
        return -0.5 * jnp.sum((self.whitening @ (self.counts - self.predict(theory, nuisance))) ** 2)

    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure: statistical errors and marginalized nuisances fluctuate together."""
        residual = gaussian.draw(key, self.variance, self.modes)
        return self.with_counts(self.predict(theory, nuisance) + residual)

    def exposed(self, factor: float) -> Self:
        """The experiment with `factor` times its exposure: candidates, background and systematic modes grow alike."""
        _checks.check_range("exposure", factor, low=0.0, open_low=True)
        names = ("counts", "background", "weights", "variance", "modes")
        grown = {name: factor * getattr(self, name) for name in names}
        whitening = gaussian.whitening(gaussian.covariance(grown["variance"], grown["modes"]))
        return dataclasses.replace(self, **grown, whitening=whitening)

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: ratios of halls, far / near in ranges of energy and EH2 / EH1.

        Background is subtracted, and the flux cancels.
        """
        counts = np.stack([prediction(self, theory, nuisance), self.counts]) - np.asarray(self.background)
        edges = self.edges.tolist()
        bins = len(edges) - 1
        cuts = np.linspace(0, bins, _RANGES + 1).round().astype(int).tolist()
        far_near = [
            self._ratio(
                f"EH3 / (EH1 + EH2), {edges[i]:g}-{edges[j]:g} MeV", ("EH3",), ("EH1", "EH2"), slice(i, j), counts
            )
            for i, j in itertools.pairwise(cuts)
        ]
        everything = slice(0, bins)
        return (
            *far_near,
            self._ratio("EH3 / (EH1 + EH2)", ("EH3",), ("EH1", "EH2"), everything, counts),
            self._ratio("EH2 / EH1", ("EH2",), ("EH1",), everything, counts),
        )

    def _ratio(
        self,
        label: str,
        above: tuple[str, ...],
        below: tuple[str, ...],
        bins: slice,
        counts: Float[np.ndarray, "2 data"],
    ) -> Pull:
        """Predicted and observed ratio of sums; the error is that of the likelihood, to first order."""
        select = np.zeros((2, len(_HALLS), self.edges.size - 1))
        for row, halls in zip(select, (above, below), strict=True):
            row[[_HALLS.index(hall) for hall in halls], bins] = 1.0
        select = select.reshape(2, -1)
        (above_predicted, above_observed), (below_predicted, below_observed) = select @ counts.T
        predicted, observed = above_predicted / below_predicted, above_observed / below_observed
        gradient = select[0] / above_predicted - select[1] / below_predicted
        error = predicted * math.sqrt(gradient**2 @ self.variance + np.sum((gradient @ self.modes) ** 2))
        return Pull(label, "", (float(predicted),), (float(observed),), float((predicted - observed) / error))


# Everything below turns the tables into arrays, once, when an experiment is loaded.


def _by_hall_and_period(spectra: Table, column: str) -> Float[np.ndarray, "halls periods bins"]:
    return np.array([[spectra.where(hall=hall, period=period)[column] for period in _PERIODS] for hall in _HALLS])


def _hall_sums(values: Float[np.ndarray, "halls periods bins"]) -> Float[np.ndarray, " data"]:
    return values.sum(1).ravel()


def _published_survival(nodes: Float[np.ndarray, " nodes"]) -> Float[np.ndarray, " nodes"]:
    """|sum_i |U_ei|^2 exp(-i m_i^2 L / 2E)|^2 at the published best fit."""
    sin2_theta13 = 0.5 * (1.0 - math.sqrt(1.0 - SIN2_2THETA13))
    electron = np.array(
        [(1.0 - SIN2_THETA12) * (1.0 - sin2_theta13), SIN2_THETA12 * (1.0 - sin2_theta13), sin2_theta13]
    )
    phase = PDG_2026.phase * np.outer(nodes, [0.0, DM21, DM21 + DM32])
    return np.abs(np.exp(-1j * phase) @ electron) ** 2


# Geometry


def _baselines(detectors: Table) -> Float[np.ndarray, "detectors cores"]:
    """Distances [km] of detectors from cores."""
    return 1e-3 * np.stack([detectors[core] for core in _CORES], -1)


def _exposure(detectors: Table) -> Float[np.ndarray, "halls periods detectors cores"]:
    """Share of each detector and core in the unoscillated counts of a hall and period."""
    target = (detectors["target_mass"] * detectors["efficiency"])[:, None] / _baselines(detectors) ** 2
    hall = np.array([detectors["hall"] == hall for hall in _HALLS])
    on = np.array([detectors[period] for period in _PERIODS])
    share = np.einsum("hd,pd,dc->hpdc", hall, on, target)
    return share / share.sum((2, 3), keepdims=True)


# Energy: from antineutrinos to prompt bins


def _resolution(prompt: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """Standard deviation [MeV] [F. P. An et al., Phys. Rev. D 95, 072006 (2017)]."""
    return np.sqrt((0.016 * prompt) ** 2 + 0.081**2 * prompt + 0.026**2)


class _Response(NamedTuple):
    """Antineutrino energies and how much each adds to the unoscillated prompt bins and, per MeV, at their edges."""

    energies: Float[np.ndarray, " n"]
    bins: Float[np.ndarray, "bins n"]
    edges: Float[np.ndarray, "bins+1 n"]

    @classmethod
    def of(cls, edges: Float[np.ndarray, " bins+1"], cores: Table, spectra: ReactorSpectra) -> Self:
        """Gauss-Legendre in sqrt(E - threshold), which takes the edge off the cross section."""
        panels = 60
        x, w = gauss_legendre(8)
        width = np.sqrt(_HIGHEST - inverse_beta.THRESHOLD) / panels
        root = (width * (np.arange(panels)[:, None] + 0.5 * (1.0 + x))).ravel()
        energies = inverse_beta.THRESHOLD + root**2
        fractions = dict(zip(cores["isotope"], cores["fission_fraction"], strict=True))
        rate = root * np.tile(w * width, panels) * reactor.interacting(energies, spectra, fractions)
        prompt = np.asarray(inverse_beta.prompt_energy(jnp.asarray(energies)))
        resolution = _resolution(prompt)
        distance = (edges[:, None] - prompt) / resolution
        density = np.exp(-0.5 * distance**2) / (math.sqrt(2.0 * math.pi) * resolution)
        return cls(energies, np.diff(np.asarray(normal_cdf(distance)), axis=0) * rate, density * rate)


def _mean_on_nodes(
    exposure: Float[np.ndarray, "halls periods detectors cores"],
    baselines: Float[np.ndarray, "detectors cores"],
    response: _Response,
) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, "halls periods bins nodes"]]:
    """Nodes x = L/E and weights that turn P(x) at the nodes into its mean in a bin.

    P is replaced by its interpolant in Chebyshev polynomials T_k of ln x, whose means are those of the T_k.
    """
    low = np.log(baselines.min() / response.energies.max())
    high = np.log(baselines.max() / response.energies.min())
    angle = (np.arange(_NODES) + 0.5) * np.pi / _NODES
    order = np.arange(_NODES)[:, None]
    x = np.log(baselines[..., None] / response.energies)
    position = np.arccos(np.clip((2.0 * x - low - high) / (high - low), -1.0, 1.0))
    energy_weights = response.bins / response.bins.sum(1, keepdims=True)
    polynomials = np.stack([energy_weights @ np.cos(k * position)[..., None] for k in order[:, 0]], -1)[..., 0, :]
    means = np.einsum("hpdc,dcbk->hpbk", exposure, polynomials)
    interpolation = np.cos(order * angle) * np.where(order == 0, 1.0, 2.0) / _NODES
    return np.exp(0.5 * (low + high) + 0.5 * (high - low) * np.cos(angle)), means @ interpolation


def _shift(edges: Float[np.ndarray, " bins+1"], response: _Response) -> Float[np.ndarray, "bins bins"]:
    """d counts / d ln scale: what flows through inner edges, energy x density.

    The density at an edge is the mean of those of the two bins times what the reactor spectrum says of that ratio.
    Nothing flows through the outermost edges.
    """
    width = np.diff(edges)
    density = response.bins.sum(1) / width
    mean = 0.5 * (density[1:] + density[:-1])
    flow = 0.5 * edges[1:-1] * response.edges.sum(1)[1:-1] / mean
    inner = np.arange(len(flow))
    through = np.zeros((len(flow), len(width)))
    through[inner, inner] = flow / width[:-1]
    through[inner, inner + 1] = flow / width[1:]
    still = np.zeros((1, len(width)))
    return -np.diff(np.concatenate([still, through, still]), axis=0)


# Nuisances


def _scales(detectors: Table) -> Float[np.ndarray, "nuisances halls"]:
    """A common row, then one for each hall, the mean of its detectors."""
    number = np.array([np.sum(detectors["hall"] == hall) for hall in _HALLS])
    common = np.full((1, len(_HALLS)), _SCALE_ERROR)
    return np.concatenate([common, np.diag(_DETECTOR_SCALE_ERROR / np.sqrt(number))])


def _modes(
    spectra: Table, flux: Table, exposure: Float[np.ndarray, "halls periods detectors cores"]
) -> Float[np.ndarray, "data modes"]:
    """Flux shape, flux normalization, cores, detectors, backgrounds."""
    predicted = _by_hall_and_period(spectra, "predicted")
    correlation = np.stack([flux[f"c{k}"] for k in range(len(flux))], -1)
    shape = flux["uncertainty"][:, None] * np.linalg.cholesky(correlation)
    modes = [
        np.einsum("hpb,bk->khb", predicted, shape),
        _NORM_ERROR * predicted.sum(1)[None],
        _CORE_ERROR * np.einsum("hpb,hpdc->chb", predicted, exposure),
        _EFFICIENCY_ERROR * np.einsum("hpb,hpdc->dhb", predicted, exposure),
    ]
    for kind, error in _HALL_BACKGROUNDS.items():
        rates = error * _by_hall_and_period(spectra, kind).sum(1)
        modes.append(np.eye(len(_HALLS))[:, :, None] * rates)
    modes += [error * _by_hall_and_period(spectra, kind).sum(1)[None] for kind, error in _COMMON_BACKGROUNDS.items()]
    return np.concatenate(modes).reshape(-1, predicted.shape[0] * predicted.shape[2]).T
