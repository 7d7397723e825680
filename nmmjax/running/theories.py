"""How couplings run at one loop, and the operator of dimension five with them: 16 pi^2 d/dt, t = ln mu.

Quark mixing is left out: it moves masses of neutrinos by less than 1e-8 in the Standard Model, 1e-4 in its
supersymmetric extension. Then all Yukawa couplings stay diagonal, and their squares y^2 are what runs.
"""

import abc
from typing import ClassVar, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from nmmjax import _checks
from nmmjax._public import public
from nmmjax.numerics.arrays import Real
from nmmjax.numerics.extrapolation import integrate
from nmmjax.numerics.special import larger, smaller
from nmmjax.running import couplings as _couplings
from nmmjax.running.couplings import LOOP, Couplings, check_scale, gauge_at, pace, place_of

STEPS = 6
"""Of eighth order, along the whole way: see `Theory`."""


class Flow(NamedTuple):
    """What is integrated along the scale beside the gauge couplings, whose solution is known."""

    up: Float[Array, "3"]
    down: Float[Array, "3"]
    lepton: Float[Array, "3"]
    quartic: Float[Array, ""]
    logarithms: Float[Array, "3"]
    """l_a in M_ab(mu) = M_ab(M_Z) exp(l_a + l_b), of each flavor."""


class Theory(eqx.Module):
    """Abstract: the particles between M_Z and the scale of a model.

    Errors of the integration: below 3e-7 of each coupling and of the masses of neutrinos, to 1e16 GeV (1e-6 with
    superpartners). What one loop
    leaves out is larger: some 1e-2 in the common factor of masses, and 1e-3 of what angles run by.
    """

    @abc.abstractmethod
    def flow(self, scale: Real) -> tuple[Float[Array, "3"], Flow]:
        """Gauge couplings and all else at a scale [GeV] that is checked."""

    @public
    def at(self, scale: Float[ArrayLike, ""]) -> Couplings:
        """The couplings at a scale [GeV] from M_Z to 1e19 GeV."""
        gauge, flow = self.flow(check_scale("scale", scale))
        return Couplings(gauge, flow.up, flow.down, flow.lepton, flow.quartic)

    @public
    def logarithms(self, scale: Float[ArrayLike, ""]) -> Float[Array, "3"]:
        """l_a of e, mu and tau in M_ab(scale) = M_ab(M_Z) exp(l_a + l_b), with a scale [GeV]."""
        return self.flow(check_scale("scale", scale))[1].logarithms


class StandardModel(Theory):
    """The Standard Model, with y_u^2 that of each up quark and so on, and lambda as in `Couplings`.

        T = sum(3 y_u^2 + 3 y_d^2 + y_e^2)  (+ tr Y_nu^dagger Y_nu),
        d ln y_u^2 = 3 (y_u^2 - y_d^2) + 2T - (17/10) g_1^2 - (9/2) g_2^2 - 16 g_3^2,
        d ln y_d^2 = 3 (y_d^2 - y_u^2) + 2T -  (1/2) g_1^2 - (9/2) g_2^2 - 16 g_3^2,
        d ln y_e^2 = 3 y_e^2           + 2T -  (9/2) g_1^2 - (9/2) g_2^2,
        d lambda = 6 lambda^2 - 3 lambda (3 g_2^2 + (3/5) g_1^2) + 3 g_2^4 + (3/2) ((3/5) g_1^2 + g_2^2)^2
                   + 4 lambda T - 8 sum(3 y_u^4 + 3 y_d^4 + y_e^4)  (- 8 tr (Y_nu^dagger Y_nu)^2),
        d kappa = -(3/2) [kappa (Y_e^dagger Y_e) + transposed] + (2T + lambda - 3 g_2^2) kappa,

    and d g_i^2 = 2 b_i g_i^4 with b = (41/10, -19/6, -7). M. E. Machacek and M. T. Vaughn, Nucl. Phys. B 222, 83
    (1983), B 236, 221 (1984), B 249, 70 (1985); kappa: S. Antusch, M. Drees, J. Kersten, M. Lindner and M. Ratz, Phys.
    Lett. B 519, 238 (2001), with the -3/2 that earlier papers had as -1/2.

    **Fields:** `couplings` at M_Z; those that are measured where they are left out.
    """

    couplings: Couplings | None = None

    growth: ClassVar[Float[np.ndarray, "3"]] = np.array([41.0 / 10.0, -19.0 / 6.0, -7.0])

    @property
    def start(self) -> Couplings:
        """The couplings at M_Z."""
        return Couplings.measured() if self.couplings is None else self.couplings

    def flow(self, scale: Real) -> tuple[Float[Array, "3"], Flow]:
        """As `Theory`."""
        start, stop = self.start, jnp.log(scale / _couplings.Z_MASS)

        def slope(x: Real, flow: Flow) -> Flow:
            gauge = gauge_at(start.gauge, self.growth, _couplings.time(x))
            return _scaled(_standard_slopes(gauge, flow), LOOP * pace(x))

        begun = Flow(start.up, start.down, start.lepton, start.quartic, jnp.zeros(3))
        flow = integrate(slope, place_of(jnp.zeros(())), place_of(stop), begun, steps=STEPS)
        return gauge_at(start.gauge, self.growth, stop), flow


class Supersymmetric(Theory):
    """The Standard Model up to `scale` [GeV], from there on its minimal supersymmetric extension.

        d ln y_u^2 = 6 y_u^2 + 2 y_d^2 + 6 sum y_u^2                     - (26/15) g_1^2 - 6 g_2^2 - (32/3) g_3^2,
        d ln y_d^2 = 6 y_d^2 + 2 y_u^2 + 2 sum(3 y_d^2 + y_e^2) - (14/15) g_1^2 - 6 g_2^2 - (32/3) g_3^2,
        d ln y_e^2 = 6 y_e^2           + 2 sum(3 y_d^2 + y_e^2) -  (18/5) g_1^2 - 6 g_2^2,
        d kappa = kappa (Y_e^dagger Y_e) + transposed + (6 sum y_u^2 - (6/5) g_1^2 - 6 g_2^2) kappa,

    and b = (33/5, 1, -3). At `scale` y_u^2 is divided by sin^2 beta, y_d^2 and y_e^2 by cos^2 beta, and M = -(v^2 sin^2
    beta / 4) kappa is continuous; what superpartners do there beyond tree level is left out. P. H. Chankowski and Z.
    Pluciennik, Phys. Lett. B 316, 312 (1993); K. S. Babu, C. N. Leung and J. Pantaleone, Phys. Lett. B 319, 191 (1993).

    **Fields:** `tan_beta`, from 1.5 to 55: beyond, couplings of b and tau grow out of bounds below 1e16 GeV; `scale`
    of superpartners [GeV].
    """

    tan_beta: Float[Array, ""] | float
    scale: Float[Array, ""] | float
    standard: StandardModel

    growth: ClassVar[Float[np.ndarray, "3"]] = np.array([33.0 / 5.0, 1.0, -3.0])

    @public
    def __init__(
        self,
        tan_beta: Float[ArrayLike, ""],
        scale: Float[ArrayLike, ""] = 1e3,
        *,
        standard: StandardModel | None = None,
    ):
        _checks.check_range("tan_beta", _checks.one_number("tan_beta", tan_beta), low=1.5, high=55.0)
        check_scale("scale", scale)
        self.tan_beta, self.scale = tan_beta, scale  # pyright: ignore[reportAttributeAccessIssue]
        self.standard = StandardModel() if standard is None else standard

    def flow(self, scale: Real) -> tuple[Float[Array, "3"], Flow]:
        """As `Theory`; at lower scales than those of superpartners that of the Standard Model."""
        threshold = jnp.asarray(self.scale, float)
        below, below_flow = self.standard.flow(smaller(scale, threshold))
        above, above_flow = self._above(*self._matched(*self.standard.flow(threshold)), larger(scale, threshold))
        has_partners = scale >= threshold
        chosen = (jnp.where(has_partners, a, b) for a, b in zip(above_flow, below_flow, strict=True))
        return jnp.where(has_partners, above, below), Flow(*chosen)

    def _matched(self, gauge: Float[Array, "3"], flow: Flow) -> tuple[Float[Array, "3"], Flow]:
        """What becomes of couplings where superpartners come in."""
        cos2 = 1.0 / (1.0 + jnp.asarray(self.tan_beta, float) ** 2)
        up, down, lepton = flow.up / (1.0 - cos2), flow.down / cos2, flow.lepton / cos2
        return gauge, Flow(up, down, lepton, jnp.zeros(()), flow.logarithms)

    def _above(self, gauge: Float[Array, "3"], flow: Flow, scale: Real) -> tuple[Float[Array, "3"], Flow]:
        first, last = (jnp.log(mu / _couplings.Z_MASS) for mu in (jnp.asarray(self.scale, float), scale))

        def slope(x: Real, flow: Flow) -> Flow:
            here = gauge_at(gauge, self.growth, _couplings.time(x) - first)
            return _scaled(_supersymmetric_slopes(here, flow), LOOP * pace(x))

        return gauge_at(gauge, self.growth, last - first), integrate(
            slope, place_of(first), place_of(last), flow, steps=STEPS
        )


def _scaled(slopes: Flow, factor: Real) -> Flow:
    return Flow(*(factor * slope for slope in slopes))


def standard_quarks(gauge: Float[Array, "3"], up: Array, down: Array, trace: Real) -> tuple[Array, Array]:
    """16 pi^2 d y^2 / dt of up and down quarks, with T of all Yukawa couplings."""
    common = 2.0 * trace - 4.5 * gauge[1] - 16.0 * gauge[2]
    return (
        up * (3.0 * (up - down) + common - 1.7 * gauge[0]),
        down * (3.0 * (down - up) + common - 0.5 * gauge[0]),
    )


def standard_quartic(gauge: Float[Array, "3"], quartic: Real, trace: Real, fourth: Real) -> Real:
    """16 pi^2 d lambda / dt, with T and the same sum of fourth powers."""
    hyper = 0.6 * gauge[0]
    of_gauge = 3.0 * gauge[1] ** 2 + 1.5 * (hyper + gauge[1]) ** 2
    return quartic * (6.0 * quartic - 9.0 * gauge[1] - 3.0 * hyper + 4.0 * trace) + of_gauge - 8.0 * fourth


def standard_operator(gauge: Float[Array, "3"], quartic: Real, trace: Real) -> Real:
    """What multiplies kappa as a whole."""
    return 2.0 * trace + quartic - 3.0 * gauge[1]


def _standard_slopes(gauge: Float[Array, "3"], flow: Flow) -> Flow:
    """16 pi^2 d/dt in the Standard Model."""
    trace = jnp.sum(3.0 * flow.up + 3.0 * flow.down + flow.lepton)
    fourth = jnp.sum(3.0 * flow.up**2 + 3.0 * flow.down**2 + flow.lepton**2)
    return Flow(
        *standard_quarks(gauge, flow.up, flow.down, trace),
        lepton=flow.lepton * (3.0 * flow.lepton + 2.0 * trace - 4.5 * (gauge[0] + gauge[1])),
        quartic=standard_quartic(gauge, flow.quartic, trace, fourth),
        logarithms=-1.5 * flow.lepton + 0.5 * standard_operator(gauge, flow.quartic, trace),
    )


def _supersymmetric_slopes(gauge: Float[Array, "3"], flow: Flow) -> Flow:
    """16 pi^2 d/dt with superpartners."""
    strong = 6.0 * gauge[1] + 32.0 / 3.0 * gauge[2]
    of_up, of_down = 6.0 * jnp.sum(flow.up), 2.0 * jnp.sum(3.0 * flow.down + flow.lepton)
    return Flow(
        up=flow.up * (6.0 * flow.up + 2.0 * flow.down + of_up - 26.0 / 15.0 * gauge[0] - strong),
        down=flow.down * (6.0 * flow.down + 2.0 * flow.up + of_down - 14.0 / 15.0 * gauge[0] - strong),
        lepton=flow.lepton * (6.0 * flow.lepton + of_down - 3.6 * gauge[0] - 6.0 * gauge[1]),
        quartic=jnp.zeros_like(flow.quartic),
        logarithms=flow.lepton + 0.5 * (of_up - 1.2 * gauge[0] - 6.0 * gauge[1]),
    )
