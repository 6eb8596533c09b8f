"""Examples as batches: split, normalised, augmented, in an order that a seed decides."""
