"""XENONnT: solar 8B neutrinos by coherent scattering on xenon, the first part of the neutrino fog."""

from typing import ClassVar, NamedTuple, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.constants import PDG_2026
from nmmjax.experiments.base import Nuisance, Pull, prediction
from nmmjax.experiments.likelihoods import poisson
from nmmjax.experiments.shared import solar
from nmmjax.experiments.shared.nuclear_recoils import Beam, NuclearRecoils, Panels, between
from nmmjax.fluxes import SolarSpectra
from nmmjax.low_energy import LowEnergy
from nmmjax.media import SolarModel
from nmmjax.numerics.interpolate import lagrange
from nmmjax.numerics.quadrature import gauss_of
from nmmjax.oscillation import ProductionAverage
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.tables import Source, Table, read_table

_NAME = "xenonnt_solar_2026"
_EXPOSURES = {"sr0": 1.174398, "sr1": 2.342593, "sr2": 3.249665}
"""Of each science run [tonne years]."""
_BINS = 81
"""Of each science run."""
_SOURCES = ("b8", "hep")
_POINTS = 6
"""Energies between which what becomes of the neutrinos of a source is a polynomial."""
_MOLAR_MASS = 131.293
"""[g/mol]."""
_GRAMS_PER_TONNE, _YEAR = 1e6, 365.25 * 86400.0
"""[s]."""
_ACCIDENTAL = (0.7 / 7.5, 1.0 / 17.8, 1.0 / 17.8)
"""Relative errors of accidental coincidences: 7.5 +- 0.7 and 17.8 +- 1.0 events in the first two runs, from memory of
arXiv:2408.02877, where all backgrounds are 26.4 +1.4 -1.3; in the third run taken to be as in the second.
"""
_ELECTRONIC, _NEUTRON = 1.0, 0.5
"""Relative errors of the small backgrounds: 0.7 +- 0.7 and 0.5 +0.2 -0.3 events, from memory of the same."""
_MOST = 6.0
"""Largest flux that a free one may have, in units of the solar model."""
_VARIANTS = ("central", "light_down", "light_up", "charge_down", "charge_up")


class XenonNTSolar2026(poisson.Counts):
    """Science runs 0 to 2, 6.77 tonne years: 62 events in 3 x 81 bins of cS2, time since large signals, and two scores.

        t_rb = sum_p f_p N_rbp(l, q) + (1 + s_r z_r) A_rb + (1 + z') E_rb + (1 + z'' / 2) n_rb.

    N_rbp are recoils of `NuclearRecoils` by 8B and hep neutrinos, in the state in which the Sun sends them: weak
    scattering, charge radii, charges, interactions with quarks, moments. They are folded with the released response to
    recoils of one energy, a polygon from 0.5 to 5 keV, of which less or more is not assumed to be seen. The yields of
    light and of charge, l and q, are known to one standard deviation of the collaboration, between which bins vary
    exponentially. A are accidental coincidences, E electronic recoils, n neutrons: released templates.

    f_p is the flux of 8B neutrinos over that of the solar model: its nuisance, with the error of the model, is that of
    all solar experiments, and with `Sno2013` beside it is measured; or it is free. That of hep neutrinos is held.

    The Standard Model has 18.6 events for 5.46e6 neutrinos per cm^2 and second. With a free flux the first two runs
    alone have 5.7 +3.8 -2.4 in this unit and exclude none by 2.7 standard deviations, all three 4.9 +2.5 -1.9 and 3.2;
    published for the first two is 4.7 +3.6 -2.3 and 2.73, with the response of 2024, which is a fifth above this one.
    Recoils of electrons by moments and charges are left out: what the detector would see of them is not released, and
    `XenonNT2022` sees more.
    """

    reference: ClassVar[str] = (
        "E. Aprile et al. (XENON), Phys. Rev. Lett. 133, 191002 (2024), arXiv:2408.02877; arXiv:2604.06002 (2026); "
        "doi:10.5281/zenodo.20576156"
    )

    counts: Float[Array, " data"]
    """Events of each bin, one science run after the other."""
    recoils: NuclearRecoils
    average: ProductionAverage
    flux_shifts: Float[Array, " points"]
    """Relative change of the flux of each point for one standard deviation, or one, of its nuisance."""
    accidental: Float[Array, "runs data"]
    """Accidental coincidences of each science run, events."""
    electronic: Float[Array, " data"]
    neutron: Float[Array, " data"]
    flux_name: str = eqx.field(static=True)
    """Nuisance of the flux of 8B neutrinos."""
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    @public
    def load(cls, sun: SolarModel | None = None, *, free_flux: bool = False) -> Self:
        """Read the packaged data; solar fluxes are those of B16-GS98 unless another model of the Sun is given.

        **Arguments:** `free_flux`, whether the flux of 8B neutrinos may be anything, up to six times that of the model.
        """
        sun, spectra = solar.given_or_standard(sun), SolarSpectra.load()
        table, response = read_table(f"{_NAME}_counts"), read_table(f"{_NAME}_response")
        exposure = np.repeat(list(_EXPOSURES.values()), _BINS)
        light = _light(sun, spectra)
        error = 1.0 if free_flux else float(sun.flux_errors[sun.index("b8")])
        accidental = exposure * table["accidental"]
        runs = table["run"] == np.array(list(_EXPOSURES))[:, None]
        return cls(
            counts=on_device(table["observed"]),
            recoils=_recoils(response, exposure, light.beam),
            average=light.average,
            flux_shifts=on_device(error * light.is_b8),
            accidental=on_device(accidental * runs),
            electronic=on_device(exposure * table["electronic"]),
            neutron=on_device(exposure * table["neutron"]),
            flux_name=f"{_NAME}_flux" if free_flux else solar.flux_name(sun, "b8"),
            name=_NAME,
            sources=(table.source, response.source, read_table("isotopes").source, *spectra.tables, *sun.tables),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data: coherent scattering; `XenonNT2022` has other events of the same detector."""
        return frozenset({"xenonnt_coherent"})

    @property
    def bins(self) -> int:
        """Number of bins, all science runs together."""
        return len(_EXPOSURES) * _BINS

    @property
    def labels(self) -> tuple[str, ...]:
        """Science run, and place in cS2, time since large signals, and the scores of S1 and S2."""
        places = list(np.ndindex(3, 3, 3, 3))
        return tuple(f"{run} {''.join(map(str, place))}" for run in _EXPOSURES for place in places)

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors: yields and backgrounds in standard deviations, none of these negative, and the flux."""
        flux = dist.Uniform(0.0, _MOST) if self._free else dist.Normal(0.0, 1.0)
        normal = ("light", "charge", *(f"accidental_{run}" for run in _EXPOSURES))
        own: dict[str, dist.Distribution] = {name: dist.Normal(0.0, 1.0) for name in normal}
        own |= {
            "electronic": dist.TruncatedNormal(0.0, 1.0, low=-1.0 / _ELECTRONIC),
            "neutron": dist.TruncatedNormal(0.0, 1.0, low=-1.0 / _NEUTRON),
        }
        return {f"{_NAME}_{name}": prior for name, prior in own.items()} | {self.flux_name: flux}

    @property
    def _free(self) -> bool:
        """Whether the flux is free, its nuisance what it is over that of the solar model."""
        return self.flux_name.startswith(_NAME)

    def signal(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Coherent scatterings (data,)."""
        state = self.average.state(theory.neutrinos.mass_squared, nsi=theory.nsi)
        z = jnp.stack([nuisance[f"{_NAME}_{name}"] for name in ("light", "charge")])
        shift = nuisance[self.flux_name] - (1.0 if self._free else 0.0)
        events = self.recoils.events(theory, state) @ (1.0 + shift * self.flux_shifts)
        return between(events[..., None], z)[:, 0]

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted events (data,) of each bin."""

        def z(name: str) -> Float[Array, ""]:
            return nuisance[f"{_NAME}_{name}"]

        relative = zip(_ACCIDENTAL, _EXPOSURES, strict=True)
        accidental = jnp.stack([1.0 + error * z(f"accidental_{run}") for error, run in relative]) @ self.accidental
        small = (1.0 + _ELECTRONIC * z("electronic")) * self.electronic + (1.0 + _NEUTRON * z("neutron")) * self.neutron
        return self.signal(theory, nuisance) + accidental + small

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: events of each science run, in thirds of cS2 and of the score of S2, and all."""
        shape = (len(_EXPOSURES), 3, 3, 3, 3)
        predicted, observed = (
            np.asarray(x).reshape(shape) for x in (prediction(self, theory, nuisance), self.observed)
        )
        chosen: list[tuple[str, int | slice | tuple[int | slice, ...]]] = [(r, k) for k, r in enumerate(_EXPOSURES)]
        thirds = ("lowest", "middle", "highest")
        for axis, of in ((1, "cS2"), (4, "S2 score")):
            chosen += [(f"{third} third in {of}", (slice(None),) * axis + (k,)) for k, third in enumerate(thirds)]
        chosen.append(("all", slice(None)))
        return tuple(
            poisson.total_pull(f"XENONnT coherent, {label}", predicted[part], observed[part]) for label, part in chosen
        )


# Everything below turns the tables into arrays, once, when the experiment is loaded.


class _Light(NamedTuple):
    beam: Beam
    average: ProductionAverage
    is_b8: Float[np.ndarray, " points"]


def _light(sun: SolarModel, spectra: SolarSpectra) -> _Light:
    """Fluxes, folded with the polynomials through the points of each source."""
    energies, folds, averages, is_b8 = [], [], [], []
    for number, source in enumerate(_SOURCES):
        energy, weight = (np.asarray(x) for x in spectra.quadrature(source))
        nodes, _ = gauss_of(energy, weight, _POINTS)
        fold = np.zeros((len(energy), len(_SOURCES) * _POINTS))
        here = slice(number * _POINTS, (number + 1) * _POINTS)
        fold[:, here] = float(sun.fluxes[sun.index(source)]) * weight[:, None] * lagrange(energy, nodes)
        energies.append(energy)
        folds.append(fold)
        averages.append(ProductionAverage.build(nodes, sun, source))
        is_b8.append(np.full(_POINTS, float(source == "b8")))
    beam = Beam(np.concatenate(energies), np.concatenate(folds))
    return _Light(beam, ProductionAverage.joined(*averages), np.concatenate(is_b8))


def _recoils(response: Table, exposure: Float[np.ndarray, " data"], beam: Beam) -> NuclearRecoils:
    """Responses: central, then down and up in the yields of light and of charge."""
    recoil = np.unique(response["recoil"])
    shape = (len(_EXPOSURES), len(recoil), _BINS)
    ends = np.stack([np.arange(len(recoil) - 1), np.arange(1, len(recoil))], -1).ravel()  # both of each panel

    def acceptance(column: str) -> Float[np.ndarray, "data ends"]:
        found = np.swapaxes(response[column].reshape(shape), 1, 2).reshape(-1, len(recoil))
        return exposure[:, None] * found[:, ends]

    atoms = _GRAMS_PER_TONNE / _MOLAR_MASS * PDG_2026.avogadro * _YEAR
    where = Panels(recoil, np.array([-1.0, 1.0]))
    return NuclearRecoils.build([(Nucleus.load("Xe"), atoms)], beam, where, [acceptance(name) for name in _VARIANTS])
