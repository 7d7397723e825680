"""What solar neutrinos do to the electrons of a detector, bin by bin, whatever the theory says of them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.constants import ELECTRON
from nmmjax.experiments.shared.portal import MassSpline, mass_nodes
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import HeavyLepton, LowEnergy
from nmmjax.media import SolarModel
from nmmjax.numerics.interpolate import lagrange
from nmmjax.numerics.quadrature import gauss_of
from nmmjax.oscillation import ProductionAverage
from nmmjax.scattering import dipole_portal, effective_moment, electron, helicity_flip, scalar_tensor
from nmmjax.scattering.kinematics import ELECTRON_MASS

UNIT = 1e-11
"""Moment [mu_B] for which magnetic responses are tabulated."""
_NODES = 6
"""Energies between which what becomes of the neutrinos of a continuous spectrum is a polynomial: right to 1e-7."""
_TOGETHER = 8
"""Masses of a heavy lepton that are computed in one piece."""
_JOINED = 2
"""Cells that its recoils need not tell apart."""
POWERS = (0, 1, 2)
"""Powers of 1/T that the charge of neutrinos brings into cross sections."""
MIRRORED = (1, 0, 2)
"""Products of antineutrinos: left and right trade places."""


class SolarRecoils(eqx.Module):
    """Events in bins of a detector, for every energy p that stands for a part of the solar spectrum:

        N_bp = sum_km W_kmbp Re tr(rho_p Q_km) + sum_k F_kbp Re tr(rho_p R_k) + M_bp mu_eff^2(p)
               + H_bp(m_N) sum_ac (rho_p)_ac mu_a^* mu_c.

    Q_km are the products of weak couplings (`electron.Couplings.products`, radiatively corrected, with the charge radii
    and interactions of the theory) that go with the power m of 1/T, m > 0 where neutrinos are charged; R_k those of
    scalar and tensor interactions (`scalar_tensor.FlipCouplings.products`); mu_eff^2 = tr(rho lambda^+ lambda); the
    last term is that of a heavy lepton. rho_p is the state at Earth, averaged over the place of birth in the Sun. Flux,
    cross section, and the response of the detector are in W, F, M and H. Mixing with sterile states is not followed.
    """

    average: ProductionAverage
    """Oscillation at the energies of the points."""
    weak: Float[Array, "k m data points"]
    """Events W per trace with a product k of couplings that goes with T^-m, T in keV."""
    flips: Float[Array, "4 data points"]
    """Events F per trace with a product of scalar and tensor couplings."""
    magnetic: Float[Array, "data points"]
    """Events M for mu_eff = 1e-11 mu_B."""
    heavy: MassSpline | None
    """Events H for mu = 1e-11 mu_B into a heavy lepton, as a function of its mass; None where none is followed."""
    source: tuple[str, ...] = eqx.field(static=True)
    """Source in the Sun of each point."""

    @classmethod
    def build(
        cls,
        sun: SolarModel,
        spectra: SolarSpectra,
        sources: Sequence[str],
        cells: Float[np.ndarray, " cells+1"],
        response: Float[np.ndarray, "data cells"],
        masses: int | None,
    ) -> Self:
        """The responses of a detector to solar neutrinos.

        **Arguments:** edges of cells in the energy left to electrons [keV], each within 10 % of the last;
        electrons x seconds x the probability to be counted in a bin, for a recoil in a cell; how many masses of a heavy
        lepton are computed: its least recoil grows with the fourth power of the mass, and the steps of that should be
        finer than the resolution; None where no heavy lepton is followed.
        """
        flux = _flux(sun, spectra, sources)
        weak, flips, magnetic = (counted(response, x) for x in into_cells(flux.energy, flux.fold, cells))
        return cls(
            average=flux.average,
            weak=on_device(weak),
            flips=on_device(flips),
            magnetic=on_device(magnetic),
            heavy=None if masses is None else _heavy(flux, *_coarser(cells, response), masses),
            source=flux.source,
        )

    def events(self, theory: LowEnergy) -> Float[Array, "data points"]:
        """Events N_bp in bins b from the points p of the solar spectrum, by day."""
        return self.scattered(self.average.state(theory.neutrinos.mass_squared, nsi=theory.nsi), theory)

    def scattered(self, state: Complex[Array, "points 3 3"], theory: LowEnergy) -> Float[Array, "data points"]:
        """Events N_bp of neutrinos that arrive in the states rho_p (points, 3, 3), whatever has happened to them."""
        total = self.weak_events(state, theory)
        if (flips := flip_couplings(theory)) is not None:
            total += jnp.einsum("kbp,kp->bp", self.flips, traces(state, flips.products()))
        total += self.magnetic * effective_moment.squared(state, theory.neutrinos.moment_matrix / UNIT)
        if self.heavy is not None and theory.heavy_lepton is not None:
            total += self.heavy(theory.heavy_lepton.mass) * _squared_moment(state, theory.heavy_lepton)
        return total

    def weak_events(
        self, state: Complex[Array, "points 3 3"], theory: LowEnergy | None = None
    ) -> Float[Array, "data points"]:
        """Events (data, points) by weak scattering: of the Standard Model where no theory is given."""
        powers = products(theory)
        by_power = jnp.stack([traces(state, Q) for Q in powers], 1)
        return jnp.einsum("kmbp,kmp->bp", self.weak[:, : len(powers)], by_power)

    def shifts(self, sun: SolarModel, errors: Mapping[str, str]) -> tuple[tuple[str, ...], Float[np.ndarray, "f p"]]:
        """Names of the nuisances of fluxes, and the relative change at each point for one standard deviation of each.

        **Arguments:** `errors`, the nuisance of each source in the Sun; sources that are not named do not vary.
        """
        names = tuple(dict.fromkeys(errors.values()))
        rows = np.zeros((len(names), len(self.source)))
        for point, source in enumerate(self.source):
            if source in errors:
                rows[names.index(errors[source]), point] = sun.flux_errors[sun.index(source)]
        return names, rows


def products(
    theory: LowEnergy | None, couplings: electron.Couplings | None = None
) -> list[tuple[Complex[Array, "3 3"], ...]]:
    """Products Q_k of couplings by power of 1/T [keV]: of the Standard Model where no theory is given.

    **Arguments:** `couplings` of the Standard Model, radiatively corrected unless given.
    """
    couplings = electron.Couplings.radiatively_corrected() if couplings is None else couplings
    if theory is None:
        return [couplings.products]
    couplings, neutrinos = _weak_couplings(couplings, theory), theory.neutrinos
    if neutrinos.millicharge is None:
        return [couplings.products]
    # The couplings are G + A / T: their products are a quadratic in 1/T, read off at 1/T = 0, 1 and -1.
    plus = couplings.with_millicharge(neutrinos.millicharge, 1.0).products
    minus = couplings.with_millicharge(-neutrinos.millicharge, 1.0).products
    triples = list(zip(couplings.products, plus, minus, strict=True))
    linear = tuple(0.5 * (up - down) for _, up, down in triples)
    quadratic = tuple(0.5 * (up + down) - middle for middle, up, down in triples)
    return [couplings.products, linear, quadratic]


def _weak_couplings(couplings: electron.Couplings, theory: LowEnergy) -> electron.Couplings:
    """Couplings with what a theory adds to them at all recoils: charge radii, and vector and axial interactions."""
    if theory.neutrinos.charge_radius is not None:
        couplings = couplings.with_charge_radius(theory.neutrinos.charge_radius)
    interactions = theory.interactions
    if interactions is not None and interactions.has(("electron",), ("vector", "axial")):
        couplings = couplings.with_interactions(
            *(interactions.coupling("electron", kind) for kind in ("vector", "axial"))
        )
    return couplings


def flip_couplings(theory: LowEnergy) -> scalar_tensor.FlipCouplings | None:
    """Scalar, pseudoscalar and tensor interactions with electrons; None where there are none."""
    kinds = "scalar", "pseudoscalar", "tensor"
    if theory.interactions is None or not theory.interactions.has(("electron",), kinds):
        return None
    return scalar_tensor.FlipCouplings(*(theory.interactions.coupling("electron", kind) for kind in kinds))


def products_of_antinu_e(theory: LowEnergy | None, couplings: electron.Couplings | None = None) -> Float[Array, "k m"]:
    """Products of the couplings of antinu_e, by powers of 1/T [keV], as `products`."""
    mirrored = ([triple[k] for k in MIRRORED] for triple in products(theory, couplings))
    return jnp.stack([jnp.stack([jnp.real(Q[ELECTRON, ELECTRON]) for Q in triple]) for triple in mirrored], 1)


def traces(state: Complex[Array, "points 3 3"], matrices: Sequence[Complex[Array, "3 3"]]) -> Float[Array, "k points"]:
    """Re tr(rho A_k) for states rho (points, 3, 3) and Hermitian matrices A_k (3, 3)."""
    return jnp.real(jnp.einsum("pac,kca->kp", state, jnp.stack(list(matrices))))


def _squared_moment(state: Complex[Array, "points 3 3"], heavy: HeavyLepton) -> Float[Array, " points"]:
    """sum_ac rho_ac mu_a^* mu_c in squares of `UNIT`: nu_c turns into N with mu_c^*, antinu with mu_c."""
    mu = jnp.conj(heavy.moments) / UNIT
    return jnp.real(jnp.einsum("c,pca,a->p", mu, state, jnp.conj(mu)))


class _Flux(NamedTuple):
    """Solar neutrinos: sum over n of f(E_n) fold[n, p] = the flux [cm^-2 s^-1] times the mean of f g_p.

    g_p(E) is the polynomial that interpolates between the points of its source, one at point p and zero at the others.
    """

    energy: Float[np.ndarray, " n"]
    """[MeV]."""
    fold: Float[np.ndarray, "n points"]
    average: ProductionAverage
    source: tuple[str, ...]
    """Of each point."""
    highest: Float[np.ndarray, " points"]
    """Energy of the source of each point [MeV]."""


def _flux(sun: SolarModel, spectra: SolarSpectra, sources: Sequence[str]) -> _Flux:
    energies, folds, averages, names, highest = [], [], [], [], []
    for source in sources:
        energy, weight = (np.asarray(x) for x in spectra.quadrature(source))
        nodes, _ = gauss_of(energy, weight, _NODES)
        energies.append(energy)
        folds.append(float(sun.fluxes[sun.index(source)]) * weight[:, None] * lagrange(energy, nodes))
        averages.append(ProductionAverage.build(nodes, sun, source))
        names += [source] * len(nodes)
        # Each line ends where it lies, a spectrum at its largest energy.
        highest.append(nodes if len(nodes) == len(energy) else np.full(len(nodes), energy.max()))
    average = ProductionAverage.joined(*averages)
    return _Flux(np.concatenate(energies), _diagonal(folds), average, tuple(names), np.concatenate(highest))


def _diagonal(blocks: Sequence[Float[np.ndarray, "rows columns"]]) -> Float[np.ndarray, "n points"]:
    """A matrix of blocks along its diagonal."""
    rows, columns = (np.cumsum([0, *(block.shape[axis] for block in blocks)]) for axis in (0, 1))
    matrix = np.zeros((rows[-1], columns[-1]))
    for row, column, block in zip(rows, columns, blocks, strict=False):
        matrix[row : row + len(block), column : column + block.shape[1]] = block
    return matrix


def _heavy(
    flux: _Flux, cells: Float[np.ndarray, " cells+1"], response: Float[np.ndarray, "data cells"], nodes: int
) -> MassSpline:
    """Up-scattering to N of each mass, from the heaviest that a source makes on electrons down to zero."""
    top = np.asarray(_heaviest(flux.highest))
    of_energies = top[np.argmax(flux.fold != 0.0, axis=1)]  # as the source of each has it
    masses = mass_nodes(of_energies, nodes)[:, None]
    fixed = tuple(map(on_device, (flux.energy, flux.fold, cells)))
    pieces = [_upscattered(masses[start : start + _TOGETHER], *fixed) for start in range(0, nodes, _TOGETHER)]
    return MassSpline.build(top, counted(response, np.concatenate(pieces)))


def counted(
    response: Float[np.ndarray, "data cells"], scattered: Float[Array | np.ndarray, "... cells points"]
) -> Float[np.ndarray, "... data points"]:
    """What is scattered into cells, as a detector counts it."""
    return np.moveaxis(np.tensordot(response, np.asarray(scattered), (1, -2)), 0, -2)


_heaviest = quick()(partial(dipole_portal.heaviest, target_mass=ELECTRON_MASS))


@quick()
def into_cells(
    energy: Float[Array, " n"],
    fold: Float[Array, "n points"],
    cells: Float[Array, " cells+1"],
) -> tuple[Float[Array, "k m cells points"], Float[Array, "4 cells points"], Float[Array, "cells points"]]:
    """Flux x cross section in cells of the recoil, of what W, F and M of `SolarRecoils` are for."""
    low, high = cells[:-1, None], cells[1:, None]
    weak = [jnp.stack(electron.strengths(energy, low=low, high=high, power=m)) for m in POWERS]
    flips = jnp.stack(scalar_tensor.strengths(energy, low=low, high=high))
    magnetic = helicity_flip.magnetic_cross_section(energy, UNIT * jnp.eye(1), low=low, high=high)
    return jnp.stack(weak, 1) @ fold, flips @ fold, magnetic[..., 0, 0] @ fold


@jax.jit
def _upscattered(
    mass: Float[Array, "masses 1 n"],
    energy: Float[Array, " n"],
    fold: Float[Array, "n points"],
    cells: Float[Array, " cells+1"],
) -> Float[Array, "masses cells points"]:
    """The same for H, into N of some masses."""
    low, high = cells[:-1, None], cells[1:, None]
    return dipole_portal.electron_cross_section(energy, mass, moment=UNIT, low=low, high=high) @ fold


def _coarser(
    cells: Float[np.ndarray, " cells+1"], response: Float[np.ndarray, "data cells"]
) -> tuple[Float[np.ndarray, " few+1"], Float[np.ndarray, "data few"]]:
    """Several cells as one, with their mean response."""
    starts = np.arange(0, len(cells) - 1, _JOINED)
    edges = np.append(cells[starts], cells[-1])
    return edges, np.add.reduceat(response * np.diff(cells), starts, axis=1) / np.diff(edges)
