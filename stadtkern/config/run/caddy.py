"""Caddy's configuration: one port in front of pages, door and static files."""

from pathlib import Path
from string import Template

# Hashed names never change their content (Django's twelve signs, the bundler's eight); the others are asked for
# again after five minutes. No {12}: Caddy would take it for one of its placeholders.
HASHED = r"(\." + "[0-9a-f]" * 12 + r"\.|^/chunks/.*-" + "[A-Z0-9]" * 8 + r"\.)[a-z0-9]+$"
LARGEST_BODY = 64_000_000  # three photos as a phone takes them, unscaled

CONFIG = Template(
    """{
	admin off
	persist_config off
	auto_https off
	grace_period 2s
	storage file_system $storage
	log {
		output stderr
		format json
		level WARN
	}
	servers {
		timeouts {
			read_header 10s
			read_body 2m
			idle 2m
		}
		max_header_size 32KB
$trusted
	}
}

http://:$port {
	bind $bind
	header {
		-Server
		-Via
		defer
	}
	@large expression `{header.Content-Length} != "" && int({header.Content-Length}) > $largest`
	handle @large {
		error 413
	}
	request_body {
		max_size $largest
	}

	handle_path /static/* {
		root * $static
		@hashed path_regexp $hashed
		@named not path_regexp $hashed
		header @named Cache-Control "public, max-age=300"
		header @hashed Cache-Control "public, max-age=31536000, immutable"
		header X-Content-Type-Options nosniff
		encode zstd gzip
		file_server {
			precompressed gzip
			hide staticfiles.json*
		}
	}

	@door path /door/* /ingest/*
	handle @door {
		reverse_proxy unix/$door {
			flush_interval -1
		}
	}

	handle {
		encode {
			zstd fastest
			gzip 1
		}
		reverse_proxy unix/$pages {
			header_up -X-Real-IP
			header_up -X-Accel-Redirect
			# While the pages are being restarted a request waits instead of failing.
			lb_try_duration 5s
			lb_try_interval 250ms
		}
	}

	handle_errors 404 {
		header -Server
		header Cache-Control no-store
		respond "Not found" 404
	}
	handle_errors 413 {
		header -Server
		respond "Zu groß. Bitte senden Sie höchstens 64 MB. Too large: at most 64 MB." 413
	}
	handle_errors 502 503 504 {
		header -Server
		root * $sorry
		rewrite * /sorry.html
		header Retry-After 10
		header Cache-Control no-store
		header Content-Security-Policy "default-src 'none'"
		file_server
	}
}
"""
)

# The only page that does not come from Django: Django is what is missing when it is shown.
SORRY = """<!doctype html>
<html lang="de">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Gleich wieder da</title></head>
<body><main>
<h1>Wir sind gleich wieder da</h1>
<p>Der Dienst startet gerade neu. Bitte laden Sie die Seite in einer Minute noch einmal.
Was wir Ihnen bestätigt haben, ist gespeichert.</p>
<p lang="en">The service is restarting. Please reload this page in a minute.
Whatever was confirmed to you is stored.</p>
</main></body>
</html>
"""


def write_configuration(
    folder: Path, *, bind: str, port: int, static: Path, pages: Path, door: Path, proxies: list[str]
) -> Path:
    """Write Caddyfile and the page shown while the pages are away; returns the Caddyfile's path.

    `proxies`: addresses (CIDR) whose X-Forwarded-For is believed; from anybody else it is thrown away.
    """
    sorry = folder / "sorry"
    sorry.mkdir(parents=True, exist_ok=True)
    (sorry / "sorry.html").write_text(SORRY)
    trusted = f"\t\ttrusted_proxies static {' '.join(proxies)}" if proxies else ""
    path = folder / "Caddyfile"
    path.write_text(
        CONFIG.substitute(
            storage=_quoted(folder / "storage"),
            trusted=trusted,
            bind=bind,
            port=port,
            largest=LARGEST_BODY,
            static=_quoted(static),
            hashed=HASHED,
            door=_quoted(door),
            pages=_quoted(pages),
            sorry=_quoted(sorry),
        )
    )
    return path


def _quoted(path: Path) -> str:
    text = str(path)
    if any(sign in text for sign in '"`{}\n'):
        raise ValueError(f"Caddy cannot be given this path: {text}")
    return f'"{text}"' if " " in text else text
