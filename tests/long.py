"""Make the list of long tests, `long.txt`, from what `pytest -m 'not gpu and not peer' --seconds FILE` has measured.

Long are those above a limit, but for the few in `KEPT`, each of which stands for many: the suite that every change is
tested with shall take ten minutes on two cores, and the others run with `-m slow`.
"""

import argparse
from pathlib import Path

LIST = Path(__file__).parent / "long.txt"
KEPT = (
    "tests/test_analysis.py::test_what_is_read_back_equals_what_was_found",
    "tests/test_cli.py::test_a_fit_of_a_user_writes_everything",
    "tests/test_cli.py::test_not_converged_exits_with_three",
    "tests/test_cli.py::test_signals_keep_draws_that_are_those_of_the_whole_run[2]",
    "tests/test_confrontation.py::test_arviz_works_with_a_file_as_it_is",
    "tests/test_earth.py::test_gradients_in_the_earth",
    "tests/test_ensembles.py::test_the_command_calibrate",
    "tests/test_ensembles.py::test_the_command_toys",
    "tests/test_experiments.py::test_names",
    "tests/test_experiments.py::test_value_gradient_and_pulls_of_counts_and_rates[Sno2013]",
    "tests/test_experiments.py::test_values_gradients_and_pulls_of_published_results",
    "tests/test_fits.py::test_dayabay_theta13",
    "tests/test_fits.py::test_grimus_lavoura_2000",
    "tests/test_fits.py::test_maximum_is_good[dayabay_theta13-]",
    "tests/test_fits.py::test_maximum_is_good[grimus_lavoura_2000-]",
    "tests/test_fits.py::test_maximum_is_good[xenonnt_moment-flat_in_square]",
    "tests/test_hostile.py::test_hostile_calls_end_in_a_named_error_or_in_numbers",
    "tests/test_kamland.py::test_best_fit_is_the_published_one",
    "tests/test_magnetic_sun.py::test_massless_neutrinos_against_scipy[twisted]",
    "tests/test_models.py::test_gradients_of_everything_that_is_reported[TensorInteractions]",
    "tests/test_precession.py::test_operator_against_integration[6]",
    "tests/test_program_cache.py::test_a_second_run_compiles_nothing",
    "tests/test_solar_experiments.py::test_joint_fit",
    "tests/test_tempering.py::test_evidences_are_right_within_their_errors[two modes]",
)
"""Beginnings of names of tests that are never long."""


def listed() -> list[str]:
    """Names of the long tests."""
    return [line for line in LIST.read_text().splitlines() if not line.startswith("#")]


def main() -> None:
    """Write the list."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="lines of seconds and the name of a test")
    parser.add_argument("--limit", type=float, default=2.0, help="seconds of a processor (default: %(default)s)")
    given = parser.parse_args()
    lines = (line.split(" ", 1) for line in given.file.read_text().splitlines())
    long = sorted({name for seconds, name in lines if float(seconds) > given.limit and not name.startswith(KEPT)})
    heading = f"# Tests that take over {given.limit:g} seconds of a processor; made by long.py, which says how."
    LIST.write_text("\n".join([heading, *long]) + "\n")
    print(f"{len(long)} tests in {LIST.name}")


if __name__ == "__main__":
    main()
