"""Models of other people as traced models: folders in the format of Hugging Face, of the families BERT and GPT-2.

The one who runs the app names the folder. Nothing is downloaded, and nothing is unpickled.
"""

from engine.transformer.foreign.family import ModelUnavailable
from engine.transformer.foreign.reading import FAMILIES, FOLDER, Foreign, foreign_models, load_foreign, read

__all__ = ["FAMILIES", "FOLDER", "Foreign", "ModelUnavailable", "foreign_models", "load_foreign", "read"]
