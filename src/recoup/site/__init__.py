"""The wiring: command line and settings. The only place that knows everything else."""
