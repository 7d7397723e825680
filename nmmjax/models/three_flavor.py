"""Three massive neutrinos described by their observables."""

import math
from typing import ClassVar

import numpyro.distributions as dist

from nmmjax.low_energy import LowEnergy
from nmmjax.models._base import Model
from nmmjax.priors import UniformPhase
from nmmjax.three_flavor import LightNeutrinos


class ThreeFlavor(LightNeutrinos, Model):
    """Three Majorana or Dirac neutrinos: lightest mass, two splittings, three angles and three phases.

    M = U^* diag(m) U^dagger with U = R23 R13(delta) R12 diag(1, e^{i alpha21 / 2}, e^{i alpha31 / 2}): `LightNeutrinos`
    as a model.
    """

    reference: ClassVar[str] = "S. Navas et al. (Particle Data Group), Phys. Rev. D 110, 030001 (2024), section 14"

    def low_energy(self) -> LowEnergy:
        """Masses and mixing put together; no moments beyond the Standard Model."""
        return LowEnergy(self.neutrinos())

    @classmethod
    def default_priors(cls) -> dict[str, dist.Distribution]:
        """Flat in the splittings, normal ordering; isotropic in the angles is left to the fit."""
        return {
            "dm21": dist.Uniform(6e-5, 9e-5),
            "dm3l": dist.Uniform(2e-3, 3e-3),
            **{name: dist.Uniform(0.0, math.pi / 2) for name in ("theta12", "theta13", "theta23")},
            "delta_cp": UniformPhase(),
        }
