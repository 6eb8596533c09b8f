"""Results on their way into the record: left by workers, delivered by the driver."""
