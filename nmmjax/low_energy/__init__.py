"""The waist: what a model hands to experiments, in the flavor basis and nothing else.

What experiments see of a model is a field of `LowEnergy`, one file each: neutrinos and their nature, charged leptons,
heavy leptons. A further kind of it is one file beside these and one optional field. An observable that a single
experiment (or kind of experiment) asks for is no field: it stands with the experiment, or in `scattering`, `decays` or
`moments` as a function of arrays.
"""

import dataclasses

import equinox as eqx

from nmmjax import _checks
from nmmjax.low_energy.charged_leptons import ChargedLeptons
from nmmjax.low_energy.heavy_leptons import HeavyLepton
from nmmjax.low_energy.nature import Dirac, Majorana, Nature
from nmmjax.low_energy.neutrinos import OBSERVABLES, Neutrinos, States

__all__ = [
    "OBSERVABLES",
    "ChargedLeptons",
    "Dirac",
    "HeavyLepton",
    "LowEnergy",
    "Majorana",
    "Nature",
    "Neutrinos",
    "States",
]


class LowEnergy(eqx.Module):
    """Everything an experiment may know of a model; a field that is left out is what the Standard Model has.

    **Fields:**

    - `neutrinos`: masses, mixing and electromagnetic properties.
    - `charged_leptons`: e, mu and tau beyond the Standard Model; nothing unless given.
    - `heavy_lepton`: a neutral lepton of the dipole portal; None: there is none.
    """

    neutrinos: Neutrinos
    charged_leptons: ChargedLeptons = eqx.field(default_factory=ChargedLeptons)
    heavy_lepton: HeavyLepton | None = None

    def __check_init__(self):
        for field in dataclasses.fields(self):
            _checks.check_instance(field.name, getattr(self, field.name), field.type)
