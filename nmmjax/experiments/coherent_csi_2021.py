"""COHERENT, cesium iodide: coherent scattering of neutrinos on cesium and iodine, in light and time."""

import itertools
from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jax.scipy.special import gammaln
from jaxtyping import Array, Float

from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.constants import MEV_PER_KEV, PDG_2026
from nmmjax.experiments.base import Nuisance, Pull, Spectrum, prediction
from nmmjax.experiments.likelihoods import poisson
from nmmjax.experiments.shared import coherent
from nmmjax.experiments.shared.coherent_electrons import Electrons
from nmmjax.experiments.shared.portal import UniformSpline
from nmmjax.fluxes import pion_decay
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.scattering.atoms import Shells
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.tables import Source, Table, read_table

_PROTONS, _PER_PROTON, _BASELINE = 3.198e23, 0.0848, 0.0193
"""On target, pions that stop for each, and [km]; the first two from memory of the data release."""
_ELEMENTS = ("Cs", "I")
_MASS, _MOLAR_MASS = 14.6e3, 259.81
"""[g], and [g/mol] of CsI; the sodium is left out."""
_QUENCHING = (
    (0.0554628, 4.30681, -111.707, 840.384),
    (0.0495624, 5.09815, -137.858, 1085.2),
    (0.0613632, 3.51547, -85.5548, 595.562),
    (0.055413, 3.93597, -93.1045, 630.092),
    (0.0555126, 4.67765, -130.309, 1050.68),
)
"""Light [MeV electron equivalent] as a polynomial without constant in T [MeV]; down and up along two directions."""
_EFFICIENCY = (
    (1.32045, 0.285979, 10.8646, -0.333322),
    (1.297, 0.286592, 11.8832, -0.31028),
    (1.3439, 0.285366, 9.84596, -0.356364),
)
"""a / (1 + exp(-b (PE - c))) + d: central, down, up."""
_LIGHT_YIELD, _SPREAD = 0.0749, 9.56
"""Photoelectrons x of E keV: x^k exp(-x y (1 + k)), y = 0.0749 / E, k = 9.56 E."""
_RADIUS_ERROR = 0.05
"""Of the neutron distribution."""
_RECOILS, _ELECTRON_RECOILS = (0.3, 49.0), (0.02, 12.0)
"""Of nuclei and of electrons [keV]; more than the latter is brighter than any bin."""
_PULSE = {"center": 0.4385, "width": 0.1604}
"""Arrival of the protons [microseconds]: what the released times of the neutrons say that delayed neutrinos make."""
_ONSET, _ONSETS = 0.25, 41
"""[microseconds], and nodes."""
_VETO_START, _VETO_RATE = 0.52, 0.0494
"""An event is lost to an earlier one with this rate [1/microsecond] from that time on; from memory of the release."""
_STEPS = 0.0125
"""Of time [microseconds]."""
_PROMPT, _PROMPT_ERROR = 18.4, 0.25
_INDUCED, _INDUCED_ERROR = 5.6, 0.35
"""Neutrons of the beam, and those that neutrinos make in lead; from memory of the paper."""
_STEADY_ERROR = 0.021


class CoherentCsI2021(coherent.Recoils):
    """14.6 kg of CsI[Na], 19.3 m from the source, full exposure: 8 x 11 bins of photoelectrons and time.

        t_xt = sum_a S_xa T_at(z_0) + (1 + 0.25 z) B_xt + (1 + 0.35 z') I_xt + exp(0.021 z'') A_xt,

    S the scatterings, quenched, smeared by a gamma distribution and seen with the efficiency at their photoelectrons. T
    is the part of prompt or delayed neutrinos that comes in a bin of time and is not vetoed; the pulse of protons is
    Gaussian and may come up to 0.25 microseconds earlier or later than thought, as its onset is not known well. B are
    neutrons of the beam, I neutrons made by neutrinos; their priors are truncated where there are none. The steady
    background A has the anticoincidences' light, without their statistical error, and is flat but for the veto in time.
    Errors: quenching along two directions, efficiency, and 5 % of the radius of the neutrons.

    Electrons look like nuclei here, but give more light; they are free above their binding energies.
    """

    reference: ClassVar[str] = "D. Akimov et al. (COHERENT), Phys. Rev. Lett. 129, 081801 (2022), arXiv:2110.07730"
    responses: ClassVar[tuple[str, ...]] = ("quenching", "quenching_shape", "efficiency", "neutron_radius")

    electrons: Electrons
    time: UniformSpline
    """Parts (sources, bins of time) of the neutrinos that are seen in a bin; onsets from -0.25 to 0.25."""
    prompt_neutrons: Float[Array, " data"]
    induced_neutrons: Float[Array, " data"]
    steady_state: Float[Array, " data"]
    """Events."""
    light_edges: Float[Array, " light+1"]
    """Edges of the bins of light [photoelectrons]."""
    time_edges: Float[Array, " times+1"]
    """Edges of the bins of time [microseconds]."""
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """Read the packaged data."""
        table = read_table("coherent_csi_2021_counts")
        light = np.union1d(table["light_low"], table["light_high"])
        time = np.union1d(table["time_low"], table["time_high"])
        where = coherent.grid(*_RECOILS)
        variants = [(q, _EFFICIENCY[0]) for q in _QUENCHING] + [(_QUENCHING[0], e) for e in _EFFICIENCY[1:]]
        return cls(
            counts=on_device(table["observed"]),
            **coherent.fields(
                where,
                _targets(1.0),
                [_acceptance(light, _quenched(where.recoil, q), e) for q, e in variants],
                [_targets(1.0 - _RADIUS_ERROR), _targets(1.0 + _RADIUS_ERROR)],
            ),
            electrons=_electrons(light),
            time=UniformSpline.build(np.stack([_arrivals(time, x) for x in np.linspace(-_ONSET, _ONSET, _ONSETS)])),
            prompt_neutrons=on_device(_PROMPT * table["prompt_neutrons"]),
            induced_neutrons=on_device(_vetoed(_INDUCED * table["neutrino_neutrons"], time)),
            steady_state=on_device(_steady(table, time)),
            light_edges=on_device(light),
            time_edges=on_device(time),
            name="coherent_csi_2021",
            sources=(table.source, read_table("isotopes").source, read_table("electron_shells").source),
        )

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors in standard deviations; that of the onset in units of 0.25 microseconds."""
        return super().nuisances() | {
            f"{self.name}_onset": dist.Uniform(-1.0, 1.0),
            f"{self.name}_steady_state": dist.Normal(0.0, 1.0),
            f"{self.name}_prompt_neutrons": dist.TruncatedNormal(0.0, 1.0, low=-1.0 / _PROMPT_ERROR),
            f"{self.name}_induced_neutrons": dist.TruncatedNormal(0.0, 1.0, low=-1.0 / _INDUCED_ERROR),
        }

    @property
    def background(self) -> Float[Array, " data"]:
        """Background events (data,): neutrons of the beam, neutrons made by neutrinos, and the steady state."""
        return self.prompt_neutrons + self.induced_neutrons + self.steady_state

    @property
    def labels(self) -> tuple[str, ...]:
        """Edges of light and time of each bin."""
        light, time = (itertools.pairwise(x.tolist()) for x in (self.light_edges, self.time_edges))
        pairs = itertools.product(light, time)
        return tuple(f"{a:g}-{b:g} PE, {c:g}-{d:g} us" for (a, b), (c, d) in pairs)

    def spectrum(self) -> Spectrum:
        """The spectrum in time, one panel for each bin of light."""
        light = itertools.pairwise(self.light_edges.tolist())
        panels = tuple(f"CsI {low:g}-{high:g} PE" for low, high in light)
        return Spectrum(panels, (self.time_edges,) * len(panels), "time", "us")

    def events(self, theory: LowEnergy) -> Float[Array, "variants bins sources"]:
        """Scatterings on nuclei and electrons by variant of the response, bin of light and kind of neutrino."""
        return super().events(theory) + self.electrons.events(theory)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted events (data,) of each bin, the time running fastest."""

        def z(name: str) -> Float[Array, ""]:
            return nuisance[f"{self.name}_{name}"]

        time = self.time((z("onset") + 1.0) * 0.5 * (_ONSETS - 1))
        neutrons = (1.0 + _PROMPT_ERROR * z("prompt_neutrons")) * self.prompt_neutrons
        neutrons += (1.0 + _INDUCED_ERROR * z("induced_neutrons")) * self.induced_neutrons
        steady = jnp.exp(_STEADY_ERROR * z("steady_state")) * self.steady_state
        return jnp.ravel(self.scattering(theory, nuisance) @ time) + neutrons + steady

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: events in each bin of light, in each bin of time, and all of them."""
        light, time = (list(itertools.pairwise(x.tolist())) for x in (self.light_edges, self.time_edges))
        shape = (len(light), len(time))
        predicted, observed = (
            np.asarray(x).reshape(shape) for x in (prediction(self, theory, nuisance), self.observed)
        )
        lines = []
        for label, sums in (
            *((f"{a:g}-{b:g} PE", np.s_[i]) for i, (a, b) in enumerate(light)),
            *((f"{a:g}-{b:g} us", np.s_[:, i]) for i, (a, b) in enumerate(time)),
            ("all", np.s_[:]),
        ):
            lines.append(poisson.total_pull(f"COHERENT CsI events, {label}", predicted[sums], observed[sums]))
        return tuple(lines)


# Everything below is computed once, when the experiment is loaded.


_log_gamma, _arrived = quick()(gammaln), quick()(pion_decay.arrived)


def _exposure() -> float:
    """Nuclei of each element times the fluence of each kind of neutrino [1/cm^2]."""
    fluence = pion_decay.fluence(_PROTONS, _BASELINE, per_proton=_PER_PROTON)
    return _MASS / _MOLAR_MASS * PDG_2026.avogadro * fluence


def _targets(neutrons: float) -> list[tuple[Nucleus, float]]:
    """Cesium and iodine, one each; the radii of their neutrons times a factor."""
    elements = (Nucleus.load(name) for name in _ELEMENTS)
    return [(eqx.tree_at(lambda n: n.neutron_radius, n, neutrons * n.neutron_radius), _exposure()) for n in elements]


def _electrons(edges: Float[np.ndarray, " light+1"]) -> Electrons:
    """Responses of the electrons; of all variants, only those of the efficiency change them."""
    atoms = [Shells.load(name) for name in _ELEMENTS]
    where = coherent.grid(*_ELECTRON_RECOILS, np.concatenate([np.asarray(atom.binding) for atom in atoms]))
    free = sum(np.asarray(atom.available(jnp.asarray(where.recoil))) for atom in atoms)
    center, down, up = (_exposure() * free * _acceptance(edges, where.recoil, cuts) for cuts in _EFFICIENCY)
    return Electrons.build(where, [*[center] * len(_QUENCHING), down, up, center, center])


def _quenched(recoil: Float[np.ndarray, " nodes"], quenching: tuple[float, ...]) -> Float[np.ndarray, " nodes"]:
    """Electron equivalent [keV] of the recoil of a nucleus [keV]."""
    return recoil * np.polynomial.polynomial.polyval(MEV_PER_KEV * recoil, quenching)


def _acceptance(
    edges: Float[np.ndarray, " light+1"],
    energy: Float[np.ndarray, " nodes"],
    efficiency: tuple[float, ...],
) -> Float[np.ndarray, "light nodes"]:
    """The probability to be counted in a bin of light, by electron equivalent energy [keV]."""
    x, weights = gauss_legendre(16)
    half = 0.5 * np.diff(edges)[:, None]
    light = (edges[:-1, None] + half * (1.0 + x))[..., None]
    a, b, c, d = efficiency
    seen = half * weights * (a / (1.0 + np.exp(-b * (light[..., 0] - c))) + d)
    shape = 1.0 + _SPREAD * energy
    rate = _LIGHT_YIELD / energy * shape
    log = shape * np.log(rate) + (shape - 1.0) * np.log(light) - rate * light - np.asarray(_log_gamma(shape))
    return np.einsum("bx,bxt->bt", seen, np.exp(log))


def _kept(time: Float[np.ndarray, "..."]) -> Float[np.ndarray, "..."]:
    """The part of the events at a time that no earlier one vetoes."""
    return np.exp(-_VETO_RATE * np.maximum(time - _VETO_START, 0.0))


def _cells(edges: Float[np.ndarray, " times+1"]) -> tuple[np.ndarray, np.ndarray]:
    """Edges of small steps, and the step at which each bin starts."""
    steps = _STEPS * np.arange(round(edges[-1] / _STEPS) + 1)
    return steps, np.round(edges[:-1] / _STEPS).astype(int)


def _arrivals(edges: Float[np.ndarray, " times+1"], onset: float) -> Float[np.ndarray, "sources times"]:
    steps, starts = _cells(edges)
    kept = _kept(0.5 * (steps[1:] + steps[:-1]))
    parts = _arrived(steps - onset, **_PULSE)
    prompt, delayed = (np.add.reduceat(kept * np.diff(np.asarray(part)), starts) for part in parts)
    return np.stack([prompt, delayed, delayed])


def _vetoed(counts: Float[np.ndarray, " data"], edges: Float[np.ndarray, " times+1"]) -> Float[np.ndarray, " data"]:
    """Counts less what is vetoed, by the middle of the bin in time."""
    return (counts.reshape(-1, len(edges) - 1) * _kept(0.5 * (edges[1:] + edges[:-1]))).ravel()


def _steady(table: Table, edges: Float[np.ndarray, " times+1"]) -> Float[np.ndarray, " data"]:
    """Steady background from anticoincidences: their light times a flat, vetoed time."""
    steps, starts = _cells(edges)
    time = np.add.reduceat(_kept(0.5 * (steps[1:] + steps[:-1])) * _STEPS, starts)
    light = table["anticoincidence"].reshape(-1, len(time)).sum(1)
    return np.outer(light, time / time.sum()).ravel()
