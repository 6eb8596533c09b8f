"""The engine: trains one trial, epoch by epoch, and knows neither Ray nor MLflow."""
