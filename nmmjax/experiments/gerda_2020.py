"""GERDA: double beta decay of 76Ge without neutrinos, event by event."""

import math
from typing import ClassVar, NamedTuple, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float, Int

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.experiments.base import Nuisance, Pull, prediction
from nmmjax.experiments.likelihoods import poisson
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.special import normal_cdf
from nmmjax.tables import Source, Table, read_table

SETS = ("golden", "bege", "silver", "extra", "phase_2")
"""Data sets, each with a background of its own: four of phase I, and phase II."""
_MOST = dict.fromkeys(SETS, 100.0) | {"phase_2": 5.0}
"""Largest background index of each [1e-3 / keV kg yr]."""
_WINDOW = 240.0
"""Width [keV] of 1930 to 2190 keV without two gamma lines of 10 keV each."""
_EDGES = np.linspace(-5.0, 5.0, 101)
"""Of cells, in standard deviations from where a signal lies; one more cell holds the rest of the window."""
_CLASS = 0.05
"""Partitions of one class have peaks over background that differ by no more, relatively."""
_NEAR = 2.0
"""Standard deviations within which events make a line of the table of pulls of their own."""
_GRAMS_PER_KG = 1e3


class Gerda2020(poisson.Counts):
    """Phases I and II, 127.2 kg yr: 74 events between 1930 and 2190 keV, of which none stands out at the Q-value.

    In the partition p, a detector in a period, and at the energy E events are expected with the density

        e_p [ b_s + ln 2 N_A / (m T) (f_p + z df_p) N(E; Q - d_p, sigma_p) ],

    e the exposure, f the efficiency, known to df for all partitions together, d and sigma the bias and the resolution
    of the energy; b is the flat background of each data set s, free. The half-life is that of exchange of light
    neutrinos, 1 / T = G g_A^4 M^2 |m_beta_beta|^2 / m_e^2: `matrix_element` M, from 2.66 to 6.04 as in the paper, is a
    choice, and the name of the experiment tells it. Dirac neutrinos predict no signal.

    Events are counted in cells of 0.1 standard deviations around Q - d_p, narrow enough that the likelihood is that of
    the single events; partitions whose peaks stand as high over the background share cells. The error of the bias is
    folded with the resolution, which integrates over it where a partition has no more than one event near.

    -2 ln L rises by 2.71 at T = 2.2e26 yr from its maximum, which is at no signal; published are 1.8e26 yr, a level of
    90 % by toys, and 1.4e26 yr, the same of a posterior flat in 1 / T. Both come out here: 1.9e26 and 1.4e26 yr.
    """

    reference: ClassVar[str] = "M. Agostini et al. (GERDA), Phys. Rev. Lett. 125, 252502 (2020), arXiv:2009.06079"

    counts: Float[Array, " data"]
    signal: Float[Array, " data"]
    """Events for |m_beta_beta|^2 = 1 eV^2."""
    signal_error: Float[Array, " data"]
    """Change of `signal` for one standard deviation of the efficiency."""
    background: Float[Array, "sets data"]
    """Events for one unit of each background index [1e-3 / keV kg yr]."""
    events_per_rate: Float[Array, ""]
    """Expected events times the half-life [yr]."""
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    @public
    def load(cls, matrix_element: float | None = None) -> Self:
        """Read the packaged events for one nuclear matrix element; the least, 2.66, unless another is given."""
        values, partitions = PublishedValues.read("gerda_2020_decay"), read_table("gerda_2020_partitions")
        events = read_table("gerda_2020_events")
        least, greatest = (values.number(f"{end}_element", "value") for end in ("least", "greatest"))
        chosen = least if matrix_element is None else matrix_element
        _checks.check_range("matrix_element", chosen, low=least, high=greatest)
        cells, per_mass = _Cells.of(partitions), _rate(values, chosen)
        per_rate = math.log(2.0) * PDG_2026.avogadro * _GRAMS_PER_KG / values.number("molar_mass", "value")
        signal, error = (per_rate * cells.signal(partitions[name]) for name in ("efficiency", "efficiency_error"))
        return cls(
            counts=on_device(cells.counted(events, values.number("q_value", "value"))),
            signal=on_device(per_mass * signal),
            signal_error=on_device(per_mass * error),
            background=on_device(1e-3 * cells.background()),
            events_per_rate=on_device(np.asarray(signal.sum())),
            name=f"gerda_2020_m{chosen:.4g}",
            sources=(values.source, partitions.source, events.source),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: the same events, whatever the matrix element."""
        return frozenset({"gerda"})

    @property
    def bins(self) -> int:
        """Number of cells."""
        return len(self.signal)

    @property
    def labels(self) -> tuple[str, ...]:
        """Data set, class of partitions, and place of each cell in standard deviations."""
        classes = np.repeat(SETS, self._classes)
        places = (*(f"{low:.1f} sigma" for low in _EDGES[:-1]), "elsewhere")
        return tuple(f"{name}/{number} {place}" for number, name in enumerate(classes.tolist()) for place in places)

    @property
    def _classes(self) -> list[int]:
        """Number of classes of each data set."""
        cells = np.count_nonzero(np.asarray(self.background), axis=1)
        return (cells // len(_EDGES)).tolist()

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors: flat ones of the background indices [1e-3 / keV kg yr], and the efficiency in standard deviations."""
        indices = {f"{self.name}_{name}": dist.Uniform(0.0, most) for name, most in _MOST.items()}
        return indices | {f"{self.name}_efficiency": dist.Normal(0.0, 1.0)}

    def half_life(self, theory: LowEnergy) -> Float[Array, ""]:
        """The half-life T [yr]; infinite for no m_beta_beta."""
        events = jnp.sum(self.signal) * jnp.square(theory.neutrinos.m_beta_beta)
        return jnp.where(events > 0.0, self.events_per_rate / jnp.where(events > 0.0, events, 1.0), jnp.inf)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Expected events (data,) of each cell."""
        indices = jnp.stack([nuisance[f"{self.name}_{name}"] for name in SETS])
        per_mass = self.signal + nuisance[f"{self.name}_efficiency"] * self.signal_error
        return indices @ self.background + jnp.square(theory.neutrinos.m_beta_beta) * per_mass

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: events of each data set, and of all of them near the Q-value."""
        predicted, observed = prediction(self, theory, nuisance), np.asarray(self.counts)
        chosen = {f"{name}, all events": np.asarray(own) > 0.0 for name, own in zip(SETS, self.background, strict=True)}
        near = np.append(np.abs(0.5 * (_EDGES[1:] + _EDGES[:-1])) < _NEAR, False)
        chosen[f"within {_NEAR:g} standard deviations"] = np.tile(near, sum(self._classes))
        return tuple(poisson.total_pull(f"GERDA, {k}", predicted[c], observed[c]) for k, c in chosen.items())


# Everything below turns the tables into arrays, once, when the experiment is loaded.


def _rate(values: PublishedValues, matrix_element: float) -> float:
    """1 / T of light neutrinos over |m_beta_beta|^2, G g_A^4 M^2 / m_e^2 [1 / yr eV^2]."""
    phase_space, axial = (values.number(name, "value") for name in ("phase_space", "axial_coupling"))
    return phase_space * axial**4 * (matrix_element / (PDG_2026.electron_mass * EV_PER_GEV)) ** 2


class _Cells(NamedTuple):
    """Cells of classes of partitions: those of one class, then of the next, data set by data set."""

    partitions: Table
    sigma: Float[np.ndarray, " partitions"]
    """Resolution and error of the bias together [keV]."""
    place: Int[np.ndarray, " partitions"]
    """Class of each partition."""
    sets: Int[np.ndarray, " partitions"]

    @classmethod
    def of(cls, partitions: Table) -> Self:
        """Classes of equal ratios of efficiency and resolution, to which the height of a peak is proportional."""
        sigma = np.hypot(partitions["resolution"], partitions["bias_error"])
        sets = np.array([SETS.index(name) for name in partitions["data_set"].tolist()])
        height = np.floor(np.log(partitions["efficiency"] / sigma) / _CLASS).astype(int)
        _, place = np.unique(np.stack([sets, height]), axis=1, return_inverse=True)
        return cls(partitions, sigma, place.ravel(), sets)

    def _summed(self, of_partitions: Float[np.ndarray, "partitions cells"]) -> Float[np.ndarray, " data"]:
        summed = np.zeros((self.place.max() + 1, of_partitions.shape[1]))
        np.add.at(summed, self.place, of_partitions)
        return summed.ravel()

    def signal(self, efficiency: Float[np.ndarray, " partitions"]) -> Float[np.ndarray, " data"]:
        """Exposure [kg yr] times efficiency in each cell; the tails lie in the last cell of a class."""
        inside = np.diff(np.asarray(normal_cdf(_EDGES)))
        shares = np.append(inside, 1.0 - inside.sum())
        return self._summed((self.partitions["exposure"] * efficiency)[:, None] * shares)

    def background(self) -> Float[np.ndarray, "sets data"]:
        """Exposure times width [kg yr keV] of each cell, by data set."""
        inside = self.sigma[:, None] * np.diff(_EDGES)
        widths = np.append(inside, _WINDOW - inside.sum(1, keepdims=True), axis=1)
        exposure = self.partitions["exposure"][:, None] * widths
        return np.stack([self._summed(exposure * (self.sets == number)[:, None]) for number in range(len(SETS))])

    def counted(self, events: Table, q_value: float) -> Float[np.ndarray, " data"]:
        """Events of each cell."""
        partition = events["partition"].astype(int)
        distance = (events["energy"] - q_value + self.partitions["bias"][partition]) / self.sigma[partition]
        cell = np.searchsorted(_EDGES, distance, side="right") - 1
        cell = np.where((cell < 0) | (cell >= len(_EDGES) - 1), len(_EDGES) - 1, cell)
        counts = np.zeros((self.place.max() + 1, len(_EDGES)))
        np.add.at(counts, (self.place[partition], cell), 1.0)
        return counts.ravel()
