#!/usr/bin/env bash
# Apple Lossless in CAF: FFmpeg 8's libraries (PyAV 18) drop the padding of the last packet twice, once by the decoder and once
# by the container's word, so that a lossless file comes back without its last samples. In M4A all are there.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet soundfile==0.14.0 numpy==2.4.6 av==18.1.0
cat > "$folder/ends.py" <<'PYTHON'
import sys
from pathlib import Path

import av
import numpy as np
import soundfile

folder, rate, frames = Path(sys.argv[1]), 44100, 163170
samples = (9000 * np.sin(np.arange(frames) / 20)).astype(np.int16)
soundfile.write(folder / "libsndfile.caf", samples, rate, format="CAF", subtype="ALAC_16")
for name in ("pyav.caf", "pyav.m4a"):
    with av.open(str(folder / name), "w") as container:
        stream = container.add_stream("alac", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)


def read(path, options):
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        stream.codec_context.options = options
        found = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(stream)])
        return found >> 16 if found.dtype == np.int32 else found


print("python", sys.version.split()[0], "soundfile", soundfile.__version__, soundfile.__libsndfile_version__,
      "av", av.__version__, "libavcodec", av.library_versions["libavcodec"])
padding = -frames % 4096
for name in ("libsndfile.caf", "pyav.caf", "pyav.m4a"):
    usual, manual = read(folder / name, {}), read(folder / name, {"flags2": "+skip_manual"})
    print(f"{name}: {frames} samples written, {len(usual)} read, {len(manual)} where nothing is to be dropped")
    assert len(manual) == frames and np.array_equal(manual, samples), "all of it is in the file"
    assert len(usual) == frames - (padding if name.endswith("caf") else 0), "another number is missing"
PYTHON
"$folder/environment/bin/python" "$folder/ends.py" "$folder"
