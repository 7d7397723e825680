"""What limits on electromagnetic properties of neutrinos share: intervals of charge radii, states that scatter."""

import abc
from collections.abc import Sequence
from statistics import NormalDist
from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float

from nmmjax.experiments import _limits, _solar
from nmmjax.experiments._base import Nuisance
from nmmjax.experiments._measured import MeasuredQuantities, Term
from nmmjax.experiments._terms import SplitGaussian
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy, Neutrinos
from nmmjax.media import SolarModel
from nmmjax.numerics.special import modulus_squared
from nmmjax.oscillation import ProductionAverage
from nmmjax.scattering import effective_moment, helicity_flip
from nmmjax.tables import Source, read_table

_NODES = 4
"""Energies that stand for a continuous spectrum."""
_UNIT = 1e-11
"""Of moments [mu_B]; it drops out of shares."""
_MOMENT, _CHARGE = ("moment^2", "mu_B^2"), ("millicharge^2", "e^2")


class MomentLimit(MeasuredQuantities):
    """Abstract: a limit on a moment, half-Gaussian above zero in its square."""

    table_name: ClassVar[str]
    """Of the experiment, and in the tables of limits."""
    quantity: ClassVar[str] = "moment^2"
    """Name of the square."""
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """From the packaged table."""
        moment, moments = _limits.upper("moment_limits", cls.table_name, power=2)
        return cls(name=cls.table_name, terms=(moment,), sources=(moments,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """The moment squared."""
        return ((self.quantity, "mu_B^2"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """The moment squared."""
        return self.squared(theory.neutrinos).reshape(1)

    @abc.abstractmethod
    def squared(self, neutrinos: Neutrinos) -> Float[Array, ""]:
        """Of the moment that is limited [mu_B^2]."""


class ReactorMoment(MomentLimit):
    """Abstract: of antinu_e near a reactor."""

    def squared(self, neutrinos: Neutrinos) -> Float[Array, ""]:
        """(lambda^dagger lambda)_ee."""
        return moment_squared(neutrinos)


class ReactorMomentAndCharge(ReactorMoment):
    """Abstract: the same, and a limit on the charge, half-Gaussian above zero in its square."""

    @classmethod
    def load(cls) -> Self:
        """From the packaged tables."""
        moment, moments = _limits.upper("moment_limits", cls.table_name, power=2)
        charge, charges = _limits.upper("millicharge_limits", cls.table_name, power=2)
        return cls(name=cls.table_name, terms=(moment, charge), sources=(moments, charges))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Moment and charge squared."""
        return (_MOMENT, _CHARGE)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """(lambda^dagger lambda)_ee and (q^dagger q)_ee."""
        neutrinos = theory.neutrinos
        return jnp.stack([moment_squared(neutrinos), charge_squared(neutrinos)])


class ChargeRadius(MeasuredQuantities):
    """Abstract: an interval of the charge radius of one flavor, a Gaussian with both ends at its Delta chi^2."""

    table_name: ClassVar[str]
    """Of the experiment, and in the table of limits."""
    flavor: ClassVar[int]
    """Counting e, mu, tau."""
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """From the packaged table."""
        term, source = radius(cls.table_name)
        return cls(name=cls.table_name, terms=(term,), sources=(source,))

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """The radius."""
        return (("charge_radius", "cm^2"),)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """<r^2>_aa."""
        return charge_radius(theory.neutrinos, self.flavor).reshape(1)


def radius(quantity: str) -> tuple[SplitGaussian, Source]:
    """The Gaussian with both ends of a published interval at the Delta chi^2 of its confidence, and its table."""
    table = read_table("charge_radius_limits")
    row = table.where(quantity=quantity)
    low, high = (row["factor"].item() * row[end].item() for end in ("low", "high"))
    error = 0.5 * (high - low) / NormalDist().inv_cdf(0.5 * (1.0 + row["confidence"].item()))
    return SplitGaussian(0.5 * (low + high), error, error), table.source


# Antineutrinos of a reactor some 10 to 30 m away are antinu_e still.


def moment_squared(neutrinos: Neutrinos) -> Float[Array, ""]:
    """(lambda^+ lambda)_ee [mu_B^2], of antinu_e and nu_e alike."""
    return jnp.sum(modulus_squared(neutrinos.moment_matrix[:, 0]))


def charge_squared(neutrinos: Neutrinos) -> Float[Array, ""]:
    """(q^+ q)_ee [e^2]: a charge may change the flavor, too."""
    if neutrinos.millicharge is None:
        return jnp.zeros(())
    return jnp.sum(modulus_squared(neutrinos.millicharge[:, 0]))


def charge_radius(neutrinos: Neutrinos, flavor: int) -> Float[Array, ""]:
    """<r^2>_aa beyond the Standard Model [cm^2]."""
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
    """They sum to one."""

    @classmethod
    def build(cls, sun: SolarModel, spectra: SolarSpectra, sources: Sequence[str], low: float, high: float) -> Self:
        """For recoils from `low` to `high` [keV]."""
        averages, weights = [], []
        for source in sources:
            energy, weight = (np.asarray(x, float) for x in spectra.quadrature(source))
            section = helicity_flip.magnetic_cross_section(jnp.asarray(energy), _UNIT * jnp.eye(1), low=low, high=high)
            seen = weight * np.asarray(section)[:, 0, 0] * float(sun.fluxes[sun.index(source)])
            nodes, shares = _solar.gauss(energy[seen > 0.0], seen[seen > 0.0], _NODES)
            averages.append(ProductionAverage.build(nodes, sun, source))
            weights.append(shares)
        shares = np.concatenate(weights)
        return cls(ProductionAverage.joined(*averages), jnp.asarray(shares / shares.sum()))

    def __call__(self, mass_squared: Complex[Array, "3 3"]) -> Complex[Array, "3 3"]:
        """rho in the flavor basis, by day."""
        return jnp.einsum("p,pab->ab", self.shares, self.average.state(mass_squared))

    def moment_squared(self, neutrinos: Neutrinos) -> Float[Array, ""]:
        """tr(rho lambda^+ lambda) [mu_B^2]."""
        return effective_moment.squared(self(neutrinos.mass_squared), neutrinos.moment_matrix)

    def charge_squared(self, neutrinos: Neutrinos) -> Float[Array, ""]:
        """tr(rho q^+ q) [e^2]."""
        if neutrinos.millicharge is None:
            return jnp.zeros(())
        return effective_moment.squared(self(neutrinos.mass_squared), neutrinos.millicharge)


class SolarMoment(MeasuredQuantities):
    """Abstract: a limit on the moment of solar neutrinos, half-Gaussian above zero in tr(rho lambda^+ lambda)."""

    table_name: ClassVar[str]
    """Of the experiment, and in the tables of limits."""
    kinds: ClassVar[tuple[str, ...]]
    """Sources in the Sun."""
    recoils: ClassVar[tuple[float, float]]
    """[keV]."""
    name: str = eqx.field(static=True)
    terms: tuple[Term, ...]
    state: SolarState
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls, sun: SolarModel | None = None) -> Self:
        """From the packaged tables, with fluxes of B16-GS98 unless another model is given."""
        sun = SolarModel.b16_gs98() if sun is None else sun
        spectra = SolarSpectra.load()
        limits = [_limits.upper(table, cls.table_name, power=2) for table in cls.tables()]
        return cls(
            name=cls.table_name,
            terms=tuple(term for term, _ in limits),
            state=SolarState.build(sun, spectra, cls.kinds, *cls.recoils),
            sources=(*(source for _, source in limits), *spectra.tables, *sun.tables),
        )

    @classmethod
    def tables(cls) -> tuple[str, ...]:
        """Where the limits stand, one for each of the quantities."""
        return ("moment_limits",)

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """The moment squared."""
        return (_MOMENT,)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """tr(rho lambda^dagger lambda)."""
        return self.state.moment_squared(theory.neutrinos).reshape(1)


class SolarMomentAndCharge(SolarMoment):
    """Abstract: the same, and a limit on the charge in tr(rho q^+ q)."""

    @classmethod
    def tables(cls) -> tuple[str, ...]:
        """Moments and charges."""
        return ("moment_limits", "millicharge_limits")

    def quantities(self) -> tuple[tuple[str, str], ...]:
        """Moment and charge squared."""
        return (_MOMENT, _CHARGE)

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """tr(rho lambda^dagger lambda) and tr(rho q^dagger q)."""
        neutrinos = theory.neutrinos
        return jnp.stack([self.state.moment_squared(neutrinos), self.state.charge_squared(neutrinos)])
