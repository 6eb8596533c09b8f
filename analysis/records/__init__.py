"""MLflow's runs as plain values; a database is asked for plain columns."""
