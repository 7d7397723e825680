"""The burst of a supernova in a detector: events by energy and time, and what becomes of spins and flavors before."""

import abc
import itertools
import re
from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, ArrayLike, Bool, Float

from nmmjax import _checks, oscillation
from nmmjax._compilation import stage
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.constants import CM_PER_KM, CM_PER_KPC, PDG_2026
from nmmjax.experiments.base import Nuisance, Pull, Spectrum, prediction, without_nsi
from nmmjax.experiments.likelihoods.poisson import Counts, total_pull
from nmmjax.fluxes import SupernovaBurst, SupernovaFluence
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.numerics.interpolate import CubicSpline
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.numerics.special import modulus_squared, normal_cdf
from nmmjax.oscillation import ThroughEarth
from nmmjax.precession import CollapsingStar, Path, composition, interstellar_survival, mass_states
from nmmjax.tables import Source
from nmmjax.three_flavor import LightNeutrinos

FLUX_ERROR = 0.1
"""Of the number of neutrinos that leave the star."""
_FIELD_ERROR, _TWIST_ERROR = 0.5, 0.25
"""Of log10 B, and of the twist [rad/km]."""
TIMES = (-0.02, 0.02, 0.2, 8.0)
"""Neutronization, accretion and cooling [s]."""
_LOWEST, _HIGHEST, _NODES = 4.5, 75.0, 48
"""Energies [MeV] of the spectrum."""
_GRAMS_PER_KILOTON = 1e9
_NAME = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Between the words of the name of a class."""
_ENERGIES = np.geomspace(_LOWEST, _HIGHEST, 8)
"""At which probabilities are computed [MeV]."""


class Channel(NamedTuple):
    """One reaction in a detector."""

    name: str
    edges: Float[np.ndarray, " bins+1"]
    """Of its bins [MeV]."""
    response: Float[np.ndarray, "bins energies 4"]
    """cm^2 x targets x efficiency for nu_e, for nu_mu and nu_tau, and for their antineutrinos."""


class Burst(Counts):
    """Abstract: events in windows of time, channels and bins of energy, in this order.

    Neutrinos leave the star in mass states, as crossings of levels say (`level_crossing_probability`: of spin and
    flavor, in matter and the star's field), and arrive in vacuum or through the Earth. The flux has an error of 10 %,
    the field of half a decade and the twist of 0.25 rad/km around those of the star: nuisances that a fit may fix, or
    give another prior. `crossing_error` says how well crossings describe a point: for Dirac neutrinos a twist should be
    large against the splitting, 0.6 rad/km at 10 MeV. Three flavors.

    The data are what is expected without moments for masses and mixing of NuFIT 6.0, normal ordering; `simulate` draws
    others.
    """

    name: str = eqx.field(static=True)
    counts: Float[Array, " data"]
    channels: tuple[str, ...] = eqx.field(static=True)
    edges: tuple[Float[Array, " _"], ...]
    """Of the bins of each channel [MeV]."""
    times: Float[Array, " windows+1"]
    """[s] after the bounce."""
    energy: Float[Array, " energies"]
    """Nodes of the spectrum [MeV]."""
    between: Float[Array, "energies k"]
    """From probabilities at a few energies to those at the nodes."""
    emitted: Float[Array, "windows energies 3"]
    """Neutrinos per cm^2 at the detector without conversion, of nu_e, antinu_e and nu_x."""
    response: Float[Array, "bins energies 4"]
    """Events per cm^-2 of nu_e, of nu_mu and nu_tau, and of their antineutrinos, all channels one after the other."""
    star: CollapsingStar
    earth: ThroughEarth | None
    interstellar: Float[Array, ""]
    """Field times distance [gauss km]."""
    sources: tuple[Source, ...] = eqx.field(static=True)
    panel: ClassVar[str]
    mass: ClassVar[float]
    """Of the detector [kt], unless another is given."""

    @classmethod
    @public
    def load(
        cls,
        source: SupernovaBurst | SupernovaFluence | None = None,
        *,
        distance: Float[ArrayLike, ""] = 10.0,
        mass: float | None = None,
        times: Sequence[float] = TIMES,
        star: CollapsingStar | None = None,
        cos_zenith: float | None = None,
        interstellar_field: float = 0.0,
    ) -> Self:
        """Neutrinos of a source at a distance [kpc] in a mass [kt], between `times` [s] after the bounce.

        Unless others are given, those of `SupernovaBurst.load()` from `CollapsingStar.edge_of_core()`. The Earth is on
        the way where the star stands at `cos_zenith`; an interstellar field [gauss] lies across all of it.

        **Raises:** `ValueError` for times that do not ascend, or more than one window of a fluence that has no times.
        """
        mass = cls.mass if mass is None else mass
        _checks.check_range("mass", mass, low=0.0, open_low=True, unit="kt")
        if len(times) < 2:
            _checks.fail("times", "be two or more, the ends of windows", f"it is {tuple(times)}")
        _checks.check_increasing("times", np.asarray(times, float), "from window to window")
        _checks.check_range("interstellar_field", interstellar_field, low=0.0, unit="gauss")
        source = SupernovaBurst.load() if source is None else source
        star = CollapsingStar.edge_of_core() if star is None else star
        energy, weights = nodes()
        channels, tables = cls._channels(mass)
        response = np.concatenate([channel.response for channel in channels])
        empty = cls(
            name=_NAME.sub("_", cls.__name__).lower(),
            counts=jnp.zeros((len(times) - 1) * len(response)),
            channels=tuple(channel.name for channel in channels),
            edges=tuple(on_device(channel.edges) for channel in channels),
            times=on_device(np.asarray(times, float)),
            energy=on_device(energy),
            between=on_device(_splines(np.log(_ENERGIES), np.log(energy))),
            emitted=on_device(_emitted(source, energy, distance, times) * weights[:, None]),
            response=on_device(response),
            star=star,
            earth=None if cos_zenith is None else ThroughEarth(cos_zenith),
            interstellar=jnp.asarray(interstellar_field * CM_PER_KPC / CM_PER_KM * float(np.asarray(distance)), float),
            sources=(*source.tables, *tables),
        )
        theory = LowEnergy(LightNeutrinos.benchmark().neutrinos())
        return empty.with_counts(jnp.asarray(prediction(empty, theory, empty.as_given())))

    @classmethod
    @abc.abstractmethod
    def _channels(cls, mass: float) -> tuple[list[Channel], tuple[Source, ...]]:
        """The reactions in a mass [kt], and the tables of their cross sections."""

    @property
    def bins(self) -> int:
        """Windows times bins of all channels."""
        return (len(self.times) - 1) * len(self.response)

    @property
    def labels(self) -> tuple[str, ...]:
        """Window, channel and bin."""
        return tuple(
            f"{panel}, {low:g}-{high:g} MeV"
            for panel, edges in self._panels()
            for low, high in itertools.pairwise(edges.tolist())
        )

    def spectrum(self) -> Spectrum:
        """A panel for each window and channel."""
        panels = self._panels()
        return Spectrum(tuple(p for p, _ in panels), tuple(e for _, e in panels), "reconstructed energy", "MeV")

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Of the star: shared by all detectors that see it."""
        return {
            "supernova_flux": dist.Normal(0.0, 1.0),
            "supernova_log10_field": dist.Normal(0.0, _FIELD_ERROR),
            "supernova_twist": dist.Normal(self.star.twist, _TWIST_ERROR),
        }

    def as_given(self) -> dict[str, Float[Array, ""]]:
        """The nuisances of the flux that is given and of the star as it is."""
        zero = jnp.zeros(())
        return {"supernova_flux": zero, "supernova_log10_field": zero, "supernova_twist": self.star.twist}

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Expected events."""
        arriving = self.arriving(theory, nuisance)
        seen = jnp.stack([arriving[..., 0], arriving[..., 1] + arriving[..., 2]], -1)
        n = arriving.shape[-1] // 2
        others = jnp.stack([arriving[..., n], arriving[..., n + 1] + arriving[..., n + 2]], -1)
        events = jnp.einsum("wes,bes->wb", jnp.concatenate([seen, others], -1), self.response)
        return events.ravel() * (1.0 + FLUX_ERROR * nuisance["supernova_flux"])

    def arriving(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, "windows energies 2n"]:
        """Neutrinos per cm^2 that reach the detector, for each energy that stands for a part of the spectrum.

        Flavors of neutrinos (sterile ones after nu_tau), then of antineutrinos.
        """
        neutrinos = theory.neutrinos
        path = self.star.path(stronger=10.0 ** nuisance["supernova_log10_field"], twist=nuisance["supernova_twist"])
        n = neutrinos.mass_matrix.shape[-1]
        sterile = jnp.zeros((*self.emitted.shape[:-1], n - 3))
        e, anti_e, x = (self.emitted[..., k] for k in range(3))
        born = jnp.concatenate([jnp.stack([e, x, x], -1), sterile, jnp.stack([anti_e, x, x], -1), sterile], -1)
        return without_nsi(theory) * jnp.einsum("wea,eab->web", born, self._chances(neutrinos, path))

    def _chances(self, neutrinos: Neutrinos, path: Path) -> Float[Array, "energies 2n 2n"]:
        """P(a -> b), flavors of neutrinos and antineutrinos at birth and in the detector."""
        n = neutrinos.mass_matrix.shape[-1]
        left, right = (self._in_detector(neutrinos, anti) for anti in (False, True))
        if neutrinos.nature.self_conjugate:
            (P,) = self._leaving(neutrinos, path, [False])
            return jnp.concatenate([P[..., :n] @ left, P[..., n:] @ right], -1)
        survival = interstellar_survival(neutrinos, self.interstellar)
        own, other = (P[..., :n, :n] * survival for P in self._leaving(neutrinos, path, [False, True]))
        none = jnp.zeros_like(own)
        return jnp.block([[own @ left, none], [none, other @ right]])

    def _leaving(self, neutrinos: Neutrinos, path: Path, beams: list[bool]) -> Float[Array, "beams energies 6 6"]:
        """P(a -> i) from flavor states to mass states: cubic splines between the energies at which it is computed."""
        return jnp.einsum("ek,hkai->heai", self.between, _composed(neutrinos, path, jnp.array(beams)))

    def crossing_error(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """The largest error of a probability by which neutrinos leave the star, as `level_crossing_probability` has it.

        The likelihood does not ask: a fit is to be judged by this at its draws.
        """
        path = self.star.path(stronger=10.0 ** nuisance["supernova_log10_field"], twist=nuisance["supernova_twist"])
        natures = (False,) if theory.neutrinos.nature.self_conjugate else (False, True)
        errors = [
            composition.estimated_error(theory.neutrinos, _ENERGIES, path, jnp.asarray(anti), PDG_2026)
            for anti in natures
        ]
        return jnp.max(jnp.stack(errors))

    def _in_detector(self, neutrinos: Neutrinos, antineutrino: bool) -> Float[Array, "#energies n n"]:
        """P(i -> b) of mass states, by ascending mass, in the detector."""
        n = neutrinos.mass_matrix.shape[-1]
        U = mass_states(neutrinos, jnp.asarray(False))[:n, :n]
        U = jnp.conj(U) if antineutrino else U
        if self.earth is None:
            return modulus_squared(U).T[None]
        S = oscillation.amplitude(neutrinos.mass_squared, self.energy, self.earth, antineutrino=antineutrino)
        return jnp.swapaxes(modulus_squared(S @ U), -1, -2)

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """A line for each window and channel: all its events."""
        predicted, lines, first = prediction(self, theory, nuisance), [], 0
        for panel, edges in self._panels():
            part = slice(first, first + len(edges) - 1)
            lines.append(total_pull(f"{self.panel} events, {panel}", predicted[part], np.asarray(self.counts)[part]))
            first = part.stop
        return tuple(lines)

    def _panels(self) -> list[tuple[str, Float[Array, " _"]]]:
        windows = [f"{low:.4g} to {high:.4g} s" for low, high in itertools.pairwise(self.times.tolist())]
        return [
            (f"{channel}, {window}", edges)
            for window in windows
            for channel, edges in zip(self.channels, self.edges, strict=True)
        ]


@stage
def _composed(neutrinos: Neutrinos, path: Path, antineutrino: Bool[Array, " beams"]) -> Float[Array, "beams k 6 6"]:
    """Compiled once for all detectors."""
    return jax.vmap(lambda other: composition.composed(neutrinos, _ENERGIES, path, other, PDG_2026))(antineutrino)


def nodes() -> tuple[Float[np.ndarray, " energies"], Float[np.ndarray, " energies"]]:
    """Energies [MeV] of an integral over the spectrum, and their weights."""
    x, weights = gauss_legendre(_NODES)
    half = 0.5 * (_HIGHEST - _LOWEST)
    return _LOWEST + half * (x + 1.0), half * weights


def _emitted(
    source: SupernovaBurst | SupernovaFluence,
    energy: Float[np.ndarray, " energies"],
    distance: Float[ArrayLike, ""],
    times: Sequence[float],
) -> Float[np.ndarray, "windows energies 3"]:
    """Fluence in each window [cm^-2 MeV^-1]."""
    if isinstance(source, SupernovaBurst):
        windows = itertools.pairwise(times)
        return np.stack([np.asarray(source.fluence(energy, distance, start=a, end=b)) for a, b in windows])
    if len(times) != 2:
        _checks.fail("times", "be two for a fluence, which does not tell them", f"there are {len(times)}")
    return np.asarray(source.fluence(energy, distance))[None]


def _splines(x: Float[np.ndarray, " k"], at: Float[np.ndarray, " e"]) -> Float[np.ndarray, "e k"]:
    """The matrix from values at x to those of their cubic spline."""
    return np.stack([np.asarray(CubicSpline(x, one)(at)) for one in np.eye(len(x))], -1)


def smeared(
    edges: Float[np.ndarray, " bins+1"],
    visible: Float[np.ndarray, "..."],
    resolution: Float[np.ndarray, "..."],
) -> Float[np.ndarray, "bins ..."]:
    """The share of events of a visible energy that falls into each bin, for a Gaussian resolution, both in MeV."""
    shape = (-1,) + (1,) * np.ndim(visible)
    below = np.asarray(normal_cdf((edges.reshape(shape) - visible) / resolution))
    return np.diff(below, axis=0)


def targets(mass: float, molar_mass: float, each: float = 1.0) -> float:
    """Number of targets in a mass [kt], so many in each molecule of a molar mass [g/mol]."""
    return mass * _GRAMS_PER_KILOTON / molar_mass * each * PDG_2026.avogadro
