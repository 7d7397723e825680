"""Results of recent years published as values, curves or surfaces of mixing parameters, beside what was published."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from nmmjax import mixing
from nmmjax._combination import check_overlaps
from nmmjax.experiments import (
    Homestake1998,
    Juno2025,
    KamLAND2011,
    NuFIT53Tables,
    Sno2013,
    SnoPlus2026,
)
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.ordering import InvertedOrdering, NormalOrdering

NO, IO = NormalOrdering(), InvertedOrdering()
NAMES = ("sin2_theta12", "sin2_theta13", "sin2_theta23", "delta_cp", "dm21", "dm31")
POINT = {NO: (0.31, 0.022, 0.47, -2.3, 7.6e-5, 2.5e-3), IO: (0.31, 0.022, 0.55, -1.5, 7.6e-5, -2.4e-3)}


def theory(sin2_theta12, sin2_theta13, sin2_theta23, delta_cp, dm21, dm31):
    angles = (jnp.arcsin(jnp.sqrt(s)) for s in (sin2_theta12, sin2_theta13, sin2_theta23))
    squared = 1e-4 + jnp.stack([jnp.zeros_like(dm31), dm21, dm31]) - jnp.minimum(dm31, 0.0)
    return LowEnergy(Neutrinos(mixing.majorana_mass_matrix(mixing.pmns(*angles, delta_cp), jnp.sqrt(squared))))


def chi2(experiment, points):
    """-2 ln L at each of many points (n, 6), and its gradient."""

    @jax.jit
    @jax.vmap
    def value_and_gradient(point):
        return jax.value_and_grad(lambda p: -2.0 * experiment.log_likelihood(theory(*p), {}))(point)

    return value_and_gradient(jnp.asarray(points))


def moved(ordering, **values):
    """A point with some of its numbers changed."""
    return [values.get(name, number) for name, number in zip(NAMES, POINT[ordering], strict=True)]


def assert_gradient_is_right(experiment, ordering):
    """Against differences, at a point that is not the best one."""
    point = np.array(POINT[ordering])
    steps = 1e-5 * np.abs(point) * np.eye(6)
    value, gradient = chi2(experiment, np.concatenate([[point], point + steps, point - steps]))
    assert np.all(np.isfinite(value))
    difference = (value[1:7] - value[7:]) / (2.0 * np.diag(steps))
    np.testing.assert_allclose(gradient[0] * point, difference * point, rtol=1e-4, atol=1e-4)
    assert np.any(np.abs(gradient[0] * point) > 0.1)


# Values


def test_juno_has_the_published_values_and_errors():
    experiment = Juno2025.load()
    assert experiment.labels == ("sin2_theta12", "dm21")
    best = moved(NO, sin2_theta12=0.3092, dm21=7.50e-5)
    one = [moved(NO, sin2_theta12=0.3092 + s * 0.0087, dm21=7.50e-5) for s in (1, -1)]
    other = [moved(NO, sin2_theta12=0.3092, dm21=7.50e-5 + s * 0.12e-5) for s in (1, -1)]
    both = moved(IO, sin2_theta12=0.3092 + 0.0087, dm21=7.50e-5 - 2 * 0.12e-5)
    value, _ = chi2(experiment, [best, *one, *other, both])
    np.testing.assert_allclose(value, [0.0, 1.0, 1.0, 1.0, 1.0, 5.0], atol=1e-6)
    assert_gradient_is_right(experiment, NO)


def test_sno_plus_has_the_published_value_and_errors():
    experiment = SnoPlus2026.load()
    value, _ = chi2(experiment, [moved(NO, dm21=dm21) for dm21 in (7.93e-5, 8.14e-5, 7.69e-5, 7.45e-5)])
    np.testing.assert_allclose(value, [0.0, 1.0, 1.0, 4.0], atol=1e-6)
    assert_gradient_is_right(experiment, NO)


def test_reactors_of_2025_and_2026_stand_beside_earlier_data():
    earlier = (KamLAND2011, Sno2013, Homestake1998)
    check_overlaps(tuple(kind.load() for kind in (Juno2025, SnoPlus2026, *earlier)))
    check_overlaps((Juno2025.load(), SnoPlus2026.load(), NuFIT53Tables.load()))
    assert (Juno2025.load().holds, SnoPlus2026.load().holds) == ({"juno"}, {"sno_plus"})
    with pytest.raises(ValueError, match="juno_2025 and juno_2025 share juno"):
        check_overlaps((Juno2025.load(), Juno2025.load()))


def test_juno_and_sno_plus_agree_within_two_standard_deviations():
    """The difference of the two splittings in units of its error, that of SNO+ downwards."""
    best = [experiment.load().observed[-1] for experiment in (Juno2025, SnoPlus2026)]
    assert (best[1] - best[0]) / math.hypot(0.12e-5, 0.24e-5) == pytest.approx(1.60, abs=0.01)
