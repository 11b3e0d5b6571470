"""Standards, mappings and model bundles by name, by path, or from an MLflow model registry.

MLflow is an extra: `pip install 'convqa[mlflow]'`. The modules that import it are not
imported here; importing any of them comes through this file, which first switches off all that
MLflow and model hubs would send about their use.
"""

from convqa.quiet import switch_off_telemetry

switch_off_telemetry()

from convqa.registry.named import (  # noqa: E402
    find_bundle,
    find_mapping,
    find_standard,
    shipped_bundles,
)

__all__ = ["find_bundle", "find_mapping", "find_standard", "shipped_bundles"]
