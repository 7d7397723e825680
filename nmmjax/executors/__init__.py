"""Independent work in this process or on many machines: toys, calibrations, rows of a grid, hypotheses.

with executors.connected("local:4") as executor:
toys = infer.toys(fit, maximum, 1000, key=key, executor=executor)
"""

from nmmjax.executors._clusters import check_cluster, connected
from nmmjax.executors._dask import Dask
from nmmjax.executors._here import Here
from nmmjax.executors._units import Executor, Failed, Finished, UnfinishedError

__all__ = ["Dask", "Executor", "Failed", "Finished", "Here", "UnfinishedError", "check_cluster", "connected"]
