"""The seesaw of type I along the scale: right-handed neutrinos that run, and are integrated out one by one.

With L = -Y_ka bar(N_k) phi~^dagger L_a - (1/2) M_kl bar(N_k) N_l^c + h.c., above the mass of the lightest of them,

    d H     = 3 H^2 - (3/2) (H N + N H) + (2T - (9/2) g_1^2 - (9/2) g_2^2) H,        H = Y_e^dagger Y_e,
    d Y     = Y ((3/2) N - (3/2) H) + (T - (9/20) g_1^2 - (9/4) g_2^2) Y,            N = Y^dagger Y,
    d M     = (Y Y^dagger) M + transposed,
    d kappa = kappa ((1/2) N - (3/2) H) + transposed + (2T + lambda - 3 g_2^2) kappa,

each times 16 pi^2, t = ln mu, with tr N in T and tr N^2 beside the fourth powers of the Standard Model
(`StandardModel`), and what light neutrinos are at a scale is

    M_light = -(v^2 / 4) (kappa + 2 Y^T M^-1 Y).

Where the scale meets the mass of the heaviest N that is left, kappa takes over 2 Y_k^T Y_k / M_k and the row Y_k, in
the basis in which M is diagonal there, is no more. S. Antusch, J. Kersten, M. Lindner and M. Ratz, Phys. Lett. B 538,
87 (2002); S. Antusch, J. Kersten, M. Lindner, M. Ratz and M. A. Schmidt, JHEP 03 (2005) 024.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, ArrayLike, Bool, Complex, Float, Int, Num

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.constants import EV_PER_GEV, PDG_2026
from nmmjax.numerics import hermitian, takagi
from nmmjax.numerics.arrays import Real
from nmmjax.numerics.extrapolation import advance
from nmmjax.numerics.special import clipped, modulus_squared, smaller
from nmmjax.running import couplings as _couplings
from nmmjax.running.couplings import LOOP, Z_MASS, Couplings, check_scale, gauge_at, pace, place_of
from nmmjax.running.theories import (
    STEPS,
    StandardModel,
    standard_operator,
    standard_quarks,
    standard_quartic,
)

_APART = 4.0
"""What the mass of a state that is out is multiplied by, so that it stays the last in their order."""
_FARTHEST = 1e10


class _State(NamedTuple):
    """What is integrated."""

    up: Float[Array, "3"]
    down: Float[Array, "3"]
    quartic: Float[Array, ""]
    matrices: Complex[Array, "4 3 3"]
    """H, Y, M [GeV] and kappa [1/GeV]; rows of Y that are out are zero."""


@public
def seesaw_mass_matrix(
    yukawa: Num[ArrayLike, "3 3"],
    masses: Float[ArrayLike, "3"],
    from_scale: Float[ArrayLike, ""],
    to_scale: Float[ArrayLike, ""] = Z_MASS,
    *,
    theory: StandardModel | None = None,
) -> Complex[Array, "3 3"]:
    """The mass matrix of light neutrinos [eV] at `to_scale`, in the flavor basis there, of couplings at `from_scale`.

    **Arguments:**

    - `yukawa`, Y (3, 3), rows N and columns flavors: at `from_scale` both the charged leptons and M are diagonal.
    - `masses` M_1, M_2, M_3 of N at `from_scale` [GeV], in any order, each within 1e10 of the others. Those above
      `from_scale` are integrated out there; those below `to_scale` count with their couplings at `to_scale`.
    - `from_scale` >= `to_scale` [GeV].
    - `theory`: the Standard Model with other couplings at M_Z than those that are measured.

    Couplings of quarks and charged leptons at `from_scale` are such that they come back to those at M_Z up to the
    square of tr(Y^dagger Y) t / 16 pi^2. N is integrated out where the scale meets M_k + its slope at `from_scale`
    times the way. Errors: 2e-4 tr(Y^dagger Y) of the largest element, from where N are integrated out; rounding in the
    part of N_k is 1e-16 times the ratio of the largest to this mass.
    """
    theory = StandardModel() if theory is None else theory
    start, stop = check_scale("from_scale", from_scale), check_scale("to_scale", to_scale)
    _check_order(start, stop)
    _checks.check_range("masses", masses, low=0.0, high=_couplings.PLANCK_SCALE, open_low=True, unit="GeV")
    _check_spread(masses)
    Y, M = jnp.asarray(yukawa) + 0j, jnp.asarray(masses, float)
    first, last = (jnp.log(scale / Z_MASS) for scale in (start, stop))
    thresholds = _thresholds(Y, M, first, last)
    begun = _begun(theory.at(start), Y, M, first - thresholds)
    ended = _ran(theory, begun, thresholds, first, last)
    return _in_flavor_basis(ended)


def _check_order(start: Real, stop: Real) -> None:
    high, low = _checks.concrete(start), _checks.concrete(stop)
    if high is not None and low is not None and low > high:
        _checks.fail("to_scale", "not lie above `from_scale`", f"it is {low:g} GeV, and that is {high:g} GeV")


def _check_spread(masses: Float[ArrayLike, "3"]) -> None:
    values = _checks.concrete(masses)
    if values is not None and values.max() > _FARTHEST * values.min():
        _checks.fail("masses", f"lie within a factor {_FARTHEST:g} of each other", f"they are {values}")


def _thresholds(Y: Complex[Array, "3 3"], M: Float[Array, "3"], first: Real, last: Real) -> Float[Array, "3"]:
    """t where each N is integrated out, between `last` and `first`.

    From ln(M_k / M_Z) = t with d ln M_k / dt = 2 (Y Y^dagger)_kk / 16 pi^2 as it is at `first`.
    """
    slope = 2.0 * LOOP * jnp.sum(modulus_squared(Y), 1)
    meets = (jnp.log(M / Z_MASS) - slope * first) / (1.0 - slope)
    return clipped(meets, last, first)


def _begun(couplings: Couplings, Y: Complex[Array, "3 3"], M: Float[Array, "3"], ways: Float[Array, "3"]) -> _State:
    """All couplings at the upper end: those of the Standard Model, and what N add to them along their ways.

    To first order in N, which they then lose again on the way down.
    """
    pairs = modulus_squared(Y @ jnp.conj(Y).T)
    of_flavors = LOOP * ways @ modulus_squared(Y)
    trace = jnp.sum(of_flavors)
    fourth = LOOP * jnp.sum(pairs * smaller(ways[:, None], ways))
    common = jnp.exp(2.0 * trace)
    leptons = couplings.lepton * common * jnp.exp(-3.0 * of_flavors)
    quartic = couplings.quartic * (1.0 + 4.0 * trace) - 8.0 * fourth
    matrices = jnp.stack([jnp.diag(leptons) + 0j, Y, jnp.diag(M) + 0j, jnp.zeros((3, 3)) + 0j])
    return _State(couplings.up * common, couplings.down * common, quartic, matrices)


def _ran(theory: StandardModel, state: _State, thresholds: Float[Array, "3"], first: Real, last: Real) -> _State:
    """Steps of one length between the ends, cut where N are integrated out: all of them in the end."""
    start = theory.start

    def slope(x: Real, state: _State) -> _State:
        gauge = gauge_at(start.gauge, theory.growth, _couplings.time(x))
        return jax.tree.map(lambda y: LOOP * pace(x) * y, _slopes(gauge, state))

    grid = jnp.linspace(place_of(first), place_of(last), STEPS + 1)[1:]
    ends = jnp.concatenate([place_of(thresholds), grid])
    order = jnp.argsort(-ends)
    is_threshold = order < len(thresholds)

    def further(carry: tuple[_State, Real, Int[Array, ""]], step: tuple[Real, Bool[Array, ""]]):
        state, here, left = carry
        end, matches = step
        state = advance(slope, here, end - here, state)
        state = lax.cond(matches, lambda s: _integrated_out(s, left - 1), lambda s: s, state)
        return (state, end, left - matches), None

    carry = state, place_of(first), jnp.asarray(len(thresholds))
    return lax.scan(further, carry, (ends[order], is_threshold))[0][0]


def _slopes(gauge: Float[Array, "3"], state: _State) -> _State:
    """16 pi^2 d/dt."""
    H, Y, M, kappa = state.matrices
    N, A = _product(jnp.stack([_adjoint(Y), Y]), jnp.stack([Y, _adjoint(Y)]))
    trace = 3.0 * jnp.sum(state.up + state.down) + jnp.trace(H + N).real
    fourth = 3.0 * jnp.sum(state.up**2 + state.down**2) + jnp.sum(modulus_squared(H) + modulus_squared(N))
    turned = 1.5 * (N - H)
    of_H, of_Y, of_M, of_kappa = _product(jnp.stack([H, Y, A, kappa]), jnp.stack([-turned, turned, M, turned - N]))
    matrices = [
        of_H + _adjoint(of_H) + (2.0 * trace - 4.5 * (gauge[0] + gauge[1])) * H,
        of_Y + (trace - 0.45 * gauge[0] - 2.25 * gauge[1]) * Y,
        of_M + of_M.T,
        of_kappa + of_kappa.T + standard_operator(gauge, state.quartic, trace) * kappa,
    ]
    up, down = standard_quarks(gauge, state.up, state.down, trace)
    return _State(up, down, standard_quartic(gauge, state.quartic, trace, fourth), jnp.stack(matrices))


def _integrated_out(state: _State, heaviest: Int[Array, ""]) -> _State:
    """Without the heaviest N that is left, by its place in the order of masses."""
    H, Y, M, kappa = state.matrices
    masses, U = takagi.factorize(0.5 * (M + M.T))
    Y = U.T @ Y
    out = jnp.arange(3) == heaviest
    row = jnp.sum(jnp.where(out[:, None], Y, 0.0), 0)
    mass = jnp.sum(jnp.where(out, masses, 0.0))
    matrices = jnp.stack([
        H,
        jnp.where(out[:, None], 0.0, Y),
        jnp.diag(masses * jnp.where(out, _APART, 1.0)) + 0j,
        kappa + 2.0 / mass * jnp.outer(row, row),
    ])  # fmt: skip
    return state._replace(matrices=matrices)


def _in_flavor_basis(state: _State) -> Complex[Array, "3 3"]:
    """-(v^2 / 4) kappa [eV], where Y_e^dagger Y_e is diagonal, each flavor with the phase of its own coupling."""
    H, _, _, kappa = state.matrices
    U = hermitian.eigensystem(0.5 * (H + _adjoint(H)))[1]
    diagonal = jnp.diagonal(U)
    U = U * (jnp.conj(diagonal) / jnp.sqrt(modulus_squared(diagonal)))
    M = -0.25 * EV_PER_GEV * PDG_2026.higgs_vev**2 * U.T @ kappa @ U
    return 0.5 * (M + M.T)


def _product(A: Complex[Array, "k 3 3"], B: Complex[Array, "k 3 3"]) -> Complex[Array, "k 3 3"]:
    """One for each pair, as sums of elementwise products."""
    return jnp.sum(A[..., :, None] * B[:, None, :, :], 2)


def _adjoint(A: Complex[Array, "3 3"]) -> Complex[Array, "3 3"]:
    return jnp.conj(A.T)
