"""What one run is, and where its work runs: its plan, name, logs and outcome, and the render processes.

The plan is made here and read in ``flows`` alone. Nothing here knows what is computed or drawn. To add
something that a run is told: a field of `Settings`, then of `RunPlan` if it has to be settled first.
"""
