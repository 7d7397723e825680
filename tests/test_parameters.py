"""Parameters declared once, components, and what a user writes: an array of couplings, a function as a model."""

from dataclasses import KW_ONLY
from typing import Annotated

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
import pytest
from jaxtyping import Array, Complex, Float
from toys import DATA, Masses, TwoHeavy

from nmmjax import mixing
from nmmjax.fit import Fit
from nmmjax.low_energy import Dirac, LowEnergy, Majorana, Neutrinos
from nmmjax.models import GrimusLavouraCouplings, Scalar, SeesawTypeOne, ThreeFlavor, ZeeBabu, arguments, parameter
from nmmjax.ordering import InvertedOrdering, NormalOrdering, Ordering
from nmmjax.parameters import REQUIRED, Parametrized, constructor
from nmmjax.priors import ComplexLogUniform, ComplexNormal
from nmmjax.quantities import Quantity
from nmmjax.three_flavor import NUFIT60, LightNeutrinos


class Declared(Parametrized):
    """One of everything."""

    mass: Scalar = parameter("M", "GeV", low=1.0, high=10.0)
    yukawa: Complex[Array, "2 3"] = parameter("Y", high=2.0)
    _: KW_ONLY
    vector: Float[Array, "3"] = parameter("v", default=np.array([1.0, 2.0, 3.0]))
    angle: Scalar = parameter("a", "rad", circular=True, default=0.5)
    ordering: Ordering = NormalOrdering()

    @classmethod
    @constructor(instead_of=("mass",))
    def from_logarithm(cls, log_mass: Annotated[Scalar, parameter(r"\ln M", low=0.0)], **others):
        """Of the mass."""
        return cls(jnp.exp(log_mass), **others)


Y = np.arange(6.0).reshape(2, 3) / 5.0


def test_fields_know_what_they_are():
    assert Declared.parameters == {
        "mass": Quantity("M", "GeV", 1.0, 10.0),
        "yukawa": Quantity("Y", high=2.0, shape=(2, 3), is_complex=True),
        "vector": Quantity("v", shape=(3,)),
        "angle": Quantity("a", "rad", circular=True),
        "log_mass": Quantity(r"\ln M", low=0.0),
    }
    taken = arguments(Declared)
    assert [name for name, argument in taken.items() if argument.default is REQUIRED] == ["mass", "yukawa"]
    assert taken["ordering"].kinds == (Ordering,)
    assert list(arguments(Declared.from_logarithm)) == ["log_mass", "yukawa", "vector", "angle", "ordering"]


def test_fields_hold_strongly_typed_arrays():
    made = Declared.from_logarithm(1, yukawa=Y)
    assert float(made.mass) == pytest.approx(np.e)
    leaves = jax.tree.leaves(made)
    assert all(isinstance(leaf, jax.Array) and not leaf.weak_type for leaf in leaves)
    assert [leaf.dtype for leaf in leaves] == [jnp.float64, jnp.complex128, jnp.float64, jnp.float64]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Declared(0.5, Y), r"`mass` must lie in \[1, 10\] GeV, but it is 0.5"),
        (lambda: Declared(2.0j, Y), "`mass` must be real"),
        (lambda: Declared("heavy", Y), "`mass` must be a number or an array"),
        (lambda: Declared(jnp.ones(2), Y), r"`mass` must be one number, but its shape is \(2,\)"),
        (lambda: Declared(2.0, Y.T), r"`yukawa` must have shape \(2, 3\), but its shape is \(3, 2\)"),
        (lambda: Declared(2.0, 3j * Y), r"`yukawa` must lie in \(-inf, 2\], but it is 2.4.* at index 1, 1"),
        (lambda: Declared(2.0, np.nan * Y), "`yukawa` must be finite"),
        (lambda: Declared(2.0, Y, ordering=InvertedOrdering), "`ordering` must be an object of the class Ordering"),
        (lambda: Declared.from_logarithm(-1.0, yukawa=Y), r"`log_mass` must lie in \[0"),
        (lambda: jax.jit(lambda x: Declared(0.5, x * Y))(1.0), "`mass` must lie in"),
    ],
)
def test_nonsense_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_components_stand_flat_or_whole():
    masses = {"m_1": 1e10, "m_2": 1e11, "m_3": 1e12}
    flat = SeesawTypeOne.from_oscillations(**NUFIT60, lightest_mass=0.005, **masses, y12=0.3)
    light = LightNeutrinos.with_small_mass()
    whole = SeesawTypeOne.from_oscillations(light, **masses, y12=0.3)
    assert jax.tree.all(jax.tree.map(lambda a, b: bool(jnp.all(a == b)), flat, whole))
    taken = arguments(SeesawTypeOne.from_oscillations)
    assert {"dm21", "sin2_theta12", "ordering", "x12", "m_1"} < taken.keys()
    assert not {"light", "rotation", "nature", "theta12"} & taken.keys()
    assert not {"alpha21", "alpha31", "lightest_mass"} & arguments(ZeeBabu.from_oscillations).keys()
    with pytest.raises(ValueError, match="`dm21` must be left out beside `light`"):
        SeesawTypeOne.from_oscillations(light, **masses, dm21=7e-5)
    with pytest.raises(ValueError, match="`light` must be an object of the class LightNeutrinos"):
        SeesawTypeOne.from_oscillations(7e-5, **masses)


def test_what_a_constructor_computes_is_told_in_terms_of_its_arguments():
    with pytest.raises(
        ValueError, match=r"`m0` must lead, with the others of `GrimusLavouraCouplings.from_splittings`"
    ):
        GrimusLavouraCouplings.from_splittings(m0=0.0, r=1.0, dm21=7e-5, yukawa=1e-3, dirac_mass=1.7)


@pytest.mark.parametrize(("ordering", "dm3l"), [(NormalOrdering(), 2.5e-3), (InvertedOrdering(), -2.5e-3)])
def test_one_massless_neutrino(ordering, dm3l):
    """`alpha` is the phase between the massive states: m_beta_beta in its textbook form."""
    light = LightNeutrinos.one_massless(**(NUFIT60 | {"dm3l": dm3l, "alpha": 0.8}), ordering=ordering)
    m, U = np.asarray(light.masses()), np.abs(light.pmns())[0] ** 2
    assert m[light.lightest] == 0.0
    inverted = U[0] * m[0] + U[1] * m[1] * np.exp(0.8j)
    normal = U[1] * m[1] + U[2] * m[2] * np.exp(1j * (0.8 - 2 * NUFIT60["delta_cp"]))
    expected = abs(normal if ordering.sign > 0 else inverted)
    assert float(light.neutrinos().m_beta_beta) == pytest.approx(expected, rel=1e-12)


def test_three_flavor_is_the_component():
    assert isinstance(ThreeFlavor.benchmark(), LightNeutrinos)


# What a user writes


def fitted(model, priors, fixed=None, **arguments):
    return Fit(model, (Masses(DATA),), priors, fixed, **arguments)


@jax.jit
def density_and_slope(fit, z):
    return jax.value_and_grad(fit.log_density)(z)


def assert_usable(fit):
    z = fit.space.draw(jax.random.PRNGKey(2))
    density, slope = density_and_slope(fit, z)
    assert np.isfinite(density)
    assert slope.shape == (fit.space.size,)
    assert np.all(np.isfinite(slope))
    assert np.any(slope != 0.0)


YUKAWAS = {
    "cartesian": ComplexNormal(0.1).expand([2, 3]),
    "polar": ComplexLogUniform(jnp.full((2, 3), 1e-4), 1.0).to_event(2),
    "real": dist.Normal(0.0, 0.1).expand([2, 3]).to_event(2),
}


@pytest.mark.parametrize("kind", YUKAWAS)
def test_a_matrix_of_couplings_is_one_field_with_one_prior(kind):
    fit = fitted(TwoHeavy, TwoHeavy.default_priors() | {"yukawa": YUKAWAS[kind]})
    if kind != "real":
        assert_usable(fit)
    assert len(fit.space.labels) == fit.space.size == (8 if kind == "real" else 14)
    if kind != "real":
        assert {"yukawa_re[0,1]", "yukawa_im[1,2]"} < set(fit.space.labels)
        assert fit.quantities["yukawa_im"] == Quantity(r"{\rm Im}\,Y", shape=(2, 3))
    z = fit.space.draw(jax.random.PRNGKey(1))
    assert jnp.allclose(fit.space.vector(fit.space.parameters(z)), z)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"yukawa": ComplexNormal(0.1)}, r"`priors\['yukawa'\]` must have shape \(2, 3\), but its shape is \(\)"),
        ({"yukawa": ComplexNormal(0.1).expand([3, 2])}, r"must have shape \(2, 3\), but its shape is \(3, 2\)"),
        ({"m_1": ComplexNormal(0.1)}, r"`priors\['m_1'\]` must be real"),
    ],
)
def test_priors_have_the_shape_of_their_field(change, message):
    with pytest.raises(ValueError, match=message):
        fitted(TwoHeavy, TwoHeavy.default_priors() | change)


def degenerate(m, delta=0.1, *, theta=0.6):
    """Three masses close to each other.

    More words.
    """
    U = mixing.pmns(theta, 0.15, 0.8)
    return mixing.majorana_mass_matrix(U, m * jnp.stack([1.0, 1.0 + delta, 1.0 + 3.0 * delta]))


def seesaw(yukawa, m_1):
    """Two heavy neutrinos."""
    return TwoHeavy(yukawa, m_1=m_1).low_energy()


PRIORS = {"m": dist.LogUniform(1e-3, 0.1), "delta": dist.Uniform(0.01, 0.2)}


def test_a_function_is_a_model():
    fit = fitted(degenerate, PRIORS, nature=Majorana())
    assert fit.model_class.__name__ == fit.model.__qualname__ == "degenerate"
    assert fit.model_class.reference == "Three masses close to each other."
    assert fit.held == {"theta": 0.6}
    assert fit.quantities["m"].symbol == r"{\rm m}"
    assert_usable(fit)
    theory = fit.point({"m": 0.05, "delta": 0.1, "toy_shift": 0.0}).theory
    expected = Neutrinos(degenerate(0.05))
    np.testing.assert_array_equal(theory.neutrinos.mass_matrix, expected.mass_matrix)
    np.testing.assert_array_equal(theory.neutrinos.moment_matrix, expected.moment_matrix)
    dirac = fitted(degenerate, PRIORS, {"theta": 0.5}, nature=Dirac())
    assert isinstance(dirac.point({"m": 0.05, "delta": 0.1, "toy_shift": 0.0}).theory.neutrinos.nature, Dirac)


def test_arrays_of_a_function_follow_their_priors():
    """Complex ones too, and functions may return neutrinos or the whole low-energy theory."""
    fit = fitted(seesaw, {"yukawa": ComplexNormal(0.1).expand([2, 3]), "m_1": dist.LogUniform(1e11, 1e13)})
    assert fit.space.size == 14
    assert_usable(fit)
    assert isinstance(fitted(lambda m: Neutrinos(degenerate(m)), {"m": PRIORS["m"]}).point(
        {"m": 0.05, "toy_shift": 0.0}).theory, LowEnergy)  # fmt: skip


def test_the_same_function_is_compiled_once():
    before = density_and_slope._cache_size()
    for m in (0.05, 0.06):
        fit = fitted(degenerate, PRIORS | {"m": dist.LogUniform(1e-3, m)}, {"theta": m}, nature=Majorana())
        density_and_slope(fit, jnp.zeros(fit.space.size))
    assert density_and_slope._cache_size() == before + 1


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: fitted(degenerate, PRIORS), r"`model` must return `Neutrinos`, .* and no `nature=` is given"),
        (lambda: fitted(lambda m: m, {"m": PRIORS["m"]}, nature=Majorana()), "`model` must return `Neutrinos`"),
        (lambda: fitted(lambda m: {"M": m}, {"m": PRIORS["m"]}), "`model` must return .* it returns {'M'"),
        (lambda: fitted(seesaw, {"m_1": PRIORS["m"]}), r"`priors` must name every parameter of seesaw .*\['yukawa'\]"),
        (lambda: fitted(degenerate, PRIORS | {"detla": PRIORS["m"]}, nature=Majorana()), "did you mean 'delta'"),
        (lambda: fitted(lambda *m: m, PRIORS), "`model` must be a function of named arguments"),
        (lambda: fitted(3.0, PRIORS), "`model` must be a subclass of Model, a classmethod of one or a plain function"),
        (lambda: fitted(degenerate, PRIORS, nature=Majorana), "`nature` must be an object of the class Nature"),
        (
            lambda: fitted(lambda m: Neutrinos(degenerate(m)), {"m": PRIORS["m"]}, nature=Majorana()),
            "`nature` must be left out where a model makes its own neutrinos",
        ),
        (
            lambda: fitted(TwoHeavy, TwoHeavy.default_priors(), nature=Majorana()),
            "`nature` must be left out beside a class of models",
        ),
        (
            lambda: fitted(ThreeFlavor, {"ordering": PRIORS["m"], "m": PRIORS["m"]}),
            "`priors` must be one of",
        ),
        (
            lambda: fitted(ThreeFlavor, ThreeFlavor.default_priors() | {"ordering": PRIORS["m"]}),
            "`priors` must leave `ordering` to `fixed`: an object of the class Ordering",
        ),
    ],
)  # fmt: skip
def test_functions_and_priors_that_do_not_fit_are_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
