"""How the shipped model bundle is made: run each step as `python -m training.<step>`.

Needs torch, transformers, datasets, scikit-learn and onnx, which the product itself never imports.
`training/README.md` lists the steps in order.
"""
