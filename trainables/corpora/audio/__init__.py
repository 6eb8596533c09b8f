"""Audio files as they are: which container it is, what its header promises, and its samples. A file a container."""
