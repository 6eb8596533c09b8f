"""Ablation studies of audio networks, decided with evidence."""
