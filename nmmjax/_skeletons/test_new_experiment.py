"""NewExperiment keeps the contract of experiments, and sees what it should."""

import jax.numpy as jnp
import numpy as np
from new_experiment import NewExperiment

from nmmjax import testing
from nmmjax.models import ThreeFlavor

HELD = {"new_experiment_signal": jnp.zeros(()), "new_experiment_accidental": jnp.zeros(()), "new_experiment_scale": 0.0}


def theory(sin2_theta13):
    return ThreeFlavor.from_sin2(
        7.5e-5, 2.5e-3, sin2_theta12=0.31, sin2_theta13=sin2_theta13, sin2_theta23=0.5
    ).low_energy()


def test_contract():
    testing.check_experiment(NewExperiment.load())


def test_ten_bins_by_hand():
    """Survival of three flavors in vacuum, with sin^2(1.267 dm^2 L / E), times the signal, and the background."""
    experiment, s13, s12 = NewExperiment.load(), 0.0219, 0.31
    waves = [np.sin(1.267 * dm * 1500.0 / experiment.energy) ** 2 for dm in (7.5e-5, 2.5e-3, 2.425e-3)]
    survival = 1.0 - 4.0 * (1.0 - s13) ** 2 * s12 * (1.0 - s12) * waves[0]
    survival -= 4.0 * s13 * (1.0 - s13) * ((1.0 - s12) * waves[1] + s12 * waves[2])
    expected = jnp.diag(experiment.response) * survival + experiment.backgrounds[0]
    np.testing.assert_allclose(experiment.predict(theory(s13), HELD), expected, rtol=2e-4)


def test_it_prefers_the_angle_that_it_was_drawn_with():
    experiment = NewExperiment.load()
    true, none = (float(experiment.log_likelihood(theory(angle), HELD)) for angle in (0.0219, 0.0))
    assert -2.0 * true < 20.0
    assert 2.0 * (true - none) > 20.0
