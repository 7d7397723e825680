"""What tests share: random matrices with a chosen spectrum, and derivatives in every mode and in high precision."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import combinations

import jax
import mpmath
import numpy as np

from nmmjax import decays, infer
from nmmjax.constants import PDG_2026
from nmmjax.experiments import Experiment
from nmmjax.fit import Fit
from nmmjax.infer._curvature import curvature
from nmmjax.low_energy import Neutrinos
from nmmjax.oscillation import Layers, ThroughEarth, Uniform

DIGITS = 60
STEP = mpmath.mpf(10) ** -15
MODES = {"forward": jax.jacfwd, "reverse": jax.jacrev}


@cache
def loaded(kind: type[Experiment], *choices: object) -> Experiment:
    """An experiment with its own data, read once in a process and by no file before its tests run.

    The arrays are numbers also where a function that is being traced asks first.
    """
    with jax.ensure_compile_time_eval():
        return kind.load(*choices)


def radiative_widths(neutrinos: Neutrinos) -> jax.Array:
    """Total widths of nu_j -> nu_i gamma [1/s], one for each of the states."""
    return decays.neutrino_radiative_widths(neutrinos.transition_moments(), neutrinos.states.masses)


def gradients(f: Callable) -> dict[str, Callable]:
    """The jitted derivative of f in its first argument, forward and reverse."""
    return {name: jax.jit(mode(f)) for name, mode in MODES.items()}


def hessians(f: Callable, outer: Sequence[str] = tuple(MODES)) -> dict[str, Callable]:
    """The jitted second derivative of f in its first argument, in the compositions of forward and reverse."""
    return {f"{a} over {b}": jax.jit(MODES[a](MODES[b](f))) for a in outer for b in MODES}


def assert_close(actual, desired, tolerance: float, label: object = "", *, scale: float = 0.0) -> None:
    """Every component, to a tolerance relative to the largest desired component, or to `scale` where that is larger."""
    actual, desired = np.asarray(actual), np.asarray(desired)
    assert actual.shape == desired.shape, f"{label}: shape {actual.shape}, not {desired.shape}"
    error = np.max(np.abs(actual - desired)) / max(np.max(np.abs(desired)), scale)
    assert error <= tolerance, f"{label}: relative error {error:.2e} exceeds {tolerance:.0e}"


def random_unitary(rng: np.random.Generator, n: int) -> np.ndarray:
    Q, R = np.linalg.qr(rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n)))
    return Q * (np.diag(R) / np.abs(np.diag(R)))


def random_hermitian(rng: np.random.Generator, n: int) -> np.ndarray:
    A = rng.normal(size=(n, n)) + 1j * rng.normal(size=(n, n))
    return 0.5 * (A + A.conj().T)


def with_spectrum(rng: np.random.Generator, w: Sequence[float]) -> np.ndarray:
    """A Hermitian matrix with these eigenvalues (to rounding, which also splits degenerate ones)."""
    U = random_unitary(rng, len(w))
    H = (U * np.asarray(w)) @ U.conj().T
    return 0.5 * (H + H.conj().T)


def mp_derivatives(f: Callable, parameters: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Value, gradient and Hessian of f at zero by central differences in 60 digits; f takes and returns mpmath numbers.

    The shape of f comes first, the parameters follow, as in `jax.jacobian`. Error: STEP^2 = 1e-30 times f''''.
    """
    with mpmath.workdps(DIGITS):

        def at(steps: dict[int, int]) -> np.ndarray:
            return np.asarray(f([steps.get(i, 0) * STEP for i in range(parameters)]), dtype=object)

        center = at({})
        gradient = np.empty((*center.shape, parameters), dtype=object)
        hessian = np.empty((*center.shape, parameters, parameters), dtype=object)
        for i in range(parameters):
            plus, minus = at({i: 1}), at({i: -1})
            gradient[..., i] = (plus - minus) / (2 * STEP)
            hessian[..., i, i] = (plus - 2 * center + minus) / STEP**2
        for i, j in combinations(range(parameters), 2):
            same = at({i: 1, j: 1}) + at({i: -1, j: -1})
            opposite = at({i: 1, j: -1}) + at({i: -1, j: 1})
            hessian[..., i, j] = hessian[..., j, i] = (same - opposite) / (4 * STEP**2)
        return center.astype(float), gradient.astype(float), hessian.astype(float)


def mp_array(A: np.ndarray) -> np.ndarray:
    """The same numbers as mpmath complex numbers in an object array."""
    return np.vectorize(mpmath.mpc, otypes=[object])(np.asarray(A, dtype=complex))


def mp_eigensystem(H: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and eigenvectors of a Hermitian object array."""
    w, V = mpmath.mp.eighe(mpmath.matrix(H.tolist()))
    n = len(H)
    return np.array([w[i] for i in range(n)], dtype=object), np.array(V.tolist(), dtype=object).reshape(n, n)


def mp_adjoint(A: np.ndarray) -> np.ndarray:
    return np.vectorize(mpmath.conj, otypes=[object])(A.T)


def mp_hamiltonian(mass_squared, energy, density, electron_fraction, antineutrino, constants=PDG_2026, nsi=None):
    """The Hamiltonian in km^-1 from the definitions of its units, in mpmath's precision."""
    mev, km, cm = mpmath.mpf(10) ** 6, mpmath.mpf(10) ** 18, mpmath.mpf(10) ** 13  # in eV, fm, fm
    hbar_c = mpmath.mpf(constants.hbar_c)  # MeV fm
    fermi = mpmath.mpf(constants.fermi_constant) / mpmath.mpf(10) ** 6  # MeV^-2
    nucleons = density * mpmath.mpf(constants.avogadro) / cm**3 * hbar_c**3  # MeV^3
    H = mass_squared / (2 * energy * mev * mev)  # MeV
    V = np.zeros(H.shape, dtype=object)
    charged = mpmath.sqrt(2) * fermi * nucleons * electron_fraction
    V[0, 0] = charged
    if nsi is not None:
        V[:3, :3] = V[:3, :3] + charged * nsi
    for s in range(3, len(H)):
        V[s, s] = fermi * nucleons * (1 - electron_fraction) / mpmath.sqrt(2)
    conjugate = np.vectorize(mpmath.conj, otypes=[object])
    return (conjugate(H) - conjugate(V) if antineutrino else H + V) / hbar_c * km


def mp_amplitude(mass_squared, energy, baseline, *matter, **keywords):
    """exp(-i H L); the further arguments are those of `mp_hamiltonian`."""
    w, V = mp_eigensystem(mp_hamiltonian(mass_squared, energy, *matter, **keywords))
    return V @ np.diag([mpmath.expj(-x * baseline) for x in w]) @ mp_adjoint(V)


def mp_probability(S):
    """P[alpha, beta] of an amplitude."""
    return np.array([[mpmath.re(z) ** 2 + mpmath.im(z) ** 2 for z in column] for column in S.T], dtype=object)


def assert_defined(fit: Fit, points: int, wide: int) -> None:
    """ln p is a number, or -inf, at points of the prior and at others three times as far out in z.

    Gradient and Hessian are finite at all of them, also where ln p is -inf.
    """
    assert infer.screen(fit, seed=1, points=max(points, wide)) == ()
    drawn = jax.vmap(fit.space.draw)(jax.random.split(jax.random.PRNGKey(2), points + wide))
    density = fit.prepare()
    for number, z in enumerate(drawn):
        found = jax.device_get(curvature(density, 3.0 * z if number >= points else z))
        where = f"at point {number}, where -ln p = {found.value}"
        assert found.value > -np.inf, where
        assert np.all(np.isfinite(found.gradient)), where
        assert np.all(np.isfinite(found.hessian)), where


PATH_FIELDS = {
    Uniform: ("baseline", "density", "electron_fraction"),
    Layers: ("lengths", "densities", "electron_fractions"),
    ThroughEarth: ("cos_zenith", "earth", "production_height", "detector_depth"),
}


def along(function, path, **arguments):
    """function of a mass matrix, energies and a path of this class, all arguments by name."""
    of_path = {name: arguments.pop(name) for name in PATH_FIELDS[path] if name in arguments}
    return function(path=path(**of_path), **arguments)


def uniform(function, mass_squared, energy, baseline, **keywords):
    """function along a path of constant density, those of the path among the keywords."""
    return along(function, Uniform, mass_squared=mass_squared, energy=energy, baseline=baseline, **keywords)
