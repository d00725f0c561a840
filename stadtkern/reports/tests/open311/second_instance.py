"""Another Stadtkern in a process of its own: migrate, load the pack, issue keys, serve. Started by a test.

Says one line of JSON when it is ready: its port and its keys.
"""

import json
import os
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args):
        pass


def main():
    os.environ["DJANGO_SETTINGS_MODULE"] = "stadtkern.config.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    from stadtkern.core import apikeys
    from stadtkern.core.loading import load_city

    call_command("migrate", verbosity=0)
    load_city(demo=False)
    keys = {
        "sender": apikeys.issue("Erste Stadt", scopes=["open311.file"])[1],
        "tiefbauamt": apikeys.issue("Bauhof", scopes=["open311.update"], organisation="tiefbauamt")[1],
        "jugendamt": apikeys.issue("Spielplätze", scopes=["open311.update"], organisation="jugendamt")[1],
    }
    with make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet) as server:
        print(json.dumps({"port": server.server_port, "keys": keys}), flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
