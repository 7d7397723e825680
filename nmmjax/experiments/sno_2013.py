"""SNO: 8B neutrinos in heavy water, the analysis of all three phases together, 1999-2006."""

from typing import ClassVar, Self

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.correlated import correlated_fields
from nmmjax.experiments.shared import solar
from nmmjax.experiments.shared.night import Night
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.numerics.quadrature import gauss_of
from nmmjax.numerics.special import larger
from nmmjax.oscillation import ProductionAverage
from nmmjax.tables import Table, read_table

_UNIT = 1e6
"""Of fluxes [cm^-2 s^-1]."""
_CENTER = 10.0
"""Energy about which the polynomials are expanded [MeV]."""
_POINTS = 6
_LEAST = 1e-9
"""Of night + day, where theta12 vanishes."""
_QUANTITIES = (("8B flux", "1e6/cm^2/s"), ("c0", ""), ("c1", "1/MeV"), ("c2", "1/MeV^2"), ("a0", ""), ("a1", "1/MeV"))


class Sno2013(solar.SolarMeasurement):
    """The flux of 8B neutrinos, of all flavors, and polynomials of P_ee by day and of the day-night asymmetry.

        P_ee(day) = c0 + c1 x + c2 x^2,   2 (P_ee(night) - P_ee(day)) / (night + day) = a0 + a1 x,   x = E / MeV - 10.

    As the collaboration advises, a theory is projected on the polynomials with the weight that each energy has in the
    expected events of charged currents and elastic scattering: least squares with the information about P_ee in each
    interval of energy. The weight is that of the published survival probability, which makes the projection linear.
    The night is the mean over the way of the Sun below the horizon, detector always on.

    This analysis contains the data of `SnoFluxes2005`: use one of the two.
    """

    reference: ClassVar[str] = "B. Aharmim et al. (SNO), Phys. Rev. C 88, 025501 (2013), arXiv:1109.0763"

    average: ProductionAverage
    night: Night
    day_fit: Float[Array, "3 points"]
    """Matrix from P_ee by day at a few energies to c0, c1, c2."""
    asymmetry_fit: Float[Array, "2 points"]
    """Matrix from the asymmetry at a few energies to a0, a1."""
    flux: Float[Array, ""]
    """Flux of 8B neutrinos of the solar model [1e6 cm^-2 s^-1]."""
    flux_error: Float[Array, ""]
    """One standard deviation of `flux` [1e6 cm^-2 s^-1]."""

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None) -> Self:
        """Read the packaged data; solar fluxes are those of B16-GS98 unless another model of the Sun is given."""
        sun = solar.given_or_standard(sun)
        measured, spectra = read_table("sno_2013_polynomial"), read_table("sno_2013_spectra")
        error = np.sqrt(solar.variance(measured))
        correlation = np.stack([measured[name] for name in measured["parameter"].tolist()])
        energy, weight = gauss_of(*_information(spectra, measured["best"]), _POINTS)
        index = sun.index("b8")
        flux = sun.fluxes[index] / _UNIT
        return cls(
            name="sno_2013",
            sources=(measured.source, spectra.source, *sun.tables),
            quantities=_QUANTITIES,
            flux_names=(solar.flux_name(sun, "b8"),),
            average=ProductionAverage.build(energy, sun, "b8"),
            night=Night.sudbury(),
            day_fit=on_device(_projection(energy, weight, 3)),
            asymmetry_fit=on_device(_projection(energy, weight, 2)),
            flux=flux,
            flux_error=flux * sun.flux_errors[index],
            **correlated_fields(measured["best"], correlation * np.outer(error, error)),
        )

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted flux [1e6 cm^-2 s^-1] and coefficients c0, c1, c2, a0, a1 (6,)."""
        (name,) = self.flux_names
        state = self.arriving(self.average, theory, nuisance)
        day, night = self.night.survival(theory.neutrinos.mass_squared, state, self.average.energy, theory.nsi)
        asymmetry = 2.0 * (night - day) / larger(night + day, _LEAST)
        flux = self.flux + self.flux_error * nuisance[name]
        return jnp.concatenate([flux[None], self.day_fit @ day, self.asymmetry_fit @ asymmetry])

    def survival(self) -> tuple[solar.SurvivalPoint, ...]:
        """Survival probability by day at 10 MeV as measured: c0."""
        return (solar.SurvivalPoint("8B, SNO", _CENTER, float(self.values[1]), float(self.errors()[1])),)


def _information(
    spectra: Table, polynomial: Float[np.ndarray, "6"]
) -> tuple[Float[np.ndarray, " bins"], Float[np.ndarray, " bins"]]:
    """Energies and the information about P_ee there, (dN/dP)^2 / N with the events N = a P + b by day and by night."""
    energy = 0.5 * (spectra["energy_low"] + spectra["energy_high"])
    survival = np.polynomial.Polynomial(polynomial[1:4])(energy - _CENTER)
    weight = np.zeros_like(energy)
    for time in ("day", "night"):
        from_others = spectra[f"es_x_{time}"]
        slope = spectra[f"cc_{time}"] + spectra[f"es_e_{time}"] - from_others
        events = slope * survival + from_others
        weight += slope**2 / np.where(events > 0.0, events, 1.0)
    return energy, weight


def _projection(
    energy: Float[np.ndarray, " points"], weight: Float[np.ndarray, " points"], terms: int
) -> Float[np.ndarray, "terms points"]:
    """Weighted least squares as a matrix: values at the energies -> coefficients of 1, x, x^2, ..."""
    powers = (energy[:, None] - _CENTER) ** np.arange(terms)
    return np.linalg.solve(powers.T @ (weight[:, None] * powers), powers.T * weight)
