"""Recoils counted in bins of reconstructed energy."""

import dataclasses
import itertools
from typing import ClassVar, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax.experiments import _poisson
from nmmjax.experiments._base import Experiment, Nuisance, Pull, Spectrum
from nmmjax.low_energy import LowEnergy


class RecoilSpectrum(Experiment):
    """Abstract: events in one row of bins, Poisson: -2 ln L = 2 sum_b [t_b - n_b + n_b ln(n_b / t_b)]."""

    counts: eqx.AbstractVar[Float[Array, " data"]]
    """Events, background included."""
    edges: eqx.AbstractVar[Float[Array, " data+1"]]
    """Reconstructed energies [keV]."""
    panel: ClassVar[str]
    """What its figure is called."""
    ranges: ClassVar[tuple[tuple[float, float], ...]]
    """Reconstructed energies [keV] that make a line of the table of pulls."""

    def __check_init__(self):
        if jnp.shape(self.counts) != (bins := (len(self.edges) - 1,)):
            _checks.fail("counts", f"have shape {bins}", f"its shape is {jnp.shape(self.counts)}")
        _checks.check_range("counts", self.counts, low=0.0)

    def with_counts(self, counts: Float[Array, " data"]) -> Self:
        """The same experiment with other events.

        **Raises:** `ValueError` where they are not finite, negative or not as many as the bins.
        """
        _checks.check_real("counts", counts)
        return dataclasses.replace(self, counts=jnp.asarray(counts, self.counts.dtype))

    @property
    def observed(self) -> Float[Array, " data"]:
        """Events, background included."""
        return self.counts

    @property
    def labels(self) -> tuple[str, ...]:
        """Reconstructed energies of each bin."""
        return tuple(f"{low:.4g}-{high:.4g} keV" for low, high in itertools.pairwise(self.edges.tolist()))

    def errors(self) -> Float[Array, " data"]:
        """Statistical; one where there is no event."""
        return jnp.sqrt(jnp.maximum(self.counts, 1.0))

    def spectrum(self) -> Spectrum:
        """One panel."""
        return Spectrum((self.panel,), (self.edges,), "reconstructed energy", "keV")

    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """-sum_b [t_b - n_b + n_b ln(n_b / t_b)]."""
        return -jnp.sum(_poisson.half_deviance(self.counts, self.predict(theory, nuisance)))

    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """Events drawn around the prediction."""
        return self.with_counts(jax.random.poisson(key, self.predict(theory, nuisance)))

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Events in ranges of energy."""
        predicted, observed = np.asarray(self.predict(theory, nuisance)), np.asarray(self.counts)
        middle = 0.5 * (np.asarray(self.edges)[1:] + np.asarray(self.edges)[:-1])
        lines = []
        for low, high in self.ranges:
            chosen = (middle > low) & (middle < high)
            t, n = float(predicted[chosen].sum()), float(observed[chosen].sum())
            label = f"{self.panel} events, {low:g}-{high:g} keV"
            lines.append(Pull(label, "", (t,), (n,), _poisson.pull(n, t)))
        return tuple(lines)
