"""Many machines: what their nodes share with the driver, and what has to travel."""
