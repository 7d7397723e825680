"""Daya Bay: reactor antineutrinos in eight identical detectors, two near halls against a far one."""

import dataclasses
import itertools
import math
from typing import ClassVar, Self

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from jaxtyping import Array, Float, Int, PRNGKeyArray

from nmmjax import _checks, oscillation
from nmmjax._device import on_device
from nmmjax.constants import ELECTRON
from nmmjax.experiments.base import Nuisance, Pull, Spectrum, prediction, with_loss_over_length
from nmmjax.experiments.likelihoods import gaussian
from nmmjax.experiments.likelihoods.counts import BinnedCounts
from nmmjax.experiments.shared import daya_bay
from nmmjax.experiments.shared.daya_bay_errors import (
    CORRELATION,
    EFFICIENCY,
    SCALE,
    Expectation,
    background,
    compressed,
)
from nmmjax.low_energy import LowEnergy
from nmmjax.tables import Source

_NAME = "daya_bay_2022"
_HALLS = ("EH1", "EH2", "EH3")

SIN2_2THETA13, DM32, SIN2_THETA12, DM21 = 0.0851, 2.466e-3, 0.307, 7.53e-5
"""The published best fit (normal ordering, eV^2), where responses to pulls are taken."""

_NODES = 128
_RANGES = 8


class DayaBay2022(BinnedCounts):
    """The full data set of 3158 days, neutron capture on gadolinium: 26 prompt-energy bins in each of 21 runs.

    A run is a detector in one of the three periods, with 6, 8 and 7 detectors; 5 546 118 candidates. From the numbers
    of the full release, with R the response (inner acrylic vessel, non-linearity of the scintillator, resolution),

        t_b = sum_c int dE R_b(E) sigma(E) [N_c S(E) (C(E) + off-equilibrium) + spent fuel] P(L/E) / 4 pi L^2
              + background.

    N_c are the antineutrinos that core c emitted while the detector was live, week by week; S is the spectrum of Huber
    and Mueller with mean fission fractions (those of each week enter N_c, not the shape). C is free: its logarithm is
    linear between 19 energies, as in the release, so that the comparison of far and near detectors decides and not the
    flux; it is found from the data when the experiment is loaded. Beside it the spectrum has the bin-to-bin errors of
    Huber and Mueller. Their common error, and those of the energy per fission, are contained in C. The cross section
    is that of `scattering.inverse_beta`; what differs from that of the release is in C too.

    P depends on x = L/E alone, so the mean over cores and energies is one matrix times P at 128 nodes x: right while
    every splitting is below 0.04 eV^2; the mean of faster oscillations comes out bounded, but rough.

    Likelihood: Gaussian with the statistical errors of the expectation at the published best fit. The energy scale of
    each detector (0.2 %) is a nuisance in standard deviations, which takes the efficiency along (correlation 0.545);
    the prediction is linear in it. All else is marginalized into a covariance with the errors of the release: spectrum;
    efficiencies (0.11 %) and acrylic losses (4 %) of detectors; non-linearity (four pulls) and resolution (30 %), which
    are common; power (0.5 %), fission fractions (5 %, correlated), off-equilibrium and spent fuel (30 %) of each core;
    rates of five backgrounds.

    Best fit, normal ordering: sin^2 2theta13 = 0.0855 +- 0.0022, dm2_32 = (2.471 +- 0.055)e-3 eV^2, chi^2 = 575 for
    546 bins; published 0.0851 +- 0.0024 and (2.466 +- 0.060)e-3. A fit of the same numbers without this package, all
    pulls free and nonlinear, Poisson, with the cross section of the release, gives 0.0855 +- 0.0022, (2.467 +-
    0.055)e-3 and 573: linear pulls are not why errors are 6 and 9 % smaller than published. The correlation of the two
    is -0.06, that of the published map (`DayaBayMap2022`) -0.18, so that sqrt(Delta chi^2) is larger than there by up
    to a fifth, most where the angle is small and the splitting large. This hangs on the correlation of efficiency and
    energy scale: if it were zero, that fit would have errors of 0.0024 and 0.056e-3 and a correlation of -0.14, if it
    were -0.545, of 0.0024, 0.056e-3 and -0.20. Here it is what the release says.
    """

    reference: ClassVar[str] = "F. P. An et al. (Daya Bay), Phys. Rev. Lett. 130, 161802 (2023), arXiv:2211.14988"

    counts: Float[Array, " data"]
    """Candidates, background included; run by run."""
    background: Float[Array, " data"]
    edges: Float[Array, " bins+1"]
    """Prompt energies [MeV]."""
    nodes: Float[Array, " nodes"]
    """L/E [km/MeV]."""
    weights: Float[Array, "data nodes"]
    """Counts without background = weights @ P_ee(nodes)."""
    shifts: Float[Array, "data nodes"]
    """Change of the weights for one standard deviation of the energy scale."""
    detector: Int[Array, " runs"]
    """The number of the detector of each run."""
    variance: Float[Array, " data"]
    modes: Float[Array, "data modes"]
    """Marginalized nuisances: what one standard deviation of each adds."""
    whitening: Float[Array, "data data"]
    name: str = eqx.field(static=True)
    runs: tuple[tuple[str, str], ...] = eqx.field(static=True)
    """Period and detector of each run."""
    detectors: tuple[str, ...] = eqx.field(static=True)
    sources: tuple[Source, ...] = eqx.field(static=True)

    def __check_init__(self):
        """What annotations do not say: detectors are numbered by integers."""
        detector = _checks.as_array("detector", self.detector)
        if detector.dtype.kind not in "iu" or detector.shape != (len(self.runs),):
            _checks.fail("detector", "be an integer for each run", f"it is {_checks.shown(self.detector)}")

    @classmethod
    def load(cls) -> Self:
        """Read the packaged data."""
        release, sample = daya_bay.Release.read(), daya_bay.Sample.make()
        flux, response = daya_bay.Flux.of(release, sample), daya_bay.Response.of(release)
        best = daya_bay.survival(release, sample, SIN2_2THETA13, DM32, SIN2_THETA12, DM21)
        expected = Expectation.fitted(release, flux, response.matrix(), best)
        variance = (expected.signal + background(release)).ravel()
        modes = on_device(compressed(expected.modes(response), variance))
        nodes, coefficients, ends = daya_bay.survival_nodes(release.baselines, sample.energy, _NODES)
        events = flux.total(expected.correction)
        deposited = daya_bay.on_polynomials(release, sample, events, ends, _NODES) @ coefficients
        weights = (expected.matrix @ deposited).reshape(-1, _NODES)
        moved = (response.slope(SCALE) @ deposited).reshape(-1, _NODES)
        return cls(
            counts=on_device(release.spectra["observed"]),
            background=on_device(background(release).ravel()),
            edges=on_device(release.edges),
            nodes=on_device(nodes),
            weights=on_device(weights),
            shifts=on_device(moved + CORRELATION * EFFICIENCY * weights),
            detector=on_device(release.detector),
            variance=on_device(variance),
            modes=modes,
            whitening=gaussian.whitening(gaussian.covariance(on_device(variance), modes)),
            name=_NAME,
            runs=tuple(zip(release.runs["period"].tolist(), release.runs["detector"].tolist(), strict=True)),
            detectors=tuple(release.detectors["detector"].tolist()),
            sources=release.sources,
        )

    @property
    def bins(self) -> int:
        """Number of bins, all runs together."""
        return self.background.size

    def nuisances(self) -> dict[str, dist.Distribution]:
        """Priors of the energy scales of the detectors, in standard deviations."""
        return {name: dist.Normal(0.0, 1.0) for name in self._scale_names}

    @property
    def _scale_names(self) -> tuple[str, ...]:
        return tuple(f"{self.name}_energy_scale_{detector.lower()}" for detector in self.detectors)

    @property
    def labels(self) -> tuple[str, ...]:
        """Period, detector and prompt energies [MeV] of each bin."""
        edges = self.edges.tolist()
        bins = [f"{low:g}-{high:g} MeV" for low, high in itertools.pairwise(edges)]
        return tuple(f"{period} {detector} {energies}" for period, detector in self.runs for energies in bins)

    def errors(self) -> Float[Array, " data"]:
        """Statistical standard deviations (data,), those of the expectation at the published best fit."""
        return jnp.sqrt(self.variance)

    def spectrum(self) -> Spectrum:
        """The spectrum in prompt energy, one panel for each run."""
        panels = tuple(f"{detector}, {period}" for period, detector in self.runs)
        return Spectrum(panels, (self.edges,) * len(panels), "prompt energy", "MeV")

    def predict(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Predicted candidates (data,), run by run."""
        mass_squared = theory.neutrinos.mass_squared
        path, average = oscillation.Uniform(self.nodes), theory.average(1.0)
        P = oscillation.probability(mass_squared, 1.0, path, antineutrino=True, average=average)
        survival = with_loss_over_length(theory) * P[..., ELECTRON, ELECTRON]
        scale = jnp.stack([nuisance[name] for name in self._scale_names])[self.detector]
        shift = scale[:, None] * (self.shifts @ survival).reshape(len(self.runs), -1)
        return self.weights @ survival + shift.ravel() + self.background

    def fitted(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, " data"]:
        """Candidates with all that is marginalized pulled to its most probable value."""
        predicted = self.predict(theory, nuisance)
        amplitudes = gaussian.best_amplitudes(self.counts - predicted, self.variance, self.modes)
        return predicted + self.modes @ amplitudes

    def log_likelihood(self, theory: LowEnergy, nuisance: Nuisance) -> Float[Array, ""]:
        """ln L = -|W (observed - predicted)|^2 / 2, W the inverse root of the covariance."""
        return -0.5 * jnp.sum((self.whitening @ (self.counts - self.predict(theory, nuisance))) ** 2)

    def simulate(self, key: PRNGKeyArray, theory: LowEnergy, nuisance: Nuisance) -> Self:
        """An experiment of this structure: statistical errors and marginalized nuisances fluctuate together."""
        residual = gaussian.draw(key, self.variance, self.modes)
        return self.with_counts(self.predict(theory, nuisance) + residual)

    def exposed(self, factor: float) -> Self:
        """The experiment with `factor` times its exposure: candidates, background and systematic modes grow alike."""
        _checks.check_range("exposure", factor, low=0.0, open_low=True)
        names = ("counts", "background", "weights", "shifts", "variance", "modes")
        grown = {name: factor * getattr(self, name) for name in names}
        whitening = gaussian.whitening(gaussian.covariance(grown["variance"], grown["modes"]))
        return dataclasses.replace(self, **grown, whitening=whitening)

    def pulls(self, theory: LowEnergy, nuisance: Nuisance) -> tuple[Pull, ...]:
        """Lines of the table of pulls: ratios of halls, far / near in ranges of energy and EH2 / EH1.

        Background is subtracted, and the flux cancels.
        """
        counts = np.stack([prediction(self, theory, nuisance), self.counts]) - np.asarray(self.background)
        edges = self.edges.tolist()
        bins = len(edges) - 1
        cuts = np.linspace(0, bins, _RANGES + 1).round().astype(int).tolist()
        far_near = [
            self._ratio(
                f"EH3 / (EH1 + EH2), {edges[i]:g}-{edges[j]:g} MeV", ("EH3",), ("EH1", "EH2"), slice(i, j), counts
            )
            for i, j in itertools.pairwise(cuts)
        ]
        everything = slice(0, bins)
        return (
            *far_near,
            self._ratio("EH3 / (EH1 + EH2)", ("EH3",), ("EH1", "EH2"), everything, counts),
            self._ratio("EH2 / EH1", ("EH2",), ("EH1",), everything, counts),
        )

    def _ratio(
        self,
        label: str,
        above: tuple[str, ...],
        below: tuple[str, ...],
        bins: slice,
        counts: Float[np.ndarray, "2 data"],
    ) -> Pull:
        """Predicted and observed ratio, the mean over bins with the predicted shares of the denominator.

        So the flux cancels in each bin. The error is that of the likelihood, to first order at the data.
        """
        hall = np.array([f"EH{detector[2]}" for _, detector in self.runs])
        by_run = counts.reshape(2, len(self.runs), -1)[..., bins]
        upper, lower = np.isin(hall, above), np.isin(hall, below)
        near = by_run[:, lower].sum(1)
        ratios, share = by_run[:, upper].sum(1) / near, near[0] / near[0].sum()
        predicted, observed = ratios @ share
        gradient = np.zeros((len(self.runs), self.edges.size - 1))
        gradient[upper, bins] = share / near[1]
        gradient[lower, bins] = -share * ratios[1] / near[1]
        flat = gradient.ravel()
        error = math.sqrt(flat**2 @ np.asarray(self.variance) + np.sum((flat @ np.asarray(self.modes)) ** 2))
        return Pull(label, "", (float(predicted),), (float(observed),), float((predicted - observed) / error))
