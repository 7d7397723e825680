"""What a fit has found: the posterior with its diagnostics, a verdict, and the files that keep them.

The only room that knows ArviZ. Intervals are equal-tailed; those of a phase lie around its circular mean; where a
quantity has several peaks, each has its highest-density interval.
"""

from typing import TYPE_CHECKING

from nmmjax._lazy import parts

if TYPE_CHECKING:
    from nmmjax.results.conclusion import at_maximum, conclude, with_draws
    from nmmjax.results.diagnostics import energy_information
    from nmmjax.results.files import load, save
    from nmmjax.results.peaks import unrolled
    from nmmjax.results.provenance import run_record
    from nmmjax.results.records import (
        SCHEMA,
        Comparison,
        Goodness,
        LeaveOneOut,
        LimitRecord,
        Row,
        Run,
        Seconds,
        Summary,
        Verdict,
    )
    from nmmjax.results.result import DrawnSpectrum, Result
    from nmmjax.results.wanted import Derived, Published, Wanted
else:
    __getattr__, __dir__ = parts(__name__, __file__)

__all__ = [
    "SCHEMA",
    "Comparison",
    "Derived",
    "DrawnSpectrum",
    "Goodness",
    "LeaveOneOut",
    "LimitRecord",
    "Published",
    "Result",
    "Row",
    "Run",
    "Seconds",
    "Summary",
    "Verdict",
    "Wanted",
    "at_maximum",
    "conclude",
    "energy_information",
    "load",
    "run_record",
    "save",
    "unrolled",
    "with_draws",
]
