"""Models: couplings in, low-energy theory out. One file each."""

from nmmjax.models._base import Model
from nmmjax.models.democratic import Democratic
from nmmjax.models.grimus_lavoura import GrimusLavoura
from nmmjax.models.three_flavor import ThreeFlavor
from nmmjax.models.zee_babu import ZeeBabu

__all__ = ["Democratic", "GrimusLavoura", "Model", "ThreeFlavor", "ZeeBabu"]
