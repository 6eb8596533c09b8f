"""How one trial runs: corpora, features, networks, training, sweeps."""

if __name__ != "soundproof.trainables":
    raise ImportError("this folder is a part of the package soundproof: import soundproof.trainables")
