"""What every experiment keeps, whatever it measures: one contract over all that is exported, in every choice."""

import inspect
import math
import re
from collections import Counter
from functools import cache
from itertools import combinations

import equinox as eqx
import helpers
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from toys import LogSplittings

from nmmjax import experiments
from nmmjax._combination import check_overlaps, shared
from nmmjax.experiments import Experiment
from nmmjax.experiments.dresden_ii_2022 import IronFiltered, Lindhard, Photoneutrons
from nmmjax.experiments.likelihoods.measured import MeasuredQuantities
from nmmjax.experiments.muon_magnetic_moment_2025 import WhitePaper2020
from nmmjax.experiments.nufit53_tables import OCTANT_SPLITTING
from nmmjax.experiments.nufit60_gaussian import IC19
from nmmjax.experiments.nufit61_gaussian import IC23
from nmmjax.experiments.red_giants_2020 import M5, GlobularClusters, OmegaCentauri
from nmmjax.experiments.shared import burst, coherent
from nmmjax.experiments.shared.solar import FLUXES
from nmmjax.ordering import InvertedOrdering, NormalOrdering
from nmmjax.testing import everything
from nmmjax.testing import experiments as contract
from nmmjax.testing._claims import finite

NO, IO = NormalOrdering(), InvertedOrdering()
OF_USERS = {"PublishedChain"}
"""Whose data are a user's: tests/test_published_chain.py."""
NAMES = [name for name in experiments.__all__ if name != "Experiment" and name not in OF_USERS]
CLASSES = {name: getattr(experiments, name) for name in NAMES}
CHOICES = {
    "ConusPlus2025": ((IronFiltered(),), (Photoneutrons(),)),
    "DresdenII2022": ((IronFiltered(),), (Lindhard(),)),
    "Gerda2020": ((6.04,),),
    "KamLANDZen2024": ((0.028,),),
    "MiniBooNE2020": ((True,),),
    "MuonMagneticMoment2025": ((WhitePaper2020(),),),
    "NuFIT53Tables": ((IO,), (NO, ()), (NO, (OCTANT_SPLITTING,))),
    "NuFIT60Gaussian": ((IO,), (NO, IC19()), (IO, IC19())),
    "NuFIT61Gaussian": ((NO, IC23()),),
    "Orca2024": ((IO,),),
    "RedGiants2020": ((OmegaCentauri(),), (M5(),), (GlobularClusters(),)),
    "SuperKamiokandePhase2023": ((IO,),),
}
"""Positional arguments of `load`, beside none at all."""
BUILDERS = {"XenonNT2022": ("unbinned",)}
"""Other class methods that load."""
SHARED = {f"b16_gs98_flux_{flux}" for flux in FLUXES} | {coherent.FLUX}
SHARED |= {f"supernova_{what}" for what in ("flux", "log10_field", "twist")} | {"solar_log10_field"}
"""Nuisances that several experiments have."""

CASES = {
    **dict.fromkeys(CLASSES, ()),
    **{f"{name}-{i}": choice for name, choices in CHOICES.items() for i, choice in enumerate(choices)},
    **{f"{name}-{builder}": () for name, builders in BUILDERS.items() for builder in builders},
}
PARTS = 4
PUBLISHED = [case for case in CASES if issubclass(CLASSES[case.split("-")[0]], MeasuredQuantities)]
CENTER = {"solar_log10_field": 0.0, coherent.FLUX: 0.0, "coherent_ge_2025_quenching": 0.0}
"""Of the nuisances that published results have."""
BINNED = [case for case in CASES if case not in PUBLISHED]
EVERY = pytest.mark.parametrize("case", CASES)


@cache
def loaded(case):
    kind, _, builder = case.partition("-")
    if builder in BUILDERS.get(kind, ()):
        return getattr(CLASSES[kind], builder)()
    return helpers.loaded(CLASSES[kind], *CASES[case])


theory = cache(everything)


def nuisance(experiment):
    """Near the middle; a star has a field in which neutrinos neither follow their levels nor jump."""
    given = {name: jnp.asarray(prior.mean + 0.1) for name, prior in sorted(experiment.nuisances().items())}
    return given | {name: jnp.asarray(-3.5) for name in given if name == "supernova_log10_field"}


@eqx.filter_jit
def values_and_gradients(together, theory):
    """Of all at once: what they share is traced and compiled once. The gradient is that of the sum: NaN if one is."""

    def values(of):
        parts = [experiment.log_likelihoods(of, CENTER) for experiment in together]
        return jnp.stack([experiment.log_likelihood(of, CENTER) for experiment in together]), parts

    value, pullback, parts = jax.vjp(values, theory, has_aux=True)
    return value, pullback(jnp.ones(len(together))), parts


# Exports and names


def test_exports_are_experiments_in_files_of_their_names():
    for name, cls in CLASSES.items():
        assert issubclass(cls, Experiment), name
        assert not inspect.isabstract(cls), name
        assert cls.__name__ == name
        assert cls.__module__.split(".")[-1].replace("_", "") == name.lower()
        forecast = issubclass(cls, burst.Burst) or name.endswith("Forecast")
        assert forecast or re.search(r"\d{4}$|^NuFIT\d\d", name), f"{name} tells no year"


def test_every_choice_is_listed():
    """What `load` takes has a default, and is tried here unless it goes by keyword or is a Sun or a supernova."""
    for name, cls in CLASSES.items():
        parameters = inspect.signature(cls.load).parameters.values()
        assert all(p.default is not inspect.Parameter.empty for p in parameters), f"{name}.load needs a choice"
        own = {p.name for p in parameters if p.kind is not p.KEYWORD_ONLY} - {"sun", "source"}
        assert len(own) == max((len(choice) for choice in CHOICES.get(name, ())), default=0), f"{name}: {own}"
        builders = {b for b, f in vars(cls).items() if isinstance(f, classmethod) and not b.startswith("_")} - {"load"}
        assert builders == set(BUILDERS.get(name, ())), name


def test_names():
    """Unique but for the same data in other bins, lower case; nuisances carry them unless they are shared."""
    other_bins = {f"{name}-{builder}" for name, builders in BUILDERS.items() for builder in builders}
    names = Counter(loaded(case).name for case in CASES if case not in other_bins)
    # Two choices of pairs differ in how one table is read.
    assert {name for name, count in names.items() if count > 1} <= {"nufit53_sk_no_tables"}
    for case in CASES:
        experiment = loaded(case)
        contract.check_names(experiment)
        for name in experiment.nuisances():
            assert name.startswith(f"{experiment.name}_") or name in SHARED, name


def test_shared_nuisances_agree():
    priors = {}
    for case in CASES:
        for name, prior in loaded(case).nuisances().items():
            if name in SHARED:
                one = priors.setdefault(name, prior)
                assert type(one) is type(prior)
                assert (float(one.loc), float(one.scale)) == (float(prior.loc), float(prior.scale))


# One by one


@EVERY
def test_record_shapes_and_types(case):
    experiment = loaded(case)
    assert experiment.sources
    contract.check_shapes(experiment, theory(), nuisance(experiment))


@EVERY
def test_simulated_data_have_the_same_structure(case):
    contract.check_simulation(loaded(case), theory(), nuisance(loaded(case)))


@EVERY
def test_copies(case):
    contract.check_copies(loaded(case))


@pytest.mark.parametrize("case", BINNED)
def test_value_gradient_and_pulls_of_counts_and_rates(case):
    contract.check_slopes(loaded(case), theory(), nuisance(loaded(case)))


def test_nuisances_of_published_results():
    assert {name for case in PUBLISHED for name in loaded(case).nuisances()} == set(CENTER)


@pytest.mark.parametrize("part", range(PARTS))
def test_values_gradients_and_pulls_of_published_results(part):
    together = tuple(loaded(case) for case in PUBLISHED[part::PARTS])
    values, (gradients,), parts = values_and_gradients(together, theory())
    np.testing.assert_allclose([float(jnp.sum(own)) for own in parts], values, rtol=1e-12, atol=1e-12)
    assert values.dtype == jnp.float64
    assert finite((values, gradients))
    for experiment, value in zip(together, values.tolist(), strict=True):
        pulls = experiment.pulls(theory(), CENTER)
        assert len(pulls) == len(experiment.terms) + (float(experiment.offset) > 0.0), experiment.name
        contract.check_pulls(pulls)
        drawn = experiment.simulate(jax.random.key(0), theory(), CENTER)
        assert finite(drawn)
        assert not np.array_equal(drawn.observed, experiment.observed), experiment.name
        assert math.fsum(p.pull**2 for p in pulls) == pytest.approx(-2.0 * value, rel=1e-6, abs=1e-9), experiment.name


# Which data they hold


class Stranger(LogSplittings):
    """An experiment that declares nothing."""


def holds(case):
    return loaded(case).holds


def refused(*cases):
    chosen = [case if isinstance(case, Experiment) else loaded(case) for case in cases]
    try:
        check_overlaps(tuple(chosen))
    except ValueError as error:
        return str(error)
    return ""


def test_tags_nest():
    """A tag contains its parts, not what merely begins alike."""
    assert shared({"sno"}, {"sno/salt"}) == shared({"sno/salt"}, {"sno"}) == ("sno/salt",)
    assert shared({"sno/salt", "b"}, {"sno/salt", "a"}) == ("sno/salt",)
    assert not shared({"kamland", "sno/salt"}, {"kamland_zen", "sno/heavy_water", "sno/salty"})


@pytest.mark.parametrize(("name", "tag"), [("reno_2018", "reno"), ("reno", "reno"), ("reno_1500", "reno_1500")])
def test_who_declares_nothing_holds_what_the_name_says(name, tag):
    assert Stranger(jnp.zeros(3), name).holds == {tag}


@pytest.mark.parametrize("name", ["reno_2018", "nova_2024", "t2k", "double_chooz_2020", "icecube_2019", "sage_2009"])
def test_a_stranger_beside_a_global_fit(name):
    message = refused(Stranger(jnp.zeros(3), name), "NuFIT60Gaussian")
    assert f"{name} and nufit60_ic24_no_gaussian share" in message


WITHOUT_SUPER_KAMIOKANDE = ("NuFIT60Gaussian-1", "NuFIT61Gaussian-0")
GLOBAL = ("NuFIT53Tables", "NuFIT53Tables-0", "NuFIT60Gaussian", "NuFIT60Tables", "NuFIT61Gaussian", "NuFIT61Tables")
GLOBAL += WITHOUT_SUPER_KAMIOKANDE
INSIDE = ("Homestake1998", "Gallium2010", "BorexinoRates2019", "Sno2013", "SnoFluxes2005", "KamLAND2011", "DayaBay2022")
INSIDE += ("DayaBayMap2022", "SuperKamiokandeSolar2024", "SuperKamiokandeDayNight2024")


@pytest.mark.parametrize("fit", GLOBAL)
def test_what_is_inside_global_fits(fit):
    """Super-Kamiokande's atmospheric data in all but two selections; moments in recoils stay free."""
    for other in (*INSIDE, "Minos2017", "SolarVacuum2000", "Chooz1999", *(g for g in GLOBAL if g != fit)):
        assert refused(fit, other), other
    for other in ("SuperKamiokande2000", "SuperKamiokandeAtmospheric2023", "SuperKamiokandePhase2023"):
        assert bool(refused(fit, other)) == (fit not in WITHOUT_SUPER_KAMIOKANDE), other
    assert bool(refused(fit, "SnoPlus2026")) == (not fit.startswith("NuFIT53"))
    assert bool(refused(fit, "Juno2025")) == fit.startswith("NuFIT61")
    for other in ("BorexinoSpectrum2018", "BorexinoRadius2017", "SuperKamiokandeMoment2004", "XenonNT2022", "Orca2024"):
        assert not refused(fit, other), other


TWICE = [
    ("Conus2026", "ConusPlus2025", "conus/leibstadt"),
    ("SuperKamiokande2000", "SuperKamiokandeAtmospheric2023", "super_kamiokande/atmospheric/1"),
    ("SuperKamiokandeAtmospheric2023", "SuperKamiokandePhase2023", "super_kamiokande/atmospheric"),
    ("SuperKamiokande2000", "SuperKamiokandePhase2023", "super_kamiokande/atmospheric/1"),
    ("SolarVacuum2000", "Homestake1998", "homestake"),
    ("SolarVacuum2000", "Gallium2010", "gallex, gno, sage"),
    ("SolarVacuum2000", "SuperKamiokandeDayNight2024", "super_kamiokande/solar/mixing/day_night"),
    ("SuperKamiokandeDayNight2024", "SuperKamiokandeSolar2024", "super_kamiokande/solar/mixing/day_night"),
    (
        "SuperKamiokandeMoment2004",
        "SuperKamiokandeSolar2024",
        ", ".join(f"super_kamiokande/solar/recoils/{phase}" for phase in (1, 2, 3, 4)),
    ),
    (
        "SolarVacuum2000",
        "SuperKamiokandeSolar2024",
        "super_kamiokande/solar/mixing/day_night, "
        + ", ".join(f"super_kamiokande/solar/mixing/spectrum/{phase}" for phase in (1, 2, 3, 4)),
    ),
    ("SolarMoment1988", "SolarVacuum2000", "homestake"),
    ("SolarMoment1988", "Homestake1998", "homestake"),
    ("SnoFluxes2005", "Sno2013", "sno/salt"),
    ("DayaBay2022", "DayaBayMap2022", "daya_bay"),
    ("BorexinoSpectrum2018", "BorexinoRates2019", "borexino/recoils"),
    ("BorexinoRadius2017", "BorexinoRates2019", "borexino/recoils"),
    ("BorexinoRadius2017", "BorexinoSpectrum2018", "borexino/recoils"),
    ("ElectronScattering2008", "Texono2010", "texono/cesium_iodide"),
]


@pytest.mark.parametrize(("one", "other", "data"), TWICE)
def test_data_are_not_counted_twice(one, other, data):
    """The error names both experiments and what they share."""
    names = (loaded(one).name, loaded(other).name)
    expected = f"Argument `experiments` must hold no data twice, but {names[0]} and {names[1]} share {data}."
    assert refused(one, other) == expected
    assert f"{names[1]} and {names[0]} share {data}" in refused(other, one)


def test_nothing_else_is_refused():
    """Of all pairs of different experiments, and one result with two choices is one set of data (stars apart)."""
    pairs = {frozenset(pair[:2]) for pair in TWICE}
    inside = {*INSIDE, "Minos2017", "SolarVacuum2000", "Chooz1999", "SolarMoment1988", "SuperKamiokande2000"}
    inside |= {"SuperKamiokandeAtmospheric2023", "SuperKamiokandePhase2023"}
    pairs |= {frozenset((fit, other)) for fit in CLASSES if fit.startswith("NuFIT") for other in inside}
    pairs |= {frozenset(pair) for pair in combinations([fit for fit in CLASSES if fit.startswith("NuFIT")], 2)}
    pairs |= {frozenset((fit, "SnoPlus2026")) for fit in CLASSES if re.match("NuFIT6", fit)}
    pairs |= {frozenset((fit, "Juno2025")) for fit in CLASSES if re.match("NuFIT61", fit)}
    found = {frozenset(pair) for pair in combinations(CLASSES, 2) if shared(*map(holds, pair))}
    assert found == pairs
    assert refused("MuonMagneticMoment2025", "MuonMagneticMoment2025-0")
    assert refused("KamLANDZen2024", "KamLANDZen2024-0")
    assert refused("Gerda2020", "Gerda2020-0")
    assert refused("DresdenII2022", "DresdenII2022-0")
    assert not refused("RedGiants2020", "RedGiants2020-0", "RedGiants2020-1")
