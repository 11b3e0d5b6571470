"""What keeps MLflow and model hubs from reporting their use over the network."""

import os

# MLflow reads both names whenever it is about to send; the hubs read theirs when they are imported.
# MLflow would also fall silent by itself under CI and pytest, but not on a user's machine.
_OFF = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    # A bundle is no pickle, so nothing that MLflow loads for convqa may be one.
    "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
}

# Kept where the user has set them. MLflow asks a server that does not answer seven times, for
# minutes; once more is enough to tell a restart from a wrong address.
_UNLESS_SET = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}


def switch_off_telemetry() -> None:
    """Set the environment of this process and those it starts; must run before MLflow is imported.

    A choice of the user to send is overruled: transcripts are near, and convqa sends nothing.
    """
    os.environ.update(_OFF)
    for name, value in _UNLESS_SET.items():
        os.environ.setdefault(name, value)
