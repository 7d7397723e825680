"""MiniBooNE: electron-like events in a beam of muon neutrinos, from sterile neutrinos or from the dipole portal."""

import dataclasses
import itertools
import math
from typing import ClassVar, NamedTuple, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from nmmjax import oscillation
from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.constants import ELECTRON, MEV_PER_ATOMIC_MASS, MEV_PER_GEV, MUON, PDG_2026
from nmmjax.experiments.base import Nuisance, Pull, Spectrum, with_loss_over_length
from nmmjax.experiments.likelihoods.counts import BinnedCounts
from nmmjax.experiments.shared import single_photons
from nmmjax.experiments.shared.single_photons import Ball, Material, Photons
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.positive import inverse_and_log_determinant
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.tables import Source, Table, read_table

_NAME = "miniboone_2020"
_TABLES = ("spectra", "covariance", "response")
_BEAMS, _SAMPLES = ("neutrino", "antineutrino"), ("electron", "muon")
DM2, SIN2_2THETA = 0.0431, 0.807
"""Published best fit of two flavors, splitting in eV^2."""
_EXCESS = (0.2, 1.25)
"""Where the excess is counted [GeV]."""

_PROTONS = (18.75e20, 11.27e20)
"""On target, beam of neutrinos and of antineutrinos."""
_RADIUS, _MASS = 610.6, 818e6
"""Of the oil [cm], [g]."""
_WAY, _DIRT = 47400.0, 2.15
"""Through the dirt before the detector [cm], and its density [g/cm^3]."""


class MiniBooNE2020(BinnedCounts):
    """18.75e20 protons in the beam of neutrinos and 11.27e20 in that of antineutrinos: 11 + 8 bins of energy in each.

    Electron-like and muon-like events in bins of the energy E_QE of a quasi-elastic neutrino: (nu_e, nu_mu) of the
    first beam, then of the second. To the released background come

        s_b = sum_k R_bk P_mue(L / E_k) + photons of the dipole portal,

    R the released electron-like events, were all nu_mu nu_e, in 1177 bins of true L/E at their mean; P in vacuum, of
    any number of states: right as long as P is linear in a bin, to 1 % below 10 eV^2. As in the published fit of two
    flavors, backgrounds do not oscillate: disappearance is left out, which for sterile states that mix with nu_mu or
    nu_e is an error of the size of their sin^2 2theta_mumu in the muon-like bins.

    Likelihood: Gaussian with the released covariance of signal, background and muon-like events, collapsed to 38 x 38,
    relative to what is expected, and with the statistics of what is expected,

        -2 ln L = r^T C^-1 r + ln det C - reference,

    `reference` the last but one at the published best fit. Without it, 373.401 with no signal and 344.526 at the best
    fit; the collaboration's own fit has 373.406 and 344.519. The release has the statistics of the background in its
    covariance; they are taken out on loading, and come back with the statistics of the whole.

    The dipole portal: muon neutrinos (and the few of e) become N on carbon as a whole, on hydrogen and on the protons
    of carbon one by one, in the oil and in the dirt (quartz, 474 m) before it; N decays in the tank (`single_photons`).
    Assumptions, and what they cost:

    - A photon is seen as an electron, with the released efficiency of either (15 %) for the whole tank of 818 t, in
      which decays are spread as interactions are. With it, quasi-elastic scattering alone, 9.4e-39 cm^2 a neutron as
      measured, makes 0.64 of R, which has other channels too: the normalization is right to some 30 %.
    - N flies along the beam, which is as wide as the tank: right while it decays within some 100 m. Its speed is that
      of the energy of the neutrino, recoils left out; the energy of a photon is not smeared.
    - N is a Dirac fermion unless `majorana`, of positive helicity up to some (m/2E)^2.
    - Photons take the relative errors of electrons that appear, of beam, detector and quasi-elastic scattering.
    - Protons that break would add 1 to 7 %; one by one, 10 to 40 % of all are on bound protons, without Pauli blocking
      beyond 1 - F(q)^2. No angles: photons of N are more forward than the excess is.
    """

    reference: ClassVar[str] = (
        "A. A. Aguilar-Arevalo et al. (MiniBooNE), Phys. Rev. D 103, 052002 (2021), arXiv:2006.16883; "
        "beam: Phys. Rev. D 79, 072002 (2009), arXiv:0806.1449"
    )

    counts: Float[Array, " data"]
    """Electron-like, muon-like, of neutrinos; then of antineutrinos."""
    edges: tuple[Float[Array, " _"], ...]
    """Reconstructed energies [GeV], in that order."""
    background: Float[Array, " data"]
    length: Float[Array, " cells"]
    """L/E [km/GeV] of cells of the response."""
    events: Float[Array, " cells"]
    """Electrons in them, were all muon neutrinos electron neutrinos."""
    bin: Float[Array, "data cells"]
    """One where a cell belongs to a bin."""
    antineutrino: Bool[Array, " cells"]
    signal_covariance: Float[Array, "data data"]
    mixed_covariance: Float[Array, "data data"]
    """Of signal and background."""
    covariance: Float[Array, "data data"]
    """Of the background; all three relative and systematic."""
    photons: Photons
    log_determinant: Float[Array, ""]
    """At the published best fit."""
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    @public
    def load(cls, majorana: bool = False) -> Self:
        """Read the packaged data.

        **Arguments:** whether N of the dipole portal is a Majorana fermion, which decays twice as fast and evenly.
        """
        tables = {name: read_table(f"{_NAME}_{name}") for name in _TABLES}
        beam, efficiency = read_table("booster_beam"), read_table("miniboone_efficiency")
        spectra, response = tables["spectra"], tables["response"]
        parts = [spectra.where(beam=b, sample=s) for b in _BEAMS for s in _SAMPLES]
        edges = [np.append(part["energy_low"], part["energy_high"][-1]) for part in parts]
        place = response["bin"].astype(int)
        signal, mixed, covariance = _collapsed(tables["covariance"], [len(p) for p in parts], spectra["background"])
        experiment = cls(
            counts=on_device(spectra["observed"]),
            edges=tuple(on_device(e) for e in edges),
            background=on_device(spectra["background"]),
            length=on_device(response["mean"]),
            events=on_device(response["events"]),
            bin=on_device(1.0 * (np.arange(len(spectra))[:, None] == place)),
            antineutrino=jnp.asarray(spectra["beam"][place] == _BEAMS[1]),
            signal_covariance=on_device(signal),
            mixed_covariance=on_device(mixed),
            covariance=on_device(covariance),
            photons=_photons(beam, efficiency, MEV_PER_GEV * edges[0], majorana),
            log_determinant=jnp.asarray(0.0),
            name=f"{_NAME}_majorana" if majorana else _NAME,
            sources=tuple(table.source for table in (*tables.values(), beam, efficiency)),
        )
        return dataclasses.replace(experiment, log_determinant=_published_determinant(experiment))

    @property
    def holds(self) -> frozenset[str]:
        """Both samples of both beams, whatever N is."""
        return frozenset({"miniboone"})

    @property
    def bins(self) -> int:
        """Number of bins, all samples together."""
        return len(self.covariance)

    def nuisances(self) -> dict[str, dist.Distribution]:
        """No nuisances: all systematic errors are in the covariance."""
        return {}

    @property
    def labels(self) -> tuple[str, ...]:
        """Sample and reconstructed energies [GeV] of each bin."""
        return tuple(
            f"{panel} {low:g}-{high:g} GeV"
            for panel, edges in zip(_PANELS, self.edges, strict=True)
            for low, high in itertools.pairwise(edges.tolist())
        )

    def errors(self) -> Float[Array, " data"]:
        """Statistical standard deviations sqrt(n) of the events (data,)."""
        return jnp.sqrt(self.counts)

    def spectrum(self) -> Spectrum:
        """The spectrum in reconstructed energy, one panel for each sample."""
        return Spectrum(_PANELS, self.edges, "reconstructed energy", "GeV")

    def signal(self, theory: LowEnergy) -> Float[Array, " data"]:
        """Electron-like events (data,) by oscillations and by photons of the dipole portal."""
        path = oscillation.Uniform(self.length, density=0.0)
        P = oscillation.probability(
            theory.neutrinos.mass_squared,
            MEV_PER_GEV,
            path,
            antineutrino=self.antineutrino,
            average=theory.average(MEV_PER_GEV),
        )
        appeared = with_loss_over_length(theory) * (self.bin @ (self.events * P[:, MUON, ELECTRON]))
        if theory.heavy_lepton is None:
            return appeared
        photons = self.photons.events(theory.heavy_lepton)
        muon_like = jnp.zeros((len(_BEAMS), self.bins // len(_BEAMS) - photons.shape[1]))
        return appeared + jnp.ravel(jnp.concatenate([photons, muon_like], 1))

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted events (data,) of each bin, in the order of `labels`."""
        return self.background + self.signal(theory)

    def fitted(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """The prediction with all systematic effects at their most probable values (data,)."""
        predicted, relative = self._relative(self.signal(theory))
        total = relative + jnp.diag(1.0 / predicted)
        return predicted * (1.0 + relative @ jnp.linalg.solve(total, self.counts / predicted - 1.0))

    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """ln L of a Gaussian with a covariance that follows the theory, its determinant included."""
        chi2, log_determinant = self._terms(self.signal(theory))
        return -0.5 * (chi2 + log_determinant - self.log_determinant)

    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure, counts drawn from the Gaussian of the likelihood, none below zero."""
        predicted, relative = self._relative(self.signal(theory))
        root = jnp.linalg.cholesky(relative + jnp.diag(1.0 / predicted))
        normal = jax.random.normal(key, predicted.shape, predicted.dtype)
        return self.with_counts(jnp.maximum(predicted * (1.0 + root @ normal), 0.0))

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: electron-like events where the excess is, given all muon-like ones."""
        predicted, relative = map(np.asarray, self._relative(self.signal(theory)))
        total = np.outer(predicted, predicted) * relative + np.diag(predicted)
        observed = np.asarray(self.counts)
        sizes = [len(edges) - 1 for edges in self.edges]
        sample = np.repeat(np.arange(len(sizes)), sizes)
        muon = sample % 2 == 1
        gain = total[:, muon] @ np.linalg.inv(total[np.ix_(muon, muon)])
        expected, left = predicted + gain @ (observed - predicted)[muon], total - gain @ total[muon]
        high = np.concatenate([np.asarray(edges)[1:] for edges in self.edges])
        lines = []
        for k in (0, 2):
            chosen = (sample == k) & (high <= _EXCESS[1] + 1e-9)
            above, below = float(expected[chosen].sum()), float(observed[chosen].sum())
            pull = (above - below) / math.sqrt(left[np.ix_(chosen, chosen)].sum())
            lines.append(Pull(f"{_PANELS[k]}, {_EXCESS[0]:g}-{_EXCESS[1]:g} GeV", "", (above,), (below,), pull))
        return tuple(lines)

    def _relative(self, signal: Float[Array, " data"]) -> tuple[Float[Array, " data"], Float[Array, "data data"]]:
        """What is expected, and its relative systematic covariance."""
        predicted = self.background + signal
        s, b = signal / predicted, self.background / predicted
        mixed = s[:, None] * self.mixed_covariance * b
        total = s[:, None] * self.signal_covariance * s + mixed + mixed.T + b[:, None] * self.covariance * b
        return predicted, total

    def _terms(self, signal: Float[Array, " data"]) -> tuple[Float[Array, ""], Float[Array, ""]]:
        """chi^2 and ln det C."""
        predicted, relative = self._relative(signal)
        inverse, log_determinant = inverse_and_log_determinant(relative + jnp.diag(1.0 / predicted))
        residual = self.counts / predicted - 1.0
        return residual @ inverse @ residual, log_determinant + 2.0 * jnp.sum(jnp.log(predicted))


_PANELS = ("nu_e-like", "nu_mu-like", "antinu_e-like", "antinu_mu-like")


# Everything below turns the tables into arrays, once, when an experiment is loaded.


@quick()
def _published_determinant(experiment: MiniBooNE2020) -> Float[Array, ""]:
    half_phase = 0.5 * PDG_2026.phase * DM2 * experiment.length / MEV_PER_GEV
    return experiment._terms(experiment.bin @ (experiment.events * SIN2_2THETA * jnp.sin(half_phase) ** 2))[1]


class _Blocks(NamedTuple):
    signal: Float[np.ndarray, "data data"]
    mixed: Float[np.ndarray, "data data"]
    background: Float[np.ndarray, "data data"]


def _collapsed(table: Table, sizes: list[int], background: Float[np.ndarray, " data"]) -> _Blocks:
    """Blocks of the relative covariance whose rows are (signal, electron-like, muon-like) of each beam.

    Signal has no muon-like events; the statistics of the background are taken from its diagonal.
    """
    first, second = table["first"].astype(int), table["second"].astype(int)
    matrix = np.empty((max(first) + 1,) * 2)
    matrix[first, second] = matrix[second, first] = table["covariance"]
    electron, muon = sizes[:2]
    block, data = 2 * electron + muon, electron + muon
    to_signal, to_background = (np.zeros((2 * data, len(matrix))) for _ in range(2))
    for beam in range(2):
        rows, columns = beam * data + np.arange(data), beam * block + np.arange(block)
        to_signal[rows[:electron], columns[:electron]] = 1.0
        to_background[rows, columns[electron:]] = 1.0
    own = to_background @ matrix @ to_background.T - np.diag(1.0 / background)
    return _Blocks(to_signal @ matrix @ to_signal.T, to_signal @ matrix @ to_background.T, own)


def _photons(beam: Table, efficiency: Table, edges: Float[np.ndarray, " bins+1"], majorana: bool) -> Photons:
    """The photons of the dipole portal in the tank."""
    parts = [beam.where(beam=name) for name in _BEAMS]
    energy = parts[0]["energy"]
    flux = np.array([[part[f"nu{a}"] + part[f"antinu{a}"] for a in ("e", "mu")] for part in parts])
    step = (energy[1] - energy[0]) / MEV_PER_GEV
    protons = np.array(_PROTONS)[:, None, None]
    pair = (efficiency["energy"], efficiency["efficiency"])
    return single_photons.build(_tank(), energy, step * protons * flux, pair, edges, majorana=majorana)


def _tank() -> Ball:
    """Oil, CH2, and dirt, SiO2."""
    carbon, oxygen, silicon = (
        Nucleus(Z, A, mass * MEV_PER_ATOMIC_MASS - Z * MEV_PER_GEV * PDG_2026.electron_mass)
        for Z, A, mass in ((6, 12, 12.0), (8, 16, 15.99491462), (14, 28, 27.97692653))
    )
    oil = PDG_2026.avogadro / 14.027 * _MASS / (4.0 / 3.0 * np.pi * _RADIUS**3)
    dirt = PDG_2026.avogadro / 60.084 * _DIRT
    return Ball(
        _RADIUS, Material(((carbon, oil),), 2.0 * oil), Material(((silicon, dirt), (oxygen, 2.0 * dirt)), 0.0), _WAY
    )
