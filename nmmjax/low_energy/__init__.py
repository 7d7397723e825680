"""The waist: what a model hands to experiments, in the flavor basis and nothing else.

What experiments see of a model is a field of `LowEnergy`, one file each: neutrinos and their nature, charged leptons,
heavy leptons, interactions with matter, light scalars, loss of coherence. A further kind of it is one file beside these
and one optional field. An observable that a single experiment (or kind of experiment) asks for is no field: it stands
with the experiment, or in `scattering`, `decays` or `moments` as a function of arrays.
"""

import dataclasses

import equinox as eqx
from jaxtyping import Array, ArrayLike, Num, Real

from nmmjax import _checks
from nmmjax.low_energy.charged_leptons import ChargedLeptons
from nmmjax.low_energy.coherence import CoherenceLoss
from nmmjax.low_energy.heavy_leptons import HeavyLepton
from nmmjax.low_energy.interactions import FermionCouplings, Interactions
from nmmjax.low_energy.light_scalars import ScalarField
from nmmjax.low_energy.nature import Dirac, Majorana, Nature
from nmmjax.low_energy.neutrinos import OBSERVABLES, Neutrinos, States
from nmmjax.matter import Nsi
from nmmjax.numerics.arrays import RealLike
from nmmjax.oscillation import Decohering
from nmmjax.stars import HALF_OF_MASS, Sphere

__all__ = [
    "OBSERVABLES",
    "ChargedLeptons",
    "CoherenceLoss",
    "Dirac",
    "FermionCouplings",
    "HeavyLepton",
    "Interactions",
    "LowEnergy",
    "Majorana",
    "Nature",
    "Neutrinos",
    "ScalarField",
    "States",
]


class LowEnergy(eqx.Module):
    """Everything an experiment may know of a model; a field that is left out is what the Standard Model has.

    **Fields:**

    - `neutrinos`: masses, mixing and electromagnetic properties.
    - `charged_leptons`: e, mu and tau beyond the Standard Model; nothing unless given.
    - `heavy_lepton`: a neutral lepton of the dipole portal; None: there is none.
    - `interactions`: of neutrinos with electrons, up and down quarks; None: the weak ones alone.
    - `light_scalar`: a field that makes neutrinos heavy in matter; None: there is none. Stars and KATRIN see it;
      `neutrinos` and all other experiments are those of the vacuum.
    - `coherence_loss`: of neutrinos on their way; None: there is none. KamLAND and MINOS follow it, MiniBooNE and Daya
      Bay where it goes as 1 / E, atmospheric neutrinos not: that is an error. What comes from the Sun or a supernova
      has no coherence left to lose.
    """

    neutrinos: Neutrinos
    charged_leptons: ChargedLeptons = eqx.field(default_factory=ChargedLeptons)
    heavy_lepton: HeavyLepton | None = None
    interactions: Interactions | None = None
    light_scalar: ScalarField | None = None
    coherence_loss: CoherenceLoss | None = None

    def __check_init__(self):
        for field in dataclasses.fields(self):
            _checks.check_instance(field.name, getattr(self, field.name), field.type)
        if self.interactions is not None:
            self.interactions.check(self.neutrinos.nature)
        if self.light_scalar is not None:
            couplings = self.light_scalar.neutrino_couplings
            _checks.check_shape("light_scalar", couplings, self.neutrinos.mass_matrix.shape)
            _checks.check_finite("light_scalar", couplings)
            if self.neutrinos.nature.self_conjugate:
                _checks.check_symmetric("light_scalar", couplings)

    @property
    def nsi(self) -> Nsi | None:
        """The interactions that neutrinos feel as they pass through matter; None: the weak ones alone."""
        return None if self.interactions is None else self.interactions.nsi

    def average(self, energy: Real[ArrayLike, "..."]) -> Decohering | None:
        """What the loss of coherence does to oscillations of neutrinos of an energy [MeV]; None: there is none."""
        return None if self.coherence_loss is None else self.coherence_loss.average(energy)

    def mass_matrix_in(self, sphere: Sphere, position: RealLike = HALF_OF_MASS) -> Num[Array, "n n"]:
        """Mass matrix of the neutrinos [eV] in a body, at r/R: that of the vacuum, and what a light scalar adds."""
        matrix = self.neutrinos.mass_matrix
        return matrix if self.light_scalar is None else matrix + self.light_scalar.mass_matrix_in(sphere, position)
