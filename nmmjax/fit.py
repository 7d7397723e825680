"""A fit: a model, experiments and priors, wired together and checked before anything is compiled."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpyro.distributions import Distribution

from nmmjax import _checks
from nmmjax._combination import check_overlaps, collect_nuisances
from nmmjax.experiments import Experiment
from nmmjax.low_energy import OBSERVABLES, LowEnergy
from nmmjax.models import Model
from nmmjax.quantities import Quantity
from nmmjax.space import Space

Parameters = Mapping[str, Float[Array, "..."]]


@dataclasses.dataclass(frozen=True)
class Settings:
    """How a fit is searched and sampled unless its caller says otherwise. Part of a fit: convergence depends on it."""

    starts: int = 16
    """Starting points of the search for the maximum, drawn from the prior."""
    chains: int = 4
    warmup: int = 1000
    samples: int = 1000
    target_accept: float = 0.8
    dense_mass: bool = False
    """Adapt a full inverse mass matrix: for strongly correlated parameters."""
    max_tree_depth: int = 10
    seed: int = 0
    sampled: bool = True
    """Else a fit ends with its maximum and profiles: for likelihoods with cliffs, which NUTS cannot walk."""

    def __post_init__(self):
        for name in ("starts", "chains", "warmup", "samples", "max_tree_depth"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                _checks.fail(name, "be a positive integer", f"it is {value!r}")
        if not isinstance(self.seed, int) or not 0 <= self.seed < 2**31:
            _checks.fail("seed", "be an integer from 0 to 2147483647", f"it is {self.seed!r}")
        _checks.check_range("target_accept", self.target_accept, low=0.0, high=1.0, open_low=True, open_high=True)


@dataclasses.dataclass(frozen=True)
class Published:
    """What others have found, to stand beside what a fit finds in its table and in a figure. It enters no likelihood.

    **Arguments:** who; and for each quantity (sampled or derived) the value with its errors upwards and downwards, in
    the unit of the quantity.
    """

    label: str
    values: tuple[tuple[str, float, float, float], ...]

    def __init__(self, label: str, values: Mapping[str, tuple[float, float, float]]):
        for name, (best, plus, minus) in values.items():
            _checks.check_finite(f"values[{name!r}]", jnp.asarray([best, plus, minus]))
            _checks.check_range(f"values[{name!r}]", jnp.asarray([plus, minus]), low=0.0, open_low=True)
        object.__setattr__(self, "label", label)
        object.__setattr__(self, "values", tuple((name, *map(float, numbers)) for name, numbers in values.items()))


class Point(NamedTuple):
    """What the parameters of a fit imply."""

    model: Model
    theory: LowEnergy
    nuisance: dict[str, Float[Array, "..."]]


class Fit(eqx.Module):
    """Model x experiments x priors.

    **Arguments:**

    - `model`: a model class, or a classmethod that builds one from other coordinates.
    - `experiments`: what it is confronted with.
    - `priors`: a numpyro distribution for every sampled argument of `model`; a nuisance may be given another
      prior, inside the support of its own.
    - `fixed`: numbers and objects (an ordering, a nature) for the other arguments; a nuisance may be fixed too.
    - `settings`: how to search and sample.
    - `contours`: pairs (x, y) of sampled parameters whose profile likelihood is to be drawn.
    - `limits`: sampled parameters whose limits by the profile likelihood are to stand beside those of the posterior.
    - `corner`: the quantities, sampled or derived, that the corner figure shows (default: all sampled ones).
    - `beside`: published values to compare with.

    Arrays in it (data, numbers in priors, fixed numbers) may change without a new compilation.
    """

    model: Callable[..., Model] = eqx.field(static=True)
    experiments: tuple[Experiment, ...]
    priors: dict[str, Distribution]
    fixed: dict[str, Any]
    settings: Settings = eqx.field(static=True)
    contours: tuple[tuple[str, str], ...] = eqx.field(static=True)
    limits: tuple[str, ...] = eqx.field(static=True)
    corner: tuple[str, ...] = eqx.field(static=True)
    beside: Published | None = eqx.field(static=True)

    def __init__(
        self,
        model: Callable[..., Model],
        experiments: tuple[Experiment, ...],
        priors: Mapping[str, Distribution],
        fixed: Mapping[str, Any] | None = None,
        *,
        settings: Settings | None = None,
        contours: tuple[tuple[str, str], ...] = (),
        limits: tuple[str, ...] = (),
        corner: tuple[str, ...] = (),
        beside: Published | None = None,
    ):
        fixed = dict(fixed or {})
        if isinstance(experiments, Experiment) or not experiments:
            but = f"it is {experiments.name}" if isinstance(experiments, Experiment) else f"it is {experiments!r}"
            _checks.fail("experiments", "be a tuple of one or more experiments", but)
        for argument, given in (("limits", limits), ("corner", corner)):
            if isinstance(given, str):
                _checks.fail(argument, "be a tuple of names", f"it is {given!r}")
        if settings is not None:
            _checks.check_instance("settings", settings, Settings)
        experiments = tuple(experiments)
        nuisances = collect_nuisances(experiments)
        check_overlaps(experiments)
        _check_wiring(model, nuisances, priors, fixed)
        free = {name: prior for name, prior in nuisances.items() if name not in fixed}
        self.model = model
        self.experiments = experiments
        self.priors = jax.tree.map(_as_array, free | dict(priors))
        self.fixed = jax.tree.map(_as_array, fixed)
        self.settings = Settings() if settings is None else settings
        self.contours = _checked_contours(contours, self.priors)
        self.limits = tuple(limits)
        for name in self.limits:
            _checks.check_known("limits", name, self.space.labels)
        self.corner = tuple(corner)
        for name in self.corner:
            _checks.check_known("corner", name, self.quantities)
        self.beside = beside
        for name, *_ in () if beside is None else beside.values:
            _checks.check_known("beside", name, self.quantities)
        _check_shapes(self)

    @property
    def space(self) -> Space:
        """The unconstrained space in which all inference works."""
        return Space(self.priors)

    @property
    def model_class(self) -> type[Model]:
        """The class behind `model`."""
        return _model_class(self.model)

    @property
    def quantities(self) -> dict[str, Quantity]:
        """Symbol and unit of every sampled and derived number; nuisances are pure numbers."""
        known = {**self.model_class.parameters, **OBSERVABLES, **self.model_class.derived_quantities}
        sampled = {name: known.get(name, Quantity(_tex(name))) for name in self.priors}
        return sampled | {name: known[name] for name in known if name not in sampled}

    @property
    def held(self) -> dict[str, Any]:
        """Everything the model takes that is not sampled: what is fixed here, and the defaults of its constructor."""
        arguments = inspect.signature(self.model).parameters
        defaults = {n: a.default for n, a in arguments.items() if a.default not in (inspect.Parameter.empty, None)}
        return {n: v for n, v in (defaults | self.fixed).items() if n not in self.priors}

    def point(self, parameters: Parameters) -> Point:
        """The model, its low-energy theory and the nuisances at given values of the sampled parameters."""
        values = self.fixed | dict(parameters)
        arguments = inspect.signature(self.model).parameters
        model = self.model(**{name: value for name, value in values.items() if name in arguments})
        nuisance = {name: value for name, value in values.items() if name not in arguments}
        return Point(model, model.low_energy(), nuisance)

    def log_likelihoods(self, parameters: Parameters) -> dict[str, Float[Array, ""]]:
        """ln L of each experiment, and of what only the couplings know."""
        model, theory, nuisance = self.point(parameters)
        terms = {e.name: e.log_likelihood(theory, nuisance) for e in self.experiments}
        return terms | {"model": model.log_prior()}

    def log_likelihood(self, parameters: Parameters) -> Float[Array, ""]:
        """ln L of all experiments, with the prior of the model on its own couplings."""
        return sum(self.log_likelihoods(parameters).values(), jnp.zeros(()))

    def derived(self, parameters: Parameters) -> dict[str, Float[Array, ""]]:
        """What the model and its neutrinos imply, but for what is sampled."""
        model, theory, _ = self.point(parameters)
        derived = theory.neutrinos.observables() | model.derived()
        return {name: value for name, value in derived.items() if name not in self.priors}


def _as_array(leaf: Any) -> Array:
    if isinstance(leaf, str):
        _checks.fail("fixed", "hold numbers and objects", f"it holds {leaf!r}")
    return jnp.asarray(leaf, jnp.result_type(float)) if isinstance(leaf, float | int) else jnp.asarray(leaf)


def _model_class(model: Callable[..., Model]) -> type[Model]:
    owner = model if isinstance(model, type) else getattr(model, "__self__", None)
    if not (isinstance(owner, type) and issubclass(owner, Model)):
        _checks.fail("model", "be a subclass of Model or a classmethod of one", f"it is {model!r}")
    return owner


def _tex(name: str) -> str:
    return r"{\rm " + name.replace("_", r"\ ") + "}"


def _check_wiring(
    model: Callable[..., Model],
    nuisances: Mapping[str, Distribution],
    priors: Mapping[str, Distribution],
    fixed: Mapping[str, Any],
) -> None:
    """Every name is known, given once, and every prior is a distribution inside its domain."""
    owner = _model_class(model)
    arguments = inspect.signature(model).parameters
    for argument, names in (("priors", priors), ("fixed", fixed)):
        for name in names:
            _checks.check_known(argument, name, (*arguments, *nuisances))
    if twice := set(priors) & set(fixed):
        _checks.fail("fixed", "name no parameter that has a prior", f"it names {sorted(twice)}")
    needed = {name for name, a in arguments.items() if a.default is inspect.Parameter.empty}
    if not {**nuisances, **priors}.keys() - fixed.keys():
        _checks.fail("priors", "leave something to sample", "everything is fixed")
    if missing := needed - set(priors) - set(fixed):
        _checks.fail(
            "priors", f"name every parameter of {owner.__name__} that is not fixed", f"{sorted(missing)} lack one"
        )
    for name, prior in priors.items():
        if not isinstance(prior, Distribution):
            _checks.fail(f"priors[{name!r}]", "be a numpyro distribution", f"it is {prior!r}")
        if prior.is_discrete:
            _checks.fail(f"priors[{name!r}]", "be continuous", f"{type(prior).__name__} is discrete")
        if name in owner.parameters:
            if (shape := prior.batch_shape + prior.event_shape) != ():
                _checks.fail(f"priors[{name!r}]", "be that of one number", f"its shape is {shape}")
            _check_support(name, prior, owner.parameters[name])
    for name in nuisances.keys() & {*priors, *fixed}:
        domain = _domain(nuisances[name])
        if name in priors:
            _check_support(name, priors[name], domain)
        if name in fixed:
            _checks.check_range(f"fixed[{name!r}]", fixed[name], low=domain.low, high=domain.high)


def _domain(prior: Distribution) -> Quantity:
    """Where the experiment that brings this nuisance knows what it does."""
    low, high = Space.support_bounds(prior)
    return Quantity("", low=low, high=high)


def _check_support(name: str, prior: Distribution, quantity: Quantity) -> None:
    """The support of a prior lies inside the domain of its parameter."""
    low, high = Space.support_bounds(prior)
    if not low < high:
        _checks.fail(f"priors[{name!r}]", "rise from a lower to a higher number", f"its ends are {low:g} and {high:g}")
    slack = 1e-9 * max(abs(quantity.low), abs(quantity.high)) if np.isfinite(quantity.low + quantity.high) else 0.0
    if low < quantity.low - slack or high > quantity.high + slack:
        domain = f"[{quantity.low:g}, {quantity.high:g}]{quantity.unit and ' ' + quantity.unit}"
        _checks.fail(f"priors[{name!r}]", f"have its support inside {domain}", f"that is [{low:g}, {high:g}]")


def _checked_contours(
    contours: tuple[tuple[str, str], ...], priors: Mapping[str, Distribution]
) -> tuple[tuple[str, str], ...]:
    """Pairs of two different sampled parameters."""
    for pair in contours:
        if isinstance(pair, str) or len(pair) != 2 or pair[0] == pair[1]:
            _checks.fail("contours", "be a tuple of pairs of two different parameters", f"one of them is {pair!r}")
        for name in pair:
            _checks.check_known("contours", name, priors)
    return tuple((x, y) for x, y in contours)


def _check_shapes(fit: Fit) -> None:
    """Abstract evaluation: shapes fit together, and each likelihood is one number."""
    values = jax.eval_shape(lambda: {n: p.sample(jax.random.PRNGKey(0)) for n, p in fit.priors.items()})
    for name, result in jax.eval_shape(fit.log_likelihoods, values).items():
        if result.shape != ():
            _checks.fail("experiments", "return one number as log-likelihood", f"{name} returns shape {result.shape}")
