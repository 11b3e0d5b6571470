"""Run directories: what a run read, found and decided, as Parquet parts and one manifest."""
