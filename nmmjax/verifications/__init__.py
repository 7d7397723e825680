"""Published results of the experiments beside what comes out here, a file for each in which they are declared.

A verification is `VERIFICATION` in the module that is called as that of its experiment: what the paper states, in
which model, and where. Those without, whose published number is the likelihood itself or that have no data, stand with
their reason in `EXEMPT`.
"""

from nmmjax.verifications._claims import Verification
from nmmjax.verifications._exempt import EXEMPT, Exempt
from nmmjax.verifications._page import HEADINGS, cells, markdown, table
from nmmjax.verifications._running import PAGE, declared, kept, run, verification, verify

__all__ = [
    "EXEMPT",
    "HEADINGS",
    "PAGE",
    "Exempt",
    "Verification",
    "cells",
    "declared",
    "kept",
    "markdown",
    "run",
    "table",
    "verification",
    "verify",
]
