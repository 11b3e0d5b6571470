"""The figures of the desk: dashboards for team leads, each table also as a file."""
