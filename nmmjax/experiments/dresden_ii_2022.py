"""Dresden-II: antineutrinos of a reactor on germanium, with a threshold of 0.2 keV of ionization."""

import dataclasses
from typing import ClassVar, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float, PRNGKeyArray

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax._public import public
from nmmjax.experiments.base import Experiment, Nuisance, Pull, Spectrum, prediction
from nmmjax.experiments.shared import germanium
from nmmjax.experiments.shared.germanium import IronFiltered, Lindhard, Photoneutrons, Quenching
from nmmjax.experiments.shared.nuclear_recoils import Beam, NuclearRecoils, Panels, between
from nmmjax.experiments.shared.reactor_recoils import ReactorElectrons, ReactorRecoils
from nmmjax.fluxes import ReactorTables
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.special import normal_cdf
from nmmjax.scattering.atoms import Shells
from nmmjax.tables import Source, read_table

__all__ = ["DresdenII2022", "IronFiltered", "Lindhard", "Photoneutrons"]

_NAME = "dresden_ii_2022"
_MASS, _DAY, _STEP = 2924.0, 86400.0, 0.01
"""[g], [s], and width of the bins [keV]."""
_FLUX = 4.8e13
"""Of antineutrinos of all energies [1 / cm^2 s]."""
_FISSIONS = {"U235": 0.58, "U238": 0.08, "Pu239": 0.29, "Pu241": 0.05}
_CAPTURES = 0.6
"""Captures on 238U per fission."""
_NOISE, _FANO, _PER_PAIR = 0.0685, 0.11, 2.96e-3
"""sigma^2 = noise^2 + Fano factor x energy of a pair x ionization, [keV]."""
_ERROR = 0.05
"""Of the normalization, of the resolution and of the quenching factor, relative."""
_HIGHEST, _PANEL = 2.0, 1.25
"""Recoil [keV] beyond all, and ratio of the borders of a panel."""
_ELECTRON_CELLS = np.geomspace(0.0298, 2.2, 160)
"""Edges of cells of recoil [keV]. Below its start, the M shell, only four electrons are free, and how is not known."""
_L1, _L2, _M = 1.297, 1.142, 0.158
"""Lines of 71Ge: energies that are freed when an electron is captured from these shells [keV]."""
_L2_HEIGHT, _M_AREA, _M_ERROR = 0.008, 0.16, 0.03
"""Of L2 over L1, of M over L1, and of the latter, relative."""
_HEIGHT, _FLAT, _RISE, _SLOPE = 85.0, 14.0, 65.0, 4.0
"""Of the background: height of L1, constant, exponential at its start [1 / 10 eV day], slope of its logarithm [1/keV].

What a fit finds, rounded; units of nuisances.
"""
_START = 0.2
"""Of the spectrum [keV]."""
_CENTER = 0.02
"""Unit in which the center of L1 moves [keV]."""


class DresdenII2022(Experiment):
    """2.924 kg of germanium 10.4 m from a boiling water reactor, 96.4 days with the reactor on: 130 bins of 10 eV.

        t_b = B_b + (1 + 0.05 z) S_b(z', z''),    -2 ln L = sum_b (t_b - n_b)^2 / sigma_b^2.

    S are recoils of nuclei, quenched, and of electrons, free above their binding energies (and above 30 eV), smeared by
    sigma^2 = (68.5 eV)^2 + 0.11 x 2.96 eV x E: weak scattering with charge radii, charges, interactions of all kinds,
    and moments. Less than 3 eV of ionization does not count; noise does not make it negative. 4.8e13 antineutrinos per
    cm^2 and second have the spectrum of `ReactorTables`, with 0.6 captures on 238U per fission. Resolution (z') and
    quenching factor (z'') are known to 5 %.

    B is a constant and an exponential, the L1 line of 71Ge with free height, center and width, and beside it L2 (0.008
    of its height) and M (0.16 +- 3 % of its area): the model of P. Coloma et al., JHEP 05 (2022) 037, 2202.10829. Data
    with the reactor off are not used: they have other lines, and a background of their own.

    All hangs on the quenching factor at 0.5 to 1.5 keV, which is a choice of `load`. The Standard Model is preferred to
    no scattering by chi^2 = 7.5 with that of iron-filtered neutrons, by 5.1 with that of photoneutrons and by 2.7 with
    Lindhard's and k = 0.162; the collaboration has p < 1.2e-3. A moment is below 2.8e-10 mu_B with the first, below
    4.0e-10 with the second (Delta chi^2 = 2.71). CONUS contradicts the first.
    """

    reference: ClassVar[str] = (
        "J. Colaresi, J. I. Collar, T. W. Hossbach, C. M. Lewis and K. M. Yocum, Phys. Rev. Lett. 129, 211802 (2022), "
        "arXiv:2202.09672"
    )

    values: Float[Array, " data"]
    deviations: Float[Array, " data"]
    """Rates and their statistical errors [1 / 10 eV day]."""
    energy: Float[Array, " data"]
    """Centers of the bins [keV]."""
    recoils: ReactorRecoils
    """Rates [1 / 10 eV day]; variants of resolution and quenching."""
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    @public
    def load(cls, quenching: Quenching | None = None) -> Self:
        """Read the packaged data.

        **Arguments:** the quenching factor: `IronFiltered()`, `Photoneutrons()` (the default) or `Lindhard(k)`.
        """
        quenching = Photoneutrons() if quenching is None else quenching
        table, spectra, atom = read_table(f"{_NAME}_spectrum"), ReactorTables.load(), Shells.load("Ge")
        return cls(
            values=on_device(table["on"]),
            deviations=on_device(table["on_error"]),
            energy=on_device(table["energy"]),
            recoils=_recoils(table["energy"], spectra, atom, quenching),
            name=f"{_NAME}_{quenching.short_name}",
            sources=(table.source, spectra.table, read_table("isotopes").source, atom.table, *quenching.sources),
        )

    @property
    def holds(self) -> frozenset[str]:
        """Tag of the data, whatever the quenching factor."""
        return frozenset({"dresden_ii"})

    @property
    def counted_from(self) -> str:
        """The same for all quenching factors, which explain one spectrum."""
        return _NAME

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors: systematic errors in standard deviations; the background in units of what is found, wide and flat."""
        normal = {name: dist.Normal(0.0, 1.0) for name in ("normalization", "resolution", "quenching", "m_line")}
        flat = {name: dist.Uniform(0.5, 1.5) for name in ("l1_height", "l1_width")}
        flat |= {name: dist.Uniform(0.0, 2.0) for name in ("constant", "exponential")}
        flat |= {"slope": dist.Uniform(0.1, 4.0), "l1_center": dist.Uniform(-1.0, 1.0)}
        return {f"{self.name}_{name}": prior for name, prior in (normal | flat).items()}

    @property
    def observed(self) -> Float[Array, " data"]:
        """Rates (data,) [1 / 10 eV day]."""
        return self.values

    @property
    def labels(self) -> tuple[str, ...]:
        """Edges of each bin."""
        return tuple(f"{e - 0.5 * _STEP:.2f}-{e + 0.5 * _STEP:.2f} keV" for e in self.energy.tolist())

    def errors(self) -> Float[Array, " data"]:
        """Statistical standard deviations of the rates (data,)."""
        return self.deviations

    def spectrum(self) -> Spectrum:
        """The spectrum of ionization as one panel."""
        edges = jnp.append(self.energy - 0.5 * _STEP, self.energy[-1] + 0.5 * _STEP)
        return Spectrum(("Dresden-II, reactor on",), (edges,), "ionization energy", "keV", "rate / (10 eV day)")

    def background(self, nuisance: Nuisance) -> Float[Array, " data"]:
        """Constant, exponential and lines B (data,) [1 / 10 eV day]."""

        def z(name: str) -> Float[Array, ""]:
            return nuisance[f"{self.name}_{name}"]

        def line(height: Float[Array, ""], center: Float[Array, ""] | float, width: Float[Array, ""] | float) -> Array:
            return height * jnp.exp(-0.5 * ((self.energy - center) / width) ** 2)

        height, width = _HEIGHT * z("l1_height"), _NOISE * z("l1_width")
        m_height = _M_AREA * (1.0 + _M_ERROR * z("m_line")) * height * z("l1_width")
        lines = line(height, _L1 + _CENTER * z("l1_center"), width) + line(_L2_HEIGHT * height, _L2, width)
        falling = jnp.exp(-_SLOPE * z("slope") * (self.energy - _START))
        smooth = _FLAT * z("constant") + _RISE * z("exponential") * falling
        return smooth + lines + line(m_height, _M, _NOISE)

    def signal(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Recoils by antineutrinos (data,) [1 / 10 eV day]."""
        z = jnp.stack([nuisance[f"{self.name}_{name}"] for name in ("resolution", "quenching")])
        normalization = 1.0 + _ERROR * nuisance[f"{self.name}_normalization"]
        return normalization * between(self.recoils.events(theory)[..., None], z)[:, 0]

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted rates (data,) [1 / 10 eV day] of each bin."""
        return self.background(nuisance) + self.signal(theory, nuisance)

    @property
    def factors(self) -> tuple[str, ...]:
        """Each bin by itself."""
        return self.labels

    def log_likelihoods(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """ln L = -(t_b - n_b)^2 / 2 sigma_b^2 of each bin (data,)."""
        return -0.5 * ((self.predict(theory, nuisance) - self.values) / self.deviations) ** 2

    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """ln L = -sum_b (t_b - n_b)^2 / 2 sigma_b^2."""
        return jnp.sum(self.log_likelihoods(theory, nuisance))

    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure with rates drawn from normal distributions around the prediction."""
        drawn = jax.random.normal(key, self.values.shape, self.values.dtype)
        return self.with_values(self.predict(theory, nuisance) + self.deviations * drawn)

    def asimov(self, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure with the rates that are predicted."""
        return self.with_values(self.predict(theory, nuisance))

    def exposed(self, factor: float) -> Self:
        """The experiment with `factor` times its exposure: rates stay, statistical errors shrink."""
        _checks.check_range("exposure", factor, low=0.0, open_low=True)
        return dataclasses.replace(self, deviations=self.deviations / np.sqrt(factor))

    def with_values(self, values: Float[Array, " data"]) -> Self:
        """The experiment with other rates (data,) in the place of its own.

        **Raises:** `ValueError` for rates that are not finite or not as many as the bins.
        """
        _checks.check_real("values", values)
        _checks.check_finite("values", values)
        _checks.check_shape("values", values, self.values.shape)
        return dataclasses.replace(self, values=jnp.asarray(values, self.values.dtype))

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: rates in ranges of ionization."""
        predicted, observed = prediction(self, theory, nuisance), np.asarray(self.values)
        energy, variance = np.asarray(self.energy), np.asarray(self.deviations) ** 2
        lines = []
        for low, high in ((0.2, 0.3), (0.3, 0.5), (0.5, 1.0), (1.0, 1.5)):
            chosen = (energy > low) & (energy < high)
            t, n = float(predicted[chosen].sum()), float(observed[chosen].sum())
            pull = (t - n) / float(np.sqrt(variance[chosen].sum()))
            lines.append(Pull(f"Dresden-II rate, {low:g}-{high:g} keV", "1/day", (t,), (n,), pull))
        return tuple(lines)


# Everything below is computed once, when the experiment is loaded.


def _recoils(
    bins: Float[np.ndarray, " data"], spectra: ReactorTables, atom: Shells, quenching: Quenching
) -> ReactorRecoils:
    """Responses: central, then down and up by one standard deviation of the resolution and of the quenching factor."""
    energy, weight = (np.asarray(x) for x in spectra.quadrature(_FISSIONS, _CAPTURES))
    beam = Beam(energy, (_FLUX * weight / weight.sum())[:, None])
    low, high = quenching.least_recoil(), _HIGHEST
    where = Panels.geometric(low, high, _PANEL, 4, germanium.steps())
    ionization, deposit = quenching.ionization(where.recoil), 0.5 * (_ELECTRON_CELLS[1:] + _ELECTRON_CELLS[:-1])
    less, more = 1.0 - _ERROR, 1.0 + _ERROR
    variants = ((1.0, 1.0), (less, 1.0), (more, 1.0), (1.0, less), (1.0, more))
    target, number = germanium.nuclei(_MASS, _DAY)
    return ReactorRecoils(
        NuclearRecoils.build(
            [(target, number)], beam, where, [_acceptance(bins, q * ionization, r) for r, q in variants]
        ),
        ReactorElectrons.build(
            atom, number, beam, _ELECTRON_CELLS, [_acceptance(bins, deposit, r) for r, _ in variants]
        ),
    )


def _acceptance(
    bins: Float[np.ndarray, " data"], ionization: Float[np.ndarray, " n"], resolution: float
) -> Float[np.ndarray, "data n"]:
    """The probability to be counted in a bin, by ionization [keV]: a Gaussian that ends at zero."""
    sigma = resolution * np.sqrt(_NOISE**2 + _FANO * _PER_PAIR * ionization)
    edges = np.append(bins - 0.5 * _STEP, bins[-1] + 0.5 * _STEP)
    inside = np.diff(np.asarray(normal_cdf(jnp.asarray((edges[:, None] - ionization) / sigma))), axis=0)
    positive = np.asarray(normal_cdf(jnp.asarray(ionization / sigma)))
    return inside / positive
