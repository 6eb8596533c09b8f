"""Files that `init` writes. They run as they are."""
