"""MINOS and MINOS+: muon neutrinos of a beam, seen by a near and by a far detector."""

import dataclasses
import itertools
import math
from typing import ClassVar, Self

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jax.scipy.linalg import cho_factor, cho_solve
from jaxtyping import Array, Float, Num, PRNGKeyArray

from nmmjax import _checks, mixing, oscillation
from nmmjax._compilation import quick
from nmmjax._device import on_device
from nmmjax.constants import ELECTRON, MEV_PER_GEV, MUON, TAU
from nmmjax.experiments.base import Nuisance, Pull, Spectrum
from nmmjax.experiments.likelihoods import gaussian
from nmmjax.experiments.likelihoods.counts import BinnedCounts
from nmmjax.low_energy import LowEnergy
from nmmjax.matter import Nsi
from nmmjax.numerics.positive import inverse_and_log_determinant
from nmmjax.tables import Source, Table, read_table

_NAME = "minos_2017"
_TABLES = ("minos_2017_spectra", "minos_2017_response", "minos_2017_covariance")
_COMPONENTS = ("numu", "nc", "beam_nue", "nue", "nutau")

DM32, SIN2_THETA23 = 2.40e-3, 0.43
"""The final result, normal ordering, splitting in eV^2 [P. Adamson et al., Phys. Rev. Lett. 125, 131802 (2020)]."""
SIN2_THETA13, SIN2_THETA12, DM21 = 0.0218, 0.307, 7.53e-5
"""The other parameters of that result, splitting in eV^2."""

_BASELINE = 735.0
"""From the target to the far detector [km]."""
_DENSITY = 2.7
"""Of the crust [g/cm^3]; without matter no bin changes by more than 0.9 %, in 2.6 g/cm^3 by more than 0.04 %."""
_RANGES = (0.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 40.0)
"""Reconstructed energies [GeV] that make a line of the table of pulls."""


class Minos2017(BinnedCounts):
    """The charged-current sample of 16.36e20 protons on target: 44 bins of the far and 47 of the near detector.

    The far spectrum is the sum of five released components, each the number of events in true bins k of L/E times a
    probability in the crust at L = 735 km,

        t_b = sum_k [ R^numu_bk P_mumu + R^nc_bk sum_{a = e, mu, tau} P_mua + R^beam_bk P_ee + R^nue_bk P_mue
              + R^nutau_bk P_mutau ],

    P the mean at two points of the bin. The points carry the mean L/E of its events; against a density linear in the
    bin the counts are right to 1e-5 with three flavors, to 1e-4 while every splitting is below 0.1 eV^2 and to 1 %
    below 0.3 eV^2; above, they stay bounded. The near spectrum, 1 km from the target, is the released one, without
    oscillations: right to 1 % of the mixing sin^2 2theta for splittings below 0.1 eV^2, wrong for sterile states above,
    where the limits on them come from this detector.

    Neutrinos and antineutrinos were released together, and all are taken for neutrinos: were all antineutrinos, the
    counts would change by less than 1.8 % or 0.06 standard deviations in each bin. The horn parameters of the beam
    (four nuisances of the published fit) and the neutral-current samples are not used.

    Likelihood: Gaussian with the covariance t_i t_j c_ij + t_i delta_ij, the released relative covariance c and
    statistics, where t follows the theory, and its determinant. Without the determinant, as in the published search,
    the maximum would be biased: larger t would be bought by larger errors, here 0.015 farther from maximal mixing in
    sin^2 theta23. Near counts do not depend on the theory, so they are conditioned on once: with r = d/t - 1,
    G = c_FN (c_NN + 1/t_N)^-1,

        -2 ln L = chi^2_N + (r_F - G r_N)^T S^-1 (r_F - G r_N) + ln det S + 2 sum ln t_F - reference,
        S = c_FF - G c_NF + 1/t_F,

    `reference` the value of the last two terms at the published result. Best fit, normal ordering: dm2_32 = (2.415
    +0.096 -0.089)e-3 eV^2, sin^2 theta23 = 0.40 or 0.63 with maximal mixing at Delta chi^2 = 1.2, and -2 ln L = 78.4
    for 91 bins; published, with atmospheric neutrinos, electron neutrinos and antineutrino beams, (2.40 +0.08
    -0.09)e-3 and 0.43 +0.20 -0.04.
    """

    reference: ClassVar[str] = "P. Adamson et al. (MINOS+), Phys. Rev. Lett. 122, 091803 (2019), arXiv:1710.06488"

    counts: Float[Array, " data"]
    """Far, then near."""
    far_edges: Float[Array, " far+1"]
    near_edges: Float[Array, " near+1"]
    """Reconstructed energies [GeV]."""
    energies: Float[Array, " nodes"]
    """True energies [MeV] at which probabilities are taken."""
    response: Float[Array, "far components*nodes"]
    """Far counts = response @ probabilities, component by component."""
    near: Float[Array, " near"]
    """Expected near counts."""
    covariance: Float[Array, "data data"]
    """Relative, systematic."""
    gain: Float[Array, "far near"]
    """What a relative residual of the near counts says of the far ones."""
    conditional: Float[Array, "far far"]
    """Relative systematic covariance of the far counts, given the near ones."""
    near_whitening: Float[Array, "near near"]
    log_determinant: Float[Array, ""]
    """That of the far counts at the published result."""
    name: str = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    @classmethod
    def load(cls) -> Self:
        """Read the packaged data."""
        tables = [read_table(name) for name in _TABLES]
        spectra, response, covariance = tables
        far, near = (spectra.where(detector=detector) for detector in ("far", "near"))
        relative = _symmetric(covariance, len(spectra))
        energies, weights = _nodes(response, len(far))
        gain, conditional, near_whitening = _given_near(relative, near["unoscillated"])
        experiment = cls(
            counts=on_device(spectra["observed"]),
            far_edges=_edges(far),
            near_edges=_edges(near),
            energies=on_device(energies),
            response=on_device(weights),
            near=on_device(near["unoscillated"]),
            covariance=on_device(relative),
            gain=on_device(gain),
            conditional=on_device(conditional),
            near_whitening=on_device(near_whitening),
            log_determinant=jnp.asarray(0.0),
            name=_NAME,
            sources=tuple(table.source for table in tables),
        )
        return dataclasses.replace(experiment, log_determinant=_log_determinant(experiment, _published_mass_squared()))

    @property
    def bins(self) -> int:
        """Number of bins, far and near together."""
        return len(self.covariance)

    def nuisances(self) -> dict[str, dist.Distribution]:
        """No nuisances: all systematic errors are in the covariance."""
        return {}

    @property
    def labels(self) -> tuple[str, ...]:
        """Detector and reconstructed energies [GeV] of each bin."""
        return tuple(
            f"{detector} {low:g}-{high:g} GeV"
            for detector, edges in (("far", self.far_edges), ("near", self.near_edges))
            for low, high in itertools.pairwise(edges.tolist())
        )

    def errors(self) -> Float[Array, " data"]:
        """Statistical standard deviations sqrt(n) of the counts (data,)."""
        return jnp.sqrt(self.counts)

    def spectrum(self) -> Spectrum:
        """The spectrum in reconstructed energy, one panel for each detector."""
        edges = (self.far_edges, self.near_edges)
        return Spectrum(("far detector", "near detector"), edges, "reconstructed energy", "GeV")

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted counts (data,) of each bin, far, then near."""
        return jnp.concatenate([self._far_of(theory), self.near])

    def fitted(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted counts (data,) with all systematic effects at their most probable values."""
        predicted = self.predict(theory, nuisance)
        factor = cho_factor(self.covariance + jnp.diag(1.0 / predicted))
        return predicted * (1.0 + self.covariance @ cho_solve(factor, self.counts / predicted - 1.0))

    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """ln L of a Gaussian with a covariance that follows the theory, its determinant included."""
        far = self._far_of(theory)
        inverse, log_determinant = self._inverse_covariance(far)
        residual = self.counts[: len(far)] / far - self._far_over_predicted
        chi2 = residual @ inverse @ residual + jnp.sum((self.near_whitening @ self._near_residual) ** 2)
        return -0.5 * (chi2 + log_determinant - self.log_determinant)

    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure, counts drawn with mean and covariance of the likelihood.

        They are Poisson around rates that fluctuate.
        """
        systematic, statistical = jax.random.split(key)
        predicted = self.predict(theory, nuisance)
        normal = jax.random.normal(systematic, predicted.shape, predicted.dtype)
        rates = predicted * (1.0 + jnp.linalg.cholesky(self.covariance) @ normal)
        return self.with_counts(jax.random.poisson(statistical, jnp.maximum(rates, 0.0)))

    def exposed(self, factor: float) -> Self:
        """The experiment with `factor` times its protons on target, far and near; relative systematic errors stay."""
        _checks.check_range("exposure", factor, low=0.0, open_low=True)
        near = factor * self.near
        gain, conditional, near_whitening = map(on_device, _given_near(np.asarray(self.covariance), np.asarray(near)))
        known = {"gain": gain, "conditional": conditional, "near_whitening": near_whitening}
        grown = {"counts": factor * self.counts, "response": factor * self.response, "near": near}
        experiment = dataclasses.replace(self, **grown, **known)
        return dataclasses.replace(experiment, log_determinant=_log_determinant(experiment, _published_mass_squared()))

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: far counts in ranges of energy, and all; near counts are used."""
        far = np.asarray(self._far_of(theory))
        expected, observed = far * np.asarray(self._far_over_predicted), np.asarray(self.counts[: len(far)])
        covariance = np.asarray(self.conditional) * np.outer(far, far) + np.diag(far)
        edges = np.asarray(self.far_edges)
        lines = []
        for low, high in (*itertools.pairwise(_RANGES), (_RANGES[0], _RANGES[-1])):
            chosen = (edges[:-1] >= low) & (edges[1:] <= high)
            above, below = expected[chosen].sum(), observed[chosen].sum()
            error = math.sqrt(covariance[np.ix_(chosen, chosen)].sum())
            label = f"far detector, {low:g}-{high:g} GeV"
            lines.append(Pull(label, "", (float(above),), (float(below),), float((above - below) / error)))
        return tuple(lines)

    @property
    def _near_residual(self) -> Float[Array, " near"]:
        return self.counts[-len(self.near) :] / self.near - 1.0

    @property
    def _far_over_predicted(self) -> Float[Array, " far"]:
        """Far counts expected of the near ones over those predicted."""
        return 1.0 + self.gain @ self._near_residual

    def _far_of(self, theory: LowEnergy) -> Float[Array, " far"]:
        return self._far(theory.neutrinos.mass_squared, theory.nsi, theory.average(self.energies))

    def _far(
        self, mass_squared: Num[Array, "n n"], nsi: Nsi | None = None, average: oscillation.Decohering | None = None
    ) -> Float[Array, " far"]:
        path = oscillation.Uniform(_BASELINE, density=_DENSITY)
        P = oscillation.probability(mass_squared, self.energies, path, nsi=nsi, average=average)
        of_muon, beam_electron = P[:, MUON], P[:, ELECTRON, ELECTRON]
        active, appeared = jnp.sum(of_muon[:, :3], -1), (of_muon[:, ELECTRON], of_muon[:, TAU])
        return self.response @ jnp.concatenate([of_muon[:, MUON], active, beam_electron, *appeared])

    def _inverse_covariance(self, far: Float[Array, " far"]) -> tuple[Float[Array, "far far"], Float[Array, ""]]:
        """Inverse of the relative covariance of the far counts, given the near ones, and ln det of the absolute one."""
        inverse, log_determinant = inverse_and_log_determinant(self.conditional + jnp.diag(1.0 / far))
        return inverse, log_determinant + 2.0 * jnp.sum(jnp.log(far))


# Everything below turns the tables into arrays, once, when an experiment is loaded.


@quick()
def _published_mass_squared() -> Num[Array, "3 3"]:
    angles = (math.asin(math.sqrt(sin2)) for sin2 in (SIN2_THETA12, SIN2_THETA13, SIN2_THETA23))
    return mixing.mass_squared_matrix(mixing.pmns(*angles), DM21, DM32 + DM21)


@quick()
def _log_determinant(experiment: Minos2017, mass_squared: Num[Array, "3 3"]) -> Float[Array, ""]:
    """That of the far counts."""
    return experiment._inverse_covariance(experiment._far(mass_squared))[1]


def _edges(bins: Table) -> Float[Array, " bins+1"]:
    return on_device(np.append(bins["energy_low"], bins["energy_high"][-1]))


def _symmetric(covariance: Table, size: int) -> Float[np.ndarray, "data data"]:
    """Symmetric matrix from the table of its upper triangle."""
    first, second = covariance["first"].astype(int), covariance["second"].astype(int)
    matrix = np.empty((size, size))
    matrix[first, second] = matrix[second, first] = covariance["covariance"]
    return matrix


def _given_near(
    covariance: Float[np.ndarray, "data data"], near: Float[np.ndarray, " near"]
) -> tuple[Float[np.ndarray, "far near"], Float[np.ndarray, "far far"], Float[np.ndarray, "near near"]]:
    """Gain, conditional covariance and the whitening of relative residuals of the near counts."""
    far = len(covariance) - len(near)
    whitening = np.asarray(gaussian.whitening(jnp.asarray(covariance[far:, far:] + np.diag(1.0 / near))))
    gain = covariance[:far, far:] @ whitening.T @ whitening
    return gain, covariance[:far, :far] - gain @ covariance[far:, :far], whitening


def _nodes(response: Table, bins: int) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, "far components*nodes"]]:
    """Energies and weights of two nodes in each true bin, those of Gauss and Legendre in L/E.

    A linear density, which has the mean of the events, gives the nodes (1 -+ sqrt(3) shift) / 2 of them; weights of the
    few events (0.1 in all) that crowd at the end of a bin are held at zero, so that no weight is negative.
    """
    low, place = np.unique(response["low"], return_inverse=True)
    high = low.copy()
    high[place] = response["high"]
    half = 0.5 * (response["high"] - response["low"])
    shift = np.clip((response["mean"] - response["low"] - half) / half, -1.0 / math.sqrt(3.0), 1.0 / math.sqrt(3.0))
    component = np.array([_COMPONENTS.index(name) for name in response["component"].tolist()])
    events = np.stack([response[f"r{b}"] for b in range(bins)])
    weights = np.zeros((bins, len(_COMPONENTS), 2, len(low)))
    for side, sign in enumerate((-1.0, 1.0)):
        weights[:, component, side, place] = 0.5 * (1.0 + sign * math.sqrt(3.0) * shift) * events
    root = 0.5 * (high - low) / math.sqrt(3.0)
    nodes = np.stack([0.5 * (low + high) - root, 0.5 * (low + high) + root])
    return MEV_PER_GEV * _BASELINE / nodes.ravel(), weights.reshape(bins, -1)
