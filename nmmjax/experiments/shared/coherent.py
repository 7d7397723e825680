"""What the detectors of COHERENT share: neutrinos of pions that decay at rest, and the recoils of nuclei they hit.

What a detector makes of a recoil is smooth, so it is needed at fixed nodes only; what neutrinos make of recoils ends at
edges that depend on the nucleus and on the mass of a heavy lepton. So a spectrum of recoils becomes weights at the
fixed nodes, which integrate it times any polynomial between the borders of a panel.
"""

import abc
from collections.abc import Sequence
from functools import partial
from typing import ClassVar, NamedTuple, Protocol, TypedDict, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Complex, Float

from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.constants import MEV_PER_KEV
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.poisson import Counts
from nmmjax.experiments.shared.nuclear_recoils import UNIT, Panels, between, flip_couplings, isotopes, weak_couplings
from nmmjax.experiments.shared.portal import MassSpline, mass_nodes
from nmmjax.fluxes import pion_decay
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.interpolate import lagrange
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.numerics.special import modulus_squared
from nmmjax.scattering import dipole_portal, nuclear_flips, nucleus
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.tables import Source

FLUX = "sns_flux"
_FLUX_ERROR = 0.10
"""Of pions for a proton, common to all detectors at the source [D. Akimov et al., PRL 126, 012002 (2021)]."""
MASSES = 64
"""Number of masses of the heavy lepton at which the response of nuclei is tabulated."""
_WEAK = 6
"""Number of products of `nucleus.products`, charges included."""
_PANEL, _NODES = 1.3, 8
"""Ratio of the borders of a panel of recoils, and nodes in it."""


class Products(Protocol):
    """Products of couplings, of neutrinos or antineutrinos."""

    def __call__(self, *, antineutrino: bool) -> Sequence[Complex[Array, "3 3"]]:
        """Hermitian matrices."""
        ...


class Recoils(Counts):
    """Abstract: recoils of nuclei in bins of energy (times others), Poisson, for neutrinos from `fluxes.pion_decay`.

    Baselines of 20 m are short: a neutrino arrives as it was born, so nu_a scatters by the diagonal elements

        (W^+ W)_aa + (f^+ f)_aa + (lambda^+ lambda)_aa + |mu_a|^2 R(m_N)

    of weak scattering with radiatively corrected couplings, shifted by charge radii, charges and vector interactions
    with quarks (also those off the diagonal), of their scalar and tensor interactions (`scattering.nuclear_flips`), of
    moments (also those of sterile states) and of the dipole portal. For antineutrinos scalar and tensor amplitudes
    interfere with the other sign; all else is the same.
    Systematic errors that change the response multiply the events of a bin and of a kind of neutrino by the exponential
    of a parabola in their nuisance z, through what comes out at z = -1, 0 and 1.
    """

    counts: Float[Array, " data"]
    """Events, background included."""
    weak: Float[Array, "variants 6 bins sources"]
    """Events per product of couplings of `nucleus.products`; central, then at -1 and 1 of each nuisance."""
    flips: Float[Array, "variants 10 bins sources"]
    """The same per product of `nuclear_flips.FlipCouplings.products`."""
    magnetic: Float[Array, "variants bins sources"]
    """Events for a moment of `UNIT`."""
    portal: MassSpline
    """Events for a moment of `UNIT` into a heavy lepton, as a function of its mass."""
    name: eqx.AbstractVar[str]
    sources: eqx.AbstractVar[tuple[Source, ...]]

    responses: ClassVar[tuple[str, ...]]
    """Names of the nuisances of the variants, without the name of the experiment in front."""

    @property
    @abc.abstractmethod
    def background(self) -> Float[Array, " data"]:
        """Background events (data,) at the center of all priors."""

    @property
    def bins(self) -> int:
        """Number of bins, energy times the others."""
        return self.background.size

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors in standard deviations: the flux, shared by all detectors at the source, and the responses."""
        return {name: dist.Normal(0.0, 1.0) for name in (FLUX, *(f"{self.name}_{name}" for name in self.responses))}

    def events(self, theory: LowEnergy) -> Float[Array, "variants bins sources"]:
        """Scatterings by variant of the response, bin of energy and kind of neutrino, at all times together."""
        return scatterings(theory, weak=self.weak, flips=self.flips, magnetic=self.magnetic, portal=self.portal)

    def scattering(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, "bins sources"]:
        """Scatterings in bins of energy, of each kind of neutrino, at all times together, for given nuisances."""
        z = jnp.stack([nuisance[f"{self.name}_{name}"] for name in self.responses])
        return flux(nuisance) * between(self.events(theory), z)


def flux(nuisance: Nuisance) -> Float[Array, ""]:
    """Neutrinos of the source over what is thought of it, log-normal."""
    return jnp.exp(_FLUX_ERROR * nuisance[FLUX])


def scatterings(
    theory: LowEnergy,
    *,
    weak: Float[Array, "variants 6 bins sources"],
    flips: Float[Array, "variants 10 bins sources"],
    magnetic: Float[Array, "variants bins sources"],
    portal: MassSpline,
) -> Float[Array, "variants bins sources"]:
    """Scatterings on nuclei by variant of the response, bin and kind of neutrino, of responses as `fields` makes."""
    flavors = jnp.array(pion_decay.FLAVORS)
    found = nucleus.products(weak_couplings(theory))
    products = jnp.stack([jnp.real(jnp.diagonal(A))[flavors] for A in found])
    events = jnp.einsum("vkbs,ks->vbs", weak[:, : len(products)], products)
    if (couplings := flip_couplings(theory)) is not None:
        events += jnp.einsum("vkbs,ks->vbs", flips, of_kinds(couplings.products))
    return events + flipped(theory, magnetic, portal)


def of_kinds(products: Products) -> Float[Array, "k sources"]:
    """Diagonal elements (A_k)_aa of products of couplings, for each kind of neutrino of flavor a."""
    diagonals = [
        jnp.stack([jnp.real(A[a, a]) for A in products(antineutrino=kind == pion_decay.ANTINU_MU)])
        for kind, a in zip(pion_decay.KINDS, pion_decay.FLAVORS, strict=True)
    ]
    return jnp.stack(diagonals, -1)


def flipped(
    theory: LowEnergy, magnetic: Float[Array, "variants bins sources"], portal: MassSpline
) -> Float[Array, "variants bins sources"]:
    """Scatterings by magnetic moments and into a heavy lepton, by variant, bin and kind of neutrino."""
    flavors = jnp.array(pion_decay.FLAVORS)
    moment = jnp.sum(modulus_squared(theory.neutrinos.moment_matrix[:, :3] / UNIT), 0)
    events = magnetic * moment[flavors]
    if theory.heavy_lepton is None:
        return events
    return events + portal(theory.heavy_lepton.mass) * modulus_squared(theory.heavy_lepton.moments / UNIT)[flavors]


class RecoilFields(TypedDict):
    """The fields of `Recoils` that are computed."""

    weak: Float[Array, "variants 6 bins sources"]
    flips: Float[Array, "variants 10 bins sources"]
    magnetic: Float[Array, "variants bins sources"]
    portal: MassSpline


# Everything below is computed once, when an experiment is loaded.


def grid(low: float, high: float, steps: Float[np.ndarray, " k"] | None = None) -> Panels:
    """The panels of recoil that all detectors of the source have; see `Panels.geometric`."""
    return Panels.geometric(low, high, _PANEL, _NODES, steps)


def fields(
    where: Panels,
    targets: Sequence[tuple[Nucleus, float]],
    acceptances: Sequence[Float[np.ndarray, "bins nodes"]],
    other_targets: Sequence[Sequence[tuple[Nucleus, float]]] = (),
) -> RecoilFields:
    """The computed fields of `Recoils` for a target and a detector.

    **Arguments:** elements with the number of their nuclei times the fluence [1/cm^2] of each kind of neutrino; the
    probabilities to be counted, at the nodes: central, then down and up by one standard deviation of each systematic
    error of the detector; then the elements, down and up by each systematic error of the nuclei.
    """
    light, portal = _light(where, targets), _portal(where, targets)
    center, shifted = acceptances[0], acceptances[1:]
    light_variants = [np.einsum("bt,kst->kbs", a, light) for a in acceptances]
    portal_variants = [np.einsum("bt,mst->mbs", a, portal) for a in (center, *shifted)]
    for nuclei in other_targets:
        light_variants.append(np.einsum("bt,kst->kbs", center, _light(where, nuclei)))
        portal_variants.append(portal_variants[0])
    values, products = np.stack(portal_variants, 1), np.stack(light_variants)
    return {
        "weak": on_device(products[:, :_WEAK]),
        "flips": on_device(products[:, _WEAK:]),
        "magnetic": on_device(values[-1]),
        "portal": MassSpline.build(tops(_heaviest(targets)), values),
    }


def tops(target_mass: float) -> Float[np.ndarray, " sources"]:
    """The greatest mass that each kind of neutrino can make on a target [MeV]."""
    energy = [pion_decay.greatest_energy(kind) for kind in pion_decay.KINDS]
    return np.asarray(_greatest_made(np.array(energy), target_mass))


def _heaviest(targets: Sequence[tuple[Nucleus, float]]) -> float:
    """Mass [MeV] of the heaviest nucleus of a target."""
    return max(float(jnp.max(target.mass)) for target, _ in targets)


def _light(where: Panels, targets: Sequence[tuple[Nucleus, float]]) -> Float[np.ndarray, "16 sources nodes"]:
    """Events per product of couplings into neutrinos, the weak ones first, as weights of the nodes."""
    masses = mass_nodes(tops(_heaviest(targets)), MASSES)
    parts = [
        number * weights(places(where, masses, one.mass).massless(), partial(_light_spectrum, target=one))[:, 0]
        for one, number in isotopes(targets)
    ]
    return np.sum(parts, 0)


def _portal(where: Panels, targets: Sequence[tuple[Nucleus, float]]) -> Float[np.ndarray, "masses sources nodes"]:
    """Events by the dipole portal for moments of `UNIT`, as weights of the nodes."""
    masses = mass_nodes(tops(_heaviest(targets)), MASSES)
    parts = [
        number * weights(places(where, masses, one.mass), partial(_portal_spectrum, target=one))[0]
        for one, number in isotopes(targets)
    ]
    return np.sum(parts, 0)


@runtime_checkable
class Spectrum(Protocol):
    """int dE f(E) sigma_k(E, T) [cm^2 / keV] by recoil [keV], as a sum over energies."""

    def __call__(
        self,
        recoil: Float[Array, "..."],
        mass: Float[Array, "..."],
        energy: Float[Array, "... points"],
        weight: Float[Array, "... points"],
    ) -> Float[Array, "k ..."]:
        """The integral for a heavy lepton of a `mass` [MeV], by energies [MeV] of neutrinos and their weights."""
        ...


class Places(NamedTuple):
    """Recoils in the panels of a grid that neutrinos can leave, with the energies that they have."""

    recoil: Float[np.ndarray, "sources masses panels places"]
    """[keV]."""
    width: Float[np.ndarray, "sources masses panels places"]
    """Weights of an integral over the recoil [keV]."""
    position: Float[np.ndarray, "sources masses panels places"]
    """In its panel, from -1 to 1."""
    mass: Float[np.ndarray, "sources masses 1 1"]
    """Of a heavy lepton [MeV]."""
    energy: Float[np.ndarray, "sources masses panels places points"]
    """[MeV]."""
    weight: Float[np.ndarray, "sources masses panels places points"]

    def massless(self) -> "Places":
        """Those of the last mass, which `mass_nodes` makes zero."""
        return Places(*(array[:, -1:] for array in self))


def places(where: Panels, masses: Float[np.ndarray, "masses sources"], target_mass: Float[Array, "1"]) -> Places:
    """Where to integrate, for masses of a heavy lepton and of what is hit [MeV]."""
    x, gauss = gauss_legendre(_NODES)
    lows, widths = where.borders[:-1, None], np.diff(where.borders)[:, None]
    greatest = np.array([pion_decay.greatest_energy(kind) for kind in pion_decay.KINDS])
    ends = _recoil_limits(greatest, masses, target_mass)
    a, b = (np.clip(np.asarray(end).T[..., None, None], lows, lows + widths) for end in ends)
    recoil = a + 0.5 * (b - a) * (1.0 + x)  # sources, masses, panels, nodes
    mass, position = masses.T[..., None, None], 2.0 * (recoil - lows) / widths - 1.0
    energies = map(np.asarray, _energies(on_device(recoil), on_device(mass), target_mass))
    return Places(recoil, 0.5 * (b - a) * gauss, position, mass, *energies)


def weights(where: Places, spectrum: Spectrum) -> Float[np.ndarray, "k masses sources nodes"]:
    """Weights of the nodes: sum_j weight_j K(T_j) = int dT K(T) int dE f(E) sigma(E, T).

    K is a polynomial in each panel.
    """
    found = spectrum(*map(on_device, (where.recoil, where.mass, where.energy, where.weight)))
    moved = np.asarray(_moved(found, where.width, where.position))
    return moved.reshape(*moved.shape[:3], -1)


_greatest_made = quick()(dipole_portal.heaviest)
# As usual, not quickly: rounding decides what lies at the very ends of the recoils in reach.
_recoil_limits = jax.jit(dipole_portal.recoil_limits)


@quick()
def _moved(
    values: Float[Array, "k sources masses panels places"],
    width: Float[Array, "sources masses panels places"],
    position: Float[Array, "sources masses panels places"],
) -> Float[Array, "k masses sources panels nodes"]:
    """Weights of the nodes of a panel that do what `values` do at their places in it, from -1 to 1."""
    x, _ = gauss_legendre(_NODES)
    return jnp.einsum("ksmpi,smpij->kmspj", values * width, lagrange(position, x, xp=jnp))


@quick()
def _light_spectrum(
    recoil: Float[Array, "..."],
    mass: Float[Array, "..."],
    energy: Float[Array, "... points"],
    weight: Float[Array, "... points"],
    *,
    target: Nucleus,
) -> Float[Array, "16 ..."]:
    """A `Spectrum` of the strengths of `nucleus` and of `nuclear_flips`."""
    del mass
    kinds = nucleus.strengths, nuclear_flips.strengths
    terms = (s for strengths in kinds for s in strengths(energy, recoil[..., None], target))
    return jnp.stack([jnp.sum(weight * s, -1) for s in terms])


@jax.jit
def _portal_spectrum(
    recoil: Float[Array, "..."],
    mass: Float[Array, "..."],
    energy: Float[Array, "... points"],
    weight: Float[Array, "... points"],
    *,
    target: Nucleus,
) -> Float[Array, "1 ..."]:
    """A `Spectrum` of the dipole portal for a moment of `UNIT`."""
    section = dipole_portal.differential_cross_section(energy, recoil[..., None], mass[..., None], target, moment=UNIT)
    return jnp.sum(weight * section, -1)[None]


@jax.jit
def _energies(
    recoil: Float[Array, "sources ..."], mass: Float[Array, "sources ..."], target_mass: Float[Array, "1"]
) -> tuple[Float[Array, "sources ... points"], Float[Array, "sources ... points"]]:
    """Energies [MeV] that can leave a recoil [keV], and their weights; those of a line are all one, but for the first.

    So all kinds of neutrinos have the same shape, and one program.
    """
    least = _least_energy(recoil, mass, target_mass)
    found = [pion_decay.energies(kind, of_kind) for kind, of_kind in zip(pion_decay.KINDS, least, strict=True)]
    shape = jnp.broadcast_shapes(*(energy.shape for energy, _ in found))
    missing = [shape[-1] - weight.shape[-1] for _, weight in found]
    weights = [
        jnp.pad(weight, [*[(0, 0)] * (weight.ndim - 1), (0, more)])
        for (_, weight), more in zip(found, missing, strict=True)
    ]
    return jnp.stack([jnp.broadcast_to(energy, shape) for energy, _ in found]), jnp.stack(weights)


def _least_energy(
    recoil: Float[Array, "..."], mass: Float[Array, "..."], target_mass: Float[Array, "1"]
) -> Float[Array, "..."]:
    """(m^2 + 2 M T) / (2 q - 2 T) [MeV], q the momentum of the nucleus, to leave it with T [keV]."""
    T = MEV_PER_KEV * recoil
    q = jnp.sqrt(T * (T + 2.0 * target_mass))
    return 0.5 * (mass**2 + 2.0 * target_mass * T) / (q - T)
