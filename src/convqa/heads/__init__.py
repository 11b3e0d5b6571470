"""`convqa train heads`: a criterion of one's own, or a better fit of a built-in one, in a minute.

labels → vectors of the frozen encoder → a linear fit, judged by cross-validation over conversations
→ a new bundle. Needs scikit-learn, an extra; no torch.
"""
