"""How one trial runs: corpora, features, networks, training, sweeps."""
