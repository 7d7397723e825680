"""What is often changed of an analysis without editing its file: numbers, priors, experiments.

    other = changes.applied(analysis, ["fix delta_cp=-1.6", "prior dm21=Normal(7.5e-5, 1e-6)", "without juno_2025"])

`nmmjax fit ... --fix delta_cp=-1.6` and its like say the same on the command line, and a result records them.
"""

import ast
import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from nmmjax import _checks, _prior_words
from nmmjax._combination import collect_nuisances
from nmmjax.analysis import Analysis
from nmmjax.fit import Fit
from nmmjax.low_energy import Dirac, Majorana
from nmmjax.models import arguments
from nmmjax.ordering import InvertedOrdering, NormalOrdering
from nmmjax.results import Published

KINDS = ("set", "fix", "prior", "without")
"""A number that is not sampled; one that is, which gets a value; another prior; an experiment less."""
_OBJECTS: dict[str, Any] = {
    "normal": NormalOrdering(),
    "inverted": InvertedOrdering(),
    "majorana": Majorana(),
    "dirac": Dirac(),
}
"""Values that are no numbers, as words."""


def applied(analysis: Analysis, changes: Sequence[str]) -> Analysis:
    """An analysis with changes, one after the other, which it records; what it can no longer show is left out.

    **Arguments:** `changes`, each of them

    - "set NAME=VALUE": another number, or one of the words normal, inverted, majorana and dirac, for an argument of the
      model that is not sampled;
    - "fix NAME=VALUE": no prior, but this value, for one that is sampled, nuisances included;
    - "prior NAME=DISTRIBUTION(NUMBERS)": another prior; what was fixed is sampled with it;
    - "without NAME": no experiment of this name, nor its nuisances.

    **Raises:** `ValueError` that names the change and offers the nearest names; for values and priors outside of what
    the model allows; where no experiment or no prior would be left.
    """
    parts = _Parts(analysis.fit)
    for change in changes:
        kind, _, what = change.partition(" ")
        _checks.check_known("changes", kind, KINDS)
        getattr(parts, f"{kind}_")(what.strip())
    if not changes:
        return analysis
    fit = parts.fit()
    shown = _still_shown(analysis, fit)
    return dataclasses.replace(analysis, fit=fit, changes=(*analysis.changes, *changes), **shown)


class _Parts:
    """Of a fit, to be changed one after the other and wired at the end: a splitting, say, and then its ordering."""

    def __init__(self, fit: Fit):
        self.model, self.arguments = fit.model, arguments(fit.model)
        self.experiments, self.priors, self.fixed = fit.experiments, dict(fit.priors), dict(fit.fixed)

    def fit(self) -> Fit:
        """What is left of it, checked."""
        return Fit(self.model, self.experiments, self.priors, self.fixed)

    def set_(self, what: str) -> None:
        """NAME=VALUE of what is not sampled."""
        name, value = _named_value("--set", what)
        if name in self.priors:
            _checks.fail("--set", "name what is not sampled", f"`{name}` is: --fix {what} takes its prior away")
        _checks.check_known("--set", name, [n for n in (*self.arguments, *self.fixed) if n not in self.priors])
        self.fixed[name] = value

    def fix_(self, what: str) -> None:
        """NAME=VALUE of what is sampled."""
        name, value = _named_value("--fix", what)
        if name in self.fixed:
            _checks.fail("--fix", "name what is sampled", f"`{name}` is fixed already: --set {what} changes it")
        _checks.check_known("--fix", name, self.priors)
        if len(self.priors) == 1:
            _checks.fail("--fix", "leave something to be sampled", f"`{name}` is all there is")
        del self.priors[name]
        self.fixed[name] = value

    def prior_(self, what: str) -> None:
        """NAME=DISTRIBUTION(NUMBERS)."""
        name, prior = _prior_words.parsed(what)
        _checks.check_known("--prior", name, {**self.priors, **self.fixed, **self.arguments})
        self.fixed.pop(name, None)
        self.priors[name] = prior

    def without_(self, name: str) -> None:
        """The name of an experiment."""
        _checks.check_known("--without", name, [experiment.name for experiment in self.experiments])
        if len(self.experiments) == 1:
            _checks.fail("--without", "leave an experiment", f"`{name}` is all there is")
        self.experiments = tuple(experiment for experiment in self.experiments if experiment.name != name)
        known = {**collect_nuisances(self.experiments), **self.arguments}
        self.priors = {n: prior for n, prior in self.priors.items() if n in known}
        self.fixed = {n: value for n, value in self.fixed.items() if n in known}


def _named_value(option: str, what: str) -> tuple[str, Any]:
    """NAME=VALUE, a number or the word for an object."""
    name, equals, words = (part.strip() for part in what.partition("="))
    if not (name and equals and words):
        _checks.fail(option, "be NAME=VALUE", f"it is {what!r}")
    if words in _OBJECTS:
        return name, _OBJECTS[words]
    try:
        value = ast.literal_eval(words)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        value = None
    if isinstance(value, bool) or not isinstance(value, int | float | complex) or not np.isfinite(value):
        _checks.fail(option, f"give a number, or one of {', '.join(_OBJECTS)}", f"it is {what!r}")
    return name, value


def _still_shown(analysis: Analysis, fit: Fit) -> dict[str, Any]:
    """What limits, contours, exclusions, the corner and published values can still name."""
    sampled = fit.space.entries
    gone = {*analysis.fit.space.entries, *analysis.fit.priors} - {*sampled, *fit.priors}
    shown: dict[str, Any] = {argument: _without(gone, getattr(analysis, argument)) for argument in ("limits", "corner")}
    for argument in ("contours", "exclusions"):
        shown[argument] = tuple(pair for pair in getattr(analysis, argument) if not gone & set(pair))
    if (published := analysis.published) is not None:
        values = {name: (best, plus, minus) for name, best, plus, minus in published.values if name not in gone}
        shown["published"] = Published(published.label, values) if values else None
    return shown


def _without(gone: set[str], names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in gone)
