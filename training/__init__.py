"""How the shipped model bundle is made: run each step as `python -m training.<step>`.

Needs torch, transformers, datasets, scikit-learn, onnx and mlflow, which scoring never imports.
`training/README.md` lists the steps in order.
"""

from convqa.quiet import switch_off_telemetry

# Before any step imports a library that would report its use.
switch_off_telemetry()
