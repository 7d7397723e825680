"""What every experiment keeps, whatever it measures."""

import copy
import math
import pickle
import re
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpyro.distributions import Distribution

from nmmjax.experiments import Experiment
from nmmjax.experiments.base import Nuisance, Pull
from nmmjax.low_energy import ChargedLeptons, LowEnergy, Neutrinos
from nmmjax.models import ThreeFlavor
from nmmjax.testing._claims import different, finite, require

_NAME, _TAG = re.compile(r"[a-z0-9_.]+"), re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*")
_SHIFT = 0.1
"""Of a nuisance from its middle, in standard deviations: where slopes do not vanish."""


def check_experiment(experiment: Experiment, theory: LowEnergy | None = None, nuisance: Nuisance | None = None) -> None:
    """Hold an experiment to the contract: its names, shapes, copies, simulated data, slopes and pulls.

    **Arguments:** the experiment with its data; a theory that it can see, if not `everything()`; its nuisances, if not
    near their middle.

    **Raises:** `AssertionError` that says what does not hold.
    """
    theory = everything() if theory is None else theory
    nuisance = near_the_middle(experiment) if nuisance is None else nuisance
    nuisance = {name: jnp.asarray(value, float) for name, value in nuisance.items()}
    check_names(experiment)
    check_shapes(experiment, theory, nuisance)
    check_copies(experiment)
    check_simulation(experiment, theory, nuisance)
    check_slopes(experiment, theory, nuisance)


def everything() -> LowEnergy:
    """The benchmark of three flavors with something of all that experiments see of light neutrinos and leptons."""
    benchmark = ThreeFlavor.benchmark().low_energy().neutrinos
    moments = 1e-12 * jnp.array([[0.0, 1.0, 2j], [-1.0, 0.0, 3.0], [-2j, -3.0, 0.0]])
    radius = 1e-33 * jnp.array([[1.0, 1j, 0.0], [-1j, 2.0, 0.0], [0.0, 0.0, -1.0]])
    ones = jnp.ones((3, 3))
    dipole, bilepton = 1e-11 * ones + 0j, 1e-3 * ones + 0j
    leptons = ChargedLeptons(
        dipole_left=dipole, anomalous_moments=1e-9 * ones[0], bilepton=bilepton, fermi_shift=1e-4 * ones,
        higgs=1e-4 * ones,
    )  # fmt: skip
    neutrinos = Neutrinos(benchmark.mass_matrix, moments, benchmark.nature, charge_radius=radius)
    return LowEnergy(neutrinos, leptons)


def near_the_middle(experiment: Experiment) -> dict[str, Array]:
    """Each nuisance a tenth of a standard deviation above its mean."""
    priors = sorted(experiment.nuisances().items())
    return {name: jnp.asarray(prior.mean + _SHIFT * jnp.sqrt(prior.variance)) for name, prior in priors}


def check_names(experiment: Experiment) -> None:
    """Paper, name and tags are there and well formed; private nuisances begin with the name; labels differ."""
    name = experiment.name
    require(experiment.reference, f"{type(experiment).__name__}.reference must name a paper")
    require(_NAME.fullmatch(name), f"a name must be lower case letters, digits, dots and _, but it is {name!r}")
    require(experiment.holds, f"{name} must hold some data by a tag")
    for tag in experiment.holds:
        require(_TAG.fullmatch(tag), f"a tag must be lower case words with / between, but one is {tag!r}")
    for source in experiment.sources:
        require(len(source.sha256) == 64, f"table {source.name} of {name} must have a SHA-256 checksum")
        require(source.reference, f"table {source.name} of {name} must have a reference")
    for nuisance, prior in experiment.nuisances().items():
        require(isinstance(prior, Distribution), f"the prior of {nuisance} must be a numpyro distribution")
    require(different(experiment.labels), f"labels of {name} must differ")
    require(different(experiment.factors), f"factors of {name} must differ")


def check_shapes(experiment: Experiment, theory: LowEnergy, nuisance: Nuisance) -> None:
    """Data, labels, predictions, errors and bins are as many; fields are finite arrays in double precision."""
    name, size = experiment.name, len(experiment.labels)
    require(size > 0, f"{name} must have data")
    found = {"observed": experiment.observed.shape, "predict": _shape(experiment.predict, theory, nuisance)}
    found |= {"fitted": _shape(experiment.fitted, theory, nuisance)}
    for what, shape in found.items():
        require(shape == (size,), f"{what} of {name} must have shape ({size},) as labels have, but it has {shape}")
    require(_shape(experiment.log_likelihood, theory, nuisance) == (), f"log_likelihood of {name} must be one number")
    parts = _shape(experiment.log_likelihoods, theory, nuisance)
    require(parts == (len(experiment.factors),), f"log_likelihoods of {name} must be as many as factors, not {parts}")
    _check_bins(experiment)
    for leaf in jax.tree.leaves(experiment):
        require(isinstance(leaf, jax.Array), f"fields of {name} must be arrays, or static: {leaf!r} is neither")
        kinds = (jnp.float64, jnp.complex128, jnp.bool_)
        good = leaf.dtype in kinds or jnp.issubdtype(leaf.dtype, jnp.integer)
        require(good, f"fields of {name} must be in double precision, but one is {leaf.aval}")
        require(not leaf.weak_type, f"fields of {name} must have a dtype of their own: jnp.asarray(x, float), not of x")
    require(finite(experiment), f"fields of {name} must be finite")


def _shape(method: Any, theory: LowEnergy, nuisance: Nuisance) -> tuple[int, ...]:
    return jax.eval_shape(method, theory, nuisance).shape


def _check_bins(experiment: Experiment) -> None:
    name, size = experiment.name, len(experiment.labels)
    errors, spectrum = experiment.errors(), experiment.spectrum()
    if errors is not None:
        require(
            errors.shape == (size,) and bool(jnp.all(errors >= 0.0)), f"errors of {name} must be {size}, none negative"
        )
    if spectrum is not None:
        require(errors is not None, f"{name} has a spectrum, so it must have errors")
        require(len(spectrum.panels) == len(spectrum.edges), f"each panel of {name} must have edges")
        bins = sum(len(edges) - 1 for edges in spectrum.edges)
        require(
            bins == size, f"panels of {name} must have as many bins as there are data, {size}, but they have {bins}"
        )


def check_copies(experiment: Experiment) -> None:
    """A copy, and one that has been pickled, has the same structure, name and numbers."""
    for twin in (copy.deepcopy(experiment), pickle.loads(pickle.dumps(experiment))):
        same = jax.tree.structure(twin) == jax.tree.structure(experiment) and twin.name == experiment.name
        leaves = zip(jax.tree.leaves(twin), jax.tree.leaves(experiment), strict=True)
        require(same and all(map(np.array_equal, *zip(*leaves, strict=True))), f"a copy of {experiment.name} differs")


def check_simulation(experiment: Experiment, theory: LowEnergy, nuisance: Nuisance) -> None:
    """Simulated data keep the structure: the same tree, static fields, shapes and types. Traced, not computed."""
    simulated = eqx.filter_eval_shape(experiment.simulate, jax.random.key(0), theory, nuisance)
    same = jax.tree.structure(simulated) == jax.tree.structure(experiment)
    require(same, f"simulate of {experiment.name} must keep the structure of its fields and what is static")
    for drawn, leaf in zip(jax.tree.leaves(simulated), jax.tree.leaves(experiment), strict=True):
        kept = (drawn.shape, drawn.dtype, drawn.weak_type) == (leaf.shape, leaf.dtype, leaf.weak_type)
        require(kept, f"simulate of {experiment.name} must keep {leaf.aval}, but it returns {drawn}")


def check_slopes(experiment: Experiment, theory: LowEnergy, nuisance: Nuisance) -> None:
    """ln L is the sum of its parts, moves with theory and nuisances, and has finite slopes; pulls are finite, too."""
    name = experiment.name
    (value, parts), (slopes, of_nuisances) = _value_and_gradient(experiment, theory, nuisance)
    require(finite((value, slopes, of_nuisances)), f"ln L of {name} and its slopes must be finite")
    total = float(jnp.sum(parts))
    require(math.isclose(total, float(value), rel_tol=1e-12, abs_tol=1e-12), f"parts of ln L of {name} must add up")
    require(value.dtype == jnp.float64 and not value.weak_type, f"ln L of {name} must be in double precision")
    require(any(np.any(leaf) for leaf in jax.tree.leaves(slopes)), f"{name} must depend on the theory")
    require(set(of_nuisances) == set(experiment.nuisances()), f"{name} must take exactly its own nuisances")
    for nuisance_name, slope in of_nuisances.items():
        require(np.any(slope), f"ln L of {name} must depend on its nuisance {nuisance_name}")
    check_pulls(experiment.pulls(theory, nuisance), most=len(experiment.labels))


@eqx.filter_jit
def _value_and_gradient(experiment: Experiment, theory: LowEnergy, nuisance: Nuisance) -> Any:
    """ln L and that of its independent parts, and the gradient of the former."""

    def values(both: tuple[LowEnergy, Nuisance]) -> tuple[Array, Array]:
        return experiment.log_likelihood(*both), experiment.log_likelihoods(*both)

    return eqx.filter_value_and_grad(values, has_aux=True)((theory, nuisance))


def check_pulls(pulls: tuple[Pull, ...], *, most: float = math.inf) -> None:
    """One line each, at most as many as data: finite numbers, as many predicted as observed, and a label of its own."""
    require(0 < len(pulls) <= most, f"there must be pulls, no more than data, but there are {len(pulls)}")
    require(different([pull.label for pull in pulls]), "labels of pulls must differ")
    for pull in pulls:
        require(finite((pull.predicted, pull.observed, pull.pull)), f"pull {pull.label} must be finite: {pull}")
        require(
            len(pull.predicted) == len(pull.observed) > 0, f"pull {pull.label} must have as many numbers on both sides"
        )
