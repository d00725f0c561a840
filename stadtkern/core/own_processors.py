"""Services outside that the ground floor uses when operators configure them: mail and storage of files."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import DataProcessor, processors

processors.add(
    DataProcessor(
        key="core.mail",
        name=_("E-Mail-Server"),
        purpose=_("stellt unsere E-Mails zu; bekommt Ihre E-Mail-Adresse und was in der E-Mail steht"),
        where=lambda: settings.MAIL.host,
    )
)
processors.add(
    DataProcessor(
        key="core.files",
        name=_("Dateispeicher (S3)"),
        purpose=_("bewahrt hochgeladene Fotos auf"),
        where=lambda: settings.S3_BUCKET,
    )
)
