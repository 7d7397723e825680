"""What a model, an experiment or an analysis is: its text, its paper and tables of what it takes and holds.

`nmmjax show` prints these sheets, and the pages of the documentation are made of them. Nothing is compiled for one but
what an experiment computes when it is loaded.
"""

import dataclasses
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from nmmjax import _checks, experiments, gallery, models, plugins, verifications
from nmmjax.analysis import Analysis
from nmmjax.experiments import Experiment
from nmmjax.gallery import Entry
from nmmjax.models import Argument, Model
from nmmjax.parameters import REQUIRED, constructors
from nmmjax.plugins import Plugin
from nmmjax.prior_set import PriorSet
from nmmjax.quantities import Quantity
from nmmjax.report import number, prior_words
from nmmjax.results.conclusion import written
from nmmjax.tables import Terms, terms

SYMBOL = "symbol"
"""Heading of the column whose cells are in TeX."""
_TAKEN = ("name", SYMBOL, "unit", "domain", "default")


class Listing(NamedTuple):
    """A table of words."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Sheet(NamedTuple):
    """What there is to know of one thing before it is used."""

    name: str
    kind: str
    """"model", "experiment" or "analysis"."""
    text: str
    """Its docstring."""
    paper: str
    listings: tuple[Listing, ...]
    """Those that have rows."""
    package: str = ""
    """The package that announces it, with its version; empty for what this one ships, and for files by themselves."""


def shipped(base: type) -> dict[str, type]:
    """The models or the experiments of the package, by name: classes below `Model` or `Experiment`."""
    module = models if base is Model else experiments
    exported = {name: getattr(module, name) for name in module.__all__}
    return {name: cls for name, cls in exported.items() if _is_below(cls, base)}


def announced(base: type) -> tuple[Plugin, ...]:
    """Models or experiments of other packages, with those that cannot be used and why."""
    group = plugins.MODELS if base is Model else plugins.EXPERIMENTS
    return plugins.classes(group, base, shipped(base))


def known() -> dict[str, type | Entry]:
    """Models, experiments and analyses of this package and of those that announce some, by name."""
    others = (*announced(Model), *announced(Experiment))
    usable = {plugin.name: plugin.found for plugin in others if not plugin.problem}
    own = {**shipped(Model), **shipped(Experiment), **gallery.analyses()}
    return {**gallery.announced(), **usable, **own}


def named(name: str) -> tuple[type | Entry, ...]:
    """What a name stands for: a model, an experiment or an analysis that is known, or all of these in a .py file.

    **Raises:** `ValueError` that offers the nearest names, or says what is wrong with the file.
    """
    if name.endswith(".py"):
        entry = gallery.find(name)
        own = (*gallery.outside(entry, Model), *gallery.outside(entry, Experiment))
        return (*own, entry) if entry.builds else own
    found = known()
    _checks.check_known("NAME", name, found)
    return (found[name],)


def find(name: str) -> tuple[Sheet, ...]:
    """The sheets of what a name stands for. Raises as `named` does."""
    return tuple(map(_of, named(name)))


def _of(found: type | Entry) -> Sheet:
    if isinstance(found, Entry):
        return of_analysis(found)
    return of_model(found) if issubclass(found, Model) else of_experiment(found)


def of_model(cls: type[Model]) -> Sheet:
    """Parameters, constructors, derived quantities and priors to discover with."""
    own = cls.own_arguments()
    listings = [Listing("parameters", _TAKEN, _taken(own))]
    for name, function in constructors(cls):
        new = {n: a for n, a in models.arguments(function).items() if n not in own}
        listings.append(Listing(f"further parameters of {cls.__name__}.{name}", _TAKEN, _taken(new)))
    derived = tuple((name, *_words(q)[:2]) for name, q in cls.derived_quantities.items())
    listings.append(Listing("derived quantities", ("name", SYMBOL, "unit"), derived))
    listings.append(Listing("priors to discover with", ("name", "prior"), _priors(PriorSet(cls.default_priors()))))
    return _sheet(cls.__name__, "model", cls.__doc__, cls.reference, listings, _package(cls, Model))


def of_experiment(cls: type[Experiment]) -> Sheet:
    """Data, nuisances and tables; of experiments of the package also what their verification says."""
    listings = []
    if not needed(cls.load):
        loaded = cls.load()
        counted = (("data", str(len(loaded.labels))), ("tags of the data", ", ".join(sorted(loaded.holds))))
        listings.append(Listing("data", ("", ""), counted))
        listings.append(Listing("nuisances", ("name", "prior"), _priors(PriorSet(loaded.nuisances()))))
        listings.append(_tables(loaded))
    listings.append(Listing("choices of load", ("name", "default"), _choices(cls.load)))
    listings.append(_verified(cls))
    return _sheet(cls.__name__, "experiment", cls.__doc__, cls.reference, listings, _package(cls, Experiment))


def of_analysis(entry: Entry) -> Sheet:
    """Parameters with priors, fixed numbers, nuisances, data and what is shown, of each hypothesis of a file."""
    built, listings = gallery.build(entry), []
    for name, analysis in built.items():
        of = f", {name}" if name else ""
        listings += [listing._replace(title=listing.title + of) for listing in _of_hypothesis(analysis)]
    return _sheet(entry.name, "analysis", entry.text, entry.paper, listings, entry.package)


def _of_hypothesis(analysis: Analysis) -> Iterator[Listing]:
    fit, taken = analysis.fit, models.arguments(analysis.fit.model)
    sampled = {name: prior for name, prior in fit.priors.items() if name in taken}
    rows = []
    for name, prior in _priors(sampled):
        symbol, unit, domain = _words(taken[name].quantity)
        rows.append((name, symbol, unit, prior, domain))
    yield Listing("sampled", ("name", SYMBOL, "unit", "prior", "domain"), tuple(rows))
    yield Listing("fixed", ("name", "value"), tuple((name, _value(value)) for name, value in fit.fixed.items()))
    others = {name: prior for name, prior in fit.priors.items() if name not in taken}
    yield Listing("nuisances", ("name", "prior"), _priors(others))
    data = tuple((one.name, str(len(one.labels)), type(one).__name__, one.reference) for one in fit.experiments)
    yield Listing("experiments", ("name", "data", "class", "paper"), data)
    yield Listing("what is shown", ("", ""), tuple(_shown(analysis)))


def _shown(analysis: Analysis) -> Iterator[tuple[str, str]]:
    settings = analysis.settings
    how = f"{settings.sampler.name}, {settings.chains} x ({settings.warmup} + {settings.samples})"
    yield "sampler", how if settings.sampled else "none: maximum and profiles"
    yield "level", f"{analysis.level:g}"
    pairs = {name: (f"{y} over {x}" for x, y in getattr(analysis, name)) for name in ("contours", "exclusions")}
    for name, shown in {"limits": analysis.limits, **pairs, "derived": analysis.derived}.items():
        if words := ", ".join(shown):
            yield name, words
    if analysis.published is not None:
        values = (f"{name} = {v:g} +{up:g} -{down:g}" for name, v, up, down in analysis.published.values)
        yield f"published by {analysis.published.label}", ", ".join(values)


def _sheet(name: str, kind: str, text: str | None, paper: str, listings: list[Listing], package: str) -> Sheet:
    return Sheet(name, kind, inspect.cleandoc(text or ""), paper, tuple(one for one in listings if one.rows), package)


def _package(cls: type, base: type) -> str:
    """The one that announces a class."""
    return next((plugin.package for plugin in announced(base) if plugin.found is cls), "")


def _is_below(cls: Any, base: type) -> bool:
    return isinstance(cls, type) and issubclass(cls, base) and cls is not base


def _taken(arguments: Mapping[str, Argument]) -> tuple[tuple[str, ...], ...]:
    return tuple((name, *_words(a.quantity), _default(a)) for name, a in arguments.items())


def _words(quantity: Quantity | None) -> tuple[str, str, str]:
    """Symbol, unit and domain."""
    if quantity is None:
        return "", "", "an object"
    kind = "complex " if quantity.is_complex else ""
    shape = f"{' x '.join(map(str, quantity.shape))} " if quantity.shape else ""
    if quantity.circular:
        return quantity.symbol, quantity.unit, f"{shape}phase"
    if not np.isfinite([quantity.low, quantity.high]).any():
        return quantity.symbol, quantity.unit, f"{shape}{kind or 'real '}numbers".strip()
    bound = f"{'(' if quantity.open_low else '['}{quantity.low:g}, {quantity.high:g}]"
    return quantity.symbol, quantity.unit, f"{shape}{kind}{bound}"


def _default(argument: Argument) -> str:
    if argument.default is REQUIRED:
        return "required"
    return "its own" if argument.default is None else _value(argument.default)


def _value(value: Any) -> str:
    if isinstance(value, bool | str) or value is None:
        return str(value)
    if isinstance(value, int | float) or hasattr(value, "dtype"):
        return number(float(value)) if np.ndim(value) == 0 and not np.iscomplexobj(value) else str(np.asarray(value))
    return type(value).__name__ if not dataclasses.is_dataclass(value) or inspect.isclass(value) else repr(value)


def _priors(priors: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, prior_words(written(prior))) for name, prior in priors.items())


def _tables(experiment: Experiment) -> Listing:
    """Tables from which data were read, with origin and terms where the package knows them."""
    records: dict[str, Terms] = {record.name: record for record in terms()}
    rows = []
    for source in experiment.sources:
        record = records.get(source.name)
        rows.append((source.name, source.reference, record.origin if record else "", record.terms if record else ""))
    return Listing("tables", ("table", "paper", "origin", "terms of use"), tuple(rows))


def _choices(load: Callable[..., Any]) -> tuple[tuple[str, str], ...]:
    taken = inspect.signature(load).parameters.values()
    return tuple((p.name, "required" if p.default is p.empty else _value(p.default)) for p in taken)


def needed(load: Callable[..., Any]) -> bool:
    """Whether `load` wants something that nobody but its user knows."""
    return any(p.default is p.empty for p in inspect.signature(load).parameters.values())


def _verified(cls: type[Experiment]) -> Listing:
    name = cls.__name__
    if name in verifications.EXEMPT:
        exempt = verifications.EXEMPT[name]
        return Listing("verification", ("status", "reason"), ((exempt.status.label, exempt.reason),))
    record = verifications.kept(gallery.folder() / "verifications", name) if name in verifications.declared() else None
    claims = () if record is None else record.claims
    return Listing("verification", verifications.HEADINGS, tuple(map(verifications.cells, claims)))
