"""Reactor2026: its data, and what a theory predicts for them."""

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from jaxtyping import Array, Float

from nmmjax import oscillation
from nmmjax.constants import ELECTRON
from nmmjax.experiments.likelihoods.from_tables import CountsFromTables
from nmmjax.low_energy import LowEnergy


class Reactor2026(CountsFromTables):
    """Antineutrinos of a reactor, 1.5 km away, in ten bins of energy: numbers made for an example.

    `reactor_2026.csv` holds bins, events, the signal without oscillation, one background, and what one standard
    deviation of the scale of energy changes; `reactor_2026.toml` says where they come from. A response to true
    energies goes into `reactor_2026_response.csv`.
    """

    reference: ClassVar[str] = "none: an example"
    panel: ClassVar[str] = "detector"
    axis: ClassVar[tuple[str, str]] = ("neutrino energy", "MeV")
    ranges: ClassVar[tuple[tuple[float, float], ...]] = ((2.0, 4.5), (4.5, 7.0))
    norms: ClassVar[Mapping[str, float]] = {"signal": 0.02, "accidental": 0.1}

    @classmethod
    def load(cls) -> Self:
        """Read the tables beside this file."""
        return cls.from_tables("reactor_2026", Path(__file__).parent)

    def weights(self, theory: LowEnergy) -> Float[Array, " nodes"]:
        """The part of the antineutrinos of each energy (nodes,) that are still of the flavor e."""
        mass_squared, path = theory.neutrinos.mass_squared, oscillation.Uniform(1.5)
        return oscillation.probability(mass_squared, self.energy, path, antineutrino=True)[:, ELECTRON, ELECTRON]
