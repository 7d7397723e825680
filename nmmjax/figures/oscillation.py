"""The figures of the oscillation engine: probabilities and their derivatives through the Earth, KamLAND, the Sun."""

import math
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.tree_util import Partial
from jaxtyping import Array, Bool, Complex, Float

from nmmjax import _checks, infer, mixing, oscillation, plots
from nmmjax.constants import ELECTRON, MUON
from nmmjax.experiments import (
    BorexinoRates2019,
    Experiment,
    Gallium2010,
    Homestake1998,
    KamLAND2011,
    NuFIT60Gaussian,
    Sno2013,
)
from nmmjax.fit import Fit
from nmmjax.low_energy import OBSERVABLES
from nmmjax.media import EarthModel, SolarModel
from nmmjax.numerics.interpolate import CubicSpline
from nmmjax.plots import Curve
from nmmjax.plots._matplotlib import Figure

ANALYSIS = "kamland_solar"
"""The analysis whose maxima `FITTED` draws: its fits are called kamland, sun and together."""
_CORE = 3480.0
"""Outer radius of the core in PREM [km]."""
_STEPS = {
    "delta_cp": r"$\delta_{CP} + %.0f^\circ$",
    "sin2_theta23": r"$\sin^2\theta_{23} + %.3f$",
    "dm31": r"$\Delta m^2_{31} + %.3f\times10^{-3}$ eV$^2$",
}
"""Parameters whose changes are drawn, and how their errors are written."""
_WRITTEN_IN = {"delta_cp": math.pi / 180.0, "sin2_theta23": 1.0, "dm31": 1e-3}
_MERGED = 4
"""Prompt bins of KamLAND to a point."""
_ELSEWHERE = {"be7": "$^7$Be", "pp": "pp"}
"""Places of birth besides that of 8B."""
_TEX = {"pp": "pp", "pep": "pep", "7Be": "$^7$Be", "8B": "$^8$B"}
"""Sources of single measurements."""
_NAMES = {
    BorexinoRates2019: "Borexino",
    Homestake1998: "Homestake (all sources)",
    Gallium2010: "GALLEX, GNO, SAGE (all sources)",
    Sno2013: "SNO at 10 MeV",
}
"""How experiments are called in a legend."""

Parameters = Mapping[str, Float[Array, ""]]
_E = TypeVar("_E", bound=Experiment)


# Through the Earth


class GlobalFit(NamedTuple):
    """Oscillation parameters as measured: sin^2 of the angles, delta_cp [rad], dm21 and dm31 [eV^2]."""

    best: dict[str, Float[Array, ""]]
    error: dict[str, float]
    """One standard deviation: the mean of that up and that down."""


def nufit60() -> GlobalFit:
    """NuFIT 6.0 with IceCube and Super-Kamiokande data, normal ordering (JHEP 12 (2024) 216, table 1)."""
    best, error = {}, {}
    for name, (middle, plus, minus) in NuFIT60Gaussian.published().items():
        parameter = "dm31" if name == "dm3l" else name
        best[parameter], error[parameter] = jnp.asarray(middle), 0.5 * (plus + minus)
    return GlobalFit(best, error)


def mass_squared(parameters: Parameters) -> Complex[Array, "3 3"]:
    """M^dagger M less m_1^2 [eV^2] of the parameters of a `GlobalFit`."""
    theta12, theta13, theta23 = (jnp.arcsin(jnp.sqrt(parameters[f"sin2_theta{ij}"])) for ij in (12, 13, 23))
    pmns = mixing.pmns(theta12, theta13, theta23, parameters["delta_cp"])
    return mixing.mass_squared_matrix(pmns, parameters["dm21"], parameters["dm31"])


def muon_probability(
    parameters: Parameters,
    energy: Float[Array, " energies"],
    cos_zenith: Float[Array, " zeniths"],
    *,
    antineutrino: Bool[Array, ""] | bool = False,
) -> Float[Array, "zeniths energies 3"]:
    """P(nu_mu -> nu_a), a = e, mu, tau, through PREM; energies in MeV."""
    path = oscillation.ThroughEarth(cos_zenith[:, None])
    P = oscillation.probability(mass_squared(parameters), energy, path, antineutrino=antineutrino)
    return P[..., MUON, :]


def muon_probability_change(
    parameters: Parameters,
    step: Parameters,
    energy: Float[Array, " energies"],
    cos_zenith: Float[Array, " zeniths"],
) -> Float[Array, "zeniths energies 3"]:
    """sum_k dP/dp_k step_k of `muon_probability`: one derivative in forward mode."""
    return _change(dict(parameters), {k: jnp.asarray(step.get(k, 0.0)) for k in parameters}, energy, cos_zenith)


@jax.jit
def _change(parameters, step, energy, cos_zenith):
    probability = partial(muon_probability, energy=energy, cos_zenith=cos_zenith)
    return jax.jvp(probability, (parameters,), (step,))[1]


def oscillogram(points: int = 300) -> Figure:
    """nu_mu -> nu_mu, nu_mu -> nu_e and the latter of antineutrinos, `points` along each axis."""
    energy, cos_zenith = _earth_grid(points)
    neutrino, antineutrino = (
        muon_probability(nufit60().best, energy, cos_zenith, antineutrino=jnp.asarray(anti)) for anti in (False, True)
    )
    panels = {
        r"$P(\nu_\mu\to\nu_\mu)$": neutrino[..., MUON],
        r"$P(\nu_\mu\to\nu_e)$": neutrino[..., ELECTRON],
        r"$P(\bar\nu_\mu\to\bar\nu_e)$": antineutrino[..., ELECTRON],
    }
    title = "probabilities through PREM, NuFIT 6.0, normal ordering"
    return plots.oscillogram(energy, cos_zenith, panels, boundaries=_core(), title=title)


def oscillograd(points: int = 300) -> Figure:
    """The change of nu_mu -> nu_e and nu_mu -> nu_mu for one standard deviation of three parameters."""
    energy, cos_zenith = _earth_grid(points)
    measured = nufit60()
    changes = {
        text % (measured.error[name] / _WRITTEN_IN[name]): muon_probability_change(
            measured.best, {name: jnp.asarray(measured.error[name])}, energy, cos_zenith
        )
        for name, text in _STEPS.items()
    }
    channels = {r"$\nu_\mu\to\nu_e$": ELECTRON, r"$\nu_\mu\to\nu_\mu$": MUON}
    rows = {title: {name: change[..., k] for name, change in changes.items()} for title, k in channels.items()}
    title = r"change of $P$ for one standard deviation of NuFIT 6.0, $\sigma\,\partial P / \partial p$"
    return plots.oscillograd(energy, cos_zenith, rows, boundaries=_core(), title=title)


def _earth_grid(points: int) -> tuple[Float[Array, " points"], Float[Array, " points"]]:
    if points < 2:
        _checks.fail("points", "be 2 or more", f"it is {points}")
    return jnp.geomspace(1e3, 3e4, points), jnp.linspace(-1.0, 0.0, points)


def _core() -> dict[str, float]:
    """Cosine of the zenith angle under which the core is touched, by its name."""
    return {"core": -math.sqrt(1.0 - (_CORE / float(EarthModel.prem().outer_radius[-1])) ** 2)}


# Fitted to reactors and to the Sun


class Solution(NamedTuple):
    """The maximum of a fit and its covariance."""

    fit: Fit
    maximum: infer.Maximum
    approximation: infer.Laplace

    def curve(self, label: str, x: Float[np.ndarray, " points"], function: Partial) -> Curve:
        """A function of the parameters of the fit with its error, sqrt(J C J^T)."""
        values, slopes = _with_slopes(function, self.maximum.parameters)
        jacobian = np.concatenate([np.reshape(slopes[name], (len(x), -1)) for name in self.fit.space.names], -1)
        variance = np.einsum("ij,jk,ik->i", jacobian, self.approximation.covariance, jacobian)
        return Curve(label, x, np.asarray(values), np.sqrt(variance))


@jax.jit
def _with_slopes(function, parameters):
    """A function whose data are arguments, not constants, is compiled once."""
    return function(parameters), jax.jacfwd(function)(parameters)


def solve(fit: Fit) -> Solution:
    """Find the maximum of a fit, and its covariance.

    **Raises:** `FloatingPointError` where there is none, or no covariance.
    """
    maximum = infer.maximize(fit)
    approximation = infer.laplace(fit, maximum)
    if not (maximum.good and approximation.good):
        raise FloatingPointError(f"the search for the maximum ended badly: {maximum.status.value}")
    return Solution(fit, maximum, approximation)


def kamland_l_over_e(solutions: Mapping[str, Solution]) -> Figure:
    """The survival of reactor antineutrinos in KamLAND with its best fit, and with what the Sun alone says."""
    kamland, sun = _known(solutions, "kamland", "sun")
    experiment = _the(KamLAND2011, kamland.fit)
    _, theory, nuisance = kamland.fit.point(kamland.maximum.parameters)
    x = np.asarray(experiment.survival_curve(theory, nuisance, merge=1).baseline_over_energy)
    points = experiment.survival_curve(theory, nuisance, merge=_MERGED)
    label = "KamLAND 2011, statistical errors"
    over, measured, errors = map(np.asarray, (points.baseline_over_energy, points.measured, points.errors))
    data = Curve(label, over, measured, errors)
    elsewhere = sun.fit.point(sun.maximum.parameters).theory
    from_sun = np.asarray(experiment.survival_curve(elsewhere, nuisance, merge=1).predicted)
    curves = (
        kamland.curve(f"best fit, 68 %: {_mixing(kamland)}", x, Partial(_predicted, experiment, kamland.fit)),
        Curve(f"the Sun alone: {_mixing(sun)}", x, from_sun),
    )
    return plots.reactor_survival(data, [_smooth(curve) for curve in curves], baseline=180.0)


def solar_survival(solutions: Mapping[str, Solution], points: int = 300) -> Figure:
    """The survival of solar neutrinos: the best fit with KamLAND, for three places of birth, and that without."""
    together, sun = _known(solutions, "together", "sun")
    energy, model = np.geomspace(0.1, 20.0, points), SolarModel.b16_gs98()

    def survival(solution: Solution, label: str, source: str) -> Curve:
        average = oscillation.ProductionAverage.build(energy, model, source)
        return solution.curve(label, energy, Partial(_by_day, average, solution.fit))

    curves = (
        survival(together, f"Sun and KamLAND, born like $^8$B, 68 %:\n{_mixing(together)}", "b8"),
        survival(sun, f"the Sun alone, born like $^8$B, 68 %:\n{_mixing(sun)}", "b8"),
    )
    elsewhere = [
        survival(together, f"Sun and KamLAND, born like {name}", source) for source, name in _ELSEWHERE.items()
    ]
    U = together.fit.point(together.maximum.parameters).theory.neutrinos.states.mixing
    e1, e2, e3 = np.abs(np.asarray(U[ELECTRON])) ** 2
    limits = {"averaged in vacuum": e1**2 + e2**2 + e3**2, "dominated by matter": e2 * (e1 + e2) + e3**2}
    experiments = (BorexinoRates2019, Homestake1998, Gallium2010, Sno2013)
    data = [_measured(_the(kind, together.fit)) for kind in experiments]
    band = _sno_band(_the(Sno2013, together.fit))
    return plots.solar_survival(data, curves, limits=limits, born_elsewhere=elsewhere, bands=(band,))


def _predicted(experiment: KamLAND2011, fit: Fit, parameters: Parameters) -> Float[Array, " bins"]:
    """Survival of reactor antineutrinos in every bin, (bins,), as `fit` predicts it for `experiment`."""
    _, theory, nuisance = fit.point(parameters)
    return experiment.survival_curve(theory, nuisance, merge=1).predicted


def _by_day(average: oscillation.ProductionAverage, fit: Fit, parameters: Parameters) -> Float[Array, " points"]:
    """P_ee of solar neutrinos by day, (points,), over the energies of `average`."""
    return average.probability(fit.point(parameters).theory.neutrinos.mass_squared)[:, ELECTRON]


def _known(solutions: Mapping[str, Solution], *names: str) -> list[Solution]:
    for name in names:
        _checks.check_known("solutions", name, solutions)
    return [solutions[name] for name in names]


def _the(kind: type[_E], fit: Fit) -> _E:
    """Find the experiment of a class among those of a fit."""
    found = [experiment for experiment in fit.experiments if isinstance(experiment, kind)]
    if not found:
        _checks.fail("solutions", f"hold fits to {kind.__name__}", f"one is to {[e.name for e in fit.experiments]}")
    return found[0]


def _measured(experiment: BorexinoRates2019 | Homestake1998 | Gallium2010 | Sno2013) -> Curve:
    points = experiment.survival()
    energy, probability, error = (np.array(column) for column in list(zip(*points, strict=True))[1:])
    sources = [_TEX.get(point.label.split()[0].rstrip(","), "") for point in points]
    once = tuple(source if sources.index(source) == k else "" for k, source in enumerate(sources))
    names = once if len(once) > 1 else ()
    return Curve(_NAMES[type(experiment)], energy, probability, error, names)


def _sno_band(experiment: Sno2013) -> Curve:
    """c0 + c1 x + c2 x^2 as measured, over the energies it is good for."""
    x = np.linspace(float(experiment.average.energy[0]), float(experiment.average.energy[-1]), 100)
    powers = (x[:, None] - 10.0) ** np.arange(3)
    covariance = np.asarray(experiment.covariance)[1:4, 1:4]
    error = np.sqrt(np.einsum("ij,jk,ik->i", powers, covariance, powers))
    return Curve("SNO, polynomial, 68 %", x, powers @ np.asarray(experiment.values)[1:4], error)


def _smooth(curve: Curve, points: int = 400) -> Curve:
    """Cubic splines through a line and its band: neighboring bins differ little."""
    ascending = np.argsort(curve.x)
    x = np.linspace(np.min(curve.x), np.max(curve.x), points)

    def through(y: Float[np.ndarray, " _"]) -> Float[np.ndarray, " _"]:
        return np.asarray(CubicSpline(curve.x[ascending], y[ascending])(jnp.asarray(x)))

    return Curve(curve.label, x, through(curve.y), None if curve.error is None else through(curve.error))


def _mixing(solution: Solution) -> str:
    """Two numbers of a maximum, for a legend."""
    found = solution.maximum.parameters
    sine, splitting = float(found["sin2_theta12"]), 1e5 * float(found["dm21"])
    symbols = [OBSERVABLES[name].symbol for name in ("sin2_theta12", "dm21")]
    return rf"${symbols[0]} = {sine:.3f}$, ${symbols[1]} = {splitting:.2f}\times10^{{-5}}$ eV$^2$"


FITTED = {"kamland_l_over_e": kamland_l_over_e, "solar_survival": solar_survival}
"""Figures of the maxima of `ANALYSIS`, by name."""
