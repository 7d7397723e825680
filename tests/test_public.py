"""Arguments of public functions are held against their annotations, in one way, before anything is compiled."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import Array, ArrayLike, Bool, Float, Int, Num, Real

from nmmjax import decays, mixing, moments, oscillation
from nmmjax._public import public, public_in_any_precision
from nmmjax.constants import PDG_2026, Constants
from nmmjax.low_energy import ChargedLeptons
from nmmjax.models import ThreeFlavor
from nmmjax.numerics.arrays import RealLike
from nmmjax.ordering import NormalOrdering, Ordering
from nmmjax.scattering import effective_moment, electron, nucleus
from nmmjax.three_flavor import NUFIT60


@public
def example(
    number: RealLike = 1.0,
    matrix: Num[ArrayLike, "... n n"] = np.eye(2),  # noqa: B008 (never changed)
    vector: Real[ArrayLike, " n"] = np.ones(2),  # noqa: B008
    *,
    flag: bool = True,
    flags: Bool[ArrayLike, "..."] = False,
    places: Int[ArrayLike, " k"] = np.zeros(1, int),  # noqa: B008 (never changed)
    count: int = 1,
    word: str = "",
    high: RealLike = np.inf,
    ordering: Ordering | None = None,
    constants: Constants = PDG_2026,
) -> tuple:
    """What has arrived."""
    return number, matrix, vector, flag, flags, places, count, word, high, ordering, constants


BAD = [
    ({"flag": "no"}, "`flag` must be True or False, but it is 'no'"),
    ({"flag": 1}, "`flag` must be True or False, but it is 1"),
    ({"flags": "no"}, "`flags` must be a number or an array"),
    ({"flags": 1.0}, "`flags` must be boolean"),
    ({"places": [0.0]}, "`places` must hold integers, but its type is float64"),
    ({"places": [True]}, "`places` must hold integers, but its type is bool"),
    ({"places": 1}, r"`places` must have shape \(k,\)"),
    ({"count": 1.5}, "`count` must be an integer, but it is 1.5"),
    ({"count": True}, "`count` must be an integer, but it is True"),
    ({"word": 1}, "`word` must be text"),
    ({"constants": "PDG"}, "`constants` must be an object of the class Constants, but it is 'PDG'"),
    ({"constants": None}, "`constants` must be an object of the class Constants, but it is None"),
    (
        {"ordering": "normal"},
        r"`ordering` must be an object of the class Ordering \(NormalOrdering, InvertedOrdering\)",
    ),
    ({"ordering": NormalOrdering}, "`ordering` must be an object of the class Ordering"),
    ({"number": "1.0"}, "`number` must be a number or an array, but it is '1.0'"),
    ({"number": None}, "`number` must be a number or an array, but it is None"),
    ({"number": {}}, "`number` must be a number or an array"),
    ({"number": [[1.0], [1.0, 2.0]]}, "`number` must be a number or an array"),
    ({"number": 10**400}, "`number` must be finite"),
    ({"number": 1e300}, "`number` must not exceed 1e[+]75 in size"),
    ({"number": np.datetime64("2026-01-01")}, "`number` must be a number or an array"),
    ({"number": jax.random.key(0)}, "`number` must be a number or an array"),
    ({"number": np.nan}, "`number` must be finite, but it is nan"),
    ({"number": [1.0, np.inf]}, "`number` must be finite, but it is inf at index 1"),
    ({"number": True}, "`number` must hold numbers, but it holds booleans"),
    ({"number": 1j}, "`number` must be real"),
    ({"number": np.ma.masked_array([1.0, 2.0], [False, True])}, "`number` must have no masked entries, but it has 1"),
    ({"number": np.ones(2).view(type("Quantity", (np.ndarray,), {}))}, "`number` must be a plain array"),
    ({"high": np.nan}, "`high` must be a number"),
    ({"matrix": np.ones(2)}, r"`matrix` must have shape \(\.\.\., n, n\), but its shape is \(2,\)"),
    ({"matrix": np.ones((2, 3))}, r"`matrix` must have shape \(\.\.\., n, n\), but its shape is \(2, 3\)"),
    (
        {"matrix": np.eye(2), "vector": np.ones(3)},
        r"`vector` must have shape \(2,\), as `matrix`, but its shape is \(3,\)",
    ),
    ({"number": np.ones(4), "matrix": np.ones((3, 2, 2))}, "`matrix` must broadcast"),
]


@pytest.mark.parametrize(("given", "message"), BAD)
def test_what_does_not_fit_an_annotation_is_refused_by_name(given, message):
    with pytest.raises(ValueError, match=f"^Argument {message}.*, but .*[.]$" if ", but" not in message else message):
        example(**given)


def test_numbers_arrive_as_given_but_for_integers_and_lists():
    array, scalar = jnp.ones(3), 2.5
    assert example(array)[0] is array
    assert example(scalar)[0] is scalar
    assert isinstance(example(3)[0], float)
    assert example([1, 2])[0].dtype == np.float64
    assert example(np.float32(0.5))[0].dtype == np.float64
    assert example(high=np.inf)[8] == np.inf


def test_an_array_whose_mask_hides_nothing_is_an_array():
    assert type(example(np.ma.masked_array([1.0, 2.0]))[0]) is np.ndarray


def test_single_precision_stays_where_a_function_takes_any():
    @public_in_any_precision
    def as_given(x: RealLike) -> Array:
        return jnp.asarray(x)

    assert as_given(np.float32(0.5)).dtype == np.float32
    assert as_given([0.5]).dtype == np.float64


def test_integers_have_powers_beyond_64_bits():
    heavy = {"lepton_mass": 1.777, "trilinear": 100.0}
    assert moments.r_parity_violation(0.1, 100_000, **heavy) == moments.r_parity_violation(0.1, 1e5, **heavy) > 0.0


def test_traced_values_are_left_alone():
    """The program of a function is that of its body; lists may hold traced numbers."""

    def body(x: Float[Array, ""]) -> Array:
        return decays.neutrino_radiative_rate.__wrapped__(1e-10, x, 0.1)  # pyright: ignore

    traced = jax.make_jaxpr(lambda x: decays.neutrino_radiative_rate(1e-10, x, 0.1))(1.0)
    assert str(traced) == str(jax.make_jaxpr(body)(1.0))
    assert jax.jit(lambda x: example([x, 2.0])[0])(1.0).shape == (2,)
    with pytest.raises(ValueError, match="`number` must be a number or an array"):
        jax.jit(lambda x: example([x, [2.0]])[0])(1.0)


SIN2 = {name: value for name, value in NUFIT60.items() if name != "delta_cp"}
UNPHYSICAL = [
    ("majorana", lambda: decays.heavy_neutrino_radiative_rate(1e-9, 10.0, majorana="no")),
    ("nature", lambda: ThreeFlavor.from_sin2(**SIN2, nature="Dirac")),
    ("ordering", lambda: ThreeFlavor.from_sin2(**SIN2, ordering="normal")),
    ("electron_mass", lambda: Constants(electron_mass=-1.0)),
    ("w_mass", lambda: Constants(w_mass="80")),
    ("left", lambda: decays.lepton_radiative_ratio(np.nan, 0.0)),
    ("vector", lambda: electron.Couplings.of_flavors([np.nan, 0.0, 0.0], [0.5, 0.5, 0.5])),
    ("sin2_theta_w", lambda: electron.Couplings.tree_level(1.2)),
    ("sin2_theta_w", lambda: nucleus.Couplings.tree_level(-0.2)),
    ("power", lambda: electron.strengths(1.0, low=1.0, high=2.0, power=1.5)),
    ("power", lambda: electron.strengths(1.0, low=1.0, high=2.0, power=3)),
    ("abundance", lambda: nucleus.Nucleus(18, 40, 37215.0, abundance=0.0)),
    ("dipole_left", lambda: ChargedLeptons(dipole_left=np.full((3, 3), np.nan))),
    ("mother", lambda: ChargedLeptons().radiative_ratio(3, 0)),
    ("daughter", lambda: ChargedLeptons().radiative_ratio(1, -1)),
    ("colors", lambda: moments.tensor(0.1, 1e3, mass=1.0, charge=-1.0, colors=0)),
    ("amplitude", lambda: oscillation.regenerated(np.eye(3) / 3, 4.0 * np.eye(3))),
    ("state", lambda: oscillation.regenerated(np.eye(3), np.eye(3))),
    ("state", lambda: oscillation.regenerated(np.diag([1.5, -0.5, 0.0]), np.eye(3))),
    ("state", lambda: effective_moment.squared(np.diag([1.5, -0.5, 0.0]), np.eye(3))),
    ("averages", lambda: oscillation.ProductionAverage.joined("no")),
    ("averages", lambda: oscillation.ProductionAverage.joined()),
    ("further", lambda: mixing.mass_squared_matrix(np.eye(4), 1e-4, 1e-3, "no")),
    ("weights", lambda: oscillation.solar_state(np.eye(3), 1.0, [1.0, 2.0], [0.5, 0.6])),
    ("weights", lambda: oscillation.solar_state(np.eye(3), 1.0, [1.0, 2.0], [1.5, -0.5])),
]


@pytest.mark.parametrize(("argument", "call"), UNPHYSICAL)
def test_numbers_without_sense_are_refused_by_name(argument, call):
    with pytest.raises(ValueError, match=f"^Argument `{argument}` must .*, but .*[.]$"):
        call()


def test_double_precision_switched_off_after_import_is_refused_and_said():
    matrix = np.diag([0.0, 7.5e-5, 2.5e-3])
    calls = (
        lambda: oscillation.probability(matrix, 1.0, oscillation.Uniform(1.0)),
        lambda: decays.neutrino_radiative_rate(1e-10, 1.0),
        lambda: electron.cross_section(1.0, electron.Couplings.tree_level()),
    )
    with jax.enable_x64(False):
        for call in calls:
            with pytest.raises(
                ValueError,
                match=r"double precision .* `jax_enable_x64` has been switched off since nmmjax was imported",
            ):
                call()
