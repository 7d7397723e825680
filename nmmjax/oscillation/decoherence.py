"""Averaging and loss of coherence as functions of the Hamiltonian as a whole, so that no mass state is singled out.

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

import math
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Complex, Float, Num, Real

from nmmjax import _checks, matter
from nmmjax.constants import PDG_2026, Constants
from nmmjax.numerics import hermitian
from nmmjax.numerics.spectral import GaussianWave, SpectralFunction, mean_exp_minus_i
from nmmjax.oscillation._doors import checked_batch, checked_beam
from nmmjax.oscillation._propagation import Beam

_FM_PER_CM, _KM_PER_CM = 1e13, 1e-5


class _Medium(NamedTuple):
    density: Real[Array, "..."]
    electron_fraction: Real[Array, "..."]


def probability_smeared(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    baseline: Real[Array, "..."] | float,
    *,
    energy_spread: Real[Array, "..."] | float = 0.0,
    baseline_spread: Real[Array, "..."] | float = 0.0,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Float[Array, "... n n"]:
    """P[..., alpha, beta] averaged over Gaussians in energy and in baseline, as by the resolution of a detector.

    In vacuum the coherence of mass states i and j takes the factor

        exp[-(phi s_E / E)^2 / 2 - (phi s_L / L)^2 / 2],    phi = Dm2_ij L / 2E.

    **Arguments:** as for `probability`, all of which broadcast, and the standard deviations

    - `energy_spread` [MeV]: to first order; in matter phi / E becomes -dphi/dE (see the head of this module).
    - `baseline_spread` [km]: exact at one energy; the damping by `energy_spread` is that of the mean baseline.
    """
    rho = density_matrix_smeared(
        mass_squared,
        energy,
        baseline,
        energy_spread=energy_spread,
        baseline_spread=baseline_spread,
        density=density,
        electron_fraction=electron_fraction,
        antineutrino=antineutrino,
        nsi=nsi,
        constants=constants,
    )
    return _diagonal(rho)


def density_matrix_smeared(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    baseline: Real[Array, "..."] | float,
    *,
    energy_spread: Real[Array, "..."] | float = 0.0,
    baseline_spread: Real[Array, "..."] | float = 0.0,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n n"]:
    """rho[..., alpha, b, c], the state of a neutrino born as nu_alpha, averaged as in `probability_smeared`.

    Its diagonal is that probability; further on it propagates as S rho S^dagger.
    """
    spans = {
        "baseline": _not_negative("baseline", baseline, "km"),
        "energy_spread": _not_negative("energy_spread", energy_spread, "MeV"),
        "baseline_spread": _not_negative("baseline_spread", baseline_spread, "km"),
    }
    beam, medium, batch = _checked(mass_squared, energy, density, electron_fraction, antineutrino, nsi, **spans)
    return _broadcast(_smeared(beam, medium, **spans, constants=constants), batch)


def probability_wave_packets(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    baseline: Real[Array, "..."] | float,
    *,
    size: Real[Array, "..."] | float,
    localization: Real[Array, "..."] | float = 0.0,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Float[Array, "... n n"]:
    """P[..., alpha, beta] of Gaussian wave packets, which separate and then no longer interfere.

    In vacuum the coherence of mass states i and j takes the factor [Giunti and Kim, eq. (8.115)]

        exp[-(L / Lcoh_ij)^2 - 2 pi^2 xi^2 (sigma_x / Losc_ij)^2],
        Lcoh_ij = 4 sqrt(2) E^2 sigma_x / |Dm2_ij|,    Losc_ij = 4 pi E / |Dm2_ij|.

    It is a Gaussian energy spread of 1 / 2 sigma_x and a baseline spread of xi sigma_x, in matter too (where the second
    is our extension): `probability_smeared`.

    **Arguments:** as for `probability`, all of which broadcast, and

    - `size`: sigma_x [cm], the spatial width of the packet, of production and detection together.
    - `localization`: xi, of order one; the coherent size of source and detector in units of sigma_x.
    """
    size = _checks.as_array("size", size, float)
    _checks.check_range("size", size, low=0.0, open_low=True, unit="cm")
    localization = _not_negative("localization", localization)
    return probability_smeared(
        mass_squared,
        energy,
        baseline,
        energy_spread=_energy_spread(size, constants),
        baseline_spread=localization * size * _KM_PER_CM,
        density=density,
        electron_fraction=electron_fraction,
        antineutrino=antineutrino,
        nsi=nsi,
        constants=constants,
    )


def coherence_length(
    splitting: Real[Array, "..."] | float,
    energy: Real[Array, "..."] | float,
    size: Real[Array, "..."] | float,
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


def probability_over_baselines(
    mass_squared: Num[Array, "... n n"],
    energy: Real[Array, "..."] | float,
    nearest: Real[Array, "..."] | float,
    farthest: Real[Array, "..."] | float,
    *,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Float[Array, "... n n"]:
    """P[..., alpha, beta] averaged over baselines, flat from `nearest` to `farthest` [km]: exact, by

        mean exp(-i x L) = exp(-i x (L1 + L2) / 2) sin(y) / y,    y = x (L2 - L1) / 2.

    In vacuum, with an energy of 1 MeV, the mean over a bin of L/E [km/MeV]. Other arguments as for `probability`.
    """
    ends = {
        "nearest": _not_negative("nearest", nearest, "km"),
        "farthest": _not_negative("farthest", farthest, "km"),
    }
    known = [_checks.concrete(end) for end in ends.values()]
    if known[0] is not None and known[1] is not None and np.any(known[0] > known[1]):
        _checks.fail("farthest", "be at least `nearest`", f"they are {known[1]} and {known[0]}")
    beam, medium, batch = _checked(mass_squared, energy, density, electron_fraction, antineutrino, nsi, **ends)
    return _diagonal(_broadcast(_flat(beam, medium, **ends, constants=constants), batch))


def probability_incoherent(
    mass_squared: Num[Array, "... n n"],
    *,
    resolution: Real[Array, "..."] | float,
    energy: Real[Array, "..."] | float = 1.0,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Float[Array, "... n n"]:
    """P[..., alpha, beta] after all oscillations have been averaged out, as for neutrinos from the sky.

        P = sum_k |<beta| Pi_k |alpha>|^2,

    with Pi_k the projectors on the distinct eigenvalues of M^dagger M: |U_alpha i|^2 |U_beta i|^2 summed over states
    that stand alone, and a degenerate pair, which never oscillates, counted as one. That sum jumps where states meet,
    so somebody must say when they are apart: coherence takes the factor exp[-(Dm2_ij / resolution)^2].

    It is what `probability_wave_packets` tends to at L >> Losc with resolution = 4 sqrt(2) E^2 sigma_x / L, less the
    phases: right where no splitting lies near the resolution. Splittings above six resolutions are incoherent to
    rounding, and splittings below 1e-8 of it coherent. For neutrinos from the Sun and beyond take anything far below
    the splittings that count and far above rounding, 1e-16 of the largest eigenvalue.

    **Arguments:** as for `probability`, all of which broadcast, and

    - `resolution` [eV^2], positive.
    - `energy` [MeV] matters only in matter, where Dm2_ij are differences of the eigenvalues of 2 E H.
    """
    rho = density_matrix_incoherent(
        mass_squared,
        resolution=resolution,
        energy=energy,
        density=density,
        electron_fraction=electron_fraction,
        antineutrino=antineutrino,
        nsi=nsi,
        constants=constants,
    )
    return _diagonal(rho)


def density_matrix_incoherent(
    mass_squared: Num[Array, "... n n"],
    *,
    resolution: Real[Array, "..."] | float,
    energy: Real[Array, "..."] | float = 1.0,
    density: Real[Array, "..."] | float = 0.0,
    electron_fraction: Real[Array, "..."] | float = 0.5,
    antineutrino: Bool[Array, "..."] | bool = False,
    nsi: Num[Array, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n n"]:
    """rho[..., alpha, b, c] = sum_k (Pi_k |alpha><alpha| Pi_k)_bc: the mixture into which a nu_alpha has turned.

    What enters the Earth from the sky: detected behind it with S rho S^dagger. Arguments: `probability_incoherent`.
    """
    resolution = _checks.as_array("resolution", resolution, float)
    _checks.check_range("resolution", resolution, low=0.0, open_low=True, unit="eV^2")
    beam, medium, batch = _checked(
        mass_squared, energy, density, electron_fraction, antineutrino, nsi, resolution=resolution
    )
    return _broadcast(_incoherent(beam, medium, resolution, constants=constants), batch)


@partial(jax.jit, static_argnames="constants")
def _smeared(beam, medium, baseline, energy_spread, baseline_spread, *, constants):
    H, unit = _hamiltonian(beam, medium, constants)
    states, variance = _newborn(beam), (baseline_spread / unit) ** 2
    if medium is None:
        variance += (energy_spread * baseline / beam.energy**2) ** 2
    else:
        states = _separated(states, H, beam, baseline, energy_spread, constants)
    return _averaged(H, states, GaussianWave, baseline / unit, variance)


def _separated(states, H, beam, baseline, energy_spread, constants):
    """<exp(-i e L B) rho exp(i e L B)>, the mean over the deviation e of the energy, before exp(-i H L) acts.

    B is dH/dE in the interaction picture, averaged along the way: where phases are large, its diagonal in the
    eigenbasis of H, which holds the derivatives of the eigenvalues.
    """
    slope = -_vacuum(beam, beam.energy, constants) / beam.energy[..., None, None]
    B = hermitian.hadamard(H, slope, mean_exp_minus_i(-baseline, jnp.zeros_like(baseline)))
    variance = (energy_spread * baseline) ** 2
    return _averaged(B, states, GaussianWave, jnp.zeros_like(variance), variance)


@partial(jax.jit, static_argnames="constants")
def _flat(beam, medium, nearest, farthest, *, constants):
    H, unit = _hamiltonian(beam, medium, constants)
    return _averaged(H, _newborn(beam), mean_exp_minus_i, nearest / unit, farthest / unit)


@partial(jax.jit, static_argnames="constants")
def _incoherent(beam, medium, resolution, *, constants):
    H, unit = _hamiltonian(beam, medium, constants)
    variance = 2.0 * (beam.energy / unit / (constants.phase * resolution)) ** 2
    return _averaged(H, _newborn(beam), GaussianWave, jnp.zeros_like(variance), variance)


def _hamiltonian(
    beam: Beam, medium: _Medium | None, constants: Constants
) -> tuple[Complex[Array, "... n n"], Float[Array, "..."]]:
    """The Hamiltonian [km^-1], and the unit of lengths that goes with it.

    In vacuum it is that of 1 MeV, and lengths are in units of the energy: one decomposition serves all energies.
    """
    if medium is None:
        return _vacuum(beam, 1.0, constants), beam.energy
    H = matter.hamiltonian(**beam._asdict(), **medium._asdict(), constants=constants)
    return H, jnp.ones_like(beam.energy)


def _vacuum(beam: Beam, energy: Real[Array, "..."] | float, constants: Constants) -> Complex[Array, "... n n"]:
    """M^dagger M / 2E [km^-1]."""
    return matter.vacuum_hamiltonian(beam.mass_squared, energy, antineutrino=beam.antineutrino, constants=constants)


def _averaged(
    H: Complex[Array, "... n n"],
    states: Complex[Array, "... n n n"],
    kind: Callable[[Float[Array, "..."], Float[Array, "..."]], SpectralFunction],
    *parameters: Float[Array, "..."],
) -> Complex[Array, "... n n n"]:
    """g(ad_H) of every initial state."""
    return hermitian.hadamard(H[..., None, :, :], states, kind(*(p[..., None] for p in parameters)))


def _newborn(beam: Beam) -> Float[Array, "n n n"]:
    """|alpha><alpha| for every alpha."""
    eye = jnp.eye(beam.mass_squared.shape[-1])
    return eye[:, :, None] * eye[:, None, :]


def _diagonal(rho: Complex[Array, "... n n n"]) -> Float[Array, "... n n"]:
    return jnp.real(jnp.diagonal(rho, axis1=-2, axis2=-1))


def _energy_spread(size: Float[Array, "..."], constants: Constants) -> Float[Array, "..."]:
    """1 / 2 sigma_x [MeV]."""
    return constants.hbar_c / (2.0 * _FM_PER_CM * size)


def _checked(
    mass_squared, energy, density, electron_fraction, antineutrino, nsi, **others
) -> tuple[Beam, _Medium | None, tuple[int, ...]]:
    """Beam, medium (none where that can be known before anything is compiled) and batch shape."""
    known = _checks.concrete(density)  # as it comes: within a function that is compiled an array is known no longer
    beam = checked_beam(mass_squared, energy, antineutrino, nsi)
    of_medium = {"density": density, "electron_fraction": electron_fraction}
    medium = _Medium(*(_checks.as_array(name, value, beam.energy.dtype) for name, value in of_medium.items()))
    matter.check_matter(*medium)
    batch = checked_batch(beam, **medium._asdict(), **others)
    return beam, None if known is not None and not known.any() else medium, batch


def _not_negative(name: str, value: Real[Array, "..."] | float, unit: str = "") -> Real[Array, "..."]:
    """A finite array, nowhere negative."""
    array = _checks.as_array(name, value, float)
    _checks.check_range(name, array, low=0.0, unit=unit)
    return array


def _broadcast(rho: Complex[Array, "... n n n"], batch: tuple[int, ...]) -> Complex[Array, "... n n n"]:
    return jnp.broadcast_to(rho, (*batch, *rho.shape[-3:]))
