"""The Sun: where its electrons are, where its neutrinos are made, and how many."""

import dataclasses
from enum import Enum
from typing import Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, Real

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import check_fields, public
from nmmjax.media.path import Held
from nmmjax.tables import Source, Table, read_table

SOURCES = ("pp", "pep", "hep", "be7", "b8", "n13", "o15", "f17")
"""The reactions of the pp chains and of the CNO cycle that make neutrinos; be7 stands for both of its lines."""


SCALE_HEIGHT = 6.6e4
"""n_e / |dn_e/dr| in the Sun [km]: the radius over 10.54 [Bahcall, Neutrino Astrophysics (1989)]."""


class B23(Enum):
    """Compositions for which the B23 solar models give the density of electrons [Herrera, Serenelli 2024]."""

    GS98 = "gs98"
    AGSS09MET = "agss09met"
    AAG21 = "aag21"
    MB22_METEORITIC = "mb22_meteoritic"
    MB22_PHOTOSPHERIC = "mb22_photospheric"
    C11 = "c11"


class SolarModel(eqx.Module):
    """A standard solar model as neutrinos see it: n_e(r), the place of birth and the flux of each source.

    `production` holds quadrature weights: the mean of f over the place of birth of a source is
    sum_r production[source, r] f(r).
    """

    name: str = eqx.field(static=True)
    sources: tuple[str, ...] = eqx.field(static=True)
    radius: Float[Array, " radii"]
    """[solar radii]."""
    electron_density: Float[Array, " radii"]
    """n_e / N_A [mol/cm^3]."""
    production: Float[Array, "sources radii"]
    """Weights of the places of birth; each row sums to one."""
    fluxes: Float[Array, " sources"]
    """At one astronomical unit, without oscillations [cm^-2 s^-1]."""
    flux_errors: Float[Array, " sources"]
    """One standard deviation, relative."""
    neutron_density: Float[Array, " radii"] | None = None
    """n_n / N_A [mol/cm^3]; None where it is not known."""
    tables: tuple[Source, ...] = eqx.field(static=True, default=())

    def __check_init__(self) -> None:
        check_fields(self)
        for name in ("radius", "electron_density", "production", "fluxes", "flux_errors", "neutron_density"):
            if getattr(self, name) is not None:
                _checks.check_range(name, getattr(self, name), low=0.0)

    @classmethod
    def b16_gs98(cls) -> Self:
        """B16-GS98: the composition of Grevesse and Sauval (1998), high metallicity [Vinyoles et al. 2017]."""
        return cls._tabulated("B16-GS98", read_table("solar_b16_gs98"), read_table("solar_b16_fluxes"))

    @classmethod
    def b16_agss09met(cls) -> Self:
        """B16-AGSS09met: the composition of Asplund et al. (2009), low metallicity [Vinyoles et al. 2017]."""
        return cls._tabulated("B16-AGSS09met", read_table("solar_b16_agss09met"), read_table("solar_b16_fluxes"))

    @public
    def with_electrons_of(self, composition: B23) -> Self:
        """The model with the density of electrons of a B23 model, ln n_e a polygon in r; neutrons grow in proportion.

        Places of birth, fluxes and the name, which nuisances of fluxes bear, stay: only what matter does to neutrinos
        changes. Where most 8B neutrinos are born n_e differs from B16-GS98 by less than 0.4 % (GS98) to 1.1 %
        (AGSS09MET), elsewhere in the core by up to 2.4 %.
        """
        table = read_table("solar_b23_electrons")
        density = np.exp(np.interp(np.asarray(self.radius), table["radius"], np.log(table[composition.value])))
        neutrons = self.neutron_density
        return dataclasses.replace(
            self,
            electron_density=on_device(density),
            neutron_density=None if neutrons is None else neutrons * on_device(density) / self.electron_density,
            tables=(*self.tables, table.source),
        )

    @classmethod
    @public
    def from_profiles(
        cls,
        name: str,
        radius: ArrayLike,
        electron_density: ArrayLike,
        production: ArrayLike,
        *,
        fluxes: ArrayLike,
        flux_errors: ArrayLike,
        neutron_density: ArrayLike | None = None,
        sources: tuple[str, ...] = SOURCES,
    ) -> Self:
        """A model from curves: weights by the trapezoidal rule in r, normalized to one.

        **Arguments:**

        - `radius` (radii,), ascending; `electron_density` (radii,) [mol/cm^3].
        - `production` (sources, radii): neutrinos made per unit of radius, on any scale.
        - `fluxes` [cm^-2 s^-1], `flux_errors` (relative): (sources,).
        - `neutron_density` (radii,) [mol/cm^3]: only interactions with neutrons (`matter.Nsi`) ask for it.

        **Raises:** `ValueError` for shapes that do not fit, radii that do not ascend, negative numbers, or a source
        that makes nothing.
        """
        r, density, rates = (np.asarray(x, float) for x in (radius, electron_density, production))
        if r.ndim != 1 or len(r) < 2 or not np.all(np.diff(r) > 0):
            _checks.fail("radius", "be an ascending array of two or more radii", f"it is {radius!r}")
        for argument, value, shape in (
            ("electron_density", density, r.shape),
            ("production", rates, (len(sources), len(r))),
            ("fluxes", fluxes, (len(sources),)),
            ("flux_errors", flux_errors, (len(sources),)),
            ("neutron_density", density if neutron_density is None else neutron_density, r.shape),
        ):
            if np.shape(value) != shape:
                _checks.fail(argument, f"have shape {shape}", f"its shape is {np.shape(value)}")
            _checks.check_range(argument, value, low=0.0)
        _checks.check_range("radius", r, low=0.0)
        weights = rates * _trapezoid(r)
        total = weights.sum(1, keepdims=True)
        if not np.all(total > 0):
            _checks.fail("production", "be positive somewhere for every source", "a row of it vanishes")
        return cls(
            name=name,
            sources=tuple(sources),
            radius=on_device(r),
            electron_density=on_device(density),
            production=on_device(weights / total),
            fluxes=jnp.asarray(fluxes, float),
            flux_errors=jnp.asarray(flux_errors, float),
            neutron_density=None if neutron_density is None else on_device(np.asarray(neutron_density, float)),
        )

    @public
    def index(self, source: str) -> int:
        """The row of a source in `production`, `fluxes` and `flux_errors`."""
        _checks.check_known("source", source, self.sources)
        return self.sources.index(source)

    @classmethod
    def _tabulated(cls, name: str, profile: Table, fluxes: Table) -> Self:
        chosen = fluxes.where(model=name)
        rows = [int(np.flatnonzero(chosen["source"] == source)[0]) for source in SOURCES]
        composition = read_table("solar_hydrogen")
        hydrogen = np.interp(profile["radius"], composition["radius"], composition["hydrogen"])
        density = 10.0 ** profile["log10_electron_density"]
        model = cls.from_profiles(
            name,
            profile["radius"],
            density,
            np.stack([profile[source] for source in SOURCES]),
            fluxes=chosen["flux"][rows],
            flux_errors=chosen["flux_error"][rows],
            neutron_density=density * (1.0 - hydrogen) / (1.0 + hydrogen),
        )
        return dataclasses.replace(model, tables=(profile.source, fluxes.source, composition.source))


class FromSun(eqx.Module):
    """The way of the neutrinos of one source from where they are made in the Sun to the Earth by day.

    They arrive as incoherent mass states, so there are probabilities and density matrices but no amplitudes; all are
    born as nu_e. The mean over the place of birth is over all radii of the model.

    **Arguments:** a model of the Sun, one of its sources, and the height h of the density, n_e ~ exp(-r / h) [km], for
    jumps between levels; a long one is the adiabatic limit.

    **Raises:** `ValueError` for a source that the model does not have, or a height that is not positive.
    """

    model: SolarModel
    source: str = eqx.field(static=True)
    scale_height: Float[Held, ""]

    @public
    def __init__(self, model: SolarModel, source: str, *, scale_height: Real[ArrayLike, ""] = SCALE_HEIGHT) -> None:
        _checks.check_known("source", source, model.sources)
        self.model, self.source = model, source
        self.scale_height = _checks.real_array("scale_height", scale_height, low=0.0, open_low=True, unit="km")

    def births(self) -> tuple[Float[Array, " radii"], Float[Array, " radii"]]:
        """n_e / N_A [mol/cm^3] where the neutrinos are made, and the weights of the places, which sum to one."""
        return self.model.electron_density, self.model.production[self.model.index(self.source)]


def _trapezoid(x: np.ndarray) -> np.ndarray:
    """Weights w with sum w f(x) = the integral of the polygon through the points."""
    step = np.diff(x)
    return 0.5 * (np.concatenate([step, [0.0]]) + np.concatenate([[0.0], step]))
