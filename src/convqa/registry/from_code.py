"""What MLflow logs as the code of the model (models from code): no object is ever pickled."""

from mlflow.models import set_model

from convqa.registry.model import ConvqaModel

set_model(ConvqaModel())
