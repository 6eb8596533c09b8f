"""A storage looked over, mended where that is safe, and moved: what may be wrong with it is a file each."""
