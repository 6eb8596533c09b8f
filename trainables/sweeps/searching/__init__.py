"""Open searches: Optuna proposes, the engine trains, Optuna judges every epoch; all of it survives the process."""
