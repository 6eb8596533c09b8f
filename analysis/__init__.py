"""What the records say: load, estimate, decide, draw, report. Reads MLflow, and nothing else.

Start at `study_report.report_study`. Nothing is imported here, so that planning further seeds (`replication`) does not
wait for MLflow and the figures.
"""

if __name__ != "soundproof.analysis":
    raise ImportError("this folder is a part of the package soundproof: import soundproof.analysis")


import soundproof.common.library_settings  # noqa: F401  # before MLflow is imported
