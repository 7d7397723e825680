"""Models: couplings in, low-energy theory out. One file each."""

from nmmjax.models._base import Model
from nmmjax.models._function import from_function
from nmmjax.models.charge_radii import ChargeRadii
from nmmjax.models.decoherence import Decoherence
from nmmjax.models.democratic import Democratic
from nmmjax.models.dipole_portal import DipolePortal
from nmmjax.models.eta_singlet import EtaSinglet
from nmmjax.models.grimus_lavoura import GrimusLavoura
from nmmjax.models.grimus_lavoura_couplings import GrimusLavouraCouplings
from nmmjax.models.inverse_seesaw import InverseSeesaw
from nmmjax.models.left_right import LeftRight
from nmmjax.models.light_scalar import LightScalar
from nmmjax.models.linear_seesaw import LinearSeesaw
from nmmjax.models.millicharges import Millicharges
from nmmjax.models.non_standard_interactions import NonStandardInteractions
from nmmjax.models.r_parity_violation import RParityViolation
from nmmjax.models.scotogenic import Scotogenic
from nmmjax.models.seesaw_one import SeesawTypeOne
from nmmjax.models.seesaw_three import SeesawTypeThree
from nmmjax.models.seesaw_two import SeesawTypeTwo
from nmmjax.models.sterile_neutrino import SterileNeutrino
from nmmjax.models.su2_horizontal import SU2Horizontal
from nmmjax.models.su3_horizontal import SU3Horizontal
from nmmjax.models.tensor_interactions import TensorInteractions
from nmmjax.models.three_flavor import ThreeFlavor
from nmmjax.models.transition_moments import TransitionMoments
from nmmjax.models.universal_moment import UniversalMoment
from nmmjax.models.zee import Zee
from nmmjax.models.zee_babu import ZeeBabu
from nmmjax.parameters import Argument, ComplexScalar, Scalar, arguments, component, constructor, parameter

__all__ = [
    "Argument",
    "ChargeRadii",
    "ComplexScalar",
    "Decoherence",
    "Democratic",
    "DipolePortal",
    "EtaSinglet",
    "GrimusLavoura",
    "GrimusLavouraCouplings",
    "InverseSeesaw",
    "LeftRight",
    "LightScalar",
    "LinearSeesaw",
    "Millicharges",
    "Model",
    "NonStandardInteractions",
    "RParityViolation",
    "SU2Horizontal",
    "SU3Horizontal",
    "Scalar",
    "Scotogenic",
    "SeesawTypeOne",
    "SeesawTypeThree",
    "SeesawTypeTwo",
    "SterileNeutrino",
    "TensorInteractions",
    "ThreeFlavor",
    "TransitionMoments",
    "UniversalMoment",
    "Zee",
    "ZeeBabu",
    "arguments",
    "component",
    "constructor",
    "from_function",
    "parameter",
]
