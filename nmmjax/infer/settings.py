"""How a fit is searched and sampled."""

import dataclasses
import enum

from nmmjax import _checks
from nmmjax._public import check_fields


class Sampler(enum.Enum):
    """What draws from the posterior."""

    NUTS = "nuts"
    """Markov chains by the No-U-Turn sampler: quickest, and lost between modes that lie apart."""
    SMC = "smc"
    """Sequential Monte Carlo from the prior: weighs modes, and integrates the posterior."""


@dataclasses.dataclass(frozen=True)
class Settings:
    """How a fit is searched and sampled. Changing any of them compiles no likelihood anew, but for the sampler's own.

    **Arguments:**

    - `starts`: starting points of the search for the maximum, drawn from the prior.
    - `chains`, `warmup`, `samples`: Markov chains, and iterations of each: those in which step size and mass matrix
      adapt, which are not kept, and those that are. Of sequential Monte Carlo, independent runs and their particles.
    - `target_accept`: mean acceptance probability to which the step size adapts, in (0, 1).
    - `dense_mass`: adapt a full inverse mass matrix, for strongly correlated parameters.
    - `max_tree_depth`: trajectories of NUTS have at most 2 to this power steps.
    - `seed`: from 0 to 2^31 - 1; of starts and draws.
    - `sampled`: False ends an analysis with maximum and profiles: for likelihoods with cliffs, which NUTS cannot walk.
    - `sampler`: one of `Sampler`.

    **Raises:** `ValueError` that names the setting that makes no sense.
    """

    starts: int = 16
    chains: int = 4
    warmup: int = 1000
    samples: int = 1000
    target_accept: float = 0.8
    dense_mass: bool = False
    max_tree_depth: int = 10
    seed: int = 0
    sampled: bool = True
    sampler: Sampler = Sampler.NUTS

    def __post_init__(self):
        check_fields(self)
        for name in ("starts", "chains", "warmup", "samples", "max_tree_depth"):
            value = getattr(self, name)
            if not 1 <= value < 2**31:
                _checks.fail(name, "be a positive integer below 2^31", f"it is {_checks.shown(value)}")
        _checks.check_integer("seed", self.seed, low=0)
        _checks.check_range("target_accept", self.target_accept, low=0.0, high=1.0, open_low=True, open_high=True)
