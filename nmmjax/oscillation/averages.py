"""Averages and loss of coherence as functions of the Hamiltonian as a whole, so that no mass state is singled out.

A mean over baselines, energies or wave packets multiplies the coherence of two mass states by a function of the
difference x of their energies: damped where x is large, one where x = 0. On a density matrix rho that is g(ad_H) rho,
with ad_H rho = H rho - rho H: smooth where states meet. Degenerate states keep their coherence without being told so,
nearly degenerate ones lose it as slowly as they should; value, gradient and Hessian are right for every matrix.

What is exact and what is not:

- Means over baselines are exact, in vacuum and in matter of constant density. In vacuum only L/E matters, so they are
  means over L/E too: baselines in units of L/E [km/MeV] and an energy of 1 MeV.
- Means over energies are taken to first order in the spread: the phase is expanded linearly in the energy, amplitudes
  are those at the mean energy. It takes a relative spread s with phase x s^2 << 1. In matter too, the Hamiltonian
  depends on the energy through M^dagger M / 2E alone, and states separate by their group velocities d(w_i - w_j)/dE,
  not by their phases: a resonance, where these agree, keeps them together.
- Any other mean is `weights @ probability(...)` over its nodes: exact, and as cheap as the nodes are.

C. Giunti, C. W. Kim, Fundamentals of Neutrino Physics and Astrophysics (2007), section 8.2.
"""

import abc
import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Complex, Float, Num, Real

from nmmjax import _checks, matter
from nmmjax._public import public
from nmmjax.constants import PDG_2026, Constants
from nmmjax.media.path import Held, Path, Uniform
from nmmjax.numerics import hermitian
from nmmjax.numerics.spectral import GaussianWave, SpectralFunction, WeightedSum, mean_exp_minus_i
from nmmjax.oscillation._arguments import check_path, checked_batch
from nmmjax.oscillation._propagation import Beam

Kind = Callable[..., SpectralFunction]
"""Makes one of its parameters, arrays of one batch."""
_FM_PER_CM, _KM_PER_CM = 1e13, 1e-5


class Oscillation(NamedTuple):
    """What is averaged: a beam in uniform matter."""

    beam: Beam
    baseline: Float[Array, "..."]
    """[km]"""
    H: Complex[Array, "... n n"]
    """[km^-1], in vacuum that of 1 MeV: one decomposition serves all energies."""
    unit: Float[Array, "..."]
    """The unit of lengths that goes with H."""
    vacuum: bool
    constants: Constants


class Average(eqx.Module):
    """A mean over oscillations in uniform matter. Its fields broadcast with the other arguments of a probability."""

    @abc.abstractmethod
    def state(self, oscillation: Oscillation) -> Complex[Array, "... n n n"]:
        """rho[..., alpha, b, c] of the neutrinos born as nu_alpha."""

    def check(self, path: Uniform) -> None:
        """Raise where the average makes no sense on a path."""


class Smeared(Average):
    """The mean over Gaussians in energy and in baseline, as by the resolution of a detector.

    In vacuum the coherence of mass states i and j takes the factor

        exp[-(phi s_E / E)^2 / 2 - (phi s_L / L)^2 / 2],    phi = Dm2_ij L / 2E.

    **Arguments:** the standard deviations

    - `energy_spread` [MeV]: to first order; in matter phi / E becomes -dphi/dE (see the head of this module).
    - `baseline_spread` [km]: exact at one energy; the damping by `energy_spread` is that of the mean baseline.

    **Raises:** `ValueError` for negative or infinite ones.
    """

    energy_spread: Float[Held, "..."]
    baseline_spread: Float[Held, "..."]

    @public
    def __init__(
        self, *, energy_spread: Real[ArrayLike, "..."] = 0.0, baseline_spread: Real[ArrayLike, "..."] = 0.0
    ) -> None:
        self.energy_spread = _checks.real_array("energy_spread", energy_spread, low=0.0, unit="MeV")
        self.baseline_spread = _checks.real_array("baseline_spread", baseline_spread, low=0.0, unit="km")

    def state(self, oscillation: Oscillation) -> Complex[Array, "... n n n"]:
        """The damped state."""
        beam, baseline, H, unit, vacuum, _ = oscillation
        states, variance = _newborn(beam), (self.baseline_spread / unit) ** 2
        if vacuum:
            variance += (self.energy_spread * baseline / beam.energy**2) ** 2
        else:
            states = _separated(oscillation, self.energy_spread)
        return _averaged(H, states, GaussianWave, baseline / unit, variance)


class WavePackets(Average):
    """Gaussian wave packets, which separate and then no longer interfere.

    In vacuum the coherence of mass states i and j takes the factor [Giunti and Kim, eq. (8.115)]

        exp[-(L / Lcoh_ij)^2 - 2 pi^2 xi^2 (sigma_x / Losc_ij)^2],
        Lcoh_ij = 4 sqrt(2) E^2 sigma_x / |Dm2_ij|,    Losc_ij = 4 pi E / |Dm2_ij|.

    It is a Gaussian energy spread of 1 / 2 sigma_x and a baseline spread of xi sigma_x, in matter too (where the second
    is our extension): `Smeared`.

    **Arguments:**

    - `size`: sigma_x [cm], the spatial width of the packet, of production and detection together.
    - `localization`: xi, of order one; the coherent size of source and detector in units of sigma_x.

    **Raises:** `ValueError` for a size that is not positive, or a negative localization.
    """

    size: Float[Held, "..."]
    localization: Float[Held, "..."]

    @public
    def __init__(self, size: Real[ArrayLike, "..."], *, localization: Real[ArrayLike, "..."] = 0.0) -> None:
        self.size = _checks.real_array("size", size, low=0.0, open_low=True, unit="cm")
        self.localization = _checks.real_array("localization", localization, low=0.0)

    def state(self, oscillation: Oscillation) -> Complex[Array, "... n n n"]:
        """That of the equivalent spreads."""
        energy_spread = _energy_spread(self.size, oscillation.constants)
        baseline_spread = self.localization * self.size * _KM_PER_CM
        return Smeared(energy_spread=energy_spread, baseline_spread=baseline_spread).state(oscillation)


class OverBaselines(Average):
    """The mean over baselines, flat from that of the path to the farthest [km]: exact, by

        mean exp(-i x L) = exp(-i x (L1 + L2) / 2) sin(y) / y,    y = x (L2 - L1) / 2.

    In vacuum, with an energy of 1 MeV, the mean over a bin of L/E [km/MeV].

    **Raises:** `ValueError` where `farthest` is negative, infinite, or nearer than the end of the path.
    """

    farthest: Float[Held, "..."]

    @public
    def __init__(self, farthest: Real[ArrayLike, "..."]) -> None:
        self.farthest = _checks.real_array("farthest", farthest, low=0.0, unit="km")

    def check(self, path: Uniform) -> None:
        """Raise where the farthest baseline is nearer than that of the path."""
        near, far = _checks.concrete(path.baseline), _checks.concrete(self.farthest)
        if near is not None and far is not None and np.any(near > far):
            _checks.fail("farthest", "be at least the baseline of the path", f"they are {far} and {near}")

    def state(self, oscillation: Oscillation) -> Complex[Array, "... n n n"]:
        """The mean state."""
        beam, baseline, H, unit, _, _ = oscillation
        return _averaged(H, _newborn(beam), mean_exp_minus_i, baseline / unit, self.farthest / unit)


class Incoherent(Average):
    """All oscillations averaged out, as for neutrinos from the sky: of the path, only the matter counts.

        P = sum_k |<beta| Pi_k |alpha>|^2,    rho_alpha = sum_k Pi_k |alpha><alpha| Pi_k,

    with Pi_k the projectors on the distinct eigenvalues of M^dagger M: |U_alpha i|^2 |U_beta i|^2 summed over states
    that stand alone, and a degenerate pair, which never oscillates, counted as one. That sum jumps where states meet,
    so somebody must say when they are apart: coherence takes the factor exp[-(Dm2_ij / resolution)^2].

    It is what `WavePackets` tend to at L >> Losc with resolution = 4 sqrt(2) E^2 sigma_x / L, less the phases: right
    where no splitting lies near the resolution. Splittings above six resolutions are incoherent to rounding, and
    splittings below 1e-8 of it coherent. For neutrinos from the Sun and beyond take anything far below the splittings
    that count and far above rounding, 1e-16 of the largest eigenvalue.

    **Arguments:** `resolution` [eV^2], positive. The energy matters only in matter, where Dm2_ij are differences of the
    eigenvalues of 2 E H.

    **Raises:** `ValueError` for a resolution that is not positive.
    """

    resolution: Float[Held, "..."]

    @public
    def __init__(self, resolution: Real[ArrayLike, "..."]) -> None:
        self.resolution = _checks.real_array("resolution", resolution, low=0.0, open_low=True, unit="eV^2")

    def state(self, oscillation: Oscillation) -> Complex[Array, "... n n n"]:
        """The mixture into which a newborn state has turned."""
        variance = _variance(oscillation, self.resolution)
        return _averaged(oscillation.H, _newborn(oscillation.beam), GaussianWave, jnp.zeros_like(variance), variance)


class Decohering(Average):
    """Coherence that an environment takes away at a rate Gamma, from all pairs of distinct levels alike:

        rho = e^{-Gamma L} rho_coherent + (1 - e^{-Gamma L}) rho_incoherent,

    the second that of `Incoherent` with the same `resolution`: what the equation d rho / dx = -i [H, rho] - Gamma (rho
    - sum_k Pi_k rho Pi_k) gives, Pi_k the projectors on distinct levels of H. Energy is conserved, so that in matter it
    is the levels there that lose their coherence, as papers have it who let the dissipator commute with H: P = sum_ij
    V_bi V_ai^* V_bj^* V_aj exp[-i (w_i - w_j) L - Gamma (1 - delta_ij) L]. P. Coloma et al., Eur. Phys. J. C 78, 614
    (2018), 1803.04438.

    **Arguments:** `rate` Gamma >= 0 [km^-1] at the energy of the beam; `resolution` [eV^2], positive: pairs of levels
    that are farther apart lose their coherence, degenerate ones never do.

    **Raises:** `ValueError` for a negative rate or a resolution that is not positive.
    """

    rate: Float[Held, "..."]
    resolution: Float[Held, "..."]

    @public
    def __init__(self, rate: Real[ArrayLike, "..."], *, resolution: Real[ArrayLike, "..."] = 1e-6) -> None:
        self.rate = _checks.real_array("rate", rate, low=0.0, unit="km^-1")
        self.resolution = _checks.real_array("resolution", resolution, low=0.0, open_low=True, unit="eV^2")

    def state(self, oscillation: Oscillation) -> Complex[Array, "... n n n"]:
        """The mixture of what has kept its coherence and what has lost it."""
        beam, baseline, H, unit, _, _ = oscillation
        kept, variance = jnp.exp(-self.rate * baseline), _variance(oscillation, self.resolution)
        return _averaged(H, _newborn(beam), _partly_coherent, baseline / unit, variance, kept)


@public
def coherence_length(
    splitting: Real[ArrayLike, "..."],
    energy: Real[ArrayLike, "..."],
    size: Real[ArrayLike, "..."],
    *,
    constants: Constants = PDG_2026,
) -> Float[Array, "..."]:
    """Lcoh = 4 sqrt(2) E^2 sigma_x / |Dm2| [km], where two wave packets have lost 1 - 1/e of their interference.

    Splitting in eV^2 and not zero (its packets never separate), energy in MeV, sigma_x in cm.
    """
    for name, value, unit in (("splitting", splitting, "eV^2"), ("energy", energy, "MeV"), ("size", size, "cm")):
        _checks.check_range(name, jnp.abs(value) if name == "splitting" else value, low=0.0, open_low=True, unit=unit)
    spread = _energy_spread(jnp.asarray(size), constants)
    return math.sqrt(2.0) * jnp.square(energy) / (constants.phase * jnp.abs(splitting) * spread)


def averaged(beam: Beam, path: Path, average: Average, constants: Constants) -> Complex[Array, "... n n n"]:
    """The mean of rho[..., alpha, b, c], the arguments of the beam checked."""
    check_path(path)
    if not isinstance(average, Average):
        _checks.fail("average", "be an average, such as Smeared(energy_spread=0.1)", f"it is {average!r}")
    if not isinstance(path, Uniform):
        must = f"be None for {type(path).__name__}; take the mean of probabilities over nodes of your own"
        _checks.fail("average", must, f"it is {type(average).__name__}, which needs Uniform")
    average.check(path)
    batch = checked_batch(beam, path.batch_shapes() | {name: np.shape(x) for name, x in vars(average).items()})
    density = _checks.concrete(path.density)
    vacuum = density is not None and not density.any()
    rho = _state(beam, path, average, vacuum=vacuum, constants=constants)
    return jnp.broadcast_to(rho, (*batch, *rho.shape[-3:]))


@partial(jax.jit, static_argnames=("vacuum", "constants"))
def _state(
    beam: Beam, path: Uniform, average: Average, *, vacuum: bool, constants: Constants
) -> Complex[Array, "... n n n"]:
    baseline, *medium = map(jnp.asarray, path.broadcasting())
    if vacuum:
        H, unit = _vacuum(beam, 1.0, constants), beam.energy
    else:
        density, fraction = (x.astype(beam.energy.dtype) for x in medium)
        H = matter.hamiltonian(**beam._asdict(), density=density, electron_fraction=fraction, constants=constants)
        unit = jnp.ones_like(beam.energy)
    return average.state(Oscillation(beam, baseline, H, unit, vacuum, constants))


def _separated(oscillation: Oscillation, energy_spread: Float[Held, "..."]) -> Complex[Array, "... n n n"]:
    """<exp(-i e L B) rho exp(i e L B)>, the mean over the deviation e of the energy, before exp(-i H L) acts.

    B is dH/dE in the interaction picture, averaged along the way: where phases are large, its diagonal in the
    eigenbasis of H, which holds the derivatives of the eigenvalues.
    """
    beam, baseline, H, _, _, constants = oscillation
    slope = -_vacuum(beam, beam.energy, constants) / beam.energy[..., None, None]
    B = hermitian.hadamard(H, slope, mean_exp_minus_i(-baseline, jnp.zeros_like(baseline)))
    variance = jnp.asarray((energy_spread * baseline) ** 2)
    return _averaged(B, _newborn(beam), GaussianWave, jnp.zeros_like(variance), variance)


def _vacuum(beam: Beam, energy: Real[ArrayLike, "..."], constants: Constants) -> Complex[Array, "... n n"]:
    """M^dagger M / 2E [km^-1]."""
    return matter.vacuum_hamiltonian(beam.mass_squared, energy, antineutrino=beam.antineutrino, constants=constants)


def _variance(oscillation: Oscillation, resolution: Float[Held, "..."]) -> Float[Array, "..."]:
    """Of lengths, with which coherence takes the factor exp[-(Dm2_ij / resolution)^2]."""
    beam, _, _, unit, _, constants = oscillation
    return 2.0 * (beam.energy / unit / (constants.phase * resolution)) ** 2


def _partly_coherent(
    length: Float[Array, "..."], variance: Float[Array, "..."], kept: Float[Array, "..."]
) -> SpectralFunction:
    """The wave at a length with the weight `kept`, its mean over lengths of a variance with the rest."""
    lengths = jnp.stack([length, jnp.zeros_like(length)], -1)
    variances = jnp.stack([jnp.zeros_like(variance), variance], -1)
    return WeightedSum(GaussianWave(lengths, variances), jnp.stack([kept, 1.0 - kept], -1))


def _averaged(
    H: Complex[Array, "... n n"], states: Num[Array, "... n n n"], kind: Kind, *parameters: Float[Held, "..."]
) -> Complex[Array, "... n n n"]:
    """g(ad_H) of every initial state."""
    return hermitian.hadamard(H[..., None, :, :], states, kind(*(jnp.asarray(p)[..., None] for p in parameters)))


def _newborn(beam: Beam) -> Float[Array, "n n n"]:
    """|alpha><alpha| for every alpha."""
    eye = jnp.eye(beam.mass_squared.shape[-1])
    return eye[:, :, None] * eye[:, None, :]


def _energy_spread(size: Float[Held, "..."], constants: Constants) -> Float[Held, "..."]:
    """1 / 2 sigma_x [MeV]."""
    return constants.hbar_c / (2.0 * _FM_PER_CM * size)
