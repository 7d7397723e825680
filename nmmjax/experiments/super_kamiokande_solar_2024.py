"""Super-Kamiokande: recoils of electrons hit by solar neutrinos, phases I to IV, 1996-2018."""

import itertools
from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float, Int

from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.experiments.base import Nuisance, Pull, Spectrum, prediction
from nmmjax.experiments.likelihoods.correlated import CorrelatedNumbers, correlated_fields
from nmmjax.experiments.shared import solar
from nmmjax.experiments.shared.nuclear_recoils import between
from nmmjax.experiments.shared.super_kamiokande_solar import NUMERALS, PHASES, ElasticRatios, Phase, read_phases
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel

_NAME = "super_kamiokande_solar"
_PERCENT = 0.01
_SHIFTS = ("scale", "resolution")
_TIMES = ("day", "night")


class SuperKamiokandeSolar2024(CorrelatedNumbers):
    """Elastic scattering of 8B and hep neutrinos on electrons, 5805 days: rates by energy, by day and by night, over
    what is expected without oscillation of 5.25e6 8B neutrinos per cm^2 and second:

        t_bt = (1 + n_p z_p) (1 + w_b z) R_bt(z'_p, z''_p).

    R is that of `ElasticRatios`: weak scattering, with the charge radii, charges, interactions and moments of the
    theory, of states that matter in the Sun and, by night, in the Earth has changed (the mean of all nights, as for
    `Sno2013`). Each phase p has an error of its rate (1.1 to 4.8 %), of its energy scale (0.5 to 1.4 %) and of its
    resolution (2.5 or 3 %). w are the published errors by the spectrum of 8B neutrinos, which are common to all phases;
    their flux varies within the error of the solar model. Statistical errors, published unequal, are made equal;
    the systematic error of a bin by itself is common to its day and night.

    Bins: 21 (5 to 20 MeV of total energy), 16 (7.5 to 20), 21 (5 to 20), and 23 (3.49 to 19.49 MeV of kinetic energy).
    The bin 7.0 to 7.5 MeV of the second phase, published without day and night, is left out. A heavy lepton is not
    followed, nor the way of the Sun from hour to hour, to which the published fit of a day-night amplitude is more
    sensitive: load with `by_night=False` beside that (`SuperKamiokandeDayNight2024`). With it the fourth phase, and the
    flux of SNO, give dm21 = 6.5 +1.9 -1.5 e-5 eV^2 and sin^2 theta12 = 0.311 +- 0.030; published, 6.90 +1.62 -1.21 and
    0.308 +0.030 -0.029. Day and night by themselves give dm21 = 7.0 +1.9 -1.7.
    """

    reference: ClassVar[str] = (
        "J. Hosaka et al., Phys. Rev. D 73, 112001 (2006); J. P. Cravens et al., Phys. Rev. D 78, 032002 (2008); "
        "K. Abe et al., Phys. Rev. D 83, 052010 (2011) and Phys. Rev. D 109, 092001 (2024), arXiv:2312.12907 "
        "(Super-Kamiokande)"
    )

    flux_names: tuple[str, ...] = eqx.field(static=True)
    """Name of the nuisance of the flux, in standard deviations, shared by all experiments with this solar model."""
    phases: tuple[int, ...] = eqx.field(static=True)
    bins: tuple[int, ...] = eqx.field(static=True)
    """How many each phase has."""
    by_night: bool = eqx.field(static=True)
    """Whether day and night are told apart."""
    ratios: ElasticRatios
    flux_shift: Float[Array, " points"]
    """Relative change of the flux behind each point for one standard deviation of its nuisance."""
    place: Int[Array, " data"]
    """The bin of each datum."""
    at_night: Float[Array, " data"]
    """The share of the night in each datum."""
    normalization: Float[Array, " phases"]
    """Relative error n of the rate."""
    shape: Float[Array, " bins"]
    """Relative change w by one standard deviation of the spectrum of 8B neutrinos."""
    edges: tuple[Float[Array, " _"], ...]
    """Of the bins of each phase, kinetic energy [MeV]."""

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None, *, phases: Sequence[int] = PHASES, by_night: bool = True) -> Self:
        """Read the packaged data; the flux is that of B16-GS98 unless another model of the Sun is given.

        **Arguments:** which phases; whether day and night are told apart, else their mean by bin, each with the
        weight of its statistical error.
        """
        sun, spectra = solar.given_or_standard(sun), SolarSpectra.load()
        chosen, tables = read_phases(phases)
        ratios = ElasticRatios.build(sun, spectra, chosen)
        name = solar.flux_name(sun, "b8")
        shift = ratios.recoils.shifts(sun, {"b8": name})[1][0]
        data = _Data.of(chosen, by_night)
        return cls(
            name=_name(chosen, by_night),
            sources=(*tables, *spectra.tables, *sun.tables),
            quantities=tuple((label, "") for label in data.labels),
            flux_names=(name,),
            phases=tuple(phase.number for phase in chosen),
            bins=tuple(len(phase.rates) for phase in chosen),
            by_night=by_night,
            ratios=ratios,
            flux_shift=on_device(shift),
            place=on_device(data.place),
            at_night=on_device(data.at_night),
            normalization=on_device(np.array([phase.response["normalization_error"] for phase in chosen])),
            shape=on_device(_PERCENT * np.concatenate([phase.rates["shape"] for phase in chosen])),
            edges=tuple(on_device(phase.edges) for phase in chosen),
            **correlated_fields(data.values, data.covariance),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tags of the data, by phase; day and night as one where they are told apart, for they are fitted as one."""
        parts = {f"super_kamiokande/solar/{of}/{p}" for p in self.phases for of in ("mixing/spectrum", "recoils")}
        return frozenset(parts | ({"super_kamiokande/solar/mixing/day_night"} if self.by_night else set()))

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors, all in standard deviations: rate, scale and resolution of each phase, spectrum and flux of 8B."""
        own = [f"{of}_{p}" for p in self.phases for of in ("normalization", *_SHIFTS)]
        names = (*(f"{self.name}_{which}" for which in (*own, "spectrum")), *self.flux_names)
        return {name: dist.Normal(0.0, 1.0) for name in names}

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted ratios (data,) to what is expected without oscillation."""
        (flux_name,) = self.flux_names
        rates = self.ratios.rates(theory, 1.0 + nuisance[flux_name] * self.flux_shift)
        of_phases = [
            (1.0 + n * nuisance[f"{self.name}_normalization_{p}"])
            * between(rates[:, rows], jnp.stack([nuisance[f"{self.name}_{of}_{p}"] for of in _SHIFTS]))
            for p, n, rows in zip(self.phases, self.normalization, _slices(self.bins), strict=True)
        ]
        shape = 1.0 + self.shape * nuisance[f"{self.name}_spectrum"]
        day, night = jnp.moveaxis(shape[:, None] * jnp.concatenate(of_phases), -1, 0)
        return (1.0 - self.at_night) * day[self.place] + self.at_night * night[self.place]

    def spectrum(self) -> Spectrum:
        """A panel for each phase, by day and by night."""
        panels = [title for _, title, _ in self._parts()]
        edges = tuple(itertools.chain.from_iterable([e] * (1 + self.by_night) for e in self.edges))
        return Spectrum(tuple(panels), edges, "kinetic energy of the electron", "MeV", "data / no oscillation")

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: the mean ratio of each phase by day and by night, as errors weigh the bins."""
        predicted, observed = prediction(self, theory, nuisance), np.asarray(self.values)
        covariance = np.asarray(self.covariance)
        lines = []
        for rows, title, _ in self._parts():
            weight = 1.0 / np.diag(covariance)[rows]
            weight /= weight.sum()
            p, o = float(weight @ predicted[rows]), float(weight @ observed[rows])
            error = float(np.sqrt(weight @ covariance[rows, rows] @ weight))
            lines.append(Pull(f"{title}, data / no oscillation", "", (p,), (o,), (p - o) / error))
        return tuple(lines)

    def _parts(self) -> Iterator[tuple[slice, str, int]]:
        """Rows of the data, title and phase of each panel."""
        times = _TIMES if self.by_night else ("",)
        sizes = [size for size in self.bins for _ in times]
        kinds = itertools.product(self.phases, times)
        for rows, (phase, time) in zip(_slices(sizes), kinds, strict=True):
            yield rows, f"SK-{NUMERALS[phase]} {time}".rstrip(), phase


class _Data(NamedTuple):
    """Ratios with their covariance, phase by phase, day before night."""

    values: Float[np.ndarray, " data"]
    covariance: Float[np.ndarray, "data data"]
    place: Int[np.ndarray, " data"]
    at_night: Float[np.ndarray, " data"]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, phases: Sequence[Phase], by_night: bool) -> Self:
        """Statistical errors of all numbers, and what is common to day and night of a bin."""
        columns: dict[str, list[np.ndarray]] = {name: [] for name in ("values", "variance", "common", "place", "night")}
        labels, first = [], 0
        for phase in phases:
            expected, bins = phase.expected.sum(1), len(phase.rates)
            rate = np.stack([phase.rates[time] for time in _TIMES]) / expected
            variance = np.stack([phase.rates[f"{time}_error"] for time in _TIMES]) ** 2 / expected**2
            weight = (1.0 / variance) / (1.0 / variance).sum(0)
            mean = (weight * rate).sum(0)
            common = _PERCENT * phase.rates["uncorrelated"] * mean
            times = (*_TIMES,) if by_night else ("",)
            columns["values"].append(rate if by_night else mean[None])
            columns["variance"].append(variance if by_night else (weight**2 * variance).sum(0)[None])
            columns["common"].append(np.tile(common, (len(times), 1)))
            columns["place"].append(np.tile(first + np.arange(bins), (len(times), 1)))
            columns["night"].append(np.outer([0.0, 1.0], np.ones(bins)) if by_night else weight[1:])
            ends = [f"{low:.2f}-{high:.2f} MeV" for low, high in itertools.pairwise(phase.edges)]
            labels += [f"SK-{NUMERALS[phase.number]} {time} {end}".replace("  ", " ") for time in times for end in ends]
            first += bins
        flat = {name: np.concatenate([part.ravel() for part in parts]) for name, parts in columns.items()}
        together = flat["place"][:, None] == flat["place"]
        covariance = np.diag(flat["variance"]) + together * np.outer(flat["common"], flat["common"])
        return cls(flat["values"], covariance, flat["place"], flat["night"], tuple(labels))


def _name(phases: Sequence[Phase], by_night: bool) -> str:
    """With the phases in it, unless there are all, and with what is made of the nights."""
    which = "" if len(phases) == len(PHASES) else "_" + "".join(str(phase.number) for phase in phases)
    return f"{_NAME}{which}{'' if by_night else '_mean'}_2024"


def _slices(sizes: Sequence[int]) -> Iterator[slice]:
    ends = np.cumsum([0, *sizes]).tolist()
    return itertools.starmap(slice, itertools.pairwise(ends))
