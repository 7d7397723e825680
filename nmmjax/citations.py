"""What a result, an analysis, a model or an experiment rests on: papers, data and packages, to be cited."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from nmmjax import gallery, references, results, sheets
from nmmjax._version import __version__
from nmmjax.experiments import Experiment
from nmmjax.gallery import Entry
from nmmjax.models import Model
from nmmjax.references import Paper
from nmmjax.results import Result
from nmmjax.tables import Source

_SUMMARY = "summary.json"
NMMJAX = Paper(
    authors=("The nmmjax developers",),
    title="nmmjax: differentiable fits of neutrino mass models and magnetic moments",
    year="2026",
)
"""As in CITATION.cff."""
PACKAGES: Mapping[str, Paper] = {
    "jax": Paper(
        authors=(
            *("James Bradbury", "Roy Frostig", "Peter Hawkins", "Matthew James Johnson", "Yash Katariya"),
            *("Chris Leary", "Dougal Maclaurin", "George Necula", "Adam Paszke", "Jake VanderPlas"),
            *("Skye Wanderman-Milne", "Qiao Zhang"),
        ),
        title="JAX: composable transformations of Python+NumPy programs",
        year="2018",
        url="http://github.com/jax-ml/jax",
    ),
    "equinox": Paper(
        authors=("Patrick Kidger", "Cristian Garcia"),
        title="Equinox: neural networks in JAX via callable PyTrees and filtered transformations",
        journal="Differentiable Programming workshop at Neural Information Processing Systems 2021",
        year="2021",
    ),
    "numpyro": Paper(
        authors=("Du Phan", "Neeraj Pradhan", "Martin Jankowiak"),
        title="Composable Effects for Flexible and Accelerated Probabilistic Programming in NumPyro",
        year="2019",
        eprint="1912.11554",
    ),
    "optax": Paper(
        authors=("DeepMind", "Igor Babuschkin"),
        others=True,
        title="The DeepMind JAX Ecosystem",
        year="2020",
        url="http://github.com/google-deepmind",
    ),
    "arviz": Paper(
        authors=("Ravin Kumar", "Colin Carroll", "Ari Hartikainen", "Osvaldo Martin"),
        title="ArviZ a unified library for exploratory analysis of Bayesian models in Python",
        journal="Journal of Open Source Software",
        volume="4",
        pages="1143",
        year="2019",
        doi="10.21105/joss.01143",
    ),
    "corner": Paper(
        authors=("Daniel Foreman-Mackey",),
        title="corner.py: Scatterplot matrices in Python",
        journal="Journal of Open Source Software",
        volume="1",
        pages="24",
        year="2016",
        doi="10.21105/joss.00024",
    ),
}
"""What each package asks to be cited by, as its own page says it."""
_OF_DRAWS = ("arviz", "corner")
"""Those that work only where something was sampled."""


def find(name: str) -> str:
    """BibTeX of all that a name stands for: a folder of results, an analysis, a model, an experiment or a .py file.

    **Raises:** `ValueError` that offers the nearest names, or says what is wrong with the folder or file.
    """
    return references.bibtex(_found(name))


def of_result(result: Result) -> Iterator[Paper]:
    """Papers of model, experiments and tables, and the packages that it used with their versions."""
    yield from references.read(result.model.paper)
    for experiment in result.experiments:
        yield from references.read(experiment.paper)
        yield from _tables(experiment.sources)
    yield from _packages(result.run.versions, result.sampling is not None)


def of_model(cls: type[Model]) -> Iterator[Paper]:
    """Papers of a model, and nmmjax."""
    yield from references.read(cls.reference)
    yield _with_version(NMMJAX, __version__)


def of_experiment(cls: type[Experiment]) -> Iterator[Paper]:
    """Papers of an experiment and of its tables, and nmmjax."""
    yield from references.read(cls.reference)
    if not sheets.needed(cls.load):
        yield from _tables(cls.load().sources)
    yield _with_version(NMMJAX, __version__)


def of_analysis(entry: Entry) -> Iterator[Paper]:
    """Papers of an analysis file, of model, experiments and tables of all its hypotheses, and the packages it uses."""
    yield from references.read(entry.paper)
    for analysis in gallery.build(entry).values():
        yield from references.read(analysis.fit.model_class.reference)
        for experiment in analysis.fit.experiments:
            yield from references.read(experiment.reference)
            yield from _tables(experiment.sources)
        yield from _packages({"nmmjax": __version__}, analysis.settings.sampled)


def _found(name: str) -> Iterator[Paper]:
    folder = Path(name)
    summaries = sorted(folder.rglob(_SUMMARY)) if folder.is_dir() else []
    if summaries or (folder.is_dir() and name not in sheets.known()):
        for result in [path.parent for path in summaries] or [folder]:
            yield from of_result(results.load(result))
        return
    for found in sheets.named(name):
        if isinstance(found, Entry):
            yield from of_analysis(found)
        else:
            yield from of_model(found) if issubclass(found, Model) else of_experiment(found)


def _tables(sources: Iterable[Source]) -> Iterator[Paper]:
    for source in sources:
        yield from references.read(source.reference)


def _packages(versions: Mapping[str, str], sampled: bool) -> Iterator[Paper]:
    yield _with_version(NMMJAX, versions.get("nmmjax", ""))
    for name, paper in PACKAGES.items():
        if sampled or name not in _OF_DRAWS:
            yield _with_version(paper, versions.get(name, ""))


def _with_version(paper: Paper, version: str) -> Paper:
    return dataclasses.replace(paper, note=f"version {version}") if version else paper
