"""NewModel keeps the contract of models, and gives back what its paper states."""

import numpy as np
import pytest
from new_model import NewModel

from nmmjax import testing


def test_contract():
    testing.check_model(NewModel)


@pytest.mark.parametrize("couplings", [(0.004, 0.003, 0.028, -0.022), (0.001, -0.004, 0.02, -0.03)])
def test_what_the_symmetry_says(couplings):
    """theta23 = pi/4, theta13 = 0, m_3 = |c - d|."""
    a, b, c, d = couplings
    states = NewModel(*couplings).low_energy().neutrinos.states
    assert float(states.sin2_theta23) == pytest.approx(0.5, abs=1e-12)
    assert float(states.sin2_theta13) == pytest.approx(0.0, abs=1e-12)
    others = np.abs(np.linalg.eigvalsh([[a, np.sqrt(2.0) * b], [np.sqrt(2.0) * b, c + d]]))
    np.testing.assert_allclose(states.masses, [*sorted(others), abs(c - d)], rtol=1e-10)
