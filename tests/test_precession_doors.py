"""What a user may do outside of the examples: batches, traced tables, steps, coinciding levels, mistakes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nmmjax.experiments import DuneBurst
from nmmjax.low_energy import Dirac, Neutrinos
from nmmjax.media import Constant, PowerLaw, Profile, Steps, Tabulated
from nmmjax.models import TransitionMoments, UniversalMoment
from nmmjax.precession import (
    CollapsingStar,
    MagneticSun,
    Medium,
    Path,
    evolve,
    level_crossing_probability,
    level_survival,
    levels,
    resonances,
    transition_probability,
)

MASSLESS = Neutrinos(jnp.zeros((3, 3)), 9.336e-16 * jnp.eye(3), Dirac())
MAJORANA = TransitionMoments(1e-15).low_energy().neutrinos
MATTER, FIELD = Medium(PowerLaw(1e4, 1000.0, 3.0), Constant(0.4)), PowerLaw(1e12, 1000.0, 2.0)


def two_levels(a):
    return lambda r: jnp.array([[a * r, 1.0], [1.0, -a * r]])


@pytest.mark.parametrize("compiled", [False, True])
def test_batches_of_an_evolution(compiled):
    """By `vmap` in what the Hamiltonian uses and in an end, with and without jit."""

    def of(a, stop):
        return evolve(two_levels(a), -5.0, stop, tolerance=1e-8, most_steps=1024)

    batched = jax.vmap(of)
    found = (jax.jit(batched) if compiled else batched)(jnp.array([1.0, 2.0]), jnp.array([5.0, 3.0]))
    for S, a, stop in zip(found, (1.0, 2.0), (5.0, 3.0), strict=True):
        np.testing.assert_allclose(S, of(a, stop), atol=3e-8)


def test_steps_end_at_breaks():
    """A coupling that ends halfway: cos(1/2), which steps across the end would miss."""

    def H(r):
        coupling = jnp.where(r < 0.5, 1.0, 0.0)
        return jnp.array([[0.0, coupling], [coupling, 0.0]])

    assert complex(evolve(H, 0.0, 1.0, breaks=(0.5,))[0, 0]) == pytest.approx(np.cos(0.5), abs=1e-9)
    backward = evolve(H, 1.0, 0.0, breaks=(0.5,))
    np.testing.assert_allclose(backward, np.conj(evolve(H, 0.0, 1.0, breaks=(0.5,))).T, atol=1e-9)


@pytest.mark.parametrize("logarithmic", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_tables_are_differentiated_in_their_values(logarithmic):
    places, density = np.linspace(990.0, 1020.0, 5), 1e4 * np.array([1.1, 1.0, 0.9, 0.85, 0.8])

    def survival(values):
        medium = Medium(Tabulated(places, values, logarithmic=logarithmic), Constant(0.4))
        path = Path(1000.0, 1010.0, medium, FIELD)
        return transition_probability(MASSLESS, 15.0, path, tolerance=1e-10, most_steps=256)[0, 0]

    value = jax.jit(lambda x: survival(density * x))
    slope = jax.jit(jax.grad(value))(jnp.ones(5))
    differences = [(value(1.0 + h) - value(1.0 - h)) / 2e-4 for h in 1e-4 * np.eye(5)]
    np.testing.assert_allclose(slope, differences, rtol=1e-5, atol=1e-7)
    assert float(value(jnp.ones(5))) == pytest.approx(float(survival(density)), abs=1e-9)


def test_levels_that_coincide_do_not_cross():
    """Massless nu_mu and nu_tau are one level: no resonance, and crossings with others are found."""
    path = CollapsingStar.edge_of_core().path()
    found = resonances(MASSLESS, 15.0, path)
    assert all(np.isfinite([line.place, line.adiabaticity, line.jump]).all() for line in found)
    assert "twist" in {line.kind for line in found}
    P = level_crossing_probability(MASSLESS, 15.0, path, tolerance=0.5)
    np.testing.assert_allclose(P.sum(-1), 1.0, atol=1e-12)


class Wrong(Profile):
    """Three numbers whatever the place."""

    def __call__(self, r):
        return jnp.ones(3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: evolve(lambda r: jnp.array([[1.0, 2.0], [0.0, 1.0]]), 0.0, 1.0), "`hamiltonian` must be Hermitian"),
        (lambda: evolve(lambda r: jnp.ones((2, 3)), 0.0, 1.0), "`hamiltonian` must"),
        (lambda: evolve(lambda r: r, 0.0, 1.0), "`hamiltonian` must"),
        (lambda: evolve(two_levels(1.0), 0.0, np.inf), "`stop` must"),
        (lambda: transition_probability(MAJORANA, 15.0, Path(1e3, 1e4, MATTER, FIELD), most_steps=1), "`most_steps`"),
        (lambda: Path(0.0, 10.0, MATTER, FIELD), "`field` must .* finite along the way, but it is inf at 0 km"),
        (lambda: Path(1e3, 1e4, MATTER, PowerLaw(-1.0, 1e3, 2.0)), "`field` must .* but it is -1 at 1000 km"),
        (lambda: Path(1e3, np.array([2e3, 3e3]), MATTER, FIELD), "`stop` must be one number"),
        (lambda: Path(1e3, 2e3, MATTER, Wrong()), "`field` must be one number at each place"),
        (lambda: PowerLaw(np.array([1.0, 2.0]), 1e3, 2.0), "`value` must be one number"),
        (lambda: Tabulated(np.arange(1.0, 4.0), np.ones(3)), "`radius` must be four or more"),
        (lambda: Tabulated(np.arange(1.0, 5.0), np.ones(3)), "`value` must have shape"),
        (lambda: jax.jit(lambda r: Tabulated(r, np.ones(5)).ends)(jnp.arange(5.0)), "`radius` must be known"),
        (lambda: jax.jit(lambda r: Steps(r, np.ones(3)).edges)(jnp.arange(2.0)), "`edges` must be known"),
        (lambda: levels(MAJORANA, 15.0, Path(1e3, 2e3, MATTER, FIELD), [500.0]), "`places` must lie in"),
        (lambda: CollapsingStar.iron_core().path(stronger=-1.0), "`stronger` must"),
        (lambda: level_survival(UniversalMoment(1e-12).low_energy().neutrinos, MagneticSun(), stronger=[1.0, 2.0]),
         "must"),
        (lambda: DuneBurst.load(times=(1.0,)), "`times` must be two or more"),
        (lambda: DuneBurst.load(interstellar_field=-1.0), "`interstellar_field` must"),
    ],
)  # fmt: skip
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
