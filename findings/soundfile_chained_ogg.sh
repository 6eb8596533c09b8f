#!/usr/bin/env bash
# An Ogg file of two streams, one after the other, as RFC 3533 (section 4) has it: python-soundfile reads the first stream
# alone, and reports its length as that of the file, without an error. FFmpeg's libraries read both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet soundfile==0.14.0 numpy==2.4.6 av==18.1.0
cat > "$folder/chained.py" <<'PYTHON'
import sys
from pathlib import Path

import av
import numpy as np
import soundfile

folder, rate = Path(sys.argv[1]), 16000
for name, hertz, seconds in (("first.ogg", 300, 1), ("second.ogg", 900, 3)):
    tone = 0.3 * np.sin(2 * np.pi * hertz * np.arange(seconds * rate) / rate)
    soundfile.write(folder / name, tone, rate, format="OGG", subtype="VORBIS")
chained = folder / "chained.ogg"
chained.write_bytes((folder / "first.ogg").read_bytes() + (folder / "second.ogg").read_bytes())
print("python", sys.version.split()[0], "soundfile", soundfile.__version__, soundfile.__libsndfile_version__, "av", av.__version__)
stated, samples = soundfile.info(chained).frames, len(soundfile.read(chained)[0])
with av.open(str(chained)) as container:
    decoded = sum(frame.samples for frame in container.decode(audio=0))
print(f"written: 1 s and 3 s, {4 * rate} samples")
print(f"soundfile: {stated} stated, {samples} read")
print(f"FFmpeg's libraries: {decoded}")
assert stated == samples == rate, "soundfile reads the second stream now"
assert decoded >= 4 * rate - 1024
PYTHON
"$folder/environment/bin/python" "$folder/chained.py" "$folder"
