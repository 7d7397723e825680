"""What limits on electromagnetic properties of neutrinos share: intervals of charge radii, states that scatter."""

import abc
from collections.abc import Sequence
from typing import ClassVar, NamedTuple, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.constants import ELECTRON
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.likelihoods.published import PublishedValues
from nmmjax.experiments.shared import solar
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.matter import Nsi
from nmmjax.media import SolarModel
from nmmjax.numerics.quadrature import gauss_of
from nmmjax.numerics.special import modulus_squared
from nmmjax.oscillation import ProductionAverage
from nmmjax.scattering import effective_moment, helicity_flip
from nmmjax.tables import Source

RADII = "charge_radius_limits"
"""Name of the table of intervals [cm^2] of charge radii."""
_NODES = 4
"""Energies that stand for a continuous spectrum."""
_UNIT = 1e-11
"""Of moments [mu_B]; it drops out of shares."""


class Limited(NamedTuple):
    """What an upper limit is about."""

    table: str
    """Name of the table with its number."""
    quantity: str
    """Name of the squared quantity, to which a rate is proportional."""
    unit: str
    """Unit of the squared quantity."""


MOMENT, CHARGE = Limited("moment_limits", "moment^2", "mu_B^2"), Limited("millicharge_limits", "millicharge^2", "e^2")


class UpperLimits(MeasuredQuantities):
    """Abstract: published upper limits, half-Gaussians above zero in squares."""

    table_name: ClassVar[str]
    """Name of the experiment, and of its row in the tables of limits."""
    limited: ClassVar[tuple[Limited, ...]] = (MOMENT,)

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged tables."""
        return cls._of()

    @classmethod
    def _of(cls, *others: Source, **fields: eqx.Module) -> Self:
        """The experiment with the other tables and fields that a subclass adds."""
        tables = [PublishedValues.read(limited.table) for limited in cls.limited]
        terms = tuple(table.limit(cls.table_name, power=2) for table in tables)
        sources = (*(table.source for table in tables), *others)
        return cls(name=cls.table_name, terms=terms, sources=sources, **fields)

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of each squared quantity."""
        return tuple((limited.quantity, limited.unit) for limited in self.limited)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted squares (data,) of the limited quantities."""
        return jnp.stack(self.squares(theory))

    @abc.abstractmethod
    def squares(self, theory: LowEnergy) -> tuple[Float[Array, ""], ...]:
        """Squares of the limited quantities, in the order and units of `limited`."""


class ReactorMoment(UpperLimits):
    """Abstract: an upper limit on the moment of antinu_e near a reactor."""

    def squares(self, theory: LowEnergy) -> tuple[Float[Array, ""], ...]:
        """Squared moment (lambda^dagger lambda)_ee [mu_B^2] of antinu_e."""
        return (moment_squared(theory.neutrinos),)


class ReactorMomentAndCharge(UpperLimits):
    """Abstract: upper limits on the moment and on the charge of antinu_e near a reactor."""

    limited: ClassVar[tuple[Limited, ...]] = (MOMENT, CHARGE)

    def squares(self, theory: LowEnergy) -> tuple[Float[Array, ""], ...]:
        """Squared moment (lambda^dagger lambda)_ee [mu_B^2] and charge (q^dagger q)_ee [e^2] of antinu_e."""
        return moment_squared(theory.neutrinos), charge_squared(theory.neutrinos)


class ChargeRadius(MeasuredQuantities):
    """Abstract: an interval of the charge radius of one flavor, a Gaussian with both ends at its Delta chi^2."""

    table_name: ClassVar[str]
    """Name of the experiment, and of its row in the table of intervals."""
    flavor: ClassVar[int]
    """Index of the flavor: `constants.ELECTRON`, `MUON` or `TAU`."""

    @classmethod
    def load(cls) -> Self:
        """Read the published values from their packaged table."""
        radii = PublishedValues.read(RADII)
        return cls(name=cls.table_name, terms=(radii.interval(cls.table_name),), sources=(radii.source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Name and unit of the charge radius."""
        return (("charge_radius", "cm^2"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Charge radius <r^2>_aa beyond the Standard Model [cm^2] (1,) of the flavor a."""
        return charge_radius(theory.neutrinos, self.flavor).reshape(1)


# Antineutrinos of a reactor some 10 to 30 m away are antinu_e still.


def moment_squared(neutrinos: Neutrinos) -> Float[Array, ""]:
    """Squared moment (lambda^+ lambda)_ee [mu_B^2] of antinu_e and nu_e alike."""
    return jnp.sum(modulus_squared(neutrinos.moment_matrix[:, ELECTRON]))


def charge_squared(neutrinos: Neutrinos) -> Float[Array, ""]:
    """Squared charge (q^+ q)_ee [e^2] of nu_e; a charge may change the flavor, too."""
    if neutrinos.millicharge is None:
        return jnp.zeros(())
    return jnp.sum(modulus_squared(neutrinos.millicharge[:, ELECTRON]))


def charge_radius(neutrinos: Neutrinos, flavor: int) -> Float[Array, ""]:
    """Charge radius <r^2>_aa beyond the Standard Model [cm^2] of one flavor a."""
    if neutrinos.charge_radius is None:
        return jnp.zeros(())
    return jnp.real(neutrinos.charge_radius[flavor, flavor])


class SolarState(eqx.Module):
    """The mean state of the solar neutrinos that an experiment would see scatter by a moment.

    The mean is over sources and energies, with the weights flux x (ln(T_2 / T_1) - (T_2 - T_1) / E), T from the lowest
    recoil to the highest that the energy allows. At low recoils only fluxes matter.
    """

    average: ProductionAverage
    shares: Float[Array, " points"]
    """Weights of the points in the mean; they sum to one."""

    @classmethod
    def build(cls, sun: SolarModel, spectra: SolarSpectra, sources: Sequence[str], low: float, high: float) -> Self:
        """The mean state of `sources` in the Sun for recoils from `low` to `high` [keV]."""
        quadratures = [tuple(np.asarray(x, float) for x in spectra.quadrature(source)) for source in sources]
        ends = np.cumsum([len(energy) for energy, _ in quadratures])[:-1]
        together = _magnetic(np.concatenate([energy for energy, _ in quadratures]), low, high)
        averages, weights = [], []
        for source, (energy, weight), section in zip(
            sources, quadratures, np.split(np.asarray(together), ends), strict=True
        ):
            seen = weight * section * float(sun.fluxes[sun.index(source)])
            nodes, shares = gauss_of(energy[seen > 0.0], seen[seen > 0.0], _NODES)
            averages.append(ProductionAverage.build(nodes, sun, source))
            weights.append(shares)
        shares = np.concatenate(weights)
        return cls(ProductionAverage.joined(*averages), on_device(shares / shares.sum()))

    def __call__(self, mass_squared: Complex[Array, "3 3"], nsi: Nsi | None = None) -> Complex[Array, "3 3"]:
        """Density matrix rho in the flavor basis, by day, for M^+ M [eV^2]."""
        return jnp.einsum("p,pab->ab", self.shares, self.average.state(mass_squared, nsi=nsi))

    def moment_squared(self, theory: LowEnergy) -> Float[Array, ""]:
        """Effective squared moment tr(rho lambda^+ lambda) [mu_B^2] of solar neutrinos."""
        return effective_moment.squared(self(theory.neutrinos.mass_squared, theory.nsi), theory.neutrinos.moment_matrix)

    def charge_squared(self, theory: LowEnergy) -> Float[Array, ""]:
        """Effective squared charge tr(rho q^+ q) [e^2] of solar neutrinos."""
        if theory.neutrinos.millicharge is None:
            return jnp.zeros(())
        return effective_moment.squared(self(theory.neutrinos.mass_squared, theory.nsi), theory.neutrinos.millicharge)


@quick()
def _magnetic(energy: Float[Array, " n"], low: Float[Array, ""], high: Float[Array, ""]) -> Float[Array, " n"]:
    """Cross section of a moment of `_UNIT`, up to a factor, for recoils from `low` to `high` [keV]."""
    return helicity_flip.magnetic_cross_section(energy, _UNIT * jnp.eye(1), low=low, high=high)[:, 0, 0]


class SolarMoment(UpperLimits):
    """Abstract: an upper limit on the effective moment of solar neutrinos."""

    kinds: ClassVar[tuple[str, ...]]
    """Sources in the Sun whose neutrinos are seen."""
    recoils: ClassVar[tuple[float, float]]
    """Lowest and highest recoil [keV] that is seen."""
    state: SolarState

    @classmethod
    def load(cls, sun: SolarModel | None = None) -> Self:
        """Read the limit from the packaged tables; solar fluxes are those of B16-GS98 unless another model is given."""
        sun, spectra = solar.given_or_standard(sun), SolarSpectra.load()
        state = SolarState.build(sun, spectra, cls.kinds, *cls.recoils)
        return cls._of(*spectra.tables, *sun.tables, state=state)

    def squares(self, theory: LowEnergy) -> tuple[Float[Array, ""], ...]:
        """Effective squared moment tr(rho lambda^dagger lambda) [mu_B^2] of solar neutrinos."""
        return (self.state.moment_squared(theory),)


class SolarMomentAndCharge(SolarMoment):
    """Abstract: upper limits on the effective moment and charge of solar neutrinos."""

    limited: ClassVar[tuple[Limited, ...]] = (MOMENT, CHARGE)

    def squares(self, theory: LowEnergy) -> tuple[Float[Array, ""], ...]:
        """Effective squares tr(rho lambda^dagger lambda) [mu_B^2] and tr(rho q^dagger q) [e^2] of solar neutrinos."""
        return self.state.moment_squared(theory), self.state.charge_squared(theory)
