"""COHERENT, liquid argon: coherent scattering of neutrinos on argon, in energy, pulse shape and time."""

from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.constants import PDG_2026
from nmmjax.experiments.base import Nuisance, Pull, prediction
from nmmjax.experiments.likelihoods import poisson
from nmmjax.experiments.shared import coherent
from nmmjax.fluxes import pion_decay
from nmmjax.low_energy import LowEnergy
from nmmjax.numerics.special import normal_cdf
from nmmjax.scattering.nucleus import Nucleus
from nmmjax.tables import Source, read_table

_SHAPE = (12, 8, 10)
"""Bins of energy, F90 and time."""
_ENERGY_STEP, _TIME_STEP = 10.0, 0.5
"""Widths of the bins [keV electron equivalent] and [microseconds]."""
_PROTONS, _PER_PROTON, _BASELINE = 13.77e22, 0.09, 0.0275
"""On target, pions that stop for each, and [km]."""
_MASS, _MOLAR_MASS = 24.4e3, 39.948
"""Fiducial [g], and [g/mol]."""
_QUENCHING, _QUENCHING_ERROR = (0.246, 0.00078), (0.006, 0.00009)
"""Light of a recoil of T keV over that of an electron: a + b T."""
_RESOLUTION = 0.58
"""sigma = 0.58 sqrt(E), in keV electron equivalent."""
_RECOILS = (0.2, 152.0)
"""[keV]."""
_PULSE = {"center": 0.4303, "width": 0.0785}
"""Arrival of the protons [microseconds]: what the released times of scatterings say, 23 % of which are prompt."""
_EFFICIENCY_ERROR = 0.05
"""Cuts 3.6 %, fiducial mass 2.5 %, form factor 2 % in the paper."""
_STEADY_ERROR = 25.0 / 3154.0
_PROMPT_ERROR, _DELAYED_ERROR = 160.0 / 497.0, 1.0
"""Of the backgrounds, relative."""
_PULSE_SHAPES = 4
"""Bins of energy with so many scatterings released that their F90 is known; later ones take the last."""


class CoherentLAr2020(coherent.Recoils):
    """CENNS-10, 24.4 kg, 27.5 m from the source, analysis A: 12 x 8 x 10 bins of energy, F90 and time.

        t_Eft = sum_a S_Ea F_Ef T_at + (1 + 0.32 z) B_Eft + (1 + z') D_Eft + exp(0.008 z'') A_Eft,

    S the scatterings: quenched, smeared, then seen with the released efficiency at the reconstructed energy. T is the
    part of prompt or delayed neutrinos that comes in a bin of time, for a Gaussian pulse of protons fitted to the
    released times, and F the released distribution of F90. The neutrons of the beam, B prompt and D delayed, have
    truncated normal priors that leave none negative; flux and efficiency are log-normal. The shapes of the backgrounds
    are held, which the collaboration varies. The slope and the constant of the quenching count as independent.

    Electrons that neutrinos hit are left out: their F90 is that of the background.
    """

    reference: ClassVar[str] = "D. Akimov et al. (COHERENT), Phys. Rev. Lett. 126, 012002 (2021), arXiv:2003.10630"
    responses: ClassVar[tuple[str, ...]] = ("quenching", "quenching_slope")

    time: Float[Array, "sources 10"]
    """Parts of the neutrinos that come in a bin."""
    pulse_shape: Float[Array, "12 8"]
    """Parts of the scatterings in a bin of energy that have this F90."""
    prompt_neutrons: Float[Array, " data"]
    delayed_neutrons: Float[Array, " data"]
    steady_state: Float[Array, " data"]
    """Events."""
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """Read the packaged data."""
        table, efficiency = read_table("coherent_lar_2020_counts"), read_table("coherent_lar_2020_efficiency")
        where = coherent.grid(*_RECOILS)
        a, b = _QUENCHING
        da, db = _QUENCHING_ERROR
        variants = ((a, b), (a - da, b), (a + da, b), (a, b - db), (a, b + db))
        nuclei = _MASS / _MOLAR_MASS * PDG_2026.avogadro
        fluence = pion_decay.fluence(_PROTONS, _BASELINE, per_proton=_PER_PROTON)
        times = np.unique(table["time"])
        released = table["scattering"].reshape(_SHAPE).sum(2)
        shape = released / np.maximum(released.sum(1, keepdims=True), 1e-300)
        shape[_PULSE_SHAPES:] = shape[_PULSE_SHAPES - 1]
        edges = np.append(times - 0.5 * _TIME_STEP, times[-1] + 0.5 * _TIME_STEP)
        prompt, delayed = (np.diff(np.asarray(part)) for part in _arrived(edges, **_PULSE))
        return cls(
            counts=on_device(table["observed"]),
            **coherent.fields(
                where,
                [(Nucleus.load("Ar"), nuclei * fluence)],
                [_acceptance(where.recoil, quenching, efficiency["efficiency"]) for quenching in variants],
            ),
            time=on_device(np.stack([prompt, delayed, delayed])),
            pulse_shape=on_device(shape),
            prompt_neutrons=on_device(table["prompt_neutrons"]),
            delayed_neutrons=on_device(table["delayed_neutrons"]),
            steady_state=on_device(table["steady_state"]),
            name="coherent_lar_2020",
            sources=(table.source, efficiency.source, read_table("isotopes").source),
        )

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors in standard deviations: flux, quenching, efficiency and the backgrounds."""
        return super().nuisances() | {
            f"{self.name}_efficiency": dist.Normal(0.0, 1.0),
            f"{self.name}_steady_state": dist.Normal(0.0, 1.0),
            f"{self.name}_prompt_neutrons": dist.TruncatedNormal(0.0, 1.0, low=-1.0 / _PROMPT_ERROR),
            f"{self.name}_delayed_neutrons": dist.TruncatedNormal(0.0, 1.0, low=-1.0 / _DELAYED_ERROR),
        }

    @property
    def background(self) -> Float[Array, " data"]:
        """Background events (data,): prompt and delayed neutrons of the beam, and the steady state."""
        return self.prompt_neutrons + self.delayed_neutrons + self.steady_state

    @property
    def labels(self) -> tuple[str, ...]:
        """Centers in energy, F90 and time of each bin."""
        energy, f90, time = np.indices(_SHAPE).reshape(3, -1)
        return tuple(
            f"{_ENERGY_STEP * (e + 0.5):g} keV, F90 {0.525 + 0.05 * f:.3f}, {0.15 + _TIME_STEP * t:.2f} us"
            for e, f, t in zip(energy.tolist(), f90.tolist(), time.tolist(), strict=True)
        )

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted events (data,) of each bin, the time running fastest."""

        def z(name: str) -> Float[Array, ""]:
            return nuisance[f"{self.name}_{name}"]

        seen = jnp.exp(_EFFICIENCY_ERROR * z("efficiency")) * self.scattering(theory, nuisance) @ self.time
        signal = self.pulse_shape[:, :, None] * seen[:, None, :]
        neutrons = (1.0 + _PROMPT_ERROR * z("prompt_neutrons")) * self.prompt_neutrons
        neutrons += (1.0 + _DELAYED_ERROR * z("delayed_neutrons")) * self.delayed_neutrons
        return jnp.ravel(signal) + neutrons + jnp.exp(_STEADY_ERROR * z("steady_state")) * self.steady_state

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: events in each bin of energy, in each bin of time, and all of them."""
        predicted, observed = (
            np.asarray(x).reshape(_SHAPE) for x in (prediction(self, theory, nuisance), self.observed)
        )
        lines = []
        for label, sums in (
            *((f"{_ENERGY_STEP * e:g}-{_ENERGY_STEP * (e + 1):g} keV", np.s_[e]) for e in range(_SHAPE[0])),
            *((f"{_TIME_STEP * t - 0.1:.1f}-{_TIME_STEP * (t + 1) - 0.1:.1f} us", np.s_[:, :, t]) for t in range(10)),
            ("all", np.s_[:]),
        ):
            lines.append(poisson.total_pull(f"COHERENT LAr events, {label}", predicted[sums], observed[sums]))
        return tuple(lines)


_arrived = quick()(pion_decay.arrived)


def _acceptance(
    recoil: Float[np.ndarray, " nodes"],
    quenching: tuple[float, float],
    efficiency: Float[np.ndarray, " cells"],
) -> Float[np.ndarray, "12 nodes"]:
    """The probability to be counted in a bin of energy; beyond its table the efficiency is constant."""
    cells = round(_SHAPE[0] * _ENERGY_STEP / 0.5)
    edges = 0.5 * np.arange(cells + 1)
    light = (quenching[0] + quenching[1] * recoil) * recoil
    inside = np.diff(np.asarray(normal_cdf((edges[:, None] - light) / (_RESOLUTION * np.sqrt(light)))), axis=0)
    seen = np.append(efficiency, np.full(cells - len(efficiency), efficiency[-1]))
    return (seen[:, None] * inside).reshape(_SHAPE[0], -1, len(recoil)).sum(1)
