"""The waist: what a model hands to experiments, in the flavor basis and nothing else.

What experiments see of a model is a field of `LowEnergy`, one file each: neutrinos and their nature, charged leptons,
heavy leptons. A further kind of it is one file beside these and one optional field. An observable that a single
experiment (or kind of experiment) asks for is no field: it stands with the experiment, or in `scattering`, `decays` or
`moments` as a function of arrays.
"""

import equinox as eqx

from nmmjax.low_energy.charged_leptons import ChargedLeptons
from nmmjax.low_energy.heavy_leptons import HeavyLepton
from nmmjax.low_energy.nature import Dirac, Majorana, Nature, States
from nmmjax.low_energy.neutrinos import OBSERVABLES, Neutrinos

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
    """Everything an experiment may know of a model."""

    neutrinos: Neutrinos
    charged_leptons: ChargedLeptons
    heavy_lepton: HeavyLepton | None

    def __init__(
        self,
        neutrinos: Neutrinos,
        charged_leptons: ChargedLeptons | None = None,
        heavy_lepton: HeavyLepton | None = None,
    ):
        self.neutrinos = neutrinos
        self.charged_leptons = ChargedLeptons() if charged_leptons is None else charged_leptons
        self.heavy_lepton = heavy_lepton
