"""What people do: one file, one transaction, one event each. The CLI and the console call these and nothing else."""
