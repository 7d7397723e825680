"""Charged fermions in loops."""

import equinox as eqx

from nmmjax.constants import PDG_2026


class Fermion(eqx.Module):
    """What runs in the loop: its mass [GeV], charge [e] and number of colors."""

    mass: float = eqx.field(static=True)
    charge: float = eqx.field(static=True)
    colors: int = eqx.field(static=True)


FERMIONS = {
    "e": Fermion(PDG_2026.electron_mass, -1.0, 1),
    "mu": Fermion(PDG_2026.muon_mass, -1.0, 1),
    "tau": Fermion(PDG_2026.tau_mass, -1.0, 1),
    "u": Fermion(2.16e-3, 2.0 / 3.0, 3),
    "d": Fermion(4.70e-3, -1.0 / 3.0, 3),
    "s": Fermion(93.5e-3, -1.0 / 3.0, 3),
    "c": Fermion(1.2730, 2.0 / 3.0, 3),
    "b": Fermion(4.183, -1.0 / 3.0, 3),
    "t": Fermion(172.57, 2.0 / 3.0, 3),
}
"""Running masses of light quarks at 2 GeV, of c and b at themselves, pole mass of t (PDG 2024)."""
