"""What Daya Bay expects of its reactors and detectors, from the tables of the release: in numpy, once, at loading.

Antineutrino energies are sampled at fixed points: in each bin of deposited energy (0.05 MeV), nodes of Gauss and
Legendre in that energy and in the cosine of the positron's direction. Counts of a run (a period and a detector) are

    sum_c sum_q exposure_kc(q) P(L_dc / E_q) response_d[b, bin of q],

exposures per core c from spectra and livetimes, the response from acrylic vessel, non-linearity and resolution.
"""

import dataclasses
import math
from typing import Self

import jax
import numpy as np
from jaxtyping import Float, Int

from nmmjax.constants import PDG_2026
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.numerics.special import normal_cdf
from nmmjax.scattering import inverse_beta
from nmmjax.scattering.kinematics import ELECTRON_MASS
from nmmjax.tables import Source, Table, read_table

NAMES = tuple(
    f"daya_bay_2022_{part}" for part in ("spectra", "runs", "detectors", "isotopes", "flux", "nonlinearity", "acrylic")
)
PERIODS = ("6AD", "8AD", "7AD")
CORES = ("R1", "R2", "R3", "R4", "R5", "R6")
ABSENT = {("6AD", "AD22"), ("6AD", "AD34"), ("7AD", "AD11")}
"""Detectors that took no data in a period."""

NODES = np.array(
    [1.8, 2.1, 2.4, 2.7, 3.0, 3.3, 3.6, 3.9, 4.22, 4.56, 4.92, 5.28, 5.66, 6.06, 6.48, 6.92, 7.38, 7.86, 8.36]
)
"""Antineutrino energies [MeV] at which the spectrum is free; between them its logarithm is linear, beyond too."""

_PROTONS, _EFFICIENCY = 1.4338e30, 0.8025190696388883
_POWER = 2.895e9 / 1.602176634e-13
"""Nominal thermal power of a core [MeV/s]."""
_RESOLUTION = np.array([0.016, 0.081, 0.026])
"""sigma^2 = a^2 E^2 + b^2 E + c^2, energies in MeV."""
_EMITTED = (1.2701**2 - 1.0) / (1.0 + 3.0 * 1.2701**2)
"""Positrons go as 1 - this x v cos(direction), g_A = 1.2701."""
_WIDTH, _BINS = 0.05, 240
_FIRST = 20
"""Bin of deposited energy that holds twice the mass of the electron."""
_ENERGIES, _DIRECTIONS, _PARTS = 2, 2, 4
"""Nodes in a bin of deposited energy, in the direction of the positron, and in a bin of the scintillator."""
_NEWTON = 6
"""Steps to the antineutrino energy, far more than rounding asks for."""


@dataclasses.dataclass(frozen=True)
class Release:
    """The seven tables, their rows checked, and what orders them."""

    spectra: Table
    runs: Table
    detectors: Table
    isotopes: Table
    flux: Table
    nonlinearity: Table
    acrylic: Table

    @classmethod
    def read(cls) -> Self:
        """Read the packaged tables.

        **Raises:** `ValueError` that names the table and the row where rows are missing, doubled or out of order.
        """
        release = cls(*(read_table(name) for name in NAMES))
        release.check()
        return release

    def check(self) -> None:
        """Raise where a row is not the one that belongs there."""
        names = self.detectors["detector"].tolist()
        pairs = [(period, name) for period in PERIODS for name in names if (period, name) not in ABSENT]
        bins = len(self.spectra) // len(pairs)
        self.detectors.expect(
            "detector", [f"AD{hall}{k}" for hall, n in ((1, 2), (2, 2), (3, 4)) for k in range(1, n + 1)]
        )
        self.isotopes.expect("isotope", ["U235", "U238", "Pu239", "Pu241"])
        for table, repeat in ((self.runs, 1), (self.spectra, bins)):
            table.expect("period", [period for period, _ in pairs for _ in range(repeat)])
            table.expect("detector", [name for _, name in pairs for _ in range(repeat)])
        first = self.spectra.where(period=pairs[0][0], detector=pairs[0][1])
        first.expect("energy_low", np.unique(first["energy_low"]).tolist())
        for column in ("energy_low", "energy_high"):
            self.spectra.expect(column, np.tile(first[column], len(pairs)).tolist())
        self.acrylic.expect("energy_low", (_WIDTH * np.arange(_FIRST, _BINS)).round(2).tolist())

    @property
    def sources(self) -> tuple[Source, ...]:
        """Where the tables come from."""
        return tuple(getattr(self, field.name).source for field in dataclasses.fields(self))

    @property
    def edges(self) -> Float[np.ndarray, " bins+1"]:
        """Edges of the bins of reconstructed prompt energy [MeV]."""
        bins = len(self.spectra) // len(self.runs)
        return np.append(self.spectra["energy_low"][:bins], self.spectra["energy_high"][bins - 1])

    @property
    def detector(self) -> Int[np.ndarray, " runs"]:
        """The number of the detector of each run."""
        names = self.detectors["detector"].tolist()
        return np.array([names.index(name) for name in self.runs["detector"].tolist()])

    @property
    def hall(self) -> Int[np.ndarray, " runs"]:
        """The number of the hall of each run, from zero."""
        return np.array([int(hall[-1]) - 1 for hall in self.detectors["hall"].tolist()])[self.detector]

    @property
    def baselines(self) -> Float[np.ndarray, "detectors cores"]:
        """Distances [km]."""
        return 1e-3 * np.stack([self.detectors[core] for core in CORES], -1)

    def by_run(self, column: str) -> Float[np.ndarray, "runs bins"]:
        """A column of the spectra."""
        return self.spectra[column].reshape(len(self.runs), -1)


@dataclasses.dataclass(frozen=True)
class Sample:
    """Antineutrino energies and what multiplies spectra there; the first axis is that of deposited bins."""

    energy: Float[np.ndarray, "deposited points"]
    weight: Float[np.ndarray, "deposited points"]
    """Cross section [cm^2] x width [MeV]."""

    @classmethod
    def make(cls) -> Self:
        """Nodes in each bin of deposited energy, which is that of the positron and its annihilation."""
        low = np.maximum(_WIDTH * np.arange(_FIRST, _BINS), 2.0 * ELECTRON_MASS)
        high = _WIDTH * np.arange(_FIRST + 1, _BINS + 1)
        x, wx = gauss_legendre(_ENERGIES)
        y, wy = gauss_legendre(_DIRECTIONS)
        deposited = low[:, None] + np.outer(high - low, 0.5 * (1.0 + x))
        positron, cosine = (deposited - ELECTRON_MASS)[..., None], y
        energy = positron + inverse_beta.NEUTRON_MINUS_PROTON + 0.0 * cosine
        for _ in range(_NEWTON):
            moved, slope, _ = _positron(energy, cosine)
            energy = energy - (moved - positron) / slope
        _, slope, velocity = _positron(energy, cosine)
        share = 0.5 * wy * (1.0 - _EMITTED * velocity * cosine)
        weight = (0.5 * np.outer(high - low, wx))[..., None] * share / slope
        with jax.enable_x64(True):
            weight = weight * np.asarray(inverse_beta.cross_section(energy))
        return cls(energy.reshape(len(low), -1), weight.reshape(len(low), -1))


def _positron(
    energy: Float[np.ndarray, "..."], cosine: Float[np.ndarray, "..."]
) -> tuple[Float[np.ndarray, "..."], Float[np.ndarray, "..."], Float[np.ndarray, "..."]]:
    """Energy [MeV] of the positron to first order in 1/M, its slope in that of the antineutrino, its velocity."""
    mass, difference = inverse_beta.NUCLEON_MASS, inverse_beta.NEUTRON_MINUS_PROTON
    first = np.maximum(energy - difference, ELECTRON_MASS * (1.0 + 1e-9))
    velocity = np.sqrt(1.0 - (ELECTRON_MASS / first) ** 2)
    recoil = 0.5 * (difference**2 - ELECTRON_MASS**2) / mass
    moved = first - energy * first * (1.0 - velocity * cosine) / mass - recoil
    forward = first * velocity + energy / velocity
    return moved, 1.0 - (2.0 * energy - difference - forward * cosine) / mass, velocity


# Reactors


@dataclasses.dataclass(frozen=True)
class Flux:
    """Events without oscillations, before the response, at each antineutrino energy: runs, cores, bins, points."""

    main: Float[np.ndarray, "isotopes runs cores deposited points"]
    """From fissions in each isotope, equilibrium spectra."""
    off: Float[np.ndarray, "isotopes runs cores deposited points"]
    """What is added where spectra are not those of equilibrium; none for 238U."""
    spent: Float[np.ndarray, "runs cores deposited points"]
    """From spent fuel, which does not follow the power."""
    hats: Float[np.ndarray, "nodes deposited points"]
    """Weight of each of `NODES` in the logarithm of the spectrum."""
    errors: Float[np.ndarray, "energies deposited points"]
    """Relative errors of the spectrum at energies of the table, independent of each other."""

    @classmethod
    def of(cls, release: Release, sample: Sample) -> Self:
        """Spectra of the release, linear in E for corrections, exponential for spectra, between tabulated energies."""
        flux, isotopes, runs = release.flux, release.isotopes, release.runs
        grid, fractions = flux["energy"], isotopes["fission_fraction"]
        names = isotopes["isotope"].tolist()
        table = np.stack([flux[name] for name in names])
        spectra = np.exp(_interpolated(sample.energy, grid, np.log(table)))
        off = np.stack([flux[f"off_{name}"] if f"off_{name}" in flux.columns else 0.0 * grid for name in names])
        spent = np.stack([flux[f"spent_{core}"] for core in CORES])
        emitted = np.stack([runs[core] for core in CORES], -1)
        area = 4.0 * math.pi * (1e5 * release.baselines[release.detector]) ** 2
        target = _PROTONS * _EFFICIENCY * release.detectors["protons"][release.detector][:, None] / area
        fissions = target * emitted / (fractions @ isotopes["antineutrinos"])
        nominal = target * runs["livetime"][:, None] * _POWER / (fractions @ isotopes["energy"])
        main = np.einsum("i,ieq,eq,kc->ikceq", fractions, spectra, sample.weight, fissions)
        errors = np.stack([flux[f"error_{name}"] for name in names])
        weights = fractions[:, None] * table
        relative = np.sqrt(np.sum((weights * errors) ** 2, 0)) / weights.sum(0)
        return cls(
            main=main,
            off=main * _interpolated(sample.energy, grid, off)[:, None, None],
            spent=np.einsum(
                "eq,eq,ceq,kc->kceq",
                np.tensordot(fractions, spectra, 1),
                sample.weight,
                _interpolated(sample.energy, grid, spent),
                nominal,
            ),
            hats=_interpolated(sample.energy, NODES, np.eye(len(NODES))),
            errors=_interpolated(sample.energy, grid, np.diag(relative)),
        )

    def total(
        self, correction: Float[np.ndarray, "deposited points"]
    ) -> Float[np.ndarray, "runs cores deposited points"]:
        """All antineutrinos; the correction multiplies what comes from equilibrium spectra, as in the release."""
        return self.main.sum(0) * correction + self.off.sum(0) + self.spent


def _interpolated(
    x: Float[np.ndarray, "..."], nodes: Float[np.ndarray, " n"], values: Float[np.ndarray, "rows n"]
) -> Float[np.ndarray, "rows ..."]:
    """Rows of values, linear between nodes and beyond."""
    place = np.clip(np.searchsorted(nodes, x) - 1, 0, len(nodes) - 2)
    along = (x - nodes[place]) / (nodes[place + 1] - nodes[place])
    return (1.0 - along) * values[:, place] + along * values[:, place + 1]


# Detectors


@dataclasses.dataclass(frozen=True)
class Response:
    """From deposited energy to bins of reconstructed energy, and how its parameters change it."""

    edges: Float[np.ndarray, " bins+1"]
    acrylic: Float[np.ndarray, "scintillator deposited"]
    """Share of each bin of deposited energy that is left in each bin of the scintillator."""
    visible: Float[np.ndarray, "curves scintillator parts"]
    """Visible energy [MeV] at points of each bin of the scintillator, nominal and moved by each pull."""

    @classmethod
    def of(cls, release: Release) -> Self:
        """Curves beyond the table go on linearly."""
        acrylic = 1e-6 * np.stack([release.acrylic[f"b{k}"] for k in range(_BINS)])
        x, _ = gauss_legendre(_PARTS)
        energy = _WIDTH * (np.arange(_BINS)[:, None] + 0.5 * (1.0 + x))
        grid = release.nonlinearity["energy"]
        curves = grid * np.stack([release.nonlinearity[f"f{k}"] for k in range(5)])
        return cls(release.edges, acrylic / acrylic.sum(0), _interpolated(energy, grid, curves))

    def matrix(
        self, *, scale: float = 1.0, curve: int = 0, resolution: Float[np.ndarray, "3"] = _RESOLUTION, loss: float = 1.0
    ) -> Float[np.ndarray, "bins deposited"]:
        """Share of deposited bins in each reconstructed bin.

        **Arguments:** a factor of the energy scale, the curve of non-linearity (0 is the nominal one, -k the mirror
        image of k), parameters of the resolution, and a factor of all losses in acrylic.
        """
        nominal = self.visible[0]
        visible = scale * (nominal + math.copysign(1.0, curve) * (self.visible[abs(curve)] - nominal))
        visible = np.maximum(visible, _WIDTH)
        a, b, c = resolution
        deviation = np.sqrt((a * visible) ** 2 + b**2 * visible + c**2)
        _, weights = gauss_legendre(_PARTS)
        with jax.enable_x64(True):
            below = np.asarray(normal_cdf((self.edges[:, None, None] - visible) / deviation))
        seen = np.diff(below, axis=0) @ (0.5 * weights)
        deposited = np.arange(_FIRST, _BINS)
        kept = self.acrylic[deposited, deposited - _FIRST]
        lost = seen @ self.acrylic - seen[:, deposited] * kept
        return seen[:, deposited] * (1.0 - loss * (1.0 - kept)) + loss * lost

    def slope(self, error: float) -> Float[np.ndarray, "bins deposited"]:
        """Change for a relative change of the energy scale by `error`."""
        return 0.5 * (self.matrix(scale=1.0 + error) - self.matrix(scale=1.0 - error))

    def pulls(self, relative: float) -> Float[np.ndarray, "pulls bins deposited"]:
        """Change for one standard deviation of each curve and each number of the resolution, `relative` its error."""
        curves = [0.5 * (self.matrix(curve=k) - self.matrix(curve=-k)) for k in range(1, len(self.visible))]
        steps = relative * np.diag(_RESOLUTION)
        widths = [self.matrix(resolution=_RESOLUTION + s) - self.matrix(resolution=_RESOLUTION - s) for s in steps]
        return np.stack([*curves, *(0.5 * w for w in widths)])


# Oscillations


def survival_nodes(
    baselines: Float[np.ndarray, "detectors cores"], energies: Float[np.ndarray, "deposited points"], number: int
) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, "nodes nodes"], tuple[float, float]]:
    """Nodes L/E [km/MeV] of an interpolant in Chebyshev polynomials of ln(L/E), and its coefficients of node values.

    Returned beside them: the ends of ln(L/E).
    """
    ends = math.log(baselines.min() / energies.max()), math.log(baselines.max() / energies.min())
    angle = (np.arange(number) + 0.5) * np.pi / number
    order = np.arange(number)[:, None]
    coefficients = np.cos(order * angle) * np.where(order == 0, 1.0, 2.0) / number
    middle, half = 0.5 * (ends[1] + ends[0]), 0.5 * (ends[1] - ends[0])
    return np.exp(middle + half * np.cos(angle)), coefficients, ends


def on_polynomials(
    release: Release,
    sample: Sample,
    flux: Float[np.ndarray, "runs cores deposited points"],
    ends: tuple[float, float],
    number: int,
) -> Float[np.ndarray, "runs deposited polynomials"]:
    """Events in deposited bins if P were each Chebyshev polynomial."""
    found = np.zeros((len(flux), flux.shape[2], number))
    half = 0.5 * (ends[1] - ends[0])
    for d, row in enumerate(release.baselines):
        runs = np.flatnonzero(release.detector == d)
        for c, length in enumerate(row):
            place = (np.log(length / sample.energy) - ends[0]) / half - 1.0
            polynomials = [np.ones_like(place), place]
            while len(polynomials) < number:
                polynomials.append(2.0 * place * polynomials[-1] - polynomials[-2])
            found[runs] += np.einsum("neq,keq->ken", np.stack(polynomials), flux[runs, c], optimize=True)
    return found


def survival(
    release: Release, sample: Sample, sin2_2theta13: float, dm32: float, sin2_theta12: float, dm21: float
) -> Float[np.ndarray, "runs cores deposited points"]:
    """|sum_i |U_ei|^2 exp(-i m_i^2 L / 2E)|^2."""
    sin2_theta13 = 0.5 * (1.0 - math.sqrt(1.0 - sin2_2theta13))
    cos2_theta13 = 1.0 - sin2_theta13
    electron = np.array([(1.0 - sin2_theta12) * cos2_theta13, sin2_theta12 * cos2_theta13, sin2_theta13])
    path = release.baselines[..., None, None] / sample.energy
    amplitude = sum(
        u * np.exp(-1j * PDG_2026.phase * m * path) for u, m in zip(electron, (0.0, dm21, dm21 + dm32), strict=True)
    )
    return (np.abs(amplitude) ** 2)[release.detector]
