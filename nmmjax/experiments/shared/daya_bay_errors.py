"""What is uncertain at Daya Bay, each effect as what one standard deviation of it adds to the counts of every run."""

import dataclasses
import math
from typing import Self

import numpy as np
from jaxtyping import Float

from nmmjax.experiments.shared.daya_bay import CORES, NODES, PERIODS, Flux, Release, Response

BACKGROUNDS = ("accidental", "lithium_helium", "fast_neutron", "americium_carbon", "alpha_neutron")

EFFICIENCY, SCALE, CORRELATION = 0.0010630145812734648, 0.002, 0.545
"""Relative errors of efficiency and energy scale of each detector, and their correlation."""
_ACRYLIC, _RESOLUTION = 0.04, 0.30
"""Of the losses in the acrylic vessel of each detector; of the three numbers of the resolution, common."""
_POWER, _FRACTIONS, _OFF, _SPENT = 0.005, 0.05, 0.30, 0.30
"""Of each core: thermal power, fission fractions (correlated), off-equilibrium corrections by isotope, spent fuel."""
_ACCIDENTAL = 0.01
"""Of the accidentals of each run."""
_FREE = 0.5
"""Of the spectrum at each of its nodes: far wider than data leave it."""
_STEPS = 6
"""Newton steps to the spectrum; after four it is found to 1e-6."""
_KEPT = 1e-3
"""Modes below this fraction of the statistical errors are left out."""


@dataclasses.dataclass(frozen=True)
class Expectation:
    """Counts without background at one point of the theory, before the response, with the reactor spectrum fitted."""

    release: Release
    flux: Flux
    matrix: Float[np.ndarray, "bins deposited"]
    survival: Float[np.ndarray, "runs cores deposited points"]
    correction: Float[np.ndarray, "deposited points"]
    """Of equilibrium spectra."""

    @classmethod
    def fitted(
        cls,
        release: Release,
        flux: Flux,
        matrix: Float[np.ndarray, "bins deposited"],
        survival: Float[np.ndarray, "..."],
    ) -> Self:
        """With the spectrum that describes the data of all runs, everything else as expected."""
        logarithm = np.zeros(len(NODES))
        counts = release.by_run("observed") - background(release)
        found = cls(release, flux, matrix, survival, np.ones_like(flux.hats[0]))
        for _ in range(_STEPS):
            signal, modes = found.signal, found.spectrum_modes.reshape(len(NODES), -1) / _FREE
            scaled = modes / np.sqrt(signal + background(release)).ravel()
            residual = (counts - signal).ravel() / np.sqrt(signal + background(release)).ravel()
            logarithm = logarithm + np.linalg.solve(scaled @ scaled.T, scaled @ residual)
            found = dataclasses.replace(found, correction=np.exp(np.tensordot(logarithm, flux.hats, 1)))
        return found

    @property
    def main(self) -> Float[np.ndarray, "isotopes runs cores deposited"]:
        """From equilibrium spectra."""
        return np.sum(self.flux.main * self.survival * self.correction, -1)

    @property
    def off(self) -> Float[np.ndarray, "isotopes runs cores deposited"]:
        """Corrections where spectra are not those of equilibrium."""
        return np.sum(self.flux.off * self.survival, -1)

    @property
    def spent(self) -> Float[np.ndarray, "runs cores deposited"]:
        """Spent fuel."""
        return np.sum(self.flux.spent * self.survival, -1)

    @property
    def deposited(self) -> Float[np.ndarray, "runs deposited"]:
        """All."""
        return np.sum((self.main + self.off).sum(0) + self.spent, 1)

    @property
    def signal(self) -> Float[np.ndarray, "runs bins"]:
        """In reconstructed bins."""
        return self.deposited @ self.matrix.T

    @property
    def spectrum_modes(self) -> Float[np.ndarray, "nodes runs bins"]:
        """The free spectrum."""
        return _FREE * self._shapes(self.flux.hats)

    def _shapes(self, shapes: Float[np.ndarray, "shapes deposited points"]) -> Float[np.ndarray, "shapes runs bins"]:
        total = np.sum(self.flux.main.sum(0) * self.survival, 1) * self.correction
        return np.einsum("keq,neq->nke", total, shapes) @ self.matrix.T

    def modes(self, response: Response) -> Float[np.ndarray, "data modes"]:
        """Everything but energy scales of detectors, and what of their efficiencies follows from these."""
        matrix, counts = self.matrix, len(self.release.by_run("observed"))
        cores = np.einsum("xkce,be,cd->dxkb", self._core_shapes, matrix, np.eye(len(CORES)))
        loss = (response.matrix(loss=1.0 + _ACRYLIC) - matrix).T
        own = EFFICIENCY * math.sqrt(1.0 - CORRELATION**2)
        detector = np.eye(len(self.release.detectors))[:, self.release.detector, None]
        modes = [
            self.spectrum_modes,
            self._shapes(self.flux.errors),
            np.einsum("xbe,ke->xkb", response.pulls(_RESOLUTION), self.deposited),
            detector * own * self.signal,
            detector * (self.deposited @ loss),
            cores.reshape(-1, counts, len(matrix)),
            _background_modes(self.release),
        ]
        return np.concatenate(modes).reshape(-1, counts * len(matrix)).T

    @property
    def _core_shapes(self) -> Float[np.ndarray, "effects runs cores deposited"]:
        """Power, fission fractions, off-equilibrium corrections and spent fuel: independent from core to core."""
        isotopes = self.release.isotopes
        powered = self.main + self.off
        share = isotopes["fission_fraction"] * isotopes["energy"]
        heat = np.multiply.outer(share / share.sum(), powered.sum(0))
        correlation = np.stack([isotopes[f"c{k}"] for k in range(len(isotopes))], -1)
        fractions = np.tensordot(_FRACTIONS * np.linalg.cholesky(correlation).T, powered - heat, 1)
        return np.concatenate([_POWER * powered.sum(0)[None], fractions, _OFF * self.off, _SPENT * self.spent[None]])


def background(release: Release) -> Float[np.ndarray, "runs bins"]:
    """All that is expected."""
    return np.sum([release.by_run(kind) for kind in BACKGROUNDS], axis=0)


def _background_modes(release: Release) -> Float[np.ndarray, "modes runs bins"]:
    """Accidentals and alpha-n: of each run; lithium, helium, fast neutrons: of a hall in a period; Am-C: common."""
    runs = release.runs
    period = np.array([PERIODS.index(name) for name in runs["period"].tolist()])
    each, common = np.arange(len(runs)), np.zeros(len(runs), int)
    site = len(PERIODS) * period + release.hall
    modes = []
    for kind, group in zip(BACKGROUNDS, (each, site, site, common, each), strict=True):
        error = np.full(len(runs), _ACCIDENTAL) if kind == "accidental" else runs[kind]
        chosen = np.equal.outer(np.unique(group), group)
        modes.append(chosen[..., None] * (error[:, None] * release.by_run(kind)))
    return np.concatenate(modes)


def compressed(
    modes: Float[np.ndarray, "data modes"], variance: Float[np.ndarray, " data"]
) -> Float[np.ndarray, "data fewer"]:
    """Fewer modes with the same covariance, but for what counts nothing beside statistical errors."""
    scaled = modes / np.sqrt(variance)[:, None]
    square, directions = np.linalg.eigh(scaled.T @ scaled)
    return modes @ directions[:, square > _KEPT**2]
