"""Give MkDocs what is written elsewhere: the version and the addresses."""

from typing import Any

from metadata import facts


def on_config(config: Any) -> Any:
    """Return the configuration with the addresses, and the version in the footer."""
    project = facts()
    config.site_url, config.repo_url = project["URL"].split(", ")
    config.repo_name = f"layerbridge {project['Version']}"
    config.copyright = f"layerbridge {project['Version']}, MIT licence"
    return config
