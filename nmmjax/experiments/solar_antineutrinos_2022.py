"""KamLAND, Borexino and Super-Kamiokande: antineutrinos from the Sun, which its fields would make of Majorana nu_e."""

from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.constants import ELECTRON, PDG_2026
from nmmjax.experiments.base import Nuisance, without_nsi
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.experiments.shared import solar
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.numerics.quadrature import gauss_of
from nmmjax.oscillation import ProductionAverage
from nmmjax.precession import MagneticSun
from nmmjax.precession.solar import solar_states
from nmmjax.scattering import inverse_beta

_POINTS = 3
"""Energies for each experiment: P goes as E^2, nearly."""


class SolarAntineutrinos2022(MeasuredQuantities):
    """Limits on P(nu_e -> antinu_e) of 8B neutrinos: 5.3e-5 (KamLAND), 7.2e-5 (Borexino), 4.7e-4 (Super-Kamiokande).

    P is the mean over what inverse beta decay sees in the range of energies of each, through the fields of a
    `MagneticSun` (`precession.solar_probability`); each limit is a half-Gaussian above zero, and the published ones
    assume that P is the same for all energies. The field has an error of half a decade, a nuisance that a fit may fix
    or give another prior.
    """

    reference: ClassVar[str] = (
        "A. Gando et al. (KamLAND), Astrophys. J. 745, 193 (2012), arXiv:1105.3516; M. Agostini et al. (Borexino), "
        "Astropart. Phys. 125, 102509 (2021), arXiv:1909.02422; K. Abe et al. (Super-Kamiokande), Astropart. Phys. "
        "139, 102702 (2022), arXiv:2012.03807"
    )

    experiments: tuple[str, ...] = eqx.field(static=True)
    average: ProductionAverage
    weights: Float[Array, "data points"]
    """Share of each energy in the events of each experiment."""
    magnetic: MagneticSun

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None, *, magnetic: MagneticSun | None = None) -> Self:
        """Read the packaged limits, for a field of 50 kG in the convective zone unless other fields are given."""
        limits = PublishedValues.read("solar_antineutrinos", "experiment")
        sun, spectra = solar.given_or_standard(sun), SolarSpectra.load()
        quadrature = spectra.quadrature("b8")
        energy, weight = np.asarray(quadrature.energy), np.asarray(quadrature.weight)
        seen = weight * np.asarray(inverse_beta.cross_section(quadrature.energy))
        nodes, weights = [], np.zeros((len(limits.names), _POINTS * len(limits.names)))
        for row, name in enumerate(limits.names):
            low, high = limits.number(name, "low"), limits.number(name, "high")
            inside = (energy > low) & (energy < high)
            points, shares = gauss_of(energy[inside], seen[inside], _POINTS)
            nodes.append(points)
            weights[row, _POINTS * row : _POINTS * (row + 1)] = shares / shares.sum()
        return cls(
            name="solar_antineutrinos",
            terms=tuple(limits.limit(name) for name in limits.names),
            sources=(limits.source, *spectra.tables, *sun.tables),
            experiments=tuple(limits.word(name, "title") for name in limits.names),
            average=ProductionAverage.build(np.concatenate(nodes), sun, "b8"),
            weights=on_device(weights),
            magnetic=MagneticSun(5e4) if magnetic is None else magnetic,
        )

    def nuisances(self) -> dict[str, dist.Distribution]:
        """log10 of the fields over what is given."""
        return solar.field_prior()

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """The probability in each experiment."""
        return tuple((f"P(nu_e -> antinu_e), {name}", "") for name in self.experiments)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """P(nu_e -> antinu_e) as each experiment sees it (3,); none for Dirac neutrinos."""
        if not theory.neutrinos.nature.self_conjugate:
            return jnp.zeros(len(self.experiments))
        stronger = 10.0 ** nuisance[solar.FIELD]
        _, flipped = solar_states(theory.neutrinos, self.average, self.magnetic, stronger, 1e-6, PDG_2026)
        return without_nsi(theory) * (self.weights @ jnp.real(flipped[:, ELECTRON, ELECTRON]))
