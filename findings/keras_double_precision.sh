#!/usr/bin/env bash
# Keras 3 on torch, told to compute in double precision (set_floatx and set_dtype_policy "float64"): dense layers and
# batch norm compute in single precision all the same, between weights, inputs and outputs that all say float64. Only
# the digits show it: about seven are right. A bare matmul of float64 tensors is float32.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6 keras==3.15.1
cat > "$folder/double.py" <<'PYTHON'
import logging
import sys
import warnings

logged = []
logging.getLogger().addHandler(type("Listener", (logging.Handler,), {"emit": lambda self, record: logged.append(record)})())
warned = warnings.catch_warnings(record=True).__enter__()
warnings.simplefilter("always")
import keras
import torch

keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
print("python", sys.version.split()[0], "torch", torch.__version__, "keras", keras.__version__, "on", keras.backend.backend())
print("floatx", keras.config.floatx(), " policy", keras.config.dtype_policy().name)
torch.manual_seed(0)
values = torch.randn(32, 100, dtype=torch.float64)


def error(name, layer, expected):
    """Of the layer against the formula in torch, relative."""
    got = layer(values)
    assert {values.dtype, got.dtype, *(weight.value.dtype for weight in layer.weights)} == {torch.float64}
    found = float(((got - expected()).norm() / expected().norm()).detach())
    print(f"{name}: inputs, weights and outputs float64, relative error {found:.1e}")
    return found


dense, norm = keras.layers.Dense(50), keras.layers.BatchNormalization()
dense.build(values.shape)
norm.build(values.shape)
single = [
    error("dense layer", dense, lambda: values @ dense.kernel.value + dense.bias.value),
    error("batch norm (evaluation)", norm, lambda: values / (norm.moving_variance.value + norm.epsilon).sqrt()),
]
product = keras.ops.matmul(values, values.T)
print("keras.ops.matmul of two float64 tensors:", product.dtype, " keras.ops.add:", keras.ops.add(values, values).dtype)
ours = [warning for warning in warned if "float" in str(warning.message).lower() or "precision" in str(warning.message).lower()]
print("warnings about precision:", len(ours), " log records:", len(logged))
assert min(single) > 1e-9, "a layer computes in double precision now"
assert product.dtype == torch.float32, "matmul is in double precision now"
assert keras.ops.add(values, values).dtype == torch.float64, "add has changed too"
assert not ours, "it warns now"
assert not logged, "it logs now"
PYTHON
KERAS_HOME="$folder/keras" KERAS_BACKEND=torch "$folder/environment/bin/python" "$folder/double.py"
