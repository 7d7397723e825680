"""Neutrinos that leave the Sun as mixtures of levels, and flip in the field of its convective zone.

Between the core and the bottom of the zone each neutrino stays on its level, and the phases between levels are lost:
what comes there is the state of `nmmjax.oscillation.solar`. Through the zone it is evolved exactly; on the way to the
Earth the phases between mass states are lost, those of degenerate states are not. M. B. Voloshin, M. I. Vysotsky and
L. B. Okun, Sov. Phys. JETP 64, 446 (1986): for massless Dirac neutrinos

    P(nu_e -> N) = (2b)^2 / (V^2 + (2b)^2) sin^2( sqrt(V^2 + 4b^2) L / 2 ),    b = mu B,    V = V_CC + V_NC,

in a constant field and matter. A field where neutrinos are born mixes levels of either helicity: a nu_e is born on the
level j of antineutrinos with the probability |sum_i b_ji <i|nu_e> / (w_j - w_i)|^2 and leaves as that mass state,
E. Kh. Akhmedov and J. Pulido, Phys. Lett. B 553, 7 (2003), hep-ph/0209192.
"""

import math
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Complex, Float

from nmmjax import _checks, matter
from nmmjax._public import public
from nmmjax.constants import ELECTRON, PDG_2026, Constants
from nmmjax.low_energy import Neutrinos
from nmmjax.matter import added_mass_squared
from nmmjax.media import Profile
from nmmjax.numerics import hermitian
from nmmjax.numerics.arrays import RealLike
from nmmjax.numerics.projectors import levels, product
from nmmjax.numerics.special import modulus_squared, safe_sqrt
from nmmjax.numerics.spectral import GaussianWave
from nmmjax.numerics.trigonometry import sine2_and_sinc
from nmmjax.oscillation._propagation import populations
from nmmjax.oscillation.solar import NODES, ProductionAverage
from nmmjax.precession.crossings import check_three
from nmmjax.precession.evolution import MOST_STEPS
from nmmjax.precession.hamiltonian import squared_masses
from nmmjax.precession.probabilities import operator
from nmmjax.precession.sun import ELECTRON_FRACTION, SOLAR_RADIUS, MagneticSun

_FAR = 1.496e8
"""From the Sun to the Earth [km]."""
_RARE = 0.01
"""Share of flips in the core, and (2b / splitting)^2 in the zone, that an approximation may have."""
_SPLIT = 1e-12
"""Splitting that matter makes of degenerate states [eV^2]."""
_TOGETHER, _APART = 1e-10, 1e-7
"""Splittings below and above which two states never or always lose their phase in the zone [eV^2]."""
_HIGHEST = 20.0
"""Energy of solar neutrinos [MeV]."""
_SLABS = 64
"""Of the zone, each a Magnus step of fourth order: 1e-6 for phases below 30."""
_NEUTRONS = 0.43
"""n_n / n_e where 8B neutrinos are made, (1 - X) / (1 + X) at 0.05 solar radii."""


@public
def solar_probability(
    neutrinos: Neutrinos,
    average: ProductionAverage,
    sun: MagneticSun,
    *,
    stronger: RealLike = 1.0,
    tolerance: float = 1e-6,
    constants: Constants = PDG_2026,
) -> Float[Array, "points 6"]:
    """P(nu_e -> b) from the Sun to the Earth by day, through its magnetic fields: (points, 6).

    States are nu_e, nu_mu, nu_tau, then their antineutrinos (Majorana) or the right-handed N_a in the basis of the rows
    of M (Dirac). Three flavors; energies and the mean over places of birth are those of `average`.

    **Arguments:** `stronger`, so many times the fields of the `sun`; `tolerance` of the evolution through the zone.

    Errors: `tolerance`, and those of the adiabatic core (`nmmjax.oscillation.solar`). The field of the core is taken to
    second order: where it flips more than 1 %, the result is NaN inside jit; Dirac neutrinos, whose levels cross there,
    do not see it.

    **Raises:** `ValueError` that names the argument.
    """
    check_three("neutrinos", neutrinos)
    _checks.check_range("stronger", stronger, low=0.0)
    _checks.check_range("tolerance", tolerance, low=0.0, open_low=True)
    left, right = solar_states(neutrinos, average, sun, jnp.asarray(stronger), tolerance, constants)
    P = jnp.concatenate([populations(left), populations(right)], -1)
    known = _checks.concrete(P)
    if known is not None and jnp.any(jnp.isnan(known)):
        _checks.fail("sun", "have fields that flip less than 1 % in the core, and do not turn too often", "P is NaN")
    return P


@partial(jax.jit, static_argnums=(4, 5))
def solar_states(
    neutrinos: Neutrinos,
    average: ProductionAverage,
    sun: MagneticSun,
    stronger: Float[Array, ""],
    tolerance: float,
    constants: Constants,
) -> tuple[Complex[Array, "points 3 3"], Complex[Array, "points 3 3"]]:
    """Density matrices of left and of right helicity that reach the Earth, in the bases of `solar_probability`."""
    path, energy = sun.path(stronger=stronger), average.energy
    at_bottom = average.state(neutrinos.mass_squared, at_density=sun.electrons_at_bottom(), constants=constants)
    S = operator(neutrinos, energy, path, jnp.asarray(False), tolerance, MOST_STEPS, constants)
    found = []
    for square, part in zip(squared_masses(neutrinos), (S[:, :3, :3], S[:, 3:, :3]), strict=True):
        free = matter.vacuum_hamiltonian(square, energy, constants=constants)
        leaving = part @ at_bottom @ hermitian.adjoint(part)
        found.append(hermitian.hadamard(free, leaving, GaussianWave(0.0, _FAR**2)))
    left, right = found
    if not neutrinos.nature.self_conjugate:
        return left, right
    flipped = _flipped_in_core(neutrinos, average, sun.core * stronger, constants)
    share = jnp.real(jnp.trace(flipped, axis1=-2, axis2=-1))[:, None, None]
    share = jnp.where(share <= _RARE, share, jnp.nan)
    return (1.0 - share) * left, (1.0 - share) * right + flipped


@public
def level_survival(
    neutrinos: Neutrinos, sun: MagneticSun, *, stronger: RealLike = 1.0, constants: Constants = PDG_2026
) -> Float[Array, "3"]:
    """P that a mass state of left helicity passes the convective zone without a flip, by ascending mass: (3,).

    The fast path to `solar_probability`, the same for all energies: each level k and its own partner are two states,

        H = [[V_CC |U_ek|^2 + V_NC + phi', b], [b, 0]],    b^2 = B^2 sum_j |<N_j| lambda |nu_k>|^2,

    j over the right-handed states of the same mass; flips to others turn too fast for the field to follow. Majorana
    neutrinos have no such partners. It holds for splittings above 1e-7 or below 1e-10 eV^2, which count as none, while
    fields are weak against those over 2E; else it is NaN. Against the exact evolution, for the splittings of today:
    1e-3.

    **Raises:** `ValueError` outside of this domain, and of jit.
    """
    check_three("neutrinos", neutrinos)
    _checks.check_range("stronger", stronger, low=0.0)
    found = passed_levels(neutrinos, sun, jnp.asarray(stronger), constants)
    known = _checks.concrete(found)
    if known is not None and jnp.any(jnp.isnan(known)):
        must = "have splittings above 1e-7 or below 1e-10 eV^2, large against their flips in the field over 2E"
        _checks.fail("neutrinos", must, "one is not")
    return found


@partial(jax.jit, static_argnums=3)
def passed_levels(
    neutrinos: Neutrinos, sun: MagneticSun, stronger: Float[Array, ""], constants: Constants
) -> Float[Array, "3"]:
    """That of `level_survival`, of arguments that are checked."""
    field = sun.field_profile(stronger)
    left, right = (levels(square) for square in _split(neutrinos))
    states, partners = jnp.stack(left.projectors), jnp.stack(right.projectors)
    energies = jnp.stack(left.energies), jnp.stack(right.energies)
    together = jnp.abs(energies[0][:, None] - energies[1]) < _TOGETHER
    flip = neutrinos.moment_matrix
    squared = jnp.real(jnp.einsum("kab,cb,jcd,da->kj", states, jnp.conj(flip), partners, flip))
    b = constants.magnetic_rate * safe_sqrt(jnp.sum(jnp.where(together, squared, 0.0), -1))
    electron = jnp.real(states[:, ELECTRON, ELECTRON])

    h = (SOLAR_RADIUS - sun.start) / _SLABS
    middle = sun.start + h * (jnp.arange(_SLABS) + 0.5)
    first, second = (_turning(sun, field, electron, b, middle + k * h / math.sqrt(12.0), constants) for k in (-1, 1))
    m = 0.5 * h * (first + second) + math.sqrt(3.0) / 6.0 * h**2 * jnp.cross(second, first)
    sine2, sinc = sine2_and_sinc(jnp.sum(m**2, -1))
    turns = jnp.concatenate([1.0 - 2.0 * sine2[..., None], sinc[..., None] * m], -1)
    while len(turns) > 1:
        turns = _after(turns[1::2], turns[::2])
    P = turns[0, :, 0] ** 2 + turns[0, :, 3] ** 2
    across = constants.magnetic_rate * sun.field * stronger * safe_sqrt(jnp.max(squared))
    return jnp.where(_holds(energies, across * _HIGHEST / constants.phase), P, jnp.nan)


def _holds(energies: tuple[Float[Array, "3"], Float[Array, "3"]], flip: Float[Array, ""]) -> Bool[Array, ""]:
    """Whether all levels are together or apart, and far apart against 2E b [eV^2]."""
    gaps = jnp.abs(jnp.concatenate(energies)[:, None] - jnp.concatenate(energies))
    together = gaps < _TOGETHER
    return jnp.all(together | ((gaps > _APART) & ((2.0 * flip) ** 2 < _RARE * gaps**2)))


def _turning(
    sun: MagneticSun,
    field: Profile,
    electron: Float[Array, "3"],
    b: Float[Array, "3"],
    r: Float[Array, " slabs"],
    constants: Constants,
) -> Float[Array, "slabs 3 3"]:
    """The vectors n of H = n . sigma [km^-1] at places r [km], for each level; a phase of both states is left out."""
    there = sun.density(r), ELECTRON_FRACTION
    charged = matter.charged_current_potential(*there, constants=constants)[:, None]
    neutral = matter.neutral_current_potential(*there, constants=constants)[:, None]
    along = 0.5 * (charged * electron + neutral + sun.twist)
    across = field(r)[:, None] * b
    return jnp.stack([across, jnp.zeros_like(across), along], -1)


def _after(second: Float[Array, "... 4"], first: Float[Array, "... 4"]) -> Float[Array, "... 4"]:
    """The product of two turns q_0 - i q . sigma."""
    a0, a, b0, b = second[..., :1], second[..., 1:], first[..., :1], first[..., 1:]
    scalar = a0 * b0 - jnp.sum(a * b, -1, keepdims=True)
    return jnp.concatenate([scalar, a0 * b + b0 * a + jnp.cross(a, b)], -1)


def unflipped(
    neutrinos: Neutrinos, state: Complex[Array, "points 3 3"], survival: Float[Array, "3"]
) -> Complex[Array, "points 3 3"]:
    """The part of a mixture of mass states that has not flipped."""
    left = levels(_split(neutrinos)[0])
    kept = sum(s * p for s, p in zip(survival, left.projectors, strict=True))
    return jnp.asarray(kept) @ state


def _split(neutrinos: Neutrinos) -> tuple[Complex[Array, "3 3"], Complex[Array, "3 3"]]:
    """Squared masses of either helicity; degenerate states are split as matter in the Sun leaves them."""
    electron = jnp.diag(jnp.array([_SPLIT, 0.0, 0.0]))
    left, right = squared_masses(neutrinos)
    return left + electron, right + electron


def _flipped_in_core(
    neutrinos: Neutrinos, average: ProductionAverage, field: Float[Array, ""], constants: Constants
) -> Complex[Array, "points 3 3"]:
    """The state of antineutrinos that a field at the places of birth makes.

    Energies of levels, times 2E, depend on x = E n_e alone, and so do chances over (2E b)^2.
    """
    potential = added_mass_squared(jnp.asarray(NODES), constants)
    electron = jnp.diag(jnp.array([1.0, 0.0, 0.0]))[..., None] + 0j
    left_square, right_square = (square[..., None] for square in squared_masses(neutrinos))
    left, right = levels(left_square + potential * electron), levels(right_square - potential * electron)
    above = (2.0 / 3.0 - _NEUTRONS) * potential  # of the mean level of neutrinos above that of antineutrinos
    flip = neutrinos.moment_matrix[..., None]
    backward = jnp.conj(jnp.swapaxes(flip, 0, 1))
    chances = []
    for state, energy in zip((right.lower, right.upper, right.apart), right.eigenvalues, strict=True):
        nearness = [1.0 / (energy - w - above) for w in left.eigenvalues]
        admixed = left.lower * nearness[0] + left.upper * nearness[1] + left.apart * nearness[2]
        way = product(product(admixed, backward), state)
        chances.append(jnp.sum(modulus_squared(way[ELECTRON]), 0))
    strength = (constants.magnetic_rate * field * average.energy / constants.phase) ** 2
    rows = [strength * (average.weights @ chance) for chance in right.ordered(*chances)]
    states = levels(_split(neutrinos)[1][..., None]).projectors
    flipped = sum(row * state for row, state in zip(rows, states, strict=True))
    return jnp.moveaxis(jnp.asarray(flipped), -1, 0)
