"""Where the chunks of a run are scored: in processes on this machine, or on a Ray cluster."""
