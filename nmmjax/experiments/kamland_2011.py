"""KamLAND: antineutrinos of the reactors of Japan, some 180 km away."""

import itertools
import math
from typing import ClassVar, NamedTuple, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import _checks, oscillation
from nmmjax._device import on_device
from nmmjax.constants import ELECTRON, PDG_2026
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.poisson import CountedSpectrum
from nmmjax.experiments.shared import reactor
from nmmjax.fluxes import ReactorSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.interpolate import lagrange
from nmmjax.numerics.special import normal_cdf
from nmmjax.scattering import inverse_beta
from nmmjax.tables import Source, Table, read_table

_NAME = "kamland_2011"
_TABLES = ("kamland_2011_spectrum", "kamland_2011_sites")

_FISSION_FRACTIONS = {"U235": 0.571, "U238": 0.078, "Pu239": 0.295, "Pu241": 0.056}
"""Means over cores and time."""
_WORLD = 0.011
"""Share of reactors outside of Japan and Korea."""
_DENSITY = 2.7
"""Of the crust [g/cm^3]."""
_RESOLUTION = 0.065
"""Standard deviation of the energy [MeV] over the root of the energy."""
_RATE_ERROR, _SCALE_ERROR = 0.041, 0.019
"""Of the reactor events and of the energy scale."""
_ALPHA_NEUTRON_ERROR, _EXCITED_ERROR = 0.11, 0.20
"""Of 13C(alpha, n)16O, to the ground state (and scattering on 12C) and to the excited states."""
_EXCITED_ABOVE = 5.4
"""Prompt energy where the second begins [MeV]."""
_MOST_URANIUM, _MOST_THORIUM = 4.0, 10.0
"""Upper ends of the priors of geo-neutrinos in units of the reference model."""
_REFERENCE_BASELINE = 180.0
"""L_0 of the classical figure [km]."""

_HIGHEST = 10.6
"""Antineutrino energies [MeV] beyond this do not reach the last prompt bin."""
_FASTEST = 3e-3
"""Splitting [eV^2] up to which oscillations are followed through the sum over nodes."""
_KERNEL = 230.0
"""Frequency [km/MeV] x L/E above which the response to oscillations is below 1e-5."""
_ENERGIES = (2.2, 4.9, 7.6)
"""Between these energies [MeV] P at fixed L/E is a parabola: only matter makes it depend on the energy."""
_SCALES = (-2.0, 0.0, 2.0)
"""Between these energy scales (in standard deviations) the logarithm of the counts is a parabola."""
_RANGES = (0.9, 1.7, 2.6, 3.5, 4.4, 5.4, 6.5, 8.5)
"""Prompt energies [MeV] that make a line of the table of pulls."""


class SurvivalCurve(NamedTuple):
    """The probability to survive as the classical figure shows it, over L_0 / E with L_0 = 180 km."""

    baseline_over_energy: Float[Array, " points"]
    """L_0 / E [km/MeV], E the antineutrino energy at the middle of some prompt bins."""
    measured: Float[Array, " points"]
    """(Candidates - background) / reactor events without oscillation."""
    errors: Float[Array, " points"]
    """Statistical standard deviations of `measured`."""
    predicted: Float[Array, " points"]
    """Reactor events / the same without oscillation."""


class KamLAND2011(CountedSpectrum):
    """2135 live days from 2002 to 2009: 76 bins of 0.1 MeV of prompt energy.

    The reactor spectrum that the collaboration tabulates without oscillation is multiplied by the mean probability to
    survive in the crust (2.7 g/cm^3):

        t_b = (1 + 0.041 z_rate) n_b <P>_b + background_b.

    The mean runs over 22 sites (thermal energy / distance^2 from their operating history), over 1.1 % of the world's
    other reactors, whose oscillations are averaged over L/E, and over the antineutrino energies that reach the bin
    (reactor spectrum x inverse beta decay, mean neutron recoil, resolution 6.5 % / sqrt(E)). At fixed x = L/E the
    probability depends on E through matter alone, gently, so the mean is one matrix times P at 806 values of x and
    three of E: right to 1e-4 of each bin at the best fit, to 3e-4 while dm21 > 2e-5 eV^2 and every splitting is below
    3e-3 eV^2 (2e-3 in the first two bins, where the spectrum begins). The mean of faster oscillations comes out
    bounded, but rough. Where coherence is lost at a rate that goes as E^n, as large as the limits on it, bins are right
    to 3e-4 (n = -1), 2e-3 (n = 0) and 2e-2 (n = 1).

    The energy scale multiplies prompt energies of reactor events by 1 + 0.019 z_scale and so moves both the oscillation
    and the spectrum (to 0.5 % of the counts within one standard deviation, to 3 % within three). Geo-neutrinos have
    free rates with the tabulated shapes, as in the published fit, so that no model of the Earth enters; their
    oscillations are averaged, and the rates absorb them. 13C(alpha, n) varies by 11 % to the ground state and by 20 %
    to the excited ones. Accidental coincidences and 9Li (known to 6 %, 1.6 events) are fixed.

    Likelihood: Poisson. Best fit with sin^2 theta13 = 0.022: dm21 = (7.58 +0.25 -0.26)e-5 eV^2, tan^2 theta12 =
    0.431 +0.073 -0.060, -2 ln L = 91.4 for 76 bins; published, with sin^2 theta13 = 0.032 +- 0.037 free,
    (7.49 +- 0.20)e-5 and 0.436 +0.102 -0.081, a point worse by 0.1. The published fit is unbinned and knows when each
    event came; it excludes the local minima at 1.5e-5 and 1.5e-4 eV^2 better than this one (Delta chi^2 = 10, 9). Two
    bins make 22 of the 91: 22 candidates for 45 at 2.8-2.9 MeV, 23 for 12 at 0.9-1.0 MeV.

    At the published best fit the reactor events that the collaboration tabulates come out to 0.04 % in all and to 1.4 %
    in each bin above 1.2 MeV; fitted to them, dm21 and tan^2 theta12 are right to 0.1 % and 0.5 %. Without matter dm21
    would be higher by 0.5 % and tan^2 theta12 lower by 2 %; another reactor spectrum, the true live times, leaving out
    the distant reactors or a resolution of 6 % move dm21 by 0.2 % at most.
    """

    panel: ClassVar[str] = "KamLAND"
    axis: ClassVar[tuple[str, str]] = ("prompt energy", "MeV")
    ranges: ClassVar[tuple[tuple[float, float], ...]] = (*itertools.pairwise(_RANGES), (_RANGES[0], _RANGES[-1]))
    reference: ClassVar[str] = "A. Gando et al. (KamLAND), Phys. Rev. D 83, 052002 (2011), arXiv:1009.4771"

    counts: Float[Array, " data"]
    """Candidates, background included."""
    background: Float[Array, " data"]
    """Background events at the central values of the nuisances, without geo-neutrinos."""
    alpha_neutron: Float[Array, "2 data"]
    """What one standard deviation of 13C(alpha, n) adds, ground state and excited states."""
    geo: Float[Array, "2 data"]
    """Geo-neutrinos of uranium and of thorium in the reference model."""
    edges: Float[Array, " data+1"]
    """Prompt energies [MeV]."""
    energies: Float[Array, " nodes"]
    baselines: Float[Array, " nodes"]
    """Baselines [km] at which, with `energies` [MeV], the probability is taken."""
    weights: Float[Array, "scales data nodes"]
    """Reactor events = weights @ P_ee(nodes) at each of some energy scales."""
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """Read the packaged data."""
        tables = [read_table(name) for name in _TABLES]
        spectrum, sites = tables
        spectra = ReactorSpectra.huber_mueller()
        edges = np.append(spectrum["energy_low"], spectrum["energy_high"][-1])
        energies, baselines, mean = _mean_on_nodes(edges, sites, spectra)
        excited = spectrum["energy_low"] > _EXCITED_ABOVE - 1e-6
        errors = np.stack([np.where(excited, 0.0, _ALPHA_NEUTRON_ERROR), np.where(excited, _EXCITED_ERROR, 0.0)])
        return cls(
            counts=on_device(spectrum["observed"]),
            background=on_device(spectrum["accidental"] + spectrum["lithium_helium"] + spectrum["alpha_neutron"]),
            alpha_neutron=on_device(errors * spectrum["alpha_neutron"]),
            geo=jnp.stack([on_device(spectrum[f"geo_{element}"]) for element in ("uranium", "thorium")]),
            edges=on_device(edges),
            energies=on_device(energies),
            baselines=on_device(baselines),
            weights=on_device(spectrum["reactor"][:, None] * mean),
            name=_NAME,
            sources=(*(table.source for table in tables), *spectra.tables),
        )

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors: rate, energy scale, 13C(alpha, n) in standard deviations; geo-neutrinos over the reference model."""
        normal = ("rate", "energy_scale", "alpha_neutron", "alpha_neutron_excited")
        return {f"{self.name}_{name}": dist.Normal(0.0, 1.0) for name in normal} | {
            f"{self.name}_geo_uranium": dist.Uniform(0.0, _MOST_URANIUM),
            f"{self.name}_geo_thorium": dist.Uniform(0.0, _MOST_THORIUM),
        }

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted candidates (data,) of each bin."""
        return self._reactor(self._survival(theory), nuisance) + self._background(nuisance)

    def survival_curve(self, theory: LowEnergy, nuisance: Nuisance, *, merge: int = 4) -> SurvivalCurve:
        """Survival probability over L_0 / E, `merge` prompt bins to a point; background as the nuisances say.

        **Raises:** `ValueError` where `merge` does not divide the number of bins.
        """
        bins = self.counts.size
        if merge < 1 or bins % merge:
            _checks.fail("merge", f"be a divisor of {bins}", f"it is {merge}")

        def merged(values: Float[Array, " data"]) -> Float[Array, " points"]:
            return jnp.sum(jnp.reshape(values, (-1, merge)), -1)

        free = merged(self._reactor(jnp.ones_like(self.energies), nuisance))
        middle = 0.5 * (self.edges[:-1:merge] + self.edges[merge::merge])
        counts = merged(self.counts)
        return SurvivalCurve(
            _REFERENCE_BASELINE / inverse_beta.antineutrino_energy(middle),
            (counts - merged(self._background(nuisance))) / free,
            jnp.sqrt(jnp.maximum(counts, 1.0)) / free,
            merged(self._reactor(self._survival(theory), nuisance)) / free,
        )

    def _survival(self, theory: LowEnergy) -> Float[Array, " nodes"]:
        """P_ee at the nodes."""
        mass_squared = theory.neutrinos.mass_squared
        path = oscillation.Uniform(self.baselines, density=_DENSITY)
        P = oscillation.probability(
            mass_squared,
            self.energies,
            path,
            antineutrino=True,
            nsi=theory.nsi,
            average=theory.average(self.energies),
        )
        return P[..., ELECTRON, ELECTRON]

    def _reactor(self, survival: Float[Array, " nodes"], nuisance: Nuisance) -> Float[Array, " data"]:
        """Reactor events, the logarithm a parabola in the energy scale."""
        events = jnp.log(self.weights @ survival)
        between = lagrange(nuisance[f"{self.name}_energy_scale"], np.array(_SCALES), xp=jnp)
        return (1.0 + _RATE_ERROR * nuisance[f"{self.name}_rate"]) * jnp.exp(between @ events)

    def _background(self, nuisance: Nuisance) -> Float[Array, " data"]:
        alpha_neutron = jnp.stack([nuisance[f"{self.name}_alpha_neutron{kind}"] for kind in ("", "_excited")])
        geo = jnp.stack([nuisance[f"{self.name}_geo_{element}"] for element in ("uranium", "thorium")])
        return self.background + alpha_neutron @ self.alpha_neutron + geo @ self.geo


# Everything below turns the tables into arrays, once, when an experiment is loaded.


def _nodes(low: float, high: float) -> tuple[Float[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Nodes of x = L/E [km/MeV] and their weights in a sum that replaces an integral.

    A sum over nodes a distance h apart confuses frequencies that differ by 2 pi / h. What is summed is an oscillation
    of frequency f <= fastest times a response with frequencies below _KERNEL / x: h = 2 pi / (fastest + _KERNEL / x).
    """
    fastest = PDG_2026.phase * _FASTEST
    dense = np.geomspace(low, high, 20_001)
    number = (fastest * dense + _KERNEL * np.log(dense)) / (2.0 * np.pi)
    x = np.interp(np.arange(math.ceil(number[0]), number[-1]), number, dense)
    return x, 2.0 * np.pi / (fastest + _KERNEL / x)


def _response(
    edges: Float[np.ndarray, " bins+1"], energy: Float[np.ndarray, " n"], spectra: ReactorSpectra
) -> Float[np.ndarray, "scales bins n"]:
    """Events without oscillation in each bin and per MeV of antineutrino energy, arbitrary unit."""
    stretch = 1.0 + _SCALE_ERROR * np.array(_SCALES)[:, None]
    prompt = np.asarray(inverse_beta.prompt_energy(jnp.asarray(energy))) * stretch
    below = normal_cdf((edges[:, None] - prompt[:, None]) / (_RESOLUTION * np.sqrt(prompt[:, None])))
    return np.diff(below, axis=1) * reactor.interacting(energy, spectra, _FISSION_FRACTIONS)


def _mean_on_nodes(
    edges: Float[np.ndarray, " bins+1"], sites: Table, spectra: ReactorSpectra
) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"], Float[np.ndarray, "scales bins nodes"]]:
    """Energies, baselines, and weights that turn P there into its mean in a bin at the central energy scale.

    At other energy scales the weights of a bin do not add up to one: events leave it or enter.
    """
    distance = sites["distance"]
    x, step = _nodes(distance.min() / _HIGHEST, distance.max() / inverse_beta.THRESHOLD)
    energy = distance[:, None] / x
    reaching = (energy > inverse_beta.THRESHOLD) & (energy < _HIGHEST)
    site, node = np.nonzero(reaching)
    energy = energy[reaching]
    measure = sites["weight"][site] * energy / x[node] * step[node]
    weighted = _response(edges, energy, spectra) * measure
    parabolas = np.moveaxis(np.asarray(lagrange(energy, np.array(_ENERGIES))), -1, 0)
    mean = np.zeros((len(_SCALES), len(edges) - 1, len(_ENERGIES), len(x)))
    for k in range(len(distance)):
        of_site = site == k
        mean[..., node[of_site]] += weighted[:, :, None, of_site] * parabolas[:, of_site]
    window = step * np.sin(np.pi * (x - x[0]) / (x[-1] - x[0])) ** 2
    mean = (1.0 - _WORLD) * mean + _WORLD * mean.sum(-1, keepdims=True) * window / window.sum()
    mean /= mean[_SCALES.index(0.0)].sum((1, 2))[:, None, None]
    energies, nodes = np.repeat(_ENERGIES, len(x)), np.tile(x, len(_ENERGIES))
    return energies, nodes * energies, mean.reshape(*mean.shape[:2], -1)
