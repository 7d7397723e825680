"""Running of the operator of dimension five: masses and mixing without right-handed neutrinos, or below all of them."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, ArrayLike, Complex, Float, Num

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.low_energy import LowEnergy, Majorana, Neutrinos
from nmmjax.running.couplings import Z_MASS, check_scale
from nmmjax.running.theories import StandardModel, Theory


class DimensionFive(eqx.Module):
    """From one scale to another [GeV], from M_Z to 1e19 GeV, down or up, in a `Theory`: the Standard Model if left out.

    In the flavor basis the solution of d kappa / dt is a factor for each element,

        M_ab(to) = M_ab(from) exp(l_a + l_b),    l_a = int (C y_a^2 + alpha / 2) dt / 16 pi^2,    t = ln mu,

    with C = -3/2 and alpha = 2T + lambda - 3 g_2^2 in the Standard Model, C = 1 and alpha = 6 sum y_u^2 - (6/5) g_1^2
    - 6 g_2^2 with superpartners [S. Antusch, J. Kersten, M. Lindner and M. Ratz, Nucl. Phys. B 674, 401 (2003)].
    Charged leptons stay diagonal. M is v^2 kappa / 4 with the v of low energies at every scale.
    """

    from_scale: Float[Array, ""] | float
    to_scale: Float[Array, ""] | float
    theory: Theory

    @public
    def __init__(
        self,
        from_scale: Float[ArrayLike, ""],
        to_scale: Float[ArrayLike, ""] = Z_MASS,
        *,
        theory: Theory | None = None,
    ):
        check_scale("from_scale", from_scale)
        check_scale("to_scale", to_scale)
        self.from_scale, self.to_scale = from_scale, to_scale  # pyright: ignore[reportAttributeAccessIssue]
        self.theory = StandardModel() if theory is None else theory

    def factors(self) -> Float[Array, "3 3"]:
        """exp(l_a + l_b)."""
        logarithms = self.theory.logarithms(self.to_scale) - self.theory.logarithms(self.from_scale)
        return jnp.exp(logarithms[:, None] + logarithms)

    @public
    def mass_matrix(self, mass_matrix: Num[ArrayLike, "3 3"]) -> Complex[Array, "3 3"]:
        """The symmetric matrix M of Majorana neutrinos in the flavor basis at `to_scale`, of that at `from_scale`."""
        _checks.check_symmetric("mass_matrix", mass_matrix)
        return self.factors() * (jnp.asarray(mass_matrix) + 0j)

    @public
    def __call__(self, theory: LowEnergy) -> LowEnergy:
        """What a model comes to at `from_scale`, with the masses and mixing of `to_scale`.

        Moments of the loop of W and charged leptons are those of the new masses; all else stays as it is: moments,
        interactions and charged leptons beyond the Standard Model are other operators, whose running is not known here.

        **Raises:** `ValueError` for Dirac neutrinos and for sterile ones.
        """
        neutrinos = theory.neutrinos
        _checks.check_instance("theory", neutrinos.nature, Majorana)
        _checks.check_shape("theory", neutrinos.mass_matrix, (3, 3))
        M = self.mass_matrix(neutrinos.mass_matrix)
        weak = neutrinos.nature.weak_moments
        own = neutrinos.moment_matrix - weak(neutrinos.mass_matrix)
        ran = Neutrinos(M, own + weak(M), charge_radius=neutrinos.charge_radius, millicharge=neutrinos.millicharge)
        return eqx.tree_at(lambda whole: whole.neutrinos, theory, ran)
