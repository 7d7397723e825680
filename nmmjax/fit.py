"""A fit: a model, experiments and priors, wired together and checked before anything is compiled."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float
from numpyro.distributions import Distribution

from nmmjax import _checks, _wiring
from nmmjax._combination import check_overlaps, check_predictions, check_private, collect_nuisances, of_ones_own
from nmmjax._specialization import Specialized, specialize
from nmmjax.experiments import Experiment
from nmmjax.low_energy import OBSERVABLES, LowEnergy, Nature, Neutrinos
from nmmjax.models import Model, arguments
from nmmjax.prior_set import PriorSet
from nmmjax.quantities import Quantity
from nmmjax.space import Space

Parameters = Mapping[str, Float[Array, "..."]]


class Point(NamedTuple):
    """What the parameters of a fit imply."""

    model: Model
    theory: LowEnergy
    nuisance: dict[str, Float[Array, "..."]]


class Terms(NamedTuple):
    """What ln p consists of at a point z of the unconstrained space."""

    log_likelihoods: dict[str, Float[Array, ""]]
    """ln L of each experiment, and of what only the couplings know."""
    log_prior: Float[Array, ""]
    """ln of the prior density of y, the coordinates in which each prior is flat or normal."""
    log_jacobian: Float[Array, ""]
    """ln |dy / dz|."""

    def log_density(self, *, jacobian: Bool[Array, ""] | bool = True) -> Float[Array, ""]:
        """ln p of z, or without the Jacobian that of y; -inf where it is undefined."""
        density = self.total(jacobian=jacobian)
        return jnp.where(jnp.isnan(density), -jnp.inf, density)

    def total(self, *, jacobian: Bool[Array, ""] | bool = True) -> Float[Array, ""]:
        """The same; NaN where it is undefined."""
        density = sum(self.log_likelihoods.values(), jnp.zeros(())) + self.log_prior
        return jnp.where(jacobian, density + self.log_jacobian, density)


class Prepared(eqx.Module):
    """The posterior density of a fit, with all that depends on no sampled parameter computed.

    It is quicker to compile and to run than that of the fit, and its value is the same. Inside jit it is an argument,
    as a fit is.
    """

    terms: Specialized
    """z -> `Terms`."""

    def log_density(self, z: Float[Array, " d"], *, jacobian: Bool[Array, ""] | bool = True) -> Float[Array, ""]:
        """As `Fit.log_density`."""
        return self.terms(z).log_density(jacobian=jacobian)


class Fit(eqx.Module):
    """A statistical question: model x experiments x priors. How to answer it belongs to `nmmjax.analysis.Analysis`.

    **Arguments:**

    - `model`: a model class, a classmethod that builds one from other coordinates, or a plain function of named
      couplings that returns `Neutrinos`, a `LowEnergy`, or a mass matrix [eV].
    - `experiments`: what it is confronted with.
    - `priors`: a numpyro distribution for every sampled argument of `model`; a nuisance may be given another
      prior, inside the support of its own.
    - `fixed`: numbers and objects (an ordering, a nature) for the other arguments; a nuisance may be fixed too.
    - `nature`: of the neutrinos of a function that returns a mass matrix; their moments are those of the W loop.

    Arrays in it (data, numbers in priors, fixed numbers) may change without a new compilation, and its leaves have one
    order in every process. A density over its unconstrained `space` is `log_density`.
    """

    model: Callable[..., Model] = eqx.field(static=True)
    experiments: tuple[Experiment, ...]
    priors: PriorSet
    fixed: dict[str, Any]

    def __init__(
        self,
        model: Callable[..., Model | LowEnergy | Neutrinos | Array],
        experiments: tuple[Experiment, ...],
        priors: Mapping[str, Distribution],
        fixed: Mapping[str, Any] | None = None,
        *,
        nature: Nature | None = None,
        **elsewhere: Any,
    ):
        _refuse(elsewhere)
        _checks.check_precision("model")
        fixed = dict(fixed or {})
        if isinstance(experiments, Experiment) or not experiments:
            but = f"it is {experiments.name}" if isinstance(experiments, Experiment) else f"it is {experiments!r}"
            _checks.fail("experiments", "be a tuple of one or more experiments", but)
        experiments = tuple(experiments)
        nuisances = collect_nuisances(experiments)
        check_overlaps(experiments)
        model = _wiring.constructor_of(model, nature)
        check_private(nuisances, arguments(model))
        _wiring.check(model, nuisances, priors, fixed)
        free = {name: prior for name, prior in nuisances.items() if name not in fixed}
        self.model = model
        self.experiments = experiments
        self.priors = PriorSet(free | dict(priors))
        self.fixed = jax.tree.map(_as_array, fixed)
        _check_shapes(self)

    @property
    def space(self) -> Space:
        """The unconstrained space in which all inference works."""
        return Space(self.priors)

    @property
    def model_class(self) -> type[Model]:
        """The class behind `model`."""
        return _wiring.model_class(self.model)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Symbol and unit of every sampled and derived number; nuisances are pure numbers."""
        own = {name: a.quantity for name, a in arguments(self.model).items() if a.quantity is not None}
        known = {**self.model_class.parameters, **own, **OBSERVABLES, **self.model_class.derived_quantities}
        sampled = {name: known.get(name, Quantity(_tex(name))) for name in self.priors}
        for name in self.space.complex_names:
            sampled |= dataclasses.replace(sampled.pop(name), is_complex=True).real_parts(name)
        return sampled | {name: known[name] for name in known if name not in sampled}

    @property
    def auxiliary(self) -> Bool[np.ndarray, " d"]:
        """The components of z behind which an auxiliary measurement stands: nuisances with normal priors."""
        own = arguments(self.model)
        of_nuisances = [np.full(self.space.width(name), name not in own) for name in self.space.names]
        return np.concatenate([np.zeros(0, bool), *of_nuisances]) & self.space.normal

    @property
    def held(self) -> dict[str, Any]:
        """Everything the model takes that is not sampled: what is fixed here, and the defaults of its constructor."""
        taken = arguments(self.model)
        defaults = {name: a.default for name, a in taken.items() if isinstance(a.default, float | int | complex)}
        return {n: v for n, v in (defaults | self.fixed).items() if n not in self.priors}

    def point(self, parameters: Parameters) -> Point:
        """The model, its low-energy theory and the nuisances at given values of the sampled parameters."""
        values = self.fixed | dict(parameters)
        taken = arguments(self.model)
        model = self.model(**{name: value for name, value in values.items() if name in taken})
        nuisance = {name: value for name, value in values.items() if name not in taken}
        return Point(model, _wiring.theory_of(model), nuisance)

    def log_likelihoods(self, parameters: Parameters) -> dict[str, Float[Array, ""]]:
        """ln L of each experiment, and of what only the couplings know."""
        model, theory, nuisance = self.point(parameters)
        terms = {e.name: e.log_likelihood(theory, nuisance) for e in self.experiments}
        return terms | {"model": model.log_prior()}

    def log_likelihood(self, parameters: Parameters) -> Float[Array, ""]:
        """ln L of all experiments, with the prior of the model on its own couplings."""
        return sum(self.log_likelihoods(parameters).values(), jnp.zeros(()))

    def log_density(self, z: Float[Array, " d"], *, jacobian: bool = True) -> Float[Array, ""]:
        """ln of the posterior density of a point z of the unconstrained `space`: what is sampled.

        ln L + ln prior(y) + ln |dy / dz| with y the coordinates in which each prior is flat or normal; -inf where it is
        undefined. With `jacobian=False` it is the density of y, whose maximum is that of the likelihood where priors
        are flat: what is maximized.
        """
        return self.terms(z).log_density(jacobian=jacobian)

    def terms(self, z: Float[Array, " d"]) -> Terms:
        """What the posterior density consists of at a point z of the unconstrained `space`."""
        located = self.space.locate(z)
        return Terms(self.log_likelihoods(located.parameters), located.log_prior, located.log_jacobian)

    def prepare(self) -> Prepared:
        """The same density, with all that depends on no sampled parameter computed: what inference works with.

        The first time for fits of one structure it traces the fit and compiles what is computed; after that it takes
        less than a millisecond.
        """
        z = jax.ShapeDtypeStruct((self.space.size,), jnp.result_type(float))
        return Prepared(specialize(Fit.terms, self, z))

    def derived(self, parameters: Parameters) -> dict[str, Float[Array, ""]]:
        """What the model and its neutrinos imply, but for what is sampled."""
        model, theory, _ = self.point(parameters)
        derived = theory.neutrinos.observables() | model.derived()
        return {name: value for name, value in derived.items() if name not in self.priors}


_OF_AN_ANALYSIS = ("settings", "limits", "contours", "exclusions", "corner", "derived", "published", "beside", "level")


def _refuse(elsewhere: Mapping[str, Any]) -> None:
    """What is not part of the question."""
    for name in elsewhere:
        if name in _OF_AN_ANALYSIS:
            instead = "published" if name == "beside" else name
            where = f"`nmmjax.analysis.Analysis(Fit(...), {instead}=...)`"
            _checks.fail(name, f"be given to {where}", "a Fit was given it")
        raise TypeError(f"Fit() got an unexpected keyword argument {name!r}")


def _as_array(leaf: Any) -> Array:
    if isinstance(leaf, str):
        _checks.fail("fixed", "hold numbers and objects", f"it holds {leaf!r}")
    return jnp.asarray(leaf, jnp.result_type(float)) if isinstance(leaf, float | int) else jnp.asarray(leaf)


def _tex(name: str) -> str:
    return r"{\rm " + name.replace("_", r"\ ") + "}"


def abstract(fit: Fit, function: Callable[[Parameters], Any]) -> Any:
    """Shapes of what a function makes of the sampled parameters of a fit; nothing is computed.

    **Raises:** `ValueError` that names the line which JAX cannot trace.
    """
    values = jax.eval_shape(lambda: {n: p.sample(jax.random.PRNGKey(0)) for n, p in fit.priors.items()})
    with _wiring.explained():
        return jax.eval_shape(function, values)


def _check_shapes(fit: Fit) -> None:
    """Shapes fit together, and each likelihood is one number."""
    if own := of_ones_own(fit.experiments):
        _, theory, nuisance = abstract(fit, fit.point)
        with _wiring.explained():
            check_predictions(own, theory, nuisance)
    for name, result in abstract(fit, fit.log_likelihoods).items():
        where = f"{fit.model_class.__name__}.log_prior" if name == "model" else name
        argument = "model" if name == "model" else "experiments"
        _wiring.check_number(argument, f"return one real number as {_LOGARITHM[argument]}", where, result)


_LOGARITHM = {"model": "ln of a prior", "experiments": "log-likelihood"}
