"""What several experiments share: detectors, sources of neutrinos, targets, and the layout of global fits."""
