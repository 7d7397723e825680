"""Results published as values of oscillation parameters: the likelihood of each, or of correlated pairs."""

import abc
from typing import Any, Self

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray
from numpyro.distributions import Distribution

from nmmjax._compilation import quick
from nmmjax.experiments.base import Experiment, Nuisance, Pull, prediction
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source


class Term(eqx.Module):
    """The likelihood of one published quantity, or of a correlated pair; zero at its best value."""

    best: eqx.AbstractVar[Float[Array, " k"]]

    @abc.abstractmethod
    def log_likelihood(self, value: Float[Array, " k"]) -> Float[Array, ""]:
        """ln L = -Delta chi^2 / 2 of the quantity (k,), zero at the best value."""

    @abc.abstractmethod
    def simulate(self, key: PRNGKeyArray, value: Float[Array, " k"]) -> Self:
        """A likelihood of this shape around a best value that is drawn for a true `value` (k,)."""

    def centered(self, value: Float[Array, " k"]) -> Self:
        """A likelihood of this shape whose best value is that of a quantity (k,), or the physical one nearest to it."""
        return eqx.tree_at(lambda term: term.best, self, value)

    def deviation(self, value: Float[Array, " k"]) -> Float[Array, " k"]:
        """Signed distance (k,) of a value from the best one."""
        return value - self.best


class MeasuredQuantities(Experiment):
    """A result published as values of oscillation parameters, each or in pairs with its likelihood."""

    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    """The likelihoods, in the order in which they take the predicted quantities."""
    sources: tuple[Source, ...] = eqx.field(static=True)

    @abc.abstractmethod
    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of each predicted quantity, in the order of `predict`."""

    @property
    def offset(self) -> Float[Array, ""] | float:
        """Delta chi^2 of the best point over that of the best hypothesis of the same analysis (the other ordering)."""
        return 0.0

    def nuisances(self) -> dict[str, Distribution]:
        """No nuisances: the authors have marginalized the result."""
        return {}

    @property
    def observed(self) -> Float[Array, " data"]:
        """Published best values (data,) of the quantities."""
        return jnp.concatenate([term.best for term in self.terms])

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the quantities, in the order of `observed`."""
        return tuple(name for name, _ in self.quantities())

    def _split(self, values: Any) -> list[Any]:
        """The values of each term."""
        sizes = [term.best.shape[0] for term in self.terms]
        ends = [sum(sizes[: i + 1]) for i in range(len(sizes))]
        return [values[end - size : end] for size, end in zip(sizes, ends, strict=True)]

    @property
    def factors(self) -> tuple[str, ...]:
        """Names of the quantities of each term."""
        return tuple(" x ".join(names) for names in self._split(self.labels))

    def log_likelihoods(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " terms"]:
        """ln L of each term (terms,), less an equal share of half the `offset`."""
        values = self._split(self.predict(theory, nuisance))
        found = jnp.stack([term.log_likelihood(v) for term, v in zip(self.terms, values, strict=True)])
        return found - 0.5 * self.offset / len(self.terms)

    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """ln L, the sum over the terms less half the `offset`."""
        return jnp.sum(self.log_likelihoods(theory, nuisance))

    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure, every term moved to a best value drawn around the prediction."""
        values = self._split(self.predict(theory, nuisance))
        keys = jax.random.split(key, len(self.terms))
        moved = (term.simulate(k, v) for term, k, v in zip(self.terms, keys, values, strict=True))
        return eqx.tree_at(lambda experiment: experiment.terms, self, tuple(moved))

    def asimov(self, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure, the best value of every term that which is predicted."""
        values = self._split(self.predict(theory, nuisance))
        moved = (term.centered(value) for term, value in zip(self.terms, values, strict=True))
        return eqx.tree_at(lambda experiment: experiment.terms, self, tuple(moved))

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls, one for each term."""
        values = self._split(prediction(self, theory, nuisance))
        names = iter(self.quantities())
        lines = []
        for term, value, distance in zip(self.terms, values, _distances(self.terms, values), strict=True):
            label, unit = zip(*(next(names) for _ in range(value.shape[0])), strict=True)
            lines.append(
                Pull(
                    " x ".join(label),
                    " x ".join(u or "1" for u in unit) if any(unit) else "",
                    tuple(value.tolist()),
                    tuple(term.best.tolist()),
                    float(distance),
                )
            )
        return tuple(lines)


@quick()
def _distances(terms: tuple[Term, ...], values: list[Float[Array, " k"]]) -> list[Float[Array, ""]]:
    """Root of chi^2 of each term, with the sign of predicted - observed."""
    pairs = list(zip(terms, values, strict=True))
    roots = (jnp.sqrt(jnp.maximum(-2.0 * term.log_likelihood(value), 0.0)) for term, value in pairs)
    return [jnp.sign(term.deviation(value)[0]) * root for (term, value), root in zip(pairs, roots, strict=True)]
