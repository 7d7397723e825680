"""Super-Kamiokande: splitting and mixing from the solar neutrinos of the fourth phase."""

import dataclasses

import numpyro.distributions as dist

from nmmjax.experiments import SuperKamiokandeDayNight2024, SuperKamiokandeSolar2024
from nmmjax.experiments.base import Experiment
from nmmjax.fit import Fit
from nmmjax.low_energy import Neutrinos
from nmmjax.media import SolarModel
from nmmjax.tables import read_table
from nmmjax.verifications._claims import Interval, Verification
from nmmjax.verifications._mixing import solar

_PAPER = "K. Abe et al. (Super-Kamiokande), Phys. Rev. D 109, 092001 (2024), arXiv:2312.12907"
_SIN2_THETA13 = 0.0218
_UNIT = 1e6


def mixed(dm21: float, sin2_theta12: float) -> Neutrinos:
    """theta13 as the paper takes it, dm21 in 1e-5 eV^2."""
    return solar(dm21, sin2_theta12 / (1.0 - sin2_theta12), _SIN2_THETA13)


def sun_of_sno() -> SolarModel:
    """B16-GS98 with the flux of 8B neutrinos that SNO has measured, and its error."""
    sun, measured = SolarModel.b16_gs98(), read_table("sno_2013_polynomial").where(parameter="flux")
    flux, error = float(measured["best"][0]), float((measured["stat"][0] ** 2 + measured["syst"][0] ** 2) ** 0.5)
    b8 = sun.index("b8")
    fluxes, errors = sun.fluxes.at[b8].set(_UNIT * flux), sun.flux_errors.at[b8].set(error / flux)
    return dataclasses.replace(sun, name="SNO", fluxes=fluxes, flux_errors=errors)


def fourth() -> Fit:
    """Phase IV as the collaboration fits it: the spectrum, and the amplitude of the variation with the zenith angle."""
    sun = sun_of_sno()
    spectrum = SuperKamiokandeSolar2024.load(sun, phases=(4,), by_night=False)
    return _fit(spectrum, SuperKamiokandeDayNight2024.load(sun, phases=(4,)))


def fourth_by_day_and_night() -> Fit:
    """Phase IV by the spectra of day and night."""
    return _fit(SuperKamiokandeSolar2024.load(sun_of_sno(), phases=(4,)))


def _fit(*experiments: Experiment) -> Fit:
    return Fit(mixed, experiments, {"dm21": dist.Uniform(2.2, 20.0), "sin2_theta12": dist.Uniform(0.15, 0.48)})


_SPLITTING = {
    "source": f"{_PAPER}, figure 39",
    "unit": "1e-5 eV^2",
    "name": "dm21",
    "symbol": r"$\Delta m^2_{21}$ [$10^{-5}$ eV$^2$]",
    "published": (6.90, 1.62, 1.21),
    "reach": (4.0, 13.0),
}

VERIFICATION = Verification(
    SuperKamiokandeSolar2024,
    (
        Interval(what="dm21, phase IV, spectrum and fitted amplitude", question=fourth, **_SPLITTING),
        Interval(
            what="sin^2 theta12, phase IV, spectrum and fitted amplitude",
            source=f"{_PAPER}, figure 39",
            question=fourth,
            name="sin2_theta12",
            symbol=r"$\sin^2\theta_{12}$",
            published=(0.308, 0.030, 0.029),
            reach=(0.22, 0.40),
        ),
        Interval(what="dm21, phase IV, spectra of day and night", question=fourth_by_day_and_night, **_SPLITTING),
    ),
    "The flux of 8B neutrinos is that of SNO within its error, as in the paper, and sin^2 theta13 = 0.0218. The paper "
    "fits a spectrum and, event by event, the variation with the zenith angle: the first two rows have the same "
    "ingredients, the third has day and night alone, which tell less of the splitting.",
)
