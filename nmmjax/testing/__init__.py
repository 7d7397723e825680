"""The contract that models, experiments and analyses of this package keep, to hold your own to it.

    from nmmjax import testing
    from reno import Reno2018

    def test_contract():
        testing.check_experiment(Reno2018.load())

Each check raises `AssertionError` that says what is wrong; none needs pytest. What they cannot know is whether the
physics is right: add the number that your paper prints.
"""

from typing import TYPE_CHECKING

from nmmjax._lazy import parts

if TYPE_CHECKING:
    from nmmjax.testing.analyses import check_analysis
    from nmmjax.testing.derivatives import check_derivatives
    from nmmjax.testing.experiments import check_experiment, everything
    from nmmjax.testing.models import check_model
else:
    __getattr__, __dir__ = parts(__name__, __file__)

__all__ = ["check_analysis", "check_derivatives", "check_experiment", "check_model", "everything"]
