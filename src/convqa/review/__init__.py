"""The review desk: the web application over the database of results. It never loads a model."""
