#!/usr/bin/env bash
# An MP3 of variable rate without a Xing header, as FFmpeg and LAME write it into a pipe: python-soundfile guesses its length
# from the rate of the first frames, reads so many samples, and drops the rest of the recording without an error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet soundfile==0.14.0 numpy==2.4.6 av==18.1.0
cat > "$folder/guessed.py" <<'PYTHON'
import sys
from pathlib import Path

import av
import numpy as np
import soundfile

folder, rate = Path(sys.argv[1]), 16000
generator = np.random.default_rng(0)
# noise, which takes a high rate, and then a quiet tone, which takes a low one
noise, tone = generator.normal(0, 0.2, 5 * rate), 0.01 * np.sin(np.arange(25 * rate) / 20)
audio = np.concatenate([noise, tone]).astype(np.float32)
for name, header in (("with.mp3", "1"), ("without.mp3", "0")):
    with av.open(str(folder / name), "w", format="mp3", options={"write_xing": header, "id3v2_version": "0"}) as container:
        stream = container.add_stream("libmp3lame", rate=rate, layout="mono", options={"flags": "+qscale", "global_quality": "472"})
        frame = av.AudioFrame.from_ndarray(audio[None], format="fltp", layout="mono")
        frame.sample_rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
print("python", sys.version.split()[0], "soundfile", soundfile.__version__, soundfile.__libsndfile_version__, "av", av.__version__)
found = {}
for name in ("with.mp3", "without.mp3"):
    read = len(soundfile.read(folder / name)[0])
    with av.open(str(folder / name)) as container:
        decoded = sum(frame.samples for frame in container.decode(audio=0))
    found[name] = read, decoded
    print(f"{name}: {len(audio)} samples written; soundfile reads {read}, FFmpeg's libraries {decoded}")
assert abs(found["with.mp3"][0] - len(audio)) < 3000, "with a header all is read"
assert found["without.mp3"][1] >= len(audio), "all of it is in the file"
assert found["without.mp3"][0] < 0.75 * len(audio), "soundfile no longer drops the end"
PYTHON
"$folder/environment/bin/python" "$folder/guessed.py" "$folder"
