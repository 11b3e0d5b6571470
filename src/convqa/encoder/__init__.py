"""The model bundle: its files, the encoder, and the heads that read the encoder's vectors.

A text becomes one int8 vector, the same alone and in any company; heads compute on integers, so
that no order of addition, batch or number of threads can change a probability. What the numbers
mean for a conversation is the business of `detect/`.
"""

from convqa.encoder.bundle import Bundle, list_bundles, load_bundle
from convqa.encoder.session import Encoder

__all__ = ["Bundle", "Encoder", "list_bundles", "load_bundle"]
