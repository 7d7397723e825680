"""Counts in bins whose events, backgrounds and response stand in tables: what is left to say is the physics."""

import abc
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float

from nmmjax import _checks
from nmmjax._device import on_device
from nmmjax.experiments.base import Nuisance
from nmmjax.experiments.likelihoods.poisson import CountedSpectrum
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import DATA, Source, Table, read_table

SIGNAL = "signal"
"""Name of the signal among norms, and of its column."""
_BACKGROUND, _CHANGE = "background_", "change_"


class CountsFromTables(CountedSpectrum):
    """Abstract: events in bins, a response from true energies to bins, backgrounds, and nuisances, all from tables.

        t_b = exp(s_0 z_0) prod_k (1 + c_kb y_k) sum_e R_be w_e(theory) + sum_j exp(s_j z_j) B_jb,

    with R_be the events in bin b from true energies around e where w = 1 (flux, cross section, exposure, efficiency and
    resolution together), B_jb the backgrounds, s the relative errors of the norms, c_kb the relative change of the
    signal for one standard deviation of an effect (a scale of energy, say), and z and y nuisances with normal priors of
    width one. A norm is log-normal: it does not become negative.

    A subclass declares paper, panel, axis and ranges as every `CountedSpectrum`, its `norms`, and the physics:

        class Reno2018(CountsFromTables):
            "Far detector, 2200 days."
            reference: ClassVar[str] = "..."
            panel: ClassVar[str] = "far detector"
            axis: ClassVar[tuple[str, str]] = ("prompt energy", "MeV")
            ranges: ClassVar[tuple[tuple[float, float], ...]] = ((1.2, 8.4),)
            norms: ClassVar[Mapping[str, float]] = {"signal": 0.02, "lithium": 0.1}

            @classmethod
            def load(cls):
                return cls.from_tables("reno_2018", Path(__file__).parent)

            def weights(self, theory):
                P = oscillation.probability(
                    theory.neutrinos.mass_squared, self.energy, oscillation.Uniform(1.4), antineutrino=True
                )
                return P[:, ELECTRON, ELECTRON]
    """

    norms: ClassVar[Mapping[str, float]]
    """Relative errors s of the norms: of the "signal" and of backgrounds by name; what is not named is held."""
    shared: ClassVar[Mapping[str, str]] = {}
    """Full names of nuisances, by norm or effect, that other experiments have too: two detectors see one flux."""

    edges: Float[Array, "data+1"]
    counts: Float[Array, " data"]
    """Events of each bin, background included."""
    energy: Float[Array, " nodes"]
    """True energies, in the unit of the table of the response."""
    response: Float[Array, "data nodes"]
    """R, in events."""
    backgrounds: Float[Array, "kinds data"]
    """B, in events."""
    changes: Float[Array, "effects data"]
    """c, relative."""
    kinds: tuple[str, ...] = eqx.field(static=True)
    """Names of the backgrounds."""
    effects: tuple[str, ...] = eqx.field(static=True)
    """Names of what changes the signal."""
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def from_tables(cls, name: str, folder: Path = DATA, *, table: str | None = None) -> Self:
        """Read `TABLE.csv`, and `TABLE_response.csv` where there is one, with the records `.toml` beside them.

        The first has a row for each bin: `low`, `high`, `events`, a column `background_KIND` for each background, and
        `change_EFFECT` for each effect. The second has a row for each bin and true energy: `bin` (from 1), `energy`
        (ascending) and `signal`, the events R_be. Without it the first has `signal`, the events of each bin where w =
        1, and the true energy is the middle of the bin.

        **Arguments:** the name of the experiment; the folder of its tables; their name, if not that of the experiment.

        **Raises:** `ValueError` for tables that do not match their records or one another, by file and row, and for
        norms of what the table does not have.
        """
        stem = name if table is None else table
        bins = read_table(stem, folder)
        kinds, effects = _named(bins, _BACKGROUND), _named(bins, _CHANGE)
        _check_norms(cls.norms, kinds)
        edges = _edges(bins)
        if (folder / f"{stem}_response.csv").exists():
            seen = read_table(f"{stem}_response", folder)
            energy, response = _response(seen, len(bins))
            sources = (bins.source, seen.source)
        else:
            energy, response = 0.5 * (edges[1:] + edges[:-1]), np.diag(_column(bins, SIGNAL))
            sources = (bins.source,)
        return cls(
            edges=on_device(edges),
            counts=on_device(_column(bins, "events")),
            energy=on_device(energy),
            response=on_device(response),
            backgrounds=on_device(_stacked(bins, _BACKGROUND, kinds)),
            changes=on_device(_stacked(bins, _CHANGE, effects)),
            kinds=kinds,
            effects=effects,
            name=name,
            sources=sources,
        )

    @abc.abstractmethod
    def weights(self, theory: LowEnergy) -> Float[Array, " nodes"]:
        """w: the signal at each true energy (nodes,) over that for which the response stands, a probability, say."""

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Norms and effects, in standard deviations."""
        return {self._nuisance(kind): dist.Normal(0.0, 1.0) for kind in (*self.norms, *self.effects)}

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Expected events t (data,) of each bin."""
        events = self._norm(SIGNAL, nuisance) * (self.response @ self.weights(theory))
        for effect, change in zip(self.effects, self.changes, strict=True):
            events *= 1.0 + nuisance[self._nuisance(effect)] * change
        for kind, background in zip(self.kinds, self.backgrounds, strict=True):
            events += self._norm(kind, nuisance) * background
        return events

    def _norm(self, kind: str, nuisance: Nuisance) -> Float[Array, ""] | float:
        """exp(s z), or one where it is held."""
        return jnp.exp(self.norms[kind] * nuisance[self._nuisance(kind)]) if kind in self.norms else 1.0

    def _nuisance(self, kind: str) -> str:
        return self.shared.get(kind, f"{self.name}_{kind}")


def _named(table: Table, prefix: str) -> tuple[str, ...]:
    """What stands behind a prefix in the names of the columns."""
    return tuple(column.removeprefix(prefix) for column in table.columns if column.startswith(prefix))


def _column(table: Table, column: str) -> np.ndarray:
    if column not in table.columns:
        raise ValueError(f"Data table `{table.source.name}` must have a column `{column}`, but it has none.")
    return table[column]


def _stacked(table: Table, prefix: str, names: tuple[str, ...]) -> np.ndarray:
    return np.stack([table[prefix + name] for name in names]) if names else np.zeros((0, len(table)))


def _edges(table: Table) -> np.ndarray:
    """Edges of bins without gaps."""
    low, high = _column(table, "low"), _column(table, "high")
    table.expect("low", [low[0].item(), *high[:-1].tolist()])
    edges = np.append(low, high[-1])
    if np.any(np.diff(edges) <= 0.0):
        row = int(np.argmax(np.diff(edges) <= 0.0)) + 1
        raise ValueError(f"Data table `{table.source.name}` must have `low` below `high`, but not so in row {row}.")
    return edges


def _response(table: Table, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """True energies (nodes,), and the matrix (bins, nodes)."""
    energy = np.unique(_column(table, "energy"))
    table.expect("bin", np.repeat(np.arange(1.0, bins + 1.0), len(energy)).tolist())
    table.expect("energy", np.tile(energy, bins).tolist())
    return energy, _column(table, SIGNAL).reshape(bins, len(energy))


def _check_norms(norms: Mapping[str, float], kinds: tuple[str, ...]) -> None:
    for kind, error in norms.items():
        _checks.check_known("norms", kind, (SIGNAL, *kinds))
        _checks.check_range(f"norms[{kind!r}]", error, low=0.0, open_low=True)
