#!/usr/bin/env bash
# python_speech_features.mfcc with more coefficients than the lifter is long (numcep=26, all else left at its default):
# the lifter, documented to increase the magnitude of the high coefficients, turns the last three upside down, the first
# of these also smaller than it was. Nothing warns, and its own filter bank has 26 bands.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet python_speech_features==0.6 numpy==2.4.6 scipy==1.17.1
cat > "$folder/lifter.py" <<'PYTHON'
import logging
import sys
import warnings
from importlib.metadata import version

import numpy as np
import python_speech_features as features

logged = []
logging.getLogger().addHandler(type("Listener", (logging.Handler,), {"emit": lambda self, record: logged.append(record)})())
print("python", sys.version.split()[0], *(f"{name} {version(name)}" for name in ("python_speech_features", "numpy", "scipy")))
print("it says:", " ".join(features.base.lifter.__doc__.split("\n\n")[0].split()))

second = np.random.default_rng(0).integers(-3000, 3000, 16000).astype(np.int16)
with warnings.catch_warnings(record=True) as warned:
    warnings.simplefilter("always")
    plain = features.mfcc(second, 16000, numcep=26, ceplifter=0)
    liftered = features.mfcc(second, 16000, numcep=26)
    thirteen = features.mfcc(second, 16000)
print("shape with numcep=26:", liftered.shape, " warnings:", len(warned), " log records:", len(logged))
for number in range(1, 26):
    factor = liftered[:, number] / plain[:, number]
    correlation = np.corrcoef(liftered[:, number], plain[:, number])[0, 1]
    if number in (1, 11, 21) or number > 21:
        print(f"coefficient {number:2}: times {factor.mean():6.3f}, correlation with itself before the lifter {correlation:+.3f}")
    expected = 1 + 11 * np.sin(np.pi * number / 22)
    assert np.allclose(factor, expected), "the lifter weights otherwise"
    assert (correlation < 0) == (number > 22), "the last coefficients are no longer upside down"
assert np.allclose(liftered[:, :13], thirteen), "the first 13 depend on how many there are"
assert abs(liftered[:, 23]).mean() < abs(plain[:, 23]).mean(), "coefficient 23 has become larger, as documented"
assert not warned, "it warns now"
assert not logged, "it logs now"
PYTHON
"$folder/environment/bin/python" "$folder/lifter.py"
