"""What becomes of a neutrino along a path: probabilities, amplitudes and density matrices."""

from functools import partial

import jax
from jaxtyping import Array, ArrayLike, Bool, Complex, Float, Num, Real

from nmmjax import _checks
from nmmjax._public import public_in_any_precision
from nmmjax.constants import PDG_2026, Constants
from nmmjax.matter import Nsi
from nmmjax.media.path import Path
from nmmjax.media.sun import FromSun
from nmmjax.oscillation._arguments import check_path, checked_batch, checked_beam
from nmmjax.oscillation._blocks import blockwise
from nmmjax.oscillation._propagation import Beam, density_matrices, populations, propagation
from nmmjax.oscillation.averages import Average, averaged
from nmmjax.oscillation.solar import check_solar, solar_state


@public_in_any_precision
def probability(
    mass_squared: Num[ArrayLike, "... n n"],
    energy: Real[ArrayLike, "..."],
    path: Path | FromSun,
    *,
    antineutrino: Bool[ArrayLike, "..."] = False,
    nsi: Nsi | Num[ArrayLike, "... 3 3"] | None = None,
    average: Average | None = None,
    constants: Constants = PDG_2026,
) -> Float[Array, "... n n"] | Float[Array, "... 3"]:
    """P[..., alpha, beta] = P(nu_alpha -> nu_beta) = |S_beta,alpha|^2 along a path.

    **Arguments:**

    - `mass_squared`: M^dagger M [eV^2] in the flavor basis, Hermitian, n >= 3 (sterile states after e, mu, tau).
    - `energy` [MeV].
    - `path`: `Uniform`, `Layers`, `ThroughEarth`, any other `nmmjax.media.Path`, or `FromSun`, all of whose neutrinos
      are born as nu_e: P[..., beta] then, of three flavors.
    - `antineutrino`: true where the beam is one of antineutrinos.
    - `nsi`: non-standard interactions of e, mu and tau relative to the weak one with electrons, a `matter.Nsi`; a
      Hermitian matrix is its part that goes with the electrons.
    - `average`: `Smeared`, `WavePackets`, `OverBaselines` or `Incoherent`, for a `Uniform` path.

    All of them broadcast. H is that of `nmmjax.matter`. Value, gradient and Hessian are right for every such matrix,
    degenerate or not. Three flavors take a closed form and more a decomposition; the two agree to rounding.

    **Raises:** `ValueError` that names the argument, before anything is compiled.
    """
    if average is None and isinstance(path, Path):
        beam = checked_beam(mass_squared, energy, antineutrino, nsi)
        return _evolved(beam, path, constants, probabilities=True)
    state = density_matrix(
        mass_squared, energy, path, antineutrino=antineutrino, nsi=nsi, average=average, constants=constants
    )
    return populations(state)


@public_in_any_precision
def amplitude(
    mass_squared: Num[ArrayLike, "... n n"],
    energy: Real[ArrayLike, "..."],
    path: Path,
    *,
    antineutrino: Bool[ArrayLike, "..."] = False,
    nsi: Nsi | Num[ArrayLike, "... 3 3"] | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n"]:
    """S[..., beta, alpha], the amplitude of nu_alpha -> nu_beta: exp(-i H L) in uniform matter, products of such else.

    The phase common to all flavors is that of `mass_squared` as given. Arguments and errors as for `probability`; what
    comes from the Sun or is averaged has no amplitude, only a `density_matrix`.
    """
    beam = checked_beam(mass_squared, energy, antineutrino, nsi)
    return _evolved(beam, path, constants, probabilities=False)


@public_in_any_precision
def density_matrix(
    mass_squared: Num[ArrayLike, "... n n"],
    energy: Real[ArrayLike, "..."],
    path: Path | FromSun,
    *,
    antineutrino: Bool[ArrayLike, "..."] = False,
    nsi: Nsi | Num[ArrayLike, "... 3 3"] | None = None,
    average: Average | None = None,
    constants: Constants = PDG_2026,
) -> Complex[Array, "... n n n"] | Complex[Array, "... 3 3"]:
    """rho[..., alpha, b, c] = S_b,alpha S_c,alpha^*, the state at the detector of a neutrino born as nu_alpha.

    Its diagonal is P(nu_alpha -> nu_b); further on it propagates as S rho S^dagger, S from `amplitude`. From the Sun it
    is rho[..., b, c] of those born as nu_e. Arguments and errors as for `probability`.
    """
    beam = checked_beam(mass_squared, energy, antineutrino, nsi)
    if isinstance(path, FromSun):
        check_solar(antineutrino, average)
        return solar_state(
            mass_squared,
            energy,
            *path.births(),
            neutron_density=path.model.neutron_density,
            nsi=nsi,
            scale_height=path.scale_height,
            constants=constants,
        )
    if average is not None:
        return averaged(beam, path, average, constants)
    return density_matrices(_evolved(beam, path, constants, probabilities=False))


def _evolved(beam: Beam, path: Path, constants: Constants, *, probabilities: bool) -> Array:
    """|S|^2 or S."""
    check_path(path)
    if not isinstance(path, Path):
        _checks.fail("path", "be one that keeps phases, for amplitudes", "it is FromSun: take `density_matrix`")
    batch = checked_batch(beam, path.batch_shapes())
    return _compiled(beam, path, probabilities=probabilities, batch=batch, constants=constants)


@partial(jax.jit, static_argnames=("probabilities", "batch", "constants"))
def _compiled(
    beam: Beam, path: Path, *, probabilities: bool, batch: tuple[int, ...], constants: Constants
) -> Float[Array, "... n n"] | Complex[Array, "... n n"]:
    def block(beam: Beam, path: Path, batch: tuple[int, ...]) -> Array:
        steps = propagation(beam, constants)
        way = jax.tree.map(lambda x: x.astype(beam.energy.dtype), path.way())
        operator = steps.along(way, batch, of_two=probabilities)
        return steps.probability(operator) if probabilities else steps.amplitude(operator)

    return blockwise(block, beam, path, batch)
