"""ExchangeSymmetric: masses and moments of neutrinos from its couplings."""

from collections.abc import Mapping
from typing import ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.models import Model, Scalar, parameter
from nmmjax.quantities import Quantity


class ExchangeSymmetric(Model):
    """Majorana masses that stay the same when mu and tau are exchanged.

        M = ( a  b  b )
            ( b  c  d )
            ( b  d  c )

    Then one state has no nu_e, as much nu_mu as nu_tau, and the mass |c - d|: where it is the third, theta23 = pi/4 and
    theta13 = 0. The moments are those of the loop of the W boson.
    """

    reference: ClassVar[str] = "K. Fuki and M. Yasue, hep-ph/0601118"
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {"mass_without_nu_e": Quantity("|c - d|", "eV")}

    a: Scalar = parameter("a", "eV", low=-1.0, high=1.0)
    b: Scalar = parameter("b", "eV", low=-1.0, high=1.0)
    c: Scalar = parameter("c", "eV", low=-1.0, high=1.0)
    d: Scalar = parameter("d", "eV", low=-1.0, high=1.0)

    def low_energy(self) -> LowEnergy:
        """What experiments may see: masses [eV] in the basis of flavors, and moments [mu_B]."""
        a, b, c, d = self.a, self.b, self.c, self.d
        return LowEnergy(Neutrinos(jnp.array([[a, b, b], [b, c, d], [b, d, c]])))

    def derived(self) -> dict[str, Float[Array, ""]]:
        """What a fit should report beside its couplings."""
        return {"mass_without_nu_e": jnp.abs(self.c - self.d)}

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Wide enough to discover with."""
        return {name: dist.Uniform(-0.1, 0.1) for name in ("a", "b", "c", "d")}

    @classmethod
    def benchmark(cls) -> Self:
        """The point at which the contract is tried: normal ordering, a light first state."""
        return cls(0.004, 0.003, 0.028, -0.022)
