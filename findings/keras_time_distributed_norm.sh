#!/usr/bin/env bash
# TimeDistributed(BatchNormalization()) of Keras 3, on a clip in training mode: every frame is normalised by itself over
# the batch, so that what tells the frames of a clip apart is gone, though the frames share one layer with one running
# mean. That mean, which evaluation uses, is moved once for every frame, so that it remembers the last frames.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6 keras==3.15.1
cat > "$folder/frames.py" <<'PYTHON'
import sys

import keras
import torch

print("python", sys.version.split()[0], "torch", torch.__version__, "keras", keras.__version__, "on", keras.backend.backend())
torch.manual_seed(0)
frames = 10
# clips that grow louder from frame to frame: frame t has the mean t and the deviation 1
clips = torch.randn(64, frames, 20, 3) + torch.arange(float(frames))[None, :, None, None]


def by_frame(values):
    return [round(float(mean), 2) for mean in values.detach().mean(dim=(0, 2, 3))]


wrapped, plain = keras.layers.BatchNormalization(momentum=0.5), keras.layers.BatchNormalization(momentum=0.5)
distributed = keras.layers.TimeDistributed(wrapped)(clips, training=True)
whole = plain(clips.reshape(-1, 20, 3), training=True).reshape(clips.shape)
print("means of the frames as they come:    ", by_frame(clips))
print("frames of the batch as one batch:    ", by_frame(whole), " running mean", round(float(plain.moving_mean.value.mean()), 2))
print("TimeDistributed(BatchNormalization()):", by_frame(distributed), " running mean", round(float(wrapped.moving_mean.value.mean()), 2))
assert max(map(abs, by_frame(distributed))) < 0.01, "the frames keep what tells them apart"
assert by_frame(whole)[-1] - by_frame(whole)[0] > 2, "one batch of all frames has changed"
assert abs(float(plain.moving_mean.value.mean()) - 2.25) < 0.05, "one batch moves the mean otherwise"
assert float(wrapped.moving_mean.value.mean()) > 7, "the running mean is no longer that of the last frames"
PYTHON
KERAS_HOME="$folder/keras" KERAS_BACKEND=torch "$folder/environment/bin/python" -W ignore "$folder/frames.py"
