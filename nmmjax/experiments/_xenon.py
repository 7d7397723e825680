"""What detectors of liquid xenon share: solar neutrinos that scatter on electrons, over a measured background."""

import dataclasses
import itertools
import math
from typing import ClassVar, NamedTuple, Self, TypedDict

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jax.scipy.special import ndtr
from jaxtyping import Array, Complex, Float, PRNGKeyArray

from nmmjax import _checks, mixing
from nmmjax.constants import PDG_2026
from nmmjax.experiments import _poisson, _solar
from nmmjax.experiments._base import Experiment, Nuisance, Pull, Spectrum
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.oscillation import ProductionAverage
from nmmjax.scattering import atoms, effective_moment, electron, helicity_flip
from nmmjax.tables import Source, read_table

SOURCES = ("pp", "be7", "pep", "n13", "o15")
"""In this order. 17F, 8B and hep neutrinos would add 2e-4 to the signal of a moment."""
_UNIT = 1e-11
"""Of moments [mu_B]."""
_NODES = 6
"""Energies between which what becomes of the neutrinos of a continuous spectrum is a polynomial: right to 1e-7."""
_MOLAR_MASS = 131.293
"""[g/mol]."""
_GRAMS_PER_TONNE, _YEAR = 1e6, 365.25 * 86400.0
"""[s]."""
_DEPOSITS = np.geomspace(0.05, 50.0, 800)
"""Energies [keV] left in the xenon, edges of the cells in which cross sections are integrated."""
_STEPS = 25
"""Of the reconstructed energy to a bin, in which the efficiency is constant."""
_RESOLUTION = (0.310, 0.0037)
"""sigma = a sqrt(E) + b E, in keV [XENON, Phys. Rev. D 102, 072004 (2020)]."""
_RANGES = ((1.0, 7.0), (7.0, 15.0), (15.0, 30.0), (1.0, 30.0))
"""Reconstructed energies [keV] that make a line of the table of pulls."""
_STANDARD_SIN2, _STANDARD_SPLITTINGS = (0.307, 0.0222, 0.5), (7.4e-5, 2.5e-3)
"""sin^2 of theta12, theta13 and theta23, dm21 and dm31 [eV^2] in the published backgrounds."""


class Xenon(Experiment):
    """Abstract: electronic recoils in bins of reconstructed energy, Poisson.

        t_b = (1 + s_eff z_eff) [(1 + s_bkg z_bkg) B_b + sum_p (W_bpa (P_pa - P^0_pa) + M_bp mu_eff^2(p))].

    p runs over energies that stand for the spectra of `SOURCES`, a over flavors. P and mu_eff^2 = tr(rho lambda^+
    lambda) are those of the theory, averaged over the place of birth in the Sun. B, the background of the
    collaboration, contains the scattering by the weak interaction of neutrinos that oscillate in the standard way, P^0;
    only the difference of W is added. W and M hold flux, cross section, stepping of the electrons of xenon, resolution
    and efficiency (after smearing, at the reconstructed energy). Solar fluxes are held: 0.6 % for pp, 6 % for 7Be.
    """

    counts: Float[Array, " data"]
    """Events, background included."""
    background: Float[Array, " data"]
    """B."""
    edges: Float[Array, " data+1"]
    """Reconstructed energies [keV]."""
    average: ProductionAverage
    """Oscillation at the energies of the points."""
    weak: Float[Array, "data points 3"]
    """Events of a pure flavor."""
    magnetic: Float[Array, "data points"]
    """Events for mu_eff = 1e-11 mu_B."""
    standard: Float[Array, " data"]
    """Events by the weak interaction in the background."""
    background_error: float = eqx.field(static=True)
    efficiency_error: float = eqx.field(static=True)
    """Relative."""
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    panel: ClassVar[str]
    """What its figure is called."""

    def __check_init__(self):
        if self.counts.shape != self.background.shape:
            _checks.fail("counts", f"have shape {self.background.shape}", f"its shape is {self.counts.shape}")
        _checks.check_range("counts", self.counts, low=0.0)

    def with_counts(self, counts: Float[Array, " data"]) -> Self:
        """The same experiment with other events.

        **Raises:** `ValueError` where they are not finite, negative or not as many as the bins.
        """
        _checks.check_real("counts", counts)
        return dataclasses.replace(self, counts=jnp.asarray(counts, self.background.dtype))

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Background and efficiency, in standard deviations."""
        return {f"{self.name}_{name}": dist.Normal(0.0, 1.0) for name in ("background", "efficiency")}

    @property
    def observed(self) -> Float[Array, " data"]:
        """Events, background included."""
        return self.counts

    @property
    def labels(self) -> tuple[str, ...]:
        """Reconstructed energies of each bin."""
        return tuple(f"{low:g}-{high:g} keV" for low, high in itertools.pairwise(self.edges.tolist()))

    def errors(self) -> Float[Array, " data"]:
        """Statistical; one where there is no event."""
        return jnp.sqrt(jnp.maximum(self.counts, 1.0))

    def spectrum(self) -> Spectrum:
        """One panel."""
        return Spectrum((self.panel,), (self.edges,), "reconstructed energy", "keV")

    def signal(self, theory: LowEnergy) -> Float[Array, " data"]:
        """Events that neutrinos add to the background, for the central efficiency."""
        state = self.average.state(theory.neutrinos.mass_squared)
        flavors = jnp.real(jnp.diagonal(state, axis1=-2, axis2=-1))
        moment = effective_moment.squared(state, theory.neutrinos.moment_matrix / _UNIT)
        return jnp.einsum("bpa,pa->b", self.weak, flavors) - self.standard + self.magnetic @ moment

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Events of each bin."""
        background = 1.0 + self.background_error * nuisance[f"{self.name}_background"]
        efficiency = 1.0 + self.efficiency_error * nuisance[f"{self.name}_efficiency"]
        return efficiency * (background * self.background + self.signal(theory))

    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """-sum_b [t_b - n_b + n_b ln(n_b / t_b)]."""
        return -jnp.sum(_poisson.half_deviance(self.counts, self.predict(theory, nuisance)))

    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """Events drawn around the prediction."""
        return self.with_counts(jax.random.poisson(key, self.predict(theory, nuisance)))

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Events in ranges of energy, and all of them."""
        predicted, observed = np.asarray(self.predict(theory, nuisance)), np.asarray(self.counts)
        middle = 0.5 * (np.asarray(self.edges)[1:] + np.asarray(self.edges)[:-1])
        lines = []
        for low, high in _RANGES:
            chosen = (middle > low) & (middle < high)
            t, n = float(predicted[chosen].sum()), float(observed[chosen].sum())
            label = f"{self.panel} events, {low:g}-{high:g} keV"
            lines.append(Pull(label, "", (t,), (n,), _poisson.pull(n, t)))
        return tuple(lines)


class XenonFields(TypedDict):
    """The fields of `Xenon` that come from tables."""

    counts: Float[Array, " data"]
    background: Float[Array, " data"]
    edges: Float[Array, " data+1"]
    average: ProductionAverage
    weak: Float[Array, "data points 3"]
    magnetic: Float[Array, "data points"]
    standard: Float[Array, " data"]
    name: str
    sources: tuple[Source, ...]


# Everything below turns the tables into arrays, once, when an experiment is loaded.


def fields(name: str, exposure: float, sun: SolarModel | None) -> XenonFields:
    """**Arguments:** `name` of the tables; exposure [tonne years]; B16-GS98 unless another Sun is given."""
    sun = SolarModel.b16_gs98() if sun is None else sun
    spectra, xenon = SolarSpectra.load(), atoms.Shells.load("Xe")
    spectrum, efficiency = read_table(f"{name}_spectrum"), read_table(f"{name}_efficiency")
    edges = np.append(spectrum["energy_low"], spectrum["energy_high"][-1])
    cells = np.union1d(_DEPOSITS, np.asarray(xenon.binding)[np.asarray(xenon.binding) > _DEPOSITS[0]])
    center = 0.5 * (cells[1:] + cells[:-1])
    acceptance = _acceptance(edges, center, efficiency["energy"], efficiency["efficiency"])
    atoms_seconds = exposure * _YEAR * _GRAMS_PER_TONNE / _MOLAR_MASS * PDG_2026.avogadro
    flux = _flux(sun, spectra)
    weak, magnetic = _cross_sections(flux.energy, cells)
    response = acceptance * atoms_seconds * np.asarray(xenon.available(jnp.asarray(center)))
    weak_response = jnp.asarray(np.einsum("bc,cna,np->bpa", response, weak, flux.fold, optimize=True))
    P = flux.average.probability(_standard_mass_squared())
    return {
        "counts": jnp.asarray(spectrum["observed"]),
        "background": jnp.asarray(spectrum["background"]),
        "edges": jnp.asarray(edges),
        "average": flux.average,
        "weak": weak_response,
        "magnetic": jnp.asarray(response @ magnetic @ flux.fold),
        "standard": jnp.einsum("bpa,pa->b", weak_response, P),
        "name": name,
        "sources": (spectrum.source, efficiency.source, xenon.table, *spectra.tables, *sun.tables),
    }


class _Flux(NamedTuple):
    """Solar neutrinos: sum over n of f(E_n) fold[n, p] = the flux [cm^-2 s^-1] times the mean of f g_p.

    g_p(E) is the polynomial that interpolates between the points of its source, one at point p and zero at the others.
    """

    energy: Float[np.ndarray, " n"]
    """[MeV]."""
    fold: Float[np.ndarray, "n points"]
    average: ProductionAverage


def _flux(sun: SolarModel, spectra: SolarSpectra) -> _Flux:
    energies, folds, averages = [], [], []
    for source in SOURCES:
        energy, weight = (np.asarray(x) for x in spectra.quadrature(source))
        nodes, _ = _solar.gauss(energy, weight, _NODES)
        flux = float(sun.fluxes[sun.index(source)])
        energies.append(energy)
        folds.append(flux * weight[:, None] * _lagrange(energy, nodes))
        averages.append(ProductionAverage.build(nodes, sun, source))
    fold = np.zeros((sum(map(len, folds)), sum(f.shape[1] for f in folds)))
    row = column = 0
    for block in folds:
        fold[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return _Flux(np.concatenate(energies), fold, ProductionAverage.joined(*averages))


def _lagrange(x: Float[np.ndarray, " n"], nodes: Float[np.ndarray, " points"]) -> Float[np.ndarray, "n points"]:
    """The polynomials that are one at one node and zero at the others."""
    factors = (x[:, None, None] - nodes) / np.where(np.eye(len(nodes)) > 0, 1.0, nodes[:, None] - nodes)
    return np.prod(np.where(np.eye(len(nodes)) > 0, 1.0, factors), -1)


def _cross_sections(
    energy: Float[np.ndarray, " n"], cells: Float[np.ndarray, " cells+1"]
) -> tuple[Float[np.ndarray, "cells n 3"], Float[np.ndarray, "cells n"]]:
    """Of each flavor, and for 1e-11 mu_B, to leave an energy in a cell [cm^2] per free electron."""
    E, low, high = jnp.asarray(energy), jnp.asarray(cells[:-1, None]), jnp.asarray(cells[1:, None])
    weak = electron.cross_section(E, electron.Couplings.radiatively_corrected(), low=low, high=high)
    magnetic = helicity_flip.magnetic_cross_section(E, _UNIT * jnp.eye(1), low=low, high=high)
    return np.diagonal(np.asarray(weak), axis1=-2, axis2=-1), np.asarray(magnetic)[..., 0, 0]


def _acceptance(
    edges: Float[np.ndarray, " bins+1"],
    deposit: Float[np.ndarray, " cells"],
    energy: Float[np.ndarray, " k"],
    efficiency: Float[np.ndarray, " k"],
) -> Float[np.ndarray, "bins cells"]:
    """The probability to be counted in a bin: smeared, then seen with the efficiency at the reconstructed energy."""
    steps = np.linspace(edges[0], edges[-1], (len(edges) - 1) * _STEPS + 1)
    sigma = _RESOLUTION[0] * np.sqrt(deposit) + _RESOLUTION[1] * deposit
    inside = np.diff(np.asarray(_normal_cdf((steps[:, None] - deposit) / sigma)), axis=0)
    seen = np.interp(0.5 * (steps[1:] + steps[:-1]), energy, efficiency)
    return (seen[:, None] * inside).reshape(len(edges) - 1, _STEPS, -1).sum(1)


_normal_cdf = jax.jit(ndtr)


def _standard_mass_squared() -> Complex[Array, "3 3"]:
    theta12, theta13, theta23 = (math.asin(math.sqrt(sin2)) for sin2 in _STANDARD_SIN2)
    U = mixing.pmns(theta12, theta13, theta23, 0.0)
    return (U * jnp.array([0.0, *_STANDARD_SPLITTINGS])) @ jnp.conj(U).T
