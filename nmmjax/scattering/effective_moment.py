"""Effective moments: which combination of the elements of a moment matrix an experiment sees.

A neutrino in the state rho (flavor basis, trace one) flips its helicity with a rate proportional to

    mu_eff^2 = tr(rho lambda^+ lambda),        antineutrinos: tr(rho lambda^T lambda^*)

[W. Grimus and T. Schwetz, Nucl. Phys. B 587, 45 (2000), hep-ph/0006028]. The state is that of oscillations:

- solar neutrinos, incoherent mass states: rho of `oscillation.solar_state` or `ProductionAverage.state`;
- beams and reactors at any L and E: rho of `oscillation.density_matrix`, one for each flavor at birth. At L = 0 it is
  that flavor, and mu_eff^2 = sum_b |lambda_ba|^2.

It does not depend on the basis, nor on Majorana phases. Where one Majorana moment lambda_ab alone is there, it is
|lambda_ab|^2 (1 - P_c), P_c the probability to find the third flavor.
"""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Float, Num

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.numerics import hermitian
from nmmjax.numerics.special import modulus_squared


@public
def squared(
    state: Num[ArrayLike, "... n n"], moment_matrix: Num[ArrayLike, "... m n"], *, antineutrino: bool = False
) -> Float[Array, "..."]:
    """Effective moment squared, tr(rho lambda^+ lambda), in the unit of `moment_matrix` squared; batch axes broadcast.

    **Arguments:** `state` rho, Hermitian, of trace one; `moment_matrix` lambda[a, b] of nu_b -> a, in the same basis.
    """
    _checks.check_state("state", state)
    rho = jnp.asarray(state)
    # tr(rho lambda^T lambda^*) = tr(rho^* lambda^+ lambda)^*, a real number.
    rho = jnp.conj(rho) if antineutrino else rho
    L = jnp.asarray(moment_matrix)
    return jnp.real(jnp.sum((L @ rho) * jnp.conj(L), (-2, -1)))


@public
def plasmon_squared(moment_matrix: Num[ArrayLike, "... m n"], *, majorana: bool) -> Float[Array, "..."]:
    """Moment squared of plasmon -> nu nubar, all pairs of light states: Gamma = mu_nu^2 omega^3 / 24 pi at rest.

    sum_ij |lambda_ij|^2 for Dirac neutrinos, sum_{i<j} |lambda_ij|^2 for Majorana neutrinos, in any basis.
    """
    if majorana:
        _checks.check_square("moment_matrix", moment_matrix)
        _checks.check_symmetric("moment_matrix", moment_matrix, sign=-1)
    total = jnp.sum(modulus_squared(jnp.asarray(moment_matrix)), (-2, -1))
    return 0.5 * total if majorana else total


@public
def sterile_squared(moment_matrix: Num[ArrayLike, "m n"], *, majorana: bool) -> Num[Array, "n n"]:
    """Matrix lambda^+ lambda into states without weak interactions, which leave a supernova or fill the early universe.

    All rows of lambda for Dirac neutrinos; for Majorana neutrinos, where e, mu and tau flip to antineutrinos, those
    of states beyond the three only. In the square of the unit of `moment_matrix`.
    """
    if majorana:
        _checks.check_square("moment_matrix", moment_matrix, at_least=3)
        _checks.check_symmetric("moment_matrix", moment_matrix, sign=-1)
    L = jnp.asarray(moment_matrix)
    return hermitian.gram(L[3:] if majorana else L)
