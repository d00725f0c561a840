"""Plugins: installed packages that add parts to the same registries as our own modules.

A package names a callable or a module under the entry point group `stadtkern.plugins`; it is called (or imported) once
at every start, after the modules. See docs/handbook/plugins.md.
"""

from importlib.metadata import EntryPoint, entry_points

from django.core.exceptions import ImproperlyConfigured

GROUP = "stadtkern.plugins"


def load_plugins() -> list[str]:
    """Let every installed plugin add its parts, in the order of their names; returns the names.

    ImproperlyConfigured names the plugin that cannot be loaded: half a plugin is worse than no start.
    """
    plugins = sorted(entry_points(group=GROUP), key=lambda plugin: plugin.name)
    for plugin in plugins:
        _load(plugin)
    return [plugin.name for plugin in plugins]


def _load(plugin: EntryPoint) -> None:
    try:
        part = plugin.load()
        if callable(part):
            part()
    except Exception as error:
        raise ImproperlyConfigured(
            f"The plugin {plugin.name} ({plugin.value}) does not load: {type(error).__name__}: {error}"
        ) from error
