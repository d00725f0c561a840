"""Forms in the look of the house.

`{{ form }}` renders every field, `{{ field.as_field_group }}` one of them: label, hint, widget, error, tied
together by ids. A form opens with the summary of its errors, which links to each wrong field.
"""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

BOXES = (forms.CheckboxSelectMultiple, forms.RadioSelect)
WIDGETS = {
    "django/forms/widgets/radio.html": "core/forms/choices.html",
    "django/forms/widgets/checkbox_select.html": "core/forms/choices.html",
    "django/forms/widgets/checkbox.html": "core/forms/checkbox.html",
    "django/forms/widgets/clearable_file_input.html": "core/forms/file.html",
    "django/forms/widgets/textarea.html": "core/forms/textarea.html",
}


class KernRenderer(TemplatesSetting):
    """Renders forms, fields and widgets with the templates of `core/forms/`."""

    form_template_name = "core/forms/form.html"
    formset_template_name = "core/forms/formset.html"
    field_template_name = "core/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        widget = context.get("widget")
        if isinstance(widget, dict):
            template_name = WIDGETS.get(template_name, template_name)
            _dress(widget)
        return str(super().render(template_name, context, request))


def _dress(widget: dict[str, Any]) -> None:
    """Give a bare widget the class of the house; a class of its own stays beside it."""
    attrs = widget.get("attrs", {})
    kind = widget.get("type", "")
    if kind == "hidden" or "subwidgets" in widget:
        return
    house = {"checkbox": "check-box", "radio": "radio"}.get(kind, "input")
    classes = str(attrs.get("class", "")).split()
    if house not in classes:
        widget["attrs"] = {**attrs, "class": " ".join([house, *classes])}


def is_box_group(widget: forms.Widget) -> bool:
    """A group of boxes needs a fieldset with a legend instead of a label."""
    return isinstance(widget, BOXES)
