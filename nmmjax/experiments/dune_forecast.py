"""DUNE: a beam of muon neutrinos over 1285 km, forecast with the tables of its technical design report."""

import dataclasses
import itertools
from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float, Int

from nmmjax import oscillation
from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.constants import ELECTRON, MEV_PER_GEV, MUON
from nmmjax.experiments.base import Nuisance, Pull, Spectrum, prediction
from nmmjax.experiments.likelihoods import poisson
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source, Table, read_table
from nmmjax.three_flavor import NUFIT60, LightNeutrinos

_NAME = "dune_forecast"
_BASELINE, _DENSITY = 1284.9, 2.848
"""[km], [g/cm^3]."""
PANELS = (("fhc", "appearance"), ("fhc", "disappearance"), ("rhc", "appearance"), ("rhc", "disappearance"))
"""Mode of the horns (forward: neutrinos, reverse: antineutrinos) and sample of each panel."""
_TITLES = {"fhc": "neutrino beam", "rhc": "antineutrino beam", "appearance": "e", "disappearance": "mu"}
_FLAVORS = {"nue": ELECTRON, "numu": MUON}
_ANTI = "anti"
_ERRORS = {
    ("fhc", "appearance", "signal"): "nue_signal",
    ("rhc", "appearance", "signal"): "antinue_signal",
    ("fhc", "appearance", "nue"): "nue_background",
    ("rhc", "appearance", "nue"): "antinue_background",
    ("fhc", "appearance", "numu"): "numu_background",
    ("rhc", "appearance", "numu"): "numu_background",
    ("fhc", "disappearance", "numu"): "numu_signal",
    ("rhc", "disappearance", "numu"): "antinumu_signal",
    ("fhc", "appearance", "neutral"): "numu_background",
    ("rhc", "appearance", "neutral"): "numu_background",
    ("fhc", "disappearance", "neutral"): "neutral_background",
    ("rhc", "disappearance", "neutral"): "neutral_background",
}
"""Which normalization moves what in a sample, as in the rules of the tables."""


class DuneForecast(poisson.Counts):
    """Electron- and muon-like events from 0.5 to 18 GeV, 40 kt and 6.5 years in each of two modes of the horns.

        t_b = (1 + s_n z_n) N_b + sum_c (1 + s_c z_c) sum_j R_cbj P_c(E_j).

    c are flavors produced and seen, of neutrinos or antineutrinos: signals, electron neutrinos of the beam, and muons
    taken for electrons; N are neutral currents, which do not oscillate. R, events without oscillation by reconstructed
    and true energy, is flux times cross section with smearing and efficiency, probabilities are taken at the center of
    each true bin, in matter of constant density. Normalizations have errors s of 2 to 10 %, as in the tables; z are
    nuisances. Backgrounds by nu_tau are left out. As data there are the expected events at NuFIT 6.0, normal ordering;
    those of any other theory by `asimov`, of another exposure by `exposed`.

    The tables approximate the analysis of the collaboration, which has errors in shape as well.
    """

    reference: ClassVar[str] = "B. Abi et al. (DUNE), arXiv:2103.04797 (2021)"

    counts: Float[Array, " data"]
    edges: Float[Array, " bins+1"]
    """Reconstructed energies [GeV], the same in each panel."""
    energies: Float[Array, " nodes"]
    """True energies [MeV]."""
    response: Float[Array, "components bins nodes"]
    neutral: Float[Array, " data"]
    sizes: Float[Array, " errors"]
    """Relative errors of the normalizations."""
    panel: Int[Array, " components"]
    flavors: Int[Array, "components 3"]
    """Whether antineutrinos, flavor produced, flavor seen."""
    moved: Int[Array, " components"]
    """Error of each component."""
    moved_neutral: Int[Array, " data"]
    errors_by_name: tuple[str, ...] = eqx.field(static=True)
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """Read the packaged tables; data are what is expected at NuFIT 6.0, normal ordering."""
        response, bins = read_table(f"{_NAME}_response"), read_table(f"{_NAME}_bins")
        errors = PublishedValues.read(f"{_NAME}_errors", key="error")
        components = _components(response)
        first = bins.where(mode="fhc", sample="appearance")
        per_panel = len(first)
        panels = np.repeat(np.arange(len(PANELS)), per_panel)
        energies, weights = _weights(response, components, per_panel)
        names = errors.names
        neutral = np.concatenate([bins.where(mode=mode, sample=sample)["neutral"] for mode, sample in PANELS])
        experiment = cls(
            counts=on_device(np.zeros(len(panels))),
            edges=on_device(np.append(first["low"], first["high"][-1])),
            energies=on_device(energies),
            response=on_device(weights),
            neutral=on_device(neutral),
            sizes=on_device(np.array([errors.number(name, "size") for name in names])),
            panel=on_device(np.array([PANELS.index((mode, sample)) for mode, sample, _ in components])),
            flavors=on_device(np.array([_flavors(of) for _, _, of in components])),
            moved=on_device(np.array([names.index(_error(*component)) for component in components])),
            moved_neutral=on_device(np.array([names.index(_ERRORS[*PANELS[p], "neutral"]) for p in panels])),
            errors_by_name=names,
            name=_NAME,
            sources=(response.source, bins.source, errors.source),
        )
        return dataclasses.replace(experiment, counts=_expected(experiment))

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: those of the beam; `DuneBurst` sees a supernova."""
        return frozenset({"dune_beam"})

    @property
    def bins(self) -> int:
        """Number of bins, all panels together."""
        return len(PANELS) * (len(self.edges) - 1)

    @property
    def labels(self) -> tuple[str, ...]:
        """Mode, sample and reconstructed energies [GeV] of each bin."""
        pairs = list(itertools.pairwise(self.edges.tolist()))
        return tuple(f"{mode} {sample} {low:g}-{high:g} GeV" for mode, sample in PANELS for low, high in pairs)

    def spectrum(self) -> Spectrum:
        """The spectra in reconstructed energy, one panel for each mode and sample."""
        titles = tuple(f"{_TITLES[mode]}, {_TITLES[sample]}-like" for mode, sample in PANELS)
        return Spectrum(titles, (self.edges,) * len(PANELS), "reconstructed energy", "GeV")

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors of the normalizations, in standard deviations."""
        return {f"{_NAME}_{name}": dist.Normal(0.0, 1.0) for name in self.errors_by_name}

    def components(self, theory: LowEnergy) -> Float[Array, "components bins"]:
        """Events of each component in the bins of its panel, with central normalizations."""
        path = oscillation.Uniform(_BASELINE, density=_DENSITY)

        def probability(antineutrino: bool) -> Float[Array, "nodes n n"]:
            H = theory.neutrinos.mass_squared
            return oscillation.probability(H, self.energies, path, antineutrino=antineutrino, nsi=theory.nsi)

        both = jnp.stack([probability(antineutrino) for antineutrino in (False, True)])
        anti, produced, seen = self.flavors.T
        return jnp.einsum("cbj,cj->cb", self.response, both[anti, :, produced, seen])

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Expected events (data,) of each bin, one panel after the other."""
        z = jnp.stack([nuisance[f"{_NAME}_{name}"] for name in self.errors_by_name])
        factor = 1.0 + self.sizes * z
        events = factor[self.moved, None] * self.components(theory)
        panels = jnp.zeros((len(PANELS), events.shape[1])).at[self.panel].add(events)
        return panels.ravel() + factor[self.moved_neutral] * self.neutral

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: events of each panel."""
        predicted, observed = (
            np.asarray(x).reshape(len(PANELS), -1) for x in (prediction(self, theory, nuisance), self.counts)
        )
        titles = self.spectrum().panels
        return tuple(poisson.total_pull(f"DUNE, {k}", predicted[i], observed[i]) for i, k in enumerate(titles))


# Everything below turns the tables into arrays, once, when the experiment is loaded.


@quick()
def _expected(experiment: DuneForecast) -> Float[Array, " data"]:
    """Events (data,) at NuFIT 6.0."""
    theory = LowEnergy(LightNeutrinos.from_sin2(**NUFIT60).neutrinos())
    return experiment.predict(theory, {name: jnp.zeros(()) for name in experiment.nuisances()})


def _components(response: Table) -> list[tuple[str, str, str]]:
    """Mode, sample and flavors of each component, in the order of the table."""
    columns = (response[name].tolist() for name in ("mode", "sample", "component"))
    return list(dict.fromkeys(zip(*columns, strict=True)))


def _flavors(component: str) -> tuple[int, int, int]:
    """Whether antineutrinos, flavor produced and flavor seen of "antinumu_antinue"."""
    produced, seen = (_FLAVORS[flavor.removeprefix(_ANTI)] for flavor in component.split("_"))
    return int(component.startswith(_ANTI)), produced, seen


def _error(mode: str, sample: str, component: str) -> str:
    """The normalization that moves a component."""
    produced, seen = (flavor.removeprefix(_ANTI) for flavor in component.split("_"))
    return _ERRORS[mode, sample, produced if produced == seen else "signal"]


def _weights(
    response: Table, components: list[tuple[str, str, str]], bins: int
) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, "components bins nodes"]]:
    """Centers of the true bins [MeV], and the events of each component."""
    low, place = np.unique(response["low"], return_inverse=True)
    high = low.copy()
    high[place] = response["high"]
    rows = zip(*(response[name].tolist() for name in ("mode", "sample", "component")), strict=True)
    number = np.array([components.index(row) for row in rows])
    weights = np.zeros((len(components), bins, len(low)))
    weights[number, :, place] = np.stack([response[f"r{b}"] for b in range(bins)], axis=1)
    return MEV_PER_GEV * 0.5 * (low + high), weights
