import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import scipy.linalg
from helpers import (
    DIGITS,
    MODES,
    assert_close,
    gradients,
    hessians,
    mp_adjoint,
    mp_array,
    mp_derivatives,
    mp_eigensystem,
    random_hermitian,
    random_unitary,
    with_spectrum,
)

from nmmjax.numerics.hermitian import eigensystem, exp_minus_i, hadamard, matrix_function
from nmmjax.numerics.spectral import ExpMinusI, Smooth, SpectralFunction, WeightedSum

DEMOCRATIC = np.ones((3, 3)) - np.eye(3)
EPS = np.finfo(float).eps


def spread(H: np.ndarray, length: float) -> float:
    """The phase to which rounding errors of the eigenvalues are proportional."""
    return max(1.0, float(np.linalg.norm(H, 2)) * length)


def modes_for(H: np.ndarray, functions: dict[str, Callable]) -> dict[str, Callable]:
    """Every mode for the physical size, one for the others: compilation is what takes the time."""
    names = functions if len(H) == 3 else {"reverse", "forward over reverse"} & set(functions)
    return {name: functions[name] for name in names}


# --- exp(-i H L) ------------------------------------------------------------------------------------------------------

SPECTRA = {
    "n=2": [0.1, 1.0],
    "n=2, double": [0.7, 0.7],
    "n=3": [0.0, 0.3, 1.0],
    "n=3, lower double": [0.2, 0.2, 1.0],
    "n=3, upper double": [0.0, 1.0, 1.0],
    "n=3, triple": [0.4, 0.4, 0.4],
    "n=3, zero": [0.0, 0.0, 0.0],
    "n=3, 1e-9 apart": [0.2, 0.2 + 1e-9, 1.0],
    "n=3, 1e-3 apart": [0.2, 0.201, 1.0],
    "n=4, two doubles": [0.1, 0.1, 1.0, 1.0],
    "n=6, triple and double": [0.0, 0.0, 0.0, 0.5, 0.5, 1.0],
}


def matrices() -> list:
    rng = np.random.default_rng(1)
    cases = [(name, with_spectrum(rng, w)) for name, w in SPECTRA.items()]
    cases += [
        ("democratic", DEMOCRATIC + 0j),
        ("identity", 0.3 * np.eye(3) + 0j),
        ("diagonal", np.diag([1, 0, 1]) + 0j),
    ]
    return [pytest.param(H, id=name) for name, H in cases]


@jax.jit
def transitions(t, H, directions, length):
    """|S_ab|^2 around H and L: as many directions in H as there are, then L itself."""
    S = exp_minus_i(H + jnp.tensordot(t[:-1], directions, 1), length * (1.0 + t[-1]))
    return S.real**2 + S.imag**2


@functools.cache
def transition_gradients() -> dict[str, Callable]:
    return gradients(transitions)


@functools.cache
def transition_hessians() -> dict[str, Callable]:
    return hessians(transitions)


def mp_transitions(H, directions, length: float) -> Callable:
    H, directions = mp_array(H), [mp_array(D) for D in directions]

    def at(t):
        w, V = mp_eigensystem(H + sum(x * D for x, D in zip(t[:-1], directions, strict=True)))
        S = (V * np.array([mpmath.expj(-x * length * (1 + t[-1])) for x in w])) @ mp_adjoint(V)
        return np.vectorize(lambda z: z.real**2 + z.imag**2, otypes=[object])(S)

    return at


@pytest.mark.parametrize("phase", [3.0, 1e3])
@pytest.mark.parametrize("H", matrices())
def test_transition_probabilities_to_second_order(H, phase):
    rng = np.random.default_rng(2)
    directions = np.stack([random_hermitian(rng, len(H)) for _ in range(2)])
    value, gradient, hessian = mp_derivatives(mp_transitions(H, directions, phase), 3)
    arguments = (jnp.zeros(3), H, directions, phase)
    assert_close(transitions(*arguments), value, 1e-15 * spread(H, phase))
    for name, function in modes_for(H, transition_gradients()).items():
        assert_close(function(*arguments), gradient, 1e-12, name, scale=phase)
    for name, function in modes_for(H, transition_hessians()).items():
        assert_close(function(*arguments), hessian, 1e-12, name, scale=phase**2)


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_amplitudes_at_large_phase(n):
    """Values to 1e-12 at a phase of 1e3, the amplitudes themselves and not only their moduli."""
    rng = np.random.default_rng(n)
    H = random_hermitian(rng, n)
    H /= np.ptp(np.linalg.eigvalsh(H))
    with mpmath.workdps(DIGITS):
        w, V = mp_eigensystem(mp_array(H))
        S = (V * np.array([mpmath.expj(-1000 * x) for x in w])) @ mp_adjoint(V)
    assert_close(exp_minus_i(H, 1e3), S.astype(complex), 1e-12)


def test_amplitudes_agree_with_scipy():
    H = random_hermitian(np.random.default_rng(3), 3)
    assert_close(exp_minus_i(H, 2.5), scipy.linalg.expm(-2.5j * H), 1e-14)


def test_real_matrix():
    assert_close(exp_minus_i(DEMOCRATIC, 2.5), scipy.linalg.expm(-2.5j * DEMOCRATIC), 1e-14)


def test_unitary_at_large_phase():
    S = np.asarray(exp_minus_i(random_hermitian(np.random.default_rng(4), 3), jnp.geomspace(1.0, 1e6, 7)))
    assert_close(S @ S.conj().swapaxes(-1, -2), np.broadcast_to(np.eye(3), S.shape), 1e-14)


def test_derivative_in_direction_that_is_not_hermitian():
    """The derivative is that of an analytic function of all entries: complex directions are allowed."""
    H, A = random_hermitian(np.random.default_rng(5), 3), np.arange(9.0).reshape(3, 3) * (1 + 2j)
    tangent = jax.jit(lambda X, dX: jax.jvp(lambda Y: exp_minus_i(Y, 1.5), (X,), (dX,))[1])(H, A + 0j)
    reference = scipy.linalg.expm_frechet(-1.5j * H, -1.5j * A, compute_expm=False)
    assert_close(tangent, reference, 1e-13)


# --- Batches ----------------------------------------------------------------------------------------------------------


def test_batches_broadcast():
    rng = np.random.default_rng(6)
    H = np.stack([random_hermitian(rng, 3) for _ in range(4)])
    lengths = np.linspace(0.0, 5.0, 5)
    S = exp_minus_i(H[:, None], lengths)
    assert S.shape == (4, 5, 3, 3)
    one_by_one = [[exp_minus_i(matrix, length) for length in lengths] for matrix in H]
    assert_close(S, one_by_one, 1e-14)
    assert exp_minus_i(H[0], lengths).shape == (5, 3, 3)
    assert exp_minus_i(H, 1.0).shape == (4, 3, 3)


def test_hessian_of_batch_is_batch_of_hessians():
    rng = np.random.default_rng(7)
    H = jnp.stack([DEMOCRATIC + 0j, random_hermitian(rng, 3), np.eye(3) + 0j])
    directions = jnp.stack([random_hermitian(rng, 3) for _ in range(2)])
    lengths = jnp.asarray([1.0, 2.0, 3.0])
    hessian = transition_hessians()["forward over reverse"]
    vmapped = jax.jit(jax.vmap(lambda H, length: hessian(jnp.zeros(3), H, directions, length)))(H, lengths)
    together = hessian(jnp.zeros(3), H, directions, lengths)
    separate = [hessian(jnp.zeros(3), H[i], directions, lengths[i]) for i in range(3)]
    assert_close(vmapped, separate, 1e-13)
    assert_close(together, separate, 1e-13)


def test_hadamard_batches_broadcast():
    rng = np.random.default_rng(8)
    H = np.stack([random_hermitian(rng, 3) for _ in range(2)])
    X = np.stack([random_hermitian(rng, 3) for _ in range(3)])
    lengths = np.linspace(0.0, 5.0, 4)
    evolved = hadamard(H[:, None, None], X[:, None], ExpMinusI(lengths))
    assert evolved.shape == (2, 3, 4, 3, 3)
    S = np.asarray(exp_minus_i(H[:, None, None], lengths))
    assert_close(evolved, S @ X[:, None] @ S.conj().swapaxes(-1, -2), 1e-14)


def test_float32_stays_float32():
    H = jnp.asarray(DEMOCRATIC, jnp.complex64)
    length = jnp.asarray([1.0, 2.0], jnp.float32)
    smooth = Smooth(lambda x: 1.0 / (1.0 + x**2), jnp.float32(1.0))

    def loss(H):
        return jnp.sum(exp_minus_i(H, length).real) + jnp.sum(hadamard(H, H, smooth).real)

    assert exp_minus_i(H, length).dtype == jnp.complex64
    assert hadamard(H, H, smooth).dtype == jnp.complex64
    assert jax.eval_shape(jax.grad(loss), H).dtype == jnp.complex64


# --- Divided differences ----------------------------------------------------------------------------------------------

GAPS = [0.0, 1e-13, 1e-6, 1e-3, 0.09, 0.11, 0.4, 0.99, 1.01, 2.1, 30.0, 1e3]


def lorentzian(x, width):
    return 1.0 / (1.0 + (x / width) ** 2)


def wave_packet(x, length, width):
    """A wave damped by the separation of its packets."""
    return jnp.exp(-1j * x * length - 0.5 * (x * width) ** 2)


def mp_wave_packet(x, length, width):
    return mpmath.exp(-1j * x * length - (x * width) ** 2 / 2)


FUNCTIONS = {
    "wave": (ExpMinusI(2.0), lambda x: mpmath.expj(-2 * x), 2.0),
    "lorentzian": (Smooth(lorentzian, 0.5, (0.5,)), lambda x: 1 / (1 + 4 * x**2), 2.0),
    "wave packet": (Smooth(wave_packet, 0.4, (2.0, 0.5)), lambda x: mp_wave_packet(x, 2, mpmath.mpf(1) / 2), 2.0),
    "sum of waves": (
        WeightedSum(ExpMinusI(np.array([1.0, 2.0])), np.array([0.75, 0.25])),
        lambda x: (3 * mpmath.expj(-x) + mpmath.expj(-2 * x)) / 4,
        2.0,
    ),
}


def mp_first(f, x, y):
    """f[x, y]; equal nodes are made to differ by 1e-50, which a calculation with 120 digits resolves."""
    y = y + mpmath.mpf(10) ** -50 if x == y else y
    return (f(x) - f(y)) / (x - y)


def mp_second(f, x, y, z):
    """f[x, y, z], with the difference over the two farthest nodes."""
    x, y, z = sorted((x, y, z))
    z = z + mpmath.mpf(10) ** -20 if x == z else z
    return (mp_first(f, y, z) - mp_first(f, x, y)) / (z - x)


@pytest.mark.parametrize(("f", "reference", "rate"), FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_divided_differences(f: SpectralFunction, reference, rate):
    """Relative to rate and rate^2 / 2, the bounds that a function of this bandwidth has."""
    gaps = np.array(GAPS)
    x = np.full((len(gaps), len(gaps)), 0.3)
    y, z = x + gaps[:, None], x - gaps[None, :] * 0.7
    with mpmath.workdps(2 * DIGITS):
        mp = np.vectorize(mpmath.mpf, otypes=[object])
        first = np.vectorize(functools.partial(mp_first, reference), otypes=[complex])(mp(x), mp(y))
        second = np.vectorize(functools.partial(mp_second, reference), otypes=[complex])(mp(x), mp(y), mp(z))
    rounding = EPS * (1.0 + rate * np.max(np.abs([x, y, z]), axis=0))
    assert np.all(np.abs(f.first(jnp.asarray(x), jnp.asarray(y)) - first) <= 8 * rate * rounding + 1e-14 * rate)
    for nodes in ((x, y, z), (z, x, y), (y, z, x), (z, y, x)):
        error = np.abs(f.second(*map(jnp.asarray, nodes)) - second)
        assert np.all(error <= 8 * rate**2 * rounding + 2e-14 * rate**2)


def test_wave_of_zero_length():
    f = ExpMinusI(0.0)
    x, y, z = jnp.asarray([0.0, 1.0]), jnp.asarray([0.0, 2.0]), jnp.asarray([0.0, 5.0])
    assert np.array_equal(f(x), [1.0, 1.0])
    assert np.array_equal(f.first(x, y), [0.0, 0.0])
    assert np.array_equal(f.second(x, y, z), [0.0, 0.0])


# --- Functions of the user --------------------------------------------------------------------------------------------


def resolvent_square(x, width):
    return 1.0 / (width**2 + x**2)


@jax.jit
def inverses(t, H, directions):
    """(s^2 + H^2)^-1 around H and s = 1."""
    H = H + jnp.tensordot(t[:-1], directions, 1)
    function = matrix_function(H, Smooth(resolvent_square, 1.0, (1.0 + t[-1],)))
    return jnp.stack([function.real, function.imag])


@jax.jit
def direct_inverses(t, H, directions):
    H = H + jnp.tensordot(t[:-1], directions, 1)
    function = jnp.linalg.inv((1.0 + t[-1]) ** 2 * jnp.eye(len(H)) + H @ H)
    return jnp.stack([function.real, function.imag])


@functools.cache
def inverse_hessians() -> tuple[Callable, Callable]:
    return jax.jit(jax.jacrev(jax.jacrev(inverses))), jax.jit(jax.jacfwd(jax.jacfwd(direct_inverses)))


@pytest.mark.parametrize("w", [[0.0, 0.3, 1.0], [0.5, 0.5, 2.0], [0.7, 0.7, 0.7], [-1.0, 1.0, 1.1]])
def test_function_of_user(w):
    """A function of the user against the same matrix by a linear solve, which knows no eigenvalue."""
    rng = np.random.default_rng(9)
    H, directions = with_spectrum(rng, w), np.stack([random_hermitian(rng, 3) for _ in range(2)])
    arguments = (jnp.zeros(3), H, directions)
    assert_close(inverses(*arguments), direct_inverses(*arguments), 1e-14)
    hessian, reference = inverse_hessians()
    assert_close(hessian(*arguments), reference(*arguments), 1e-12)


# --- Hadamard functions -----------------------------------------------------------------------------------------------


HADAMARD_SPECTRA = {
    "distinct": [0.0, 0.3, 1.0],
    "double": [0.2, 0.2, 1.0],
    "triple": [0.4, 0.4, 0.4],
    "equally spaced": [0.0, 1.0, 2.0],  # w_1 - w_2 = w_2 - w_3: a degeneracy of ad_H alone
    "far": [0.0, 30.0, 30.0],
    "n=4": [0.1, 0.1, 1.0, 1.0],
}
hadamard_spectra = pytest.mark.parametrize("w", HADAMARD_SPECTRA.values(), ids=HADAMARD_SPECTRA.keys())


def along(t, H, X, directions):
    """Two directions in H, one in X."""
    return H + t[0] * directions[0] + t[1] * directions[1], X + t[2] * directions[2]


def parts(A):
    return jnp.stack([A.real, A.imag])


@jax.jit
def averages(t, H, X, directions):
    """X averaged over two lengths, around H, X and the first length."""
    lengths = jnp.stack([2.0 + t[3], 5.0])
    return parts(hadamard(*along(t, H, X, directions), WeightedSum(ExpMinusI(lengths), jnp.asarray([0.7, 0.3]))))


@jax.jit
def packets(t, H, X, directions):
    """X evolved and damped, around H, X and the width of the damping."""
    g = Smooth(wave_packet, 0.3, (2.0, 0.5 + t[3]))
    return parts(hadamard(*along(t, H, X, directions), g))


@functools.cache
def average_derivatives() -> tuple[dict[str, Callable], dict[str, Callable]]:
    return gradients(averages), hessians(averages)


@functools.cache
def packet_derivatives() -> tuple[Callable, Callable]:
    return jax.jit(jax.jacrev(packets)), jax.jit(jax.jacfwd(jax.jacrev(packets)))


def mp_hadamard(H, X, directions, g: Callable) -> Callable:
    """The same in mpmath, by eigenvectors; g takes an eigenvalue of ad_H and the last parameter."""
    arrays = [mp_array(H), mp_array(X), [mp_array(D) for D in directions]]

    def at(t):
        H, X = along(t, *arrays)
        w, V = mp_eigensystem(H)
        factors = np.array([[g(a - b, t[3]) for b in w] for a in w])
        result = V @ ((mp_adjoint(V) @ X @ V) * factors) @ mp_adjoint(V)
        return np.array([[[getattr(z, part) for z in row] for row in result] for part in ("real", "imag")])

    return at


def hadamard_case(w) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng, n = np.random.default_rng(10), len(w)
    X, dX = rng.normal(size=(2, n, n)) + 1j * rng.normal(size=(2, n, n))
    return with_spectrum(rng, w), X, np.stack([random_hermitian(rng, n), random_hermitian(rng, n), dX])


@hadamard_spectra
def test_average_to_second_order(w):
    case = hadamard_case(w)

    def g(x, t):
        return mpmath.mpf(0.7) * mpmath.expj(-x * (2 + t)) + mpmath.mpf(0.3) * mpmath.expj(-5 * x)

    value, gradient, hessian = mp_derivatives(mp_hadamard(*case, g), 4)
    assert_close(averages(jnp.zeros(4), *case), value, 1e-14 * max(1.0, *w))
    first, second = average_derivatives()
    for name, function in modes_for(case[0], first).items():
        assert_close(function(jnp.zeros(4), *case), gradient, 1e-12, name)
    for name, function in modes_for(case[0], second).items():
        assert_close(function(jnp.zeros(4), *case), hessian, 1e-12, name)


@hadamard_spectra
def test_wave_packets_to_second_order(w):
    case = hadamard_case(w)
    reference = mp_hadamard(*case, lambda x, t: mp_wave_packet(x, 2, mpmath.mpf(1) / 2 + t))
    value, gradient, hessian = mp_derivatives(reference, 4)
    first, second = packet_derivatives()
    assert_close(packets(jnp.zeros(4), *case), value, 1e-14 * max(1.0, *w))
    assert_close(first(jnp.zeros(4), *case), gradient, 1e-12)
    assert_close(second(jnp.zeros(4), *case), hessian, 1e-12)


@jax.jit
def survival(t, g):
    """P(nu_e -> nu_e) with the democratic matrix M = J - 1, whose two lower masses are equal."""
    M = DEMOCRATIC + jnp.diag(t) + 0j
    electron = jnp.diag(jnp.asarray([1.0, 0.0, 0.0]))
    return hadamard(M.conj().T @ M, electron, g)[..., 0, 0].real


@pytest.mark.parametrize("width", [1e2, 1e6])
def test_incoherent_democratic_matrix(width):
    """Degenerate states keep their coherence: (1/3)^2 + (2/3)^2 = 5/9, not the 1/3 of three incoherent states."""
    g = Smooth(wave_packet, 1.0 / width, (0.0, width))
    assert_close(survival(jnp.zeros(3), g), 5.0 / 9.0, 1e-14)


def test_incoherent_gradient_of_democratic_matrix():
    """dP_ee = -4/27 (t_e - mean t), from P_ee = p^2 + (1 - p)^2, p the electron's part in the isolated state."""
    g = Smooth(wave_packet, 1e-2, (0.0, 1e2))
    for name, gradient in gradients(survival).items():
        assert_close(gradient(jnp.zeros(3), g), np.array([-8.0, 4.0, 4.0]) / 81.0, 1e-13, name)


def test_bins_average_the_survival_probability():
    """A hundred bins of a spectrum, one call, against the mean of probabilities from amplitudes."""
    H = random_hermitian(np.random.default_rng(11), 3)
    nodes, weights = np.polynomial.legendre.leggauss(6)
    edges = np.linspace(1.0, 11.0, 101)
    lengths = 0.5 * (edges[1:] + edges[:-1])[:, None] + 0.5 * np.diff(edges)[:, None] * nodes
    averaged = hadamard(H, np.diag([1.0, 0.0, 0.0]), WeightedSum(ExpMinusI(lengths), 0.5 * weights))[:, 0, 0].real
    amplitude = exp_minus_i(H, lengths)[..., 0, 0]
    assert averaged.shape == (100,)
    assert_close(averaged, (amplitude.real**2 + amplitude.imag**2) @ (0.5 * weights), 1e-14)


# --- Third derivatives ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", MODES)
@pytest.mark.parametrize("second", MODES)
@pytest.mark.parametrize("third", MODES)
def test_third_derivatives_are_refused(first, second, third):
    def real_part(x):
        return exp_minus_i(DEMOCRATIC * x, 1.0)[0, 0].real

    twice = MODES[second](MODES[first](jax.jit(real_part)))
    jax.eval_shape(twice, 1.0)
    with pytest.raises(NotImplementedError, match="twice, not three times"):
        jax.eval_shape(MODES[third](twice), 1.0)


@pytest.mark.parametrize("order", ["LLL", "HLL", "LHL", "LLH", "HHL", "HLH"])
def test_third_derivatives_with_the_length(order):
    """Nothing is frozen in the fields of a function: derivatives with fewer than three in H are right."""

    def real_part(x, length):
        return exp_minus_i(DEMOCRATIC * x, length)[0, 0].real

    derivative = real_part
    for argument in order:
        derivative = jax.grad(derivative, "HL".index(argument))
    x, length = 0.8, 1.1
    S, K = scipy.linalg.expm(-1j * x * length * DEMOCRATIC), -1j * DEMOCRATIC
    powers = {
        "LLL": x**3 * K,
        "HLL": 2 * x * np.eye(3) + x**2 * length * K,
        "HHL": 2 * length * np.eye(3) + x * length**2 * K,
    }
    expected = S @ K @ K @ powers["".join(sorted(order))]
    assert_close(jax.jit(derivative)(x, length), expected[0, 0].real, 1e-13)


def test_second_derivatives_inside_scan_and_checkpoint():
    def product(x):
        def step(S, length):
            return exp_minus_i(DEMOCRATIC * x, length) @ S, None

        S, _ = jax.lax.scan(jax.checkpoint(step), jnp.eye(3) + 0j, jnp.asarray([0.5, 0.7]))
        return S[0, 0].real

    reference = scipy.linalg.expm(-1.2j * DEMOCRATIC) @ np.linalg.matrix_power(-1.2j * DEMOCRATIC, 2)
    for inner in MODES.values():
        assert_close(jax.jit(jax.jacrev(inner(product)))(1.0), reference[0, 0].real, 1e-13)


# --- Eigensystem ------------------------------------------------------------------------------------------------------


def eigenvalues_and_projectors(t, H, directions):
    w, V = eigensystem(H + jnp.tensordot(t, directions, 1))
    return jnp.concatenate([w[None], V.real**2 + V.imag**2])


@functools.cache
def eigen_gradients() -> dict[str, Callable]:
    return gradients(eigenvalues_and_projectors)


@functools.cache
def eigen_hessians() -> dict[str, Callable]:
    return hessians(eigenvalues_and_projectors)


def mp_eigenvalues_and_projectors(H, directions) -> Callable:
    H, directions = mp_array(H), [mp_array(D) for D in directions]

    def at(t):
        w, V = mp_eigensystem(H + sum(x * D for x, D in zip(t, directions, strict=True)))
        return np.concatenate([w[None], np.vectorize(lambda z: z.real**2 + z.imag**2, otypes=[object])(V)])

    return at


def test_eigensystem_to_second_order():
    rng = np.random.default_rng(13)
    H, directions = with_spectrum(rng, [0.1, 0.4, 1.0]), np.stack([random_hermitian(rng, 3) for _ in range(2)])
    value, gradient, hessian = mp_derivatives(mp_eigenvalues_and_projectors(H, directions), 2)
    arguments = (jnp.zeros(2), H, directions)
    assert_close(eigenvalues_and_projectors(*arguments), value, 1e-14)
    for name, function in eigen_gradients().items():
        assert_close(function(*arguments), gradient, 1e-13, name)
    for name, function in eigen_hessians().items():
        assert_close(function(*arguments), hessian, 1e-13, name)


def test_third_derivative_of_eigenvalue():
    """w = sqrt(1 + x^2), x = 0.3."""

    def upper(x):
        return eigensystem(jnp.array([[1.0, 0.0], [0.0, -1.0]]) + x * jnp.array([[0.0, 1.0], [1.0, 0.0]]))[0][1]

    expected = -3 * 0.3 / (1 + 0.3**2) ** 2.5
    for mode in MODES.values():
        assert_close(jax.jit(mode(mode(mode(upper))))(0.3), expected, 1e-12)


@pytest.mark.parametrize("w", [[0.2, 0.2, 1.0], [0.4, 0.4, 0.4], [0.0, 0.0, 0.0]])
@pytest.mark.parametrize("exact", [True, False])
def test_eigensystem_has_finite_derivatives_at_degeneracy(w, exact):
    rng = np.random.default_rng(14)
    H = np.diag(w) + 0j if exact else with_spectrum(rng, w)
    directions = np.stack([random_hermitian(rng, 3) for _ in range(2)])
    arguments = (jnp.zeros(2), H, directions)
    for function in (*eigen_gradients().values(), *eigen_hessians().values()):
        derivative = function(*arguments)
        assert np.all(np.isfinite(derivative))
        assert np.max(np.abs(derivative)) < 1e4
    trace = jax.jit(jax.jacfwd(lambda t: eigensystem(H + jnp.tensordot(t, directions, 1))[0].sum()))(jnp.zeros(2))
    assert_close(trace, np.trace(directions, axis1=1, axis2=2).real, 1e-14)


def test_eigensystem_in_batches():
    rng = np.random.default_rng(15)
    H = np.stack([random_hermitian(rng, 4) for _ in range(6)]).reshape(2, 3, 4, 4)
    w, V = eigensystem(H)
    assert w.shape == (2, 3, 4)
    assert_close(V * w[..., None, :], H @ V, 1e-13)
    assert np.all(np.diff(w, axis=-1) >= 0.0)


# --- Bad input --------------------------------------------------------------------------------------------------------

SKEW = random_unitary(np.random.default_rng(16), 3)
NAN = np.where(np.eye(3) > 0, np.nan, 0.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exp_minus_i(SKEW, 1.0), "`H` must be Hermitian"),
        (lambda: exp_minus_i(NAN, 1.0), "`H` must be finite"),
        (lambda: exp_minus_i(np.zeros((2, 3)), 1.0), "`H` must have shape"),
        (lambda: exp_minus_i(DEMOCRATIC, np.nan), "`length` must be finite"),
        (lambda: exp_minus_i(DEMOCRATIC, 1j), "`length` must be real"),
        (lambda: eigensystem(SKEW), "`H` must be Hermitian"),
        (lambda: eigensystem(np.zeros(3)), "`H` must have shape"),
        (lambda: matrix_function(SKEW, ExpMinusI(1.0)), "`H` must be Hermitian"),
        (lambda: hadamard(SKEW, DEMOCRATIC, ExpMinusI(1.0)), "`H` must be Hermitian"),
        (lambda: hadamard(DEMOCRATIC, np.eye(2), ExpMinusI(1.0)), "`X` must have shape"),
        (lambda: hadamard(DEMOCRATIC, NAN, ExpMinusI(1.0)), "`X` must be finite"),
        (lambda: Smooth(lorentzian, 0.0, (1.0,)), "`scale` must lie in"),
        (lambda: WeightedSum(ExpMinusI(1.0), 1.0), "`weights` must have shape"),
    ],
)
def test_bad_input_names_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_values_are_not_looked_at_under_jit():
    assert np.all(np.isnan(jax.jit(exp_minus_i)(NAN, 1.0)))
