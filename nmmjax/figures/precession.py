"""Spin precession in a star that collapses, in the Sun, and what detectors see of it."""

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax import plots
from nmmjax.constants import PDG_2026
from nmmjax.experiments import DuneBurst, Homestake1998, HyperKamiokandeBurst
from nmmjax.experiments.shared.burst import FLUX_ERROR, Burst
from nmmjax.experiments.shared.solar import FIELD
from nmmjax.low_energy import Dirac, LowEnergy, Neutrinos
from nmmjax.models import TransitionMoments, UniversalMoment
from nmmjax.numerics.special import modulus_squared
from nmmjax.ordering import InvertedOrdering
from nmmjax.plots import Curve
from nmmjax.plots._matplotlib import Figure
from nmmjax.precession import (
    CollapsingStar,
    MagneticSun,
    Path,
    evolve,
    level_survival,
    levels,
    resonances,
    sunspot_numbers,
)
from nmmjax.precession.hamiltonian import blocks, hamiltonian
from nmmjax.precession.sun import SOLAR_RADIUS
from nmmjax.three_flavor import NUFIT60, LightNeutrinos

_ENERGY, _MOMENT = 15.0, 3e-13
"""[MeV] and [mu_B]."""
_PLACES = np.geomspace(2500.0, 1e5, 300)
_TWISTS = np.concatenate([np.linspace(-3.0, -1.2, 10), np.linspace(1.2, 3.0, 10)])
_FIELDS = (1e11, 1e12, 1e13)
"""At 1000 km [gauss]."""
_SMALL = 2e-17
"""Moment from which the reach is extrapolated: what is lost grows as its square [mu_B at 1e12 G]."""
_DELTA = 2.706
_ZONE, _VVO = 6e3, 1e-10
"""Field of the convective zone [gauss] and moment [mu_B] that would do."""
_GREATEST = (3e3, 6e3)
"""Where there are most sunspots [gauss]."""
_WINDOWS = {
    "Voloshin, Vysotsky, Okun": (3e-11, 1e-10),
    "laboratory, 1988": (2e-10, 2e-10),
    "XENONnT": (6.4e-12, 6.4e-12),
}
"""Moments [mu_B]: what the paper asked for, and limits."""


def level_crossings() -> Figure:
    """A core of iron, Majorana neutrinos of 15 MeV in both orderings, and nu_e on their way in the second."""
    star, panels, marked = CollapsingStar.iron_core(), {}, {}
    inverted = LightNeutrinos.from_sin2(**{**NUFIT60, "dm3l": -NUFIT60["dm3l"]}, ordering=InvertedOrdering())
    origins = {"normal ordering": LightNeutrinos.benchmark(), "inverted ordering": inverted}
    for name, origin in origins.items():
        neutrinos = TransitionMoments(_MOMENT, origin=origin).low_energy().neutrinos
        scheme = levels(neutrinos, _ENERGY, star.path(), _PLACES)
        mean = np.mean(np.asarray(scheme.together), -1)
        panels[name] = [
            Curve(label if k == 0 else "_", _PLACES, np.asarray(energies)[:, k] - mean)
            for label, energies in ((r"$\nu$", scheme.left), (r"$\bar\nu$", scheme.right))
            for k in range(3)
        ]
        found = resonances(neutrinos, _ENERGY, star.path())
        marked[name] = [(line.place, f"{line.kind}: {_plain(line.flavors)}") for line in found if line.gap > 1e-4]
    title = rf"$\lambda_{{e\mu}}$ = {_MOMENT:g} $\mu_B$, B = $10^{{10}}$ G (1000 km / r)$^2$, E = {_ENERGY:g} MeV"
    neutrinos = TransitionMoments(_MOMENT, origin=inverted).low_energy().neutrinos
    return plots.level_crossings(panels, marked, _along(neutrinos, star.path()), title=title)


def _plain(flavors: tuple[str, str]) -> str:
    names = {"nu_e": r"$\nu_e$", "nu_x": r"$\nu_x$", "antinu_e": r"$\bar\nu_e$", "antinu_x": r"$\bar\nu_x$"}
    return " ".join(names[flavor] for flavor in flavors)


def _along(neutrinos: Neutrinos, path: Path) -> list[Curve]:
    """Of what is born as nu_e at the first place."""
    P = np.asarray(_probabilities(neutrinos, path, _PLACES))
    shares = {
        r"$\nu_e$": P[:, 0],
        r"$\nu_\mu + \nu_\tau$": P[:, 1] + P[:, 2],
        r"$\bar\nu_e$": P[:, 3],
        r"$\bar\nu_\mu + \bar\nu_\tau$": P[:, 4] + P[:, 5],
    }
    return [Curve(label, _PLACES[1:], share) for label, share in shares.items()]


@jax.jit
def _probabilities(neutrinos: Neutrinos, path: Path, places: Float[Array, " n"]) -> Float[Array, "n-1 m"]:
    """Of each state at all places but the first, at which all is nu_e."""
    given = blocks(neutrinos, jnp.asarray(_ENERGY), jnp.asarray(False), PDG_2026)

    def further(state: Array, ends: tuple[Array, Array]) -> tuple[Array, Float[Array, " m"]]:
        S = evolve(lambda r: hamiltonian(given, path, PDG_2026, r), *ends, tolerance=1e-5, most_steps=1024)
        return S @ state, modulus_squared(S @ state)

    start = jnp.zeros(given.vacuum.shape[-1], complex).at[0].set(1.0)
    return jax.lax.scan(further, start, (places[:-1], places[1:]))[1]


def supernova_burst() -> Figure:
    """A twisting field at the edge of a core: Dirac neutrinos of a burst at 10 kpc in DUNE and Hyper-Kamiokande."""
    star = CollapsingStar.edge_of_core()
    detectors: Mapping[str, Burst] = {
        "DUNE, 40 kt": DuneBurst.load(star=star, times=(-0.02, 8.0)),
        "Hyper-Kamiokande, 220 kt": HyperKamiokandeBurst.load(star=star, times=(-0.02, 8.0)),
    }
    spectra = {}
    expected = {name: jax.jit(jax.vmap(_expectation(detector), (0, 0))) for name, detector in detectors.items()}
    moments, twists = jnp.array([0.0, 3e-16, 3e-16]), jnp.array([-2.0, -2.0, 2.0])
    labels = ("no moment", r"$\mu_\nu$ = 3e-16 $\mu_B$, $\phi'$ = -2/km", r"$\mu_\nu$ = 3e-16 $\mu_B$, $\phi'$ = 2/km")
    for name, detector in detectors.items():
        edges = np.asarray(detector.edges[0])
        events = np.asarray(expected[name](moments, twists))[:, : len(edges) - 1]
        spectra[name] = edges, dict(zip(labels, events, strict=True))
    return plots.supernova_burst(spectra, _reach(expected), title="B = $10^{12}$ G and $10^4$ g/cm$^3$ at 1000 km")


def _expectation(detector: Burst):
    def events(moment: Float[Array, ""], twist: Float[Array, ""]) -> Float[Array, " data"]:
        return detector.predict(UniversalMoment(moment).low_energy(), detector.as_given() | {"supernova_twist": twist})

    return events


def _reach(expected) -> list[Curve]:
    """The moment that both detectors would exclude at 90 % (Delta chi^2 = 2.71), its flux being free within its error.

    chi^2 = sum (d - a n)^2 / n + a^2 / sigma^2 over the bins, minimal in a, where a moment changes n by d = c mu^2.
    """
    size = len(_TWISTS)
    parts = [f(jnp.zeros(1), jnp.array([-2.0])) for f in expected.values()]
    lost = [f(jnp.full(size, _SMALL), jnp.asarray(_TWISTS)) - n for f, n in zip(expected.values(), parts, strict=True)]
    n, d = (np.concatenate([np.asarray(x) for x in pieces], -1) for pieces in (parts, lost))
    chi2 = np.sum(d**2 / n, -1) - np.sum(d, -1) ** 2 / (np.sum(n, -1) + FLUX_ERROR**-2)
    reach = _SMALL * (_DELTA / chi2) ** 0.25
    half = size // 2
    return [
        Curve(label, _TWISTS[part], reach[part] * 1e12 / field, family=f"{field:g}")
        for field in _FIELDS
        for part, label in ((slice(0, half), f"B = {field:.0e} G".replace("+", "")), (slice(half, size), "_"))
    ]


def solar_flips() -> Figure:
    """Massless Dirac neutrinos in the convective zone of the Sun, as Voloshin, Vysotsky and Okun had them."""
    sun, years, numbers = MagneticSun(_ZONE), *sunspot_numbers()
    moments, fields = np.geomspace(1e-12, 3e-10, 121), np.geomspace(1e3, 1e5, 121)
    survival = jax.jit(jax.vmap(lambda x: level_survival(_massless(_VVO), sun, stronger=x)[-1]))
    product = np.outer(fields, moments) / (_ZONE * _VVO)
    plane = plots.Plane(moments, fields, np.asarray(survival(product.ravel())).reshape(product.shape), _WINDOWS)
    homestake = Homestake1998.load().with_magnetic_sun(sun)
    theory, fluxes = LowEnergy(_massless(_VVO)), dict.fromkeys(homestake.flux_names, jnp.zeros(()))
    rate = jax.jit(jax.vmap(lambda x: homestake.predict(theory, fluxes | {FIELD: x})[0]))
    strengths = np.log10(numbers / numbers.max())
    rates = [
        Curve(f"{field / 1e3:g} kG in {years[numbers.argmax()]:.0f}", years, rate(strengths + np.log10(field / _ZONE)))
        for field in _GREATEST
    ]
    measured = float(homestake.observed[0]), float(homestake.errors()[0])
    along = [_out(MagneticSun(_ZONE, shape=shape), shape) for shape in ("flat", "arch")]
    title = rf"$\mu_\nu$ = {_VVO:g} $\mu_B$, greatest field {_ZONE / 1e3:g} kG unless the axis says"
    return plots.solar_flips(plane, along, plots.Years(years, numbers, rates, measured), title=title)


def _massless(moment: float) -> Neutrinos:
    return Neutrinos(jnp.zeros((3, 3)), moment * jnp.eye(3), Dirac())


def _out(sun: MagneticSun, label: str) -> Curve:
    """Survival of nu_e from the bottom of the zone on."""
    path = sun.path()
    places = np.linspace(float(path.start), float(path.stop), 101)
    P = np.asarray(_probabilities(_massless(_VVO), path, places))
    return Curve(f"{label} field", places[1:] / SOLAR_RADIUS, P[:, 0])
