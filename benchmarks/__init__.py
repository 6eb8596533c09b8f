"""Measurements that print ratios, and simulations that print shares."""
