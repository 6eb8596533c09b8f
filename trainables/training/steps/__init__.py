"""One step of training, and what it needs of device and memory."""
