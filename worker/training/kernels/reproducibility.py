"""Products on a CPU that give the same bits wherever their matrices lie in memory, and however many are stacked.

Intel's MKL, which torch multiplies with, otherwise takes different ways through a matrix by where it begins and by
what the CPU's caches hold: on AMD's processors a run's bits then depend on its neighbours in the stack, on others
they happened not to. In its mode of conditional numerical reproducibility it does not; with branch AUTO that costs
next to nothing (oneMKL Developer Guide, "Obtaining Numerically Reproducible Results"). MKL reads the variable at its
first product, which no module here does when it is imported.
"""

from __future__ import annotations

import os

os.environ.setdefault("MKL_CBWR", "AUTO")
