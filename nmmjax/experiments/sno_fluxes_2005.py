"""SNO: charged and neutral currents of 8B neutrinos in the salt phase, 2001-2003."""

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
from nmmjax.oscillation import ProductionAverage
from nmmjax.tables import Table, read_table

_UNIT = 1e6
"""Of fluxes [cm^-2 s^-1]."""
_POINTS = 6


class SnoFluxes2005(solar.SolarMeasurement):
    """The ratio CC / NC = <P_ee>, and the flux of all flavors from neutral currents, spectrum not constrained.

    Their correlation, -0.83, is the one with which the published errors of CC, of NC and of the ratio agree. <P_ee> is
    the mean by day and night over the expected charged-current events (those of all phases together, whose threshold
    was lower: P_ee varies little there). The neutral-current flux is that of the solar model, times its nuisance.

    These data are contained in those of `Sno2013`: a fit takes one of the two.
    """

    reference: ClassVar[str] = "B. Aharmim et al. (SNO), Phys. Rev. C 72, 055502 (2005), nucl-ex/0502021"

    average: ProductionAverage
    night: Night
    weights: Float[Array, "2 points"]
    """Shares of the charged-current events: day and night, energies."""
    flux: Float[Array, ""]
    """Flux of 8B neutrinos of the solar model [1e6 cm^-2 s^-1]."""
    flux_error: Float[Array, ""]
    """One standard deviation of `flux` [1e6 cm^-2 s^-1]."""

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None) -> Self:
        """Read the packaged data; solar fluxes are those of B16-GS98 unless another model of the Sun is given."""
        sun = solar.given_or_standard(sun)
        measured, spectra = read_table("sno_2005_fluxes"), read_table("sno_2013_spectra")
        events = np.stack([spectra["cc_day"], spectra["cc_night"]])
        middle = 0.5 * (spectra["energy_low"] + spectra["energy_high"])
        energy, weight = gauss_of(middle, events.sum(0), _POINTS)
        share = events.sum(1) / events.sum()
        index = sun.index("b8")
        flux = sun.fluxes[index] / _UNIT
        return cls(
            name="sno_fluxes",
            sources=(measured.source, spectra.source, *sun.tables),
            quantities=(("CC / NC", ""), ("NC flux", "1e6/cm^2/s")),
            flux_names=(solar.flux_name(sun, "b8"),),
            average=ProductionAverage.build(energy, sun, "b8"),
            night=Night.sudbury(),
            weights=on_device(np.outer(share, weight / weight.sum())),
            flux=flux,
            flux_error=flux * sun.flux_errors[index],
            **correlated_fields(*_ratio_and_flux(measured)),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: the salt phase."""
        return frozenset({"sno/salt"})

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted ratio CC / NC and flux of neutral currents [1e6 cm^-2 s^-1] (2,)."""
        (name,) = self.flux_names
        state = self.arriving(self.average, theory, nuisance)
        survival = jnp.stack(self.night.survival(theory.neutrinos.mass_squared, state, self.average.energy, theory.nsi))
        return jnp.stack([jnp.sum(self.weights * survival), self.flux + self.flux_error * nuisance[name]])


def _ratio_and_flux(table: Table) -> tuple[Float[np.ndarray, "2"], Float[np.ndarray, "2 2"]]:
    """Ratio and NC flux, errors symmetrized; their covariance from var(CC), CC = ratio x NC."""
    stat = 0.5 * (table["stat_up"] + table["stat_down"])
    syst = 0.5 * (table["syst_up"] + table["syst_down"])
    values = dict(zip(table["quantity"].tolist(), table["value"].tolist(), strict=True))
    variances = dict(zip(table["quantity"].tolist(), (stat**2 + syst**2).tolist(), strict=True))
    ratio, neutral = values["ratio"], values["nc"]
    independent = ratio**2 * variances["nc"] + neutral**2 * variances["ratio"]
    covariance = (variances["cc"] - independent) / (2.0 * ratio * neutral)
    return np.array([ratio, neutral]), np.array([[variances["ratio"], covariance], [covariance, variances["nc"]]])
