"""The waist of the house: what `LowEnergy` takes."""

import jax.numpy as jnp
import pytest

from nmmjax.low_energy import ChargedLeptons, HeavyLepton, LowEnergy, Neutrinos

NEUTRINOS = Neutrinos(jnp.diag(jnp.array([0.01, 0.02, 0.05])))


def test_fields_are_optional_but_for_neutrinos():
    assert LowEnergy(NEUTRINOS).heavy_lepton is None
    heavy = HeavyLepton(1.0, jnp.ones(3))
    assert LowEnergy(NEUTRINOS, ChargedLeptons(), heavy).heavy_lepton is heavy


def test_an_undeclared_field_is_refused():
    with pytest.raises(TypeError, match="heavy_quark"):
        LowEnergy(NEUTRINOS, heavy_quark=None)  # pyright: ignore


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"neutrinos": jnp.eye(3)}, "neutrinos"),
        ({"neutrinos": NEUTRINOS, "charged_leptons": None}, "charged_leptons"),
        ({"neutrinos": NEUTRINOS, "heavy_lepton": HeavyLepton}, "heavy_lepton"),
    ],
)
def test_a_field_of_the_wrong_class_is_refused(fields, name):
    with pytest.raises(ValueError, match=f"Argument `{name}` must be an object of the class"):
        LowEnergy(**fields)
