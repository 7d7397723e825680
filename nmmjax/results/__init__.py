"""What a fit has found: the posterior with its diagnostics, a verdict, and the files that keep them.

The only room that knows ArviZ. Intervals are equal-tailed; those of a phase lie around its circular mean; where a
quantity has several peaks, each has its highest-density interval.
"""

from typing import TYPE_CHECKING

from nmmjax._lazy import parts

if TYPE_CHECKING:
    from nmmjax.results.conclusion import at_maximum, conclude, toy_goodness, with_draws
    from nmmjax.results.deciding import ImpactRecord, ReweightRecord, ShiftRecord, probabilities
    from nmmjax.results.diagnostics import energy_information
    from nmmjax.results.ensembles import (
        POSTERIOR_LEVELS,
        CalibrationRecord,
        ToyRecord,
        band_level,
        band_record,
        calibration_record,
        calibration_table,
        cls_record,
        keep,
        plane_record,
        toy_record,
    )
    from nmmjax.results.files import load, save
    from nmmjax.results.forecasts import ForecastRecord, forecast_record, forecast_table
    from nmmjax.results.hypotheses import HypothesisRecord, ScanRecord, hypothesis_record, scan_record
    from nmmjax.results.impacts import impact_record, impact_table
    from nmmjax.results.joining import check_fit, check_joinable, joined
    from nmmjax.results.peaks import unrolled
    from nmmjax.results.provenance import run_record
    from nmmjax.results.records import (
        SCHEMA,
        Comparison,
        EvidenceRecord,
        Goodness,
        LeaveOneOut,
        LimitRecord,
        PowerScaling,
        RegionRecord,
        Row,
        Run,
        Seconds,
        Summary,
        Verdict,
    )
    from nmmjax.results.result import DrawnSpectrum, Result
    from nmmjax.results.reweighting import Reweighted, keep_draws, reweight
    from nmmjax.results.wanted import Derived, Published, Wanted
else:
    __getattr__, __dir__ = parts(__name__, __file__)

__all__ = [
    "POSTERIOR_LEVELS",
    "SCHEMA",
    "CalibrationRecord",
    "Comparison",
    "Derived",
    "DrawnSpectrum",
    "EvidenceRecord",
    "ForecastRecord",
    "Goodness",
    "HypothesisRecord",
    "ImpactRecord",
    "LeaveOneOut",
    "LimitRecord",
    "PowerScaling",
    "Published",
    "RegionRecord",
    "Result",
    "ReweightRecord",
    "Reweighted",
    "Row",
    "Run",
    "ScanRecord",
    "Seconds",
    "ShiftRecord",
    "Summary",
    "ToyRecord",
    "Verdict",
    "Wanted",
    "at_maximum",
    "band_level",
    "band_record",
    "calibration_record",
    "calibration_table",
    "check_fit",
    "check_joinable",
    "cls_record",
    "conclude",
    "energy_information",
    "forecast_record",
    "forecast_table",
    "hypothesis_record",
    "impact_record",
    "impact_table",
    "joined",
    "keep",
    "keep_draws",
    "load",
    "plane_record",
    "probabilities",
    "reweight",
    "run_record",
    "save",
    "scan_record",
    "toy_goodness",
    "toy_record",
    "unrolled",
    "with_draws",
]
