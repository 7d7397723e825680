"""Events in bins, whatever their likelihood: their number is checked, and others may take their place."""

import abc
import dataclasses
from typing import Self

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._public import check_fields
from nmmjax.experiments.base import Experiment, Nuisance, prediction
from nmmjax.low_energy import LowEnergy

_FEW, _SPARSE = 5.0, 0.2
"""Events of a bin that chi^2 asks for, and the share of bins that may have fewer [W. G. Cochran (1954)]."""


class BinnedCounts(Experiment):
    """Abstract: events in bins, finite and not negative, as many numbers as there are bins."""

    counts: eqx.AbstractVar[Float[Array, " data"]]
    """Events of each bin, background included."""

    @property
    @abc.abstractmethod
    def bins(self) -> int:
        """Number of bins, all panels together."""

    def __check_init__(self):
        shape = _checks.as_array("counts", self.counts).shape
        try:
            wanted = (self.bins,)
        except Exception:  # anything, where a field makes no sense
            check_fields(self)  # names it
            raise
        if shape != wanted:
            _checks.fail("counts", f"have shape {wanted}", f"its shape is {shape}")
        check_fields(self)
        _checks.check_range("counts", self.counts, low=0.0)

    def with_counts(self, counts: Float[Array, " data"]) -> Self:
        """The experiment with other events (data,) in the place of its own.

        **Raises:** `ValueError` for events that are not finite, negative or not as many as the bins.
        """
        _checks.check_real("counts", counts)
        return dataclasses.replace(self, counts=jnp.asarray(counts, self.counts.dtype))

    def asimov(self, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure with the events that are expected, fractions of events included."""
        return self.with_counts(jnp.maximum(self.predict(theory, nuisance), 0.0))

    @property
    def observed(self) -> Float[Array, " data"]:
        """Events (data,) of each bin, background included."""
        return self.counts

    def not_chi2(self, theory: LowEnergy, nuisance: Nuisance) -> str | None:
        """Sparse bins: where more than a fifth of them expect fewer than five events, deviances do not follow chi^2."""
        share = float(jnp.mean(prediction(self, theory, nuisance) < _FEW))
        return f"{100.0 * share:.0f} % of the bins expect fewer than {_FEW:g} events" if share > _SPARSE else None
