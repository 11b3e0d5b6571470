"""A standard in use is never edited: what changes gets another version."""

from convqa.errors import ConfigError
from convqa.schema import Version


def check_version(standard: Version, used: Version, where: str) -> None:
    """Refuse a standard that has name and version of another one that is in use.

    Args:
        standard: The standard to score with.
        used: The one that results were scored with.
        where: What they are, for the message.

    Raises:
        ConfigError: Name and version are the same, the content is not.
    """
    is_same_name = (standard.name, standard.version) == (used.name, used.version)
    if is_same_name and standard.sha256 != used.sha256:
        raise ConfigError(
            f"standard {standard.name} {standard.version} is not the one that {where} was scored "
            f"with: same version, other content ({standard.sha256[:12]}, there "
            f"{used.sha256[:12]}); give the changed standard another version"
        )
