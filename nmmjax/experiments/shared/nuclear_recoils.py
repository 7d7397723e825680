"""What neutrinos of a known spectrum do to the nuclei of a detector, bin by bin, whatever the theory says of them."""

from collections.abc import Sequence
from typing import NamedTuple, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.experiments.shared.electron_recoils import traces
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.interpolate import lagrange
from nmmjax.numerics.quadrature import gauss_legendre
from nmmjax.scattering import effective_moment, nuclear_flips, nucleus
from nmmjax.scattering.nucleus import Nucleus

UNIT = 1e-10
"""Moment [mu_B] for which magnetic responses are tabulated."""
_QUARKS = ("up", "down")
_WEAK, _FLIPS = 6, 10
"""Numbers of products of `nucleus.products`, charges included, and of `nuclear_flips.FlipCouplings.products`."""
_FEW, _NOTHING = 1e-4, 1e-12
"""A part of all events, and events, whose errors are not followed."""
_NODES = 8
"""Recoils in a panel at which cross sections are integrated."""


class Beam(NamedTuple):
    """Neutrinos: sum over n of f(E_n) fold[n, p] is what the points p of a spectrum have of f."""

    energy: Float[np.ndarray, " n"]
    """[MeV]."""
    fold: Float[np.ndarray, "n points"]
    """[1/cm^2]."""


class Panels(NamedTuple):
    """Panels of recoil [keV] in each of which a detector is described at nodes, by a polynomial through these."""

    borders: Float[np.ndarray, " panels+1"]
    nodes: Float[np.ndarray, " nodes"]
    """From -1 to 1, the same in each panel."""

    @classmethod
    def geometric(
        cls, low: float, high: float, ratio: float, nodes: int, steps: Float[np.ndarray, " k"] | None = None
    ) -> Self:
        """Panels of equal ratio, at most the given one, with Gauss nodes, cut where the response has steps.

        **Arguments:** the least recoil that can be seen, the greatest there is, and the steps of a response [keV].
        """
        borders = np.geomspace(low, high, int(np.ceil(np.log(high / low) / np.log(ratio))) + 1)
        if steps is not None:
            borders = np.union1d(borders, steps[(steps > low) & (steps < high)])
        return cls(borders, gauss_legendre(nodes)[0])

    @property
    def recoil(self) -> Float[np.ndarray, "panels*nodes"]:
        """Recoils [keV] of all nodes."""
        half = 0.5 * np.diff(self.borders)[:, None]
        return (self.borders[:-1, None] + half * (1.0 + self.nodes)).ravel()


class NuclearRecoils(eqx.Module):
    """Events in bins of a detector, for every energy p that stands for a part of the spectrum:

        N_bp = sum_k W_kbp Re tr(rho_p A_k) + sum_k F_kbp Re tr(rho_p B_k) + M_bp mu_eff^2(p).

    A_k are the products of weak couplings (`nucleus.products`, radiatively corrected, with the charge radii, charges
    and vector interactions of the theory), B_k those of scalar and tensor interactions (`nuclear_flips`), mu_eff^2 =
    tr(rho lambda^+ lambda), rho_p the state that arrives. Neutrinos are three; those of a heavy lepton are not
    followed. Variants are what comes out where a systematic error of the detector is one standard deviation off.
    """

    weak: Float[Array, "variants 6 data points"]
    """Events W: central, then at -1 and 1 of each systematic error."""
    flips: Float[Array, "variants 10 data points"]
    magnetic: Float[Array, "variants data points"]
    """Events M for mu_eff = `UNIT`."""

    @classmethod
    def build(
        cls,
        targets: Sequence[tuple[Nucleus, float]],
        beam: Beam,
        where: Panels,
        acceptances: Sequence[Float[np.ndarray, "data panels*nodes"]],
    ) -> Self:
        """The responses of a detector.

        **Arguments:** elements with the number of their nuclei, times the seconds where a beam is a flux; the
        probabilities to be counted in a bin at the recoils of `where`, by variant.
        """
        each = isotopes(targets)
        seen = np.max([_greatest(beam, one) for one, _ in each], 0) > where.borders[0]
        able = Beam(beam.energy[seen], beam.fold[seen])
        parts = [number * _weights(one, able, where) for one, number in each]
        light = np.sum(parts, 0)
        events = on_device(np.stack([np.einsum("bt,kpt->kbp", acceptance, light) for acceptance in acceptances]))
        return cls(events[:, :_WEAK], events[:, _WEAK : _WEAK + _FLIPS], events[:, -1])

    def events(
        self, theory: LowEnergy, state: Complex[Array, "points 3 3"], *, antineutrino: bool = False
    ) -> Float[Array, "variants data points"]:
        """Events N_bp by variant, of neutrinos in a state rho at each point."""
        weak = weak_couplings(theory)
        products = nucleus.products(weak.of_antineutrinos() if antineutrino else weak)
        events = jnp.einsum("vkbp,kp->vbp", self.weak[:, : len(products)], traces(state, products))
        if (flips := flip_couplings(theory)) is not None:
            matrices = flips.products(antineutrino=antineutrino)
            events += jnp.einsum("vkbp,kp->vbp", self.flips, traces(state, matrices))
        moments = theory.neutrinos.moment_matrix[:, :3] / UNIT
        return events + self.magnetic * effective_moment.squared(state, moments, antineutrino=antineutrino)


def weak_couplings(theory: LowEnergy) -> nucleus.Couplings:
    """Couplings to nucleons, radiatively corrected, with charge radii, charges and vector interactions of a theory."""
    couplings, neutrinos, interactions = (
        nucleus.Couplings.radiatively_corrected(),
        theory.neutrinos,
        theory.interactions,
    )
    if neutrinos.charge_radius is not None:
        couplings = couplings.with_charge_radius(neutrinos.charge_radius)
    if neutrinos.millicharge is not None:
        couplings = couplings.with_millicharge(neutrinos.millicharge)
    if interactions is not None and interactions.has(_QUARKS, ("vector",)):
        couplings = couplings.with_interactions(*(interactions.coupling(quark, "vector") for quark in _QUARKS))
    return couplings


def flip_couplings(theory: LowEnergy) -> nuclear_flips.FlipCouplings | None:
    """Scalar and tensor interactions with nucleons; None where there are none."""
    if theory.interactions is None or not theory.interactions.has(_QUARKS, ("scalar", "tensor")):
        return None
    matrices = (theory.interactions.coupling(quark, kind) for kind in ("scalar", "tensor") for quark in _QUARKS)
    return nuclear_flips.FlipCouplings.of_quarks(*matrices)


def between(events: Float[Array, "variants bins points"], z: Float[Array, " nuisances"]) -> Float[Array, "bins points"]:
    """Central events times exp(sum_k a_k z_k + b_k z_k^2), which is what the variants are at z_k = -1 and 1.

    Bins with less than 1e-4 of all events vary less.
    """
    log = jnp.log(events + _FEW * jnp.sum(events[0]) + _NOTHING)
    down, up = log[1::2] - log[0], log[2::2] - log[0]
    exponent = jnp.einsum("k,kbs->bs", z, up - down) + jnp.einsum("k,kbs->bs", z**2, up + down)
    return events[0] * jnp.exp(0.5 * exponent)


def isotopes(targets: Sequence[tuple[Nucleus, float]]) -> list[tuple[Nucleus, float]]:
    """Each with the number of nuclei of its element; it keeps its abundance."""
    both = [(one, number, i) for one, number in targets for i in range(one.mass.size)]
    return [(jax.tree.map(lambda x, i=i: x[i : i + 1], one), number) for one, number, i in both]


# Everything below is computed once, when an experiment is loaded.


def _weights(isotope: Nucleus, beam: Beam, where: Panels) -> Float[np.ndarray, "17 points panels*nodes"]:
    """Weights of the nodes: sum_j weight_j K(T_j) = int dT K(T) int dE f(E) sigma_k(E, T), K polynomial in a panel.

    Recoils are integrated up to the greatest in reach of each energy.
    """
    lows, highs = where.borders[:-1], where.borders[1:]
    ends = np.clip(_greatest(beam, isotope)[:, None], lows, highs)
    x, gauss = gauss_legendre(_NODES)
    half = 0.5 * (ends - lows)[..., None]
    recoil = lows[:, None] + half * (1.0 + x)
    position = 2.0 * (recoil - lows[:, None]) / (highs - lows)[:, None] - 1.0
    basis = (half * gauss)[..., None] * lagrange(position, where.nodes)
    found = np.asarray(_folded(*map(on_device, (beam.energy, beam.fold, recoil, basis)), isotope=isotope))
    return found.reshape(*found.shape[:2], -1)


def _greatest(beam: Beam, isotope: Nucleus) -> Float[np.ndarray, " n"]:
    """Greatest recoil [keV] in reach of each energy."""
    return np.asarray(nucleus.maximal_recoil(beam.energy, isotope))[:, 0]


@quick()
def _folded(
    energy: Float[Array, " n"],
    fold: Float[Array, "n points"],
    recoil: Float[Array, "n panels places"],
    basis: Float[Array, "n panels places nodes"],
    *,
    isotope: Nucleus,
) -> Float[Array, "17 points panels nodes"]:
    """Flux x cross section of each kind, moved from the places in a panel to its nodes."""
    E = energy[:, None, None]
    magnetic = nucleus.magnetic_differential_cross_section(E, recoil, isotope, UNIT * jnp.eye(1))[..., 0, 0]
    sections = [*nucleus.strengths(E, recoil, isotope), *nuclear_flips.strengths(E, recoil, isotope), magnetic]
    return jnp.stack([jnp.einsum("nq,nti,ntij->qtj", fold, section, basis) for section in sections])
