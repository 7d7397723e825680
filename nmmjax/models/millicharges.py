"""Neutrinos with electric charges."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Annotated, Any, ClassVar, Self

import jax.numpy as jnp
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax.low_energy import Dirac, LowEnergy, Neutrinos
from nmmjax.models._base import Model
from nmmjax.parameters import Scalar, constructor, parameter
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import LightNeutrinos, given_or_benchmark

_CHARGES = ("q_e", "q_mu", "q_tau")
_EMu = Annotated[Scalar, parameter(r"\epsilon_{e\mu}", "e", low=-1e-6, high=1e-6)]
_ETau = Annotated[Scalar, parameter(r"\epsilon_{e\tau}", "e", low=-1e-6, high=1e-6)]
_MuTau = Annotated[Scalar, parameter(r"\epsilon_{\mu\tau}", "e", low=-1e-6, high=1e-6)]
_BMinusL = Annotated[Scalar, parameter(r"\epsilon_{B-L}", "e", low=-1e-6, high=1e-6)]


class Millicharges(Model):
    """Dirac neutrinos with charges q_a of the three flavors [e], far below one. Masses are those of `origin`,
    whatever its nature.

    Their cross section on a particle at rest goes like 1 / T^2, and interferes with the weak one.

    Three partners of right-handed neutrinos leave the hypercharge a freedom, Q = Q_SM + sum_a q_a L_a + b B, whose
    anomalies cancel where 3 b + sum_a q_a = 0: any q_a goes with the charge b of the baryon. Without partners only
    L_i - L_j, of one pair. Charged leptons and baryons share these charges: hydrogen carries q_e + b, the neutron b
    (in `derived`), and charge is conserved in beta decay. That charges differ while flavors mix breaks the conservation
    of charge in masses and gives the photon one, which is left out.
    """

    reference: ClassVar[str] = (
        "C. Giunti and A. Studenikin, Rev. Mod. Phys. 87, 531 (2015), 1403.6344; R. Foot, G. C. Joshi, H. Lew and "
        "R. R. Volkas, Mod. Phys. Lett. A 5, 2721 (1990); K. S. Babu and R. N. Mohapatra, Phys. Rev. D 41, 271 (1990)"
    )
    derived_quantities: ClassVar[Mapping[str, Quantity]] = {
        "charge_hydrogen": Quantity("q_H", "e"),
        "charge_neutron": Quantity("q_n", "e"),
    }

    q_e: Scalar = parameter(r"q_{\nu_e}", "e", low=-1e-6, high=1e-6, default=0.0)
    q_mu: Scalar = parameter(r"q_{\nu_\mu}", "e", low=-1e-6, high=1e-6, default=0.0)
    q_tau: Scalar = parameter(r"q_{\nu_\tau}", "e", low=-1e-6, high=1e-6, default=0.0)
    _: KW_ONLY
    origin: LightNeutrinos = given_or_benchmark()

    @classmethod
    @constructor(instead_of=_CHARGES)
    def from_differences(
        cls,
        e_mu: _EMu = 0.0,
        e_tau: _ETau = 0.0,
        mu_tau: _MuTau = 0.0,
        *,
        b_minus_l: _BMinusL = 0.0,
        **others: Any,
    ) -> Self:
        """Q = Q_SM + e_mu (L_e - L_mu) + e_tau (L_e - L_tau) + mu_tau (L_mu - L_tau) + b_minus_l (B - L), all in e.

        Each is free of anomalies, the differences (one at a time) without right-handed neutrinos, B - L with them. Of
        the three differences two suffice.
        """
        return cls(e_mu + e_tau - b_minus_l, mu_tau - e_mu - b_minus_l, -e_tau - mu_tau - b_minus_l, **others)

    def derived(self) -> dict[str, Float[Array, ""]]:
        """Charges [e] of hydrogen, q_e + b, and of the neutron, b = -(q_e + q_mu + q_tau) / 3, if anomalies cancel."""
        baryon = -(self.q_e + self.q_mu + self.q_tau) / 3.0
        return {"charge_hydrogen": self.q_e + baryon, "charge_neutron": baryon}

    def low_energy(self) -> LowEnergy:
        """The charges on the diagonal of flavor."""
        diagonal = jnp.diag(jnp.stack([self.q_e, self.q_mu, self.q_tau]))
        return LowEnergy(Neutrinos(self.origin.mass_matrix(), nature=Dirac(), millicharge=diagonal))

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Of either sign, up to the reach of reactors."""
        return {name: dist.Uniform(-1e-11, 1e-11) for name in _CHARGES}

    @classmethod
    def benchmark(cls) -> Self:
        """What reactors bound."""
        return cls(1e-12)
