"""Evolution through stretches of matter, one after the other, for three flavors and for more.

Over one stretch, to second order in the Magnus expansion, S = exp(-i X) with

    X = int H dx - (i/2) int dx int^x dx' [H(x), H(x')] = H_vac L + int V dx - i [int V (x - x_middle) dx, H_vac],

exact at constant density, else wrong by O(L^5): W. Magnus, Comm. Pure Appl. Math. 7, 649 (1954).

Three flavors take `nmmjax.numerics.closed_form`, more a decomposition. Both offer the same steps, so that what a path
is made of is written once.
"""

import abc
from functools import partial
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Complex, Float, Num, Real

from nmmjax import matter
from nmmjax._compilation import stage
from nmmjax.constants import Constants
from nmmjax.media.path import InOrder
from nmmjax.media.stretch import Matter, Stretch
from nmmjax.numerics import closed_form, hermitian
from nmmjax.numerics.entrywise import entries, stacked
from nmmjax.numerics.special import modulus_squared

Matrix = Complex[Array, "... n n"]


class Beam(NamedTuple):
    """What evolves: the theory, the energy, and whether these are antineutrinos."""

    mass_squared: Num[Array, "... n n"]
    energy: Real[Array, "..."]
    antineutrino: Bool[Array, "..."]
    nsi: matter.Nsi | None


class Propagation(eqx.Module):
    """The Hamiltonian of a beam, ready for any stretch of matter. An operator is a pytree of its own kind."""

    @abc.abstractmethod
    def through(self, stretch: Stretch) -> Any:
        """The operator of one stretch."""

    @abc.abstractmethod
    def nothing(self, batch: tuple[int, ...], *, of_two: bool = False) -> Any:
        """The operator of no stretch; or its action on nu_e and nu_mu alone, enough for all probabilities and a third
        less work.
        """

    @abc.abstractmethod
    def product(self, later: Any, earlier: Any) -> Any:
        """The operator of two stretches."""

    @abc.abstractmethod
    def amplitude(self, operator: Any) -> Matrix:
        """S."""

    @abc.abstractmethod
    def probability(self, operator: Any) -> Float[Array, "... n n"]:
        """P[alpha, beta] = |S_beta,alpha|^2, of an operator on all states or on two."""

    def along(self, way: Stretch | InOrder, batch: tuple[int, ...], *, of_two: bool) -> Any:
        """The operator of a whole way, on all states or, where there are many stretches, on two if that is enough."""
        if isinstance(way, Stretch):
            return self.through(way)

        @partial(jax.checkpoint, prevent_cse=False)  # in reverse mode a stretch is cheaper to walk again than to keep
        def through(stretch: Stretch, operator: Any) -> Any:
            return self.product(self.through(stretch), operator)

        def further(operator: Any, stretch: Stretch) -> tuple[Any, None]:
            if jax.default_backend() != "cpu":  # only there are batches walked in blocks
                return through(stretch, operator), None
            some = jnp.any(stretch.length > 0.0)
            return lax.cond(some, through, lambda _, unchanged: unchanged, stretch, operator), None

        return lax.scan(further, self.nothing(batch, of_two=of_two), way.stretches)[0]


def propagation(beam: Beam, constants: Constants) -> Propagation:
    """The closed form for three flavors, a decomposition for more; the two agree to rounding."""
    kind = _ThreeFlavors if jnp.shape(beam.mass_squared)[-1] == 3 else _ManyFlavors
    return kind.of(beam, constants)


class _ThreeOperator(NamedTuple):
    phase: Float[Array, "..."]
    """The operator is e^{i phase} S."""
    S: closed_form.Rows


class _Potential(NamedTuple):
    """The potentials of one kind of particles, for sqrt(2) G_F n = 1."""

    matrix: closed_form.Hermitian
    mean: Float[Array, "..."]
    turn: closed_form.Hermitian
    """-i [matrix, vacuum]."""

    @classmethod
    def of(cls, matrix: Complex[Array, "... 3 3"], H: Num[Array, "... 3 3"], sign: Float[Array, "..."]) -> "_Potential":
        """Of a matrix between flavors, for M^dagger M / 2E = H."""
        traceless, mean = _split(matrix, sign)
        turn, _ = _split(-1j * (matrix @ H - H @ matrix), sign)
        return cls(traceless, mean, turn)

    def scaled(self, scale: Float[Array, "..."]) -> "_Potential":
        """With so many times the vacuum."""
        return self._replace(turn=closed_form.Hermitian(*(x * scale for x in self.turn)))


class _ThreeFlavors(Propagation):
    """Traceless Hermitian matrices and their traces, element by element."""

    vacuum: closed_form.Hermitian
    """[km^-1]"""
    vacuum_mean: Float[Array, "..."]
    potentials: tuple[_Potential, ...]
    """Of electrons with their protons and, where they have any, of neutrons; none where it is diag(1, 0, 0)."""
    sign: Float[Array, "..."]
    potential: float = eqx.field(static=True)
    """V_CC [km^-1] for one mole of electrons per cm^3."""

    @classmethod
    def of(cls, beam: Beam, constants: Constants) -> "_ThreeFlavors":
        """The vacuum and its commutator with the potentials."""
        sign = matter.charge_sign(beam.antineutrino)
        vacuum, mean = _split(jnp.asarray(beam.mass_squared), sign)
        scale = constants.phase / beam.energy
        vacuum = closed_form.Hermitian(*(x * scale for x in vacuum))
        potentials: tuple[_Potential, ...] = ()
        if beam.nsi is not None:
            one, none = jnp.ones(()), jnp.zeros(())
            matrices = [matter.potential_matrix(3, one, none, nsi=beam.nsi)]
            if beam.nsi.neutron is not None:
                matrices.append(matter.potential_matrix(3, none, 0.5 * one, nsi=beam.nsi))
            H = jnp.asarray(beam.mass_squared) + 0j
            potentials = tuple(_Potential.of(matrix, H, sign).scaled(scale * sign) for matrix in matrices)
        return cls(vacuum, mean * scale, potentials, sign, constants.matter_potential)

    def through(self, stretch: Stretch) -> _ThreeOperator:
        potential = self.sign * self.potential
        X = [x * stretch.length for x in self.vacuum]
        if self.potentials:
            mean = self._add_potentials(X, potential, stretch)
        else:
            mean = potential * stretch.column.electrons / 3.0
            X[0], X[1], X[2] = X[0] + 2.0 * mean, X[1] - mean, X[2] - mean
            if stretch.moment is not None:
                moment, H = potential * stretch.moment.electrons, self.vacuum
                for i, entry in {3: H.y01, 4: -H.x01, 5: H.y02, 6: -H.x02}.items():
                    X[i] = X[i] + moment * entry
        phase, S = closed_form.evolution(closed_form.Hermitian(*X))
        return _ThreeOperator(phase - self.vacuum_mean * stretch.length - mean, S)

    def _add_potentials(
        self, X: list[Float[Array, "..."]], potential: Float[Array, "..."], stretch: Stretch
    ) -> Float[Array, "..."]:
        """Add what matter does, other than diag(1, 0, 0), to X; the third of its trace."""
        mean = jnp.zeros(())
        for kind, own in zip(Matter._fields, self.potentials, strict=False):
            column = potential * getattr(stretch.column, kind)
            X[:] = [x + column * w for x, w in zip(X, own.matrix, strict=True)]
            mean = mean + column * own.mean
            if stretch.moment is not None:
                moment = potential * getattr(stretch.moment, kind)
                X[:] = [x + moment * t for x, t in zip(X, own.turn, strict=True)]
        return mean

    def nothing(self, batch: tuple[int, ...], *, of_two: bool = False) -> _ThreeOperator:
        zero = jnp.zeros(batch, self.vacuum.d0.dtype)
        one, columns = jnp.ones_like(zero), range(2 if of_two else 3)
        return _ThreeOperator(zero, tuple(tuple((one if a == b else zero, zero) for b in columns) for a in range(3)))

    def product(self, later: _ThreeOperator, earlier: _ThreeOperator) -> _ThreeOperator:
        return _ThreeOperator(later.phase + earlier.phase, closed_form.product(later.S, earlier.S))

    def amplitude(self, operator: _ThreeOperator) -> Matrix:
        turn = jnp.exp(1j * operator.phase)
        return stacked([[(x + 1j * y) * turn for x, y in row] for row in operator.S])

    def probability(self, operator: _ThreeOperator) -> Float[Array, "... 3 3"]:
        S = operator.S
        return stacked(closed_form.probabilities(closed_form.with_third_column(S) if len(S[0]) == 2 else S))


@stage
def _split(
    matrix: Num[Array, "... 3 3"], sign: Float[Array, "..."]
) -> tuple[closed_form.Hermitian, Float[Array, "..."]]:
    """The traceless part of a Hermitian matrix, conjugated where the sign is negative, and the third of its trace."""
    rows = entries(matrix)
    x = [[jnp.real(entry) for entry in row] for row in rows]
    y = [[jnp.imag(entry) * sign for entry in row] for row in rows]
    mean = (x[0][0] + x[1][1] + x[2][2]) / 3.0
    diagonal = (x[a][a] - mean for a in range(3))
    return closed_form.Hermitian(*diagonal, *(part[a][b] for a, b in ((0, 1), (0, 2), (1, 2)) for part in (x, y))), mean


class _ManyFlavors(Propagation):
    """Matrices and `hermitian.exp_minus_i`."""

    vacuum: Matrix
    """[km^-1]"""
    charged: Matrix
    """The potentials for V_CC = 1."""
    sterile: Matrix
    """The potentials for -V_NC = 1, those of neutrons among them."""
    potential: float = eqx.field(static=True)
    """V_CC [km^-1] for one mole of electrons per cm^3."""

    @classmethod
    def of(cls, beam: Beam, constants: Constants) -> "_ManyFlavors":
        mass_squared, energy, antineutrino, nsi = beam
        vacuum = matter.vacuum_hamiltonian(mass_squared, energy, antineutrino=antineutrino, constants=constants)
        one, zero, n = jnp.ones(()), jnp.zeros(()), jnp.shape(mass_squared)[-1]
        charged = matter.potential_matrix(n, one, zero, antineutrino=antineutrino, nsi=nsi)
        sterile = matter.potential_matrix(n, zero, one, antineutrino=antineutrino, nsi=nsi)
        return cls(vacuum, charged, sterile, constants.matter_potential)

    def through(self, stretch: Stretch) -> Matrix:
        X = self.vacuum * _matrix(stretch.length) + self._potential(stretch.column)
        if stretch.moment is not None:
            moment = self._potential(stretch.moment)
            X = X - 1j * (moment @ self.vacuum - self.vacuum @ moment)
        return hermitian.exp_minus_i(X, jnp.ones(()))

    def _potential(self, column: Matter) -> Matrix:
        charged, sterile = self.potential * column.electrons, 0.5 * self.potential * column.neutrons
        return _matrix(charged) * self.charged + _matrix(sterile) * self.sterile

    def nothing(self, batch: tuple[int, ...], *, of_two: bool = False) -> Matrix:
        n = self.vacuum.shape[-1]
        return jnp.broadcast_to(jnp.eye(n, dtype=self.vacuum.dtype), (*batch, n, n))

    def product(self, later: Matrix, earlier: Matrix) -> Matrix:
        return jnp.matmul(later, earlier, precision=lax.Precision.HIGHEST)

    def amplitude(self, operator: Matrix) -> Matrix:
        return operator

    def probability(self, operator: Matrix) -> Float[Array, "... n n"]:
        return modulus_squared(jnp.swapaxes(operator, -1, -2))


def _matrix(x: Float[Array, "..."]) -> Float[Array, "... 1 1"]:
    return jnp.asarray(x)[..., None, None]


def density_matrices(S: Matrix) -> Complex[Array, "... n n n"]:
    """rho[..., alpha, b, c] = S_b,alpha S_c,alpha^*."""
    states = jnp.swapaxes(S, -1, -2)
    return states[..., :, None] * jnp.conj(states)[..., None, :]


def populations(rho: Complex[Array, "... n n"]) -> Float[Array, "... n"]:
    """The diagonal of a density matrix."""
    return jnp.real(jnp.diagonal(rho, axis1=-2, axis2=-1))
