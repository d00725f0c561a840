"""The parts threads offer to the house."""

from django.utils.translation import gettext_lazy as _

from stadtkern.core.parts import DataProcessor, MenuItem, Notifier, Topic, menu, notifiers, processors, topics
from stadtkern.people.rights import Action, actions
from stadtkern.people.words import Role, Scope
from stadtkern.threads.domain.delivering import send_one
from stadtkern.threads.words import Channel

SEE_DELIVERIES = "threads.deliveries"

menu.add(MenuItem(key="threads.inbox", label=_("Mitteilungen"), url_name="threads:inbox", icon="bell", order=40))
menu.add(
    MenuItem(
        key="threads.deliveries",
        label=_("Zustellungen"),
        url_name="threads:deliveries",
        icon="mail",
        audience="staff",
        order=80,
        action=SEE_DELIVERIES,
    )
)
actions.add(
    Action(
        key=SEE_DELIVERIES,
        label=_("Fehlgeschlagene Zustellungen sehen und wiederholen"),
        row={Role.OPERATOR: Scope.ALL, Role.ADMINISTRATOR: Scope.ALL},
    )
)
topics.add(
    Topic(
        key="threads.message",
        label=_("Nachrichten zu Ihren Vorgängen"),
        explanation=_("Rückfragen und Antworten der Stadt zu dem, was Sie gemeldet oder beantragt haben."),
    )
)
notifiers.add(Notifier(key=Channel.INBOX, label=Channel.INBOX.label, send=lambda delivery_id: None))
notifiers.add(Notifier(key=Channel.EMAIL, label=Channel.EMAIL.label, send=send_one))
notifiers.add(Notifier(key=Channel.PUSH, label=Channel.PUSH.label, send=send_one))
processors.add(
    DataProcessor(
        key="threads.push",
        name=_("Push-Dienst Ihres Browsers"),
        purpose=_("weckt Ihr Gerät, nur wenn Sie Push einschalten; die Nachricht selbst ist verschlüsselt"),
        where=lambda: _("je nach Browser Google, Mozilla, Apple oder Microsoft"),
    )
)
