"""e, mu and tau beyond the Standard Model: dipoles, four-lepton and charged-current couplings."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Num

from nmmjax import _checks, decays
from nmmjax._public import public


class ChargedLeptons(eqx.Module):
    """What the couplings behind the neutrinos do to e, mu and tau; nothing where a field is left out.

    **Fields:**

    - `dipole_left`, `dipole_right` [GeV^-2], (3, 3): [b, a] is the amplitude of l_a -> l_b gamma, as in
      `nmmjax.decays`. The diagonals are not used.
    - `anomalous_moments` (3): what is added to (g - 2) / 2 of each.
    - `bilepton` [GeV^-1], (3, 3), symmetric: g_ab / m_k of a doubly charged scalar, L = g_ab bar(l_a^c) P_R l_b k^{++}
      summed over all a and b. Products of two elements are the coefficients of four leptons.
    - `fermi_shift` (3, 3), symmetric: (G_ab / G_F)^2 - 1 in l_a -> l_b nu nubar.
    - `higgs` (3, 3): Yukawa couplings y_ba of the Higgs boson of 125 GeV, -L = h lbar_b y_ba P_R l_a + h.c. The
      diagonal, m_l / v in the Standard Model, is not used.
    """

    dipole_left: Complex[Array, "3 3"]
    dipole_right: Complex[Array, "3 3"]
    anomalous_moments: Float[Array, "3"]
    bilepton: Complex[Array, "3 3"]
    fermi_shift: Float[Array, "3 3"]
    higgs: Complex[Array, "3 3"]

    @public
    def __init__(
        self,
        *,
        dipole_left: Num[Array, "3 3"] | None = None,
        dipole_right: Num[Array, "3 3"] | None = None,
        anomalous_moments: Float[Array, "3"] | None = None,
        bilepton: Num[Array, "3 3"] | None = None,
        fermi_shift: Float[Array, "3 3"] | None = None,
        higgs: Num[Array, "3 3"] | None = None,
    ):
        nothing = jnp.zeros((3, 3))
        given = {"dipole_left": dipole_left, "dipole_right": dipole_right, "bilepton": bilepton, "higgs": higgs}
        matrices = {name: nothing if x is None else x for name, x in given.items()}
        self.fermi_shift = nothing if fermi_shift is None else jnp.asarray(fermi_shift)
        self.anomalous_moments = jnp.zeros(3) if anomalous_moments is None else jnp.asarray(anomalous_moments)
        _checks.check_symmetric("bilepton", matrices["bilepton"])
        _checks.check_symmetric("fermi_shift", self.fermi_shift)
        _checks.check_finite("higgs", matrices["higgs"])
        self.dipole_left, self.dipole_right, self.bilepton, self.higgs = (
            jnp.asarray(x) + 0j for x in matrices.values()
        )

    @public
    def radiative_ratio(self, mother: int, daughter: int) -> Float[Array, ""]:
        """Ratio BR(l_a -> l_b gamma) / BR(l_a -> l_b nu nubar) of flavors `mother` a and `daughter` b."""
        _check_flavors(mother=mother, daughter=daughter)
        left, right = self.dipole_left[daughter, mother], self.dipole_right[daughter, mother]
        return decays.lepton_radiative_ratio(left, right)

    @public
    def higgs_ratio(self, first: int, second: int) -> Float[Array, ""]:
        """Branching ratio of h -> l_a l_b, both charges, of two flavors."""
        _check_flavors(first=first, second=second)
        return decays.higgs_lepton_ratio(self.higgs[first, second], self.higgs[second, first])

    @public
    def four_leptons(self, first: tuple[int, int], second: tuple[int, int]) -> Complex[Array, ""]:
        """Coefficient C = g_ab g_cd^* / m_k^2 of four leptons [GeV^-2], flavors (a, b) and (c, d)."""
        _check_pairs(first=first, second=second)
        return self.bilepton[first] * jnp.conj(self.bilepton[second])

    @public
    def three_lepton_ratio(self, mother: int, antilepton: int, pair: tuple[int, int]) -> Float[Array, ""]:
        """Ratio BR(l_a^- -> l_b^+ l_c^- l_d^-) / BR(l_a -> l_b nu nubar), `pair` the flavors (c, d)."""
        _check_flavors(mother=mother, antilepton=antilepton)
        _check_pairs(pair=pair)
        coefficient = self.four_leptons((mother, antilepton), pair)
        return decays.three_lepton_ratio(coefficient, identical=pair[0] == pair[1])


def _check_flavors(**flavors: int) -> None:
    for name, flavor in flavors.items():
        _checks.check_integer(name, flavor, low=0, high=2)


def _check_pairs(**pairs: tuple[int, int]) -> None:
    for name, pair in pairs.items():
        if len(pair) != 2:
            _checks.fail(name, "be two flavors", f"it is {pair!r}")
        for flavor in pair:
            _checks.check_integer(name, flavor, low=0, high=2)
