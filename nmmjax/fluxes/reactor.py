"""Antineutrinos of nuclear reactors."""

from collections.abc import Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._public import check_fields, public
from nmmjax.numerics.arrays import Real, RealLike
from nmmjax.tables import Source, read_table

_POWERS = 6


@public
def fission_spectrum(
    energy: RealLike,
    coefficients: Float[ArrayLike, "isotopes powers"],
    fission_fractions: Float[ArrayLike, " isotopes"],
) -> Float[Array, "..."]:
    """Antineutrinos per fission and MeV, the beta decays of its products summed:

        dN/dE = sum_i f_i exp(sum_k a_ik E^k).

    **Arguments:**

    - `energy` E > 0 [MeV]. The published polynomials hold between 2 and 8 MeV.
    - `coefficients` a_ik [MeV^-k], one row for each isotope that fissions.
    - `fission_fractions` f_i >= 0, the share of each isotope in the fissions.

    P. Huber, Phys. Rev. C 84, 024617 (2011), eq. 7; T. A. Mueller et al., Phys. Rev. C 83, 054615 (2011), eq. 2;
    P. Vogel and J. Engel, Phys. Rev. D 39, 3378 (1989), three powers.
    """
    _checks.check_range("energy", energy, low=0.0, open_low=True, unit="MeV")
    _checks.check_range("fission_fractions", fission_fractions, low=0.0)
    return _fission_spectrum(*map(jnp.asarray, (energy, coefficients, fission_fractions)))


class ReactorSpectra(eqx.Module):
    """The spectrum of each isotope that fissions, by one of the published predictions."""

    isotopes: tuple[str, ...] = eqx.field(static=True)
    coefficients: Float[np.ndarray, "isotopes powers"]
    """Of `fission_spectrum` [MeV^-k]. In double precision, which numpy keeps whatever the precision of JAX."""
    tables: tuple[Source, ...] = eqx.field(static=True)

    def __check_init__(self) -> None:
        check_fields(self)
        if len(self.coefficients) != len(self.isotopes):
            _checks.fail("coefficients", "have a row for each isotope", f"its shape is {self.coefficients.shape}")

    @classmethod
    def huber_mueller(cls) -> "ReactorSpectra":
        """Spectra of 235U, 239Pu, 241Pu from beta spectra [Huber 2011], of 238U summed up [Mueller et al. 2011]."""
        return cls._tabulated("huber_mueller")

    @classmethod
    def vogel_engel(cls) -> "ReactorSpectra":
        """Spectra of Vogel and Engel (1989), which experiments before 2011 took: parabolas in the exponent."""
        return cls._tabulated("vogel_engel")

    @classmethod
    def _tabulated(cls, model: str) -> "ReactorSpectra":
        table = read_table("reactor_spectra")
        rows = table.where(model=model)
        coefficients = np.stack([rows[f"a{k}"] for k in range(_POWERS)], -1)
        return cls(tuple(map(str, rows["isotope"])), coefficients, (table.source,))

    @public
    def spectrum(
        self, energy: RealLike, fission_fractions: Mapping[str, Float[Array, ""] | float]
    ) -> Float[Array, "..."]:
        """Antineutrinos per fission and MeV at energies [MeV]; the share of each isotope in the fissions by its name.

        **Raises:** `ValueError` where the names are not those of all `isotopes`.
        """
        if set(fission_fractions) != set(self.isotopes):
            have = f"its keys are {', '.join(sorted(fission_fractions))}"
            _checks.fail("fission_fractions", f"have the keys {', '.join(self.isotopes)}", have)
        fractions = jnp.stack([jnp.asarray(fission_fractions[isotope], float) for isotope in self.isotopes])
        return fission_spectrum(energy, jnp.asarray(self.coefficients), fractions)


@jax.jit
def _fission_spectrum(
    energy: Real, coefficients: Float[ArrayLike, "isotopes powers"], fission_fractions: Float[ArrayLike, " isotopes"]
) -> Real:
    exponents = jax.vmap(lambda a: jnp.polyval(a[::-1], energy))(coefficients)
    return jnp.tensordot(fission_fractions, jnp.exp(exponents), axes=1)
