"""All settings of a Stadtkern. Values come from the environment (see docs/handbook/settings.md)."""

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from stadtkern.config import database, hub, secret_key, sign_in
from stadtkern.config.env import env, networks, whole, words, yes_no
from stadtkern.config.logs import level_named, logging_settings
from stadtkern.config.mail_server import MailServer
from stadtkern.config.sender import sender_of

ROOT = Path(__file__).resolve().parents[2]
DATA = env("STADTKERN_DATA", str(ROOT / ".data"), "Folder for everything kept on this machine.", Path)

DEMO = env("STADTKERN_DEMO", "no", "Demo mode: known logins, no second factor for staff.", yes_no)
DEBUG = env("STADTKERN_DEBUG", "no", "Show errors in the browser: yes or no.", yes_no)
SECRET_KEY = env("STADTKERN_SECRET_KEY", "", "Signs cookies and links; empty: `stadtkern up` makes one.", str)
SECRET_KEY = SECRET_KEY or secret_key.DEVELOPMENT
CITY = env("STADTKERN_CITY", "bochum", "The city pack: a folder name under cities/, or a path.", str)
BASE_URL = env("STADTKERN_URL", "http://127.0.0.1:8000", "The public address, without a slash at the end.", str).rstrip(
    "/"
)
ALLOWED_HOSTS = env("STADTKERN_HOSTS", "localhost 127.0.0.1 [::1] testserver", "Host names that are answered.", words)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
BENCH = env("STADTKERN_BENCH", "no", "Mount the empty page that the bench takes as its floor.", yes_no)

DATABASES = {"default": database.default(DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "stadtkern.core",
    "stadtkern.people",
    "stadtkern.places",
    "stadtkern.media",
    "stadtkern.threads",
    "stadtkern.reports",
    "stadtkern.hub",
    "stadtkern.portal",
    "stadtkern.config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
    "procrastinate.contrib.django",
    *sign_in.APPS,
]

MIDDLEWARE = [
    "stadtkern.config.metrics.count_requests",
    "django.middleware.security.SecurityMiddleware",
    "stadtkern.core.web.middleware.ProblemMiddleware",
    "csp.middleware.CSPMiddleware",
    "stadtkern.core.web.own_pages.OwnPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    *sign_in.MIDDLEWARE,
]
ROOT_URLCONF = "stadtkern.config.urls"
WSGI_APPLICATION = "stadtkern.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [("stadtkern.core.web.folding.Loader", ["django.template.loaders.app_directories.Loader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "stadtkern.core.web.context.shell",
            ],
        },
    }
]
FORM_RENDERER = "stadtkern.core.web.forms.KernRenderer"

AUTH_USER_MODEL = "people.Person"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # addresses are unique without regard to case, by a constraint
AUTHENTICATION_BACKENDS = sign_in.BACKENDS
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "people:account"

# No user names, no passwords for citizens: a code by e-mail, or a passkey.
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT = sign_in.CODE
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = sign_in.CODE
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_ADAPTER = "stadtkern.people.sign_in.Accounts"
ACCOUNT_FORMS = sign_in.ACCOUNT_FORMS
CSRF_FAILURE_VIEW = "stadtkern.people.web.entrance.stale_form"
SOCIALACCOUNT_ADAPTER = "stadtkern.people.sign_in.SocialAccounts"
SOCIALACCOUNT_FORMS = sign_in.SOCIAL_FORMS
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form may not lead to another site (CSP); people.web.entrance guards it
OIDC = env("STADTKERN_OIDC", "[]", sign_in.OIDC_MEANING, sign_in.providers)
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": OIDC}}
MFA_ADAPTER = "stadtkern.people.sign_in.SecondFactors"
MFA_FORMS = sign_in.FACTOR_FORMS
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BASE_URL.startswith("https://")
MFA_TOTP_ISSUER = "Stadtkern"
STAFF_SECOND_FACTOR = not DEMO

PROXIES = env(
    "STADTKERN_PROXIES", "", "Proxies in front (CIDR) whose X-Forwarded-For is believed; empty: none.", networks
)
ALLAUTH_TRUSTED_PROXY_COUNT = 2 if PROXIES else 1  # our own front is one

SESSION_ENGINE = "stadtkern.people.web.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000 if BASE_URL.startswith("https://") else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

LANGUAGE_CODE = "de"
LANGUAGES = [
    ("de", _("Deutsch")),
    ("en", _("Englisch")),
    ("tr", _("Türkisch")),
    ("uk", _("Ukrainisch")),
    ("ar", _("Arabisch")),
    ("de-simple", _("Leichte Sprache")),
]
LOCALE_PATHS = [ROOT / "stadtkern" / "locale"]
LANGUAGE_COOKIE_NAME = "language"
TIME_ZONE = "Europe/Berlin"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STATICFILES_DIRS = [built] if (built := ROOT / "stadtkern" / "static_built").is_dir() else []
MEDIA_FOLDER = env("STADTKERN_FILES", str(DATA / "files"), "Folder of uploads, unless S3 is used.", Path)
S3_BUCKET = env("STADTKERN_S3_BUCKET", "", "Keep uploads in this S3 bucket (see django-storages).", str)
HUB_ARCHIVE = hub.archive(DATA)


def _files(folder: str) -> dict[str, object]:
    if S3_BUCKET:
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {"bucket_name": S3_BUCKET, "location": folder, "querystring_auth": True},
        }
    place = {"location": str(MEDIA_FOLDER / folder), "file_permissions_mode": 0o640}
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": place}


HASHED = (Path(STATIC_ROOT) / "staticfiles.json").is_file() and not DEBUG
STORAGES = {
    "default": _files("private"),
    "private_media": _files("private"),
    "public_media": _files("public"),
    "hub_archive": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": HUB_ARCHIVE}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage."
        + ("ManifestStaticFilesStorage" if HASHED else "StaticFilesStorage")
    },
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 20_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 3_000}},
}

MAIL = env("STADTKERN_SMTP", "", "Mail server, smtp://user:password@host:587; empty: a folder.", MailServer.parse)
MAIL_FROM = env("STADTKERN_MAIL_FROM", "", "Sender of all mail; empty: as the pack says.", str)
MAIL_FROM = DEFAULT_FROM_EMAIL = MAIL_FROM or sender_of(CITY, base_url=BASE_URL)
EMAIL_BACKEND = "django.core.mail.backends." + ("smtp" if MAIL.host else "filebased") + ".EmailBackend"
EMAIL_FILE_PATH = DATA / "mail"
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.starts_tls, MAIL.tls_from_the_start
EMAIL_TIMEOUT = 20

AUDIT_YEARS = env("STADTKERN_AUDIT_YEARS", "3", "Years for which the audit log is kept, one at least.", whole)
VAPID_KEY = env("STADTKERN_VAPID_KEY", "", "Private key of web push (base64url); empty: made once.", str)
OUTBOUND_NETWORKS = env(
    "STADTKERN_OUTBOUND_NETWORKS", "", "Own networks that push may reach, like 10.1.0.0/16; usually empty.", networks
)
GEOCODER = env("STADTKERN_GEOCODER", "", "photon:URL or nominatim:URL; empty: the pack's gazetteer.", str)
TILES_URL = env("STADTKERN_TILES_URL", "", "Tile source with {z}/{x}/{y}, or a .pmtiles file.", str)
TILES_CACHE_MB = env("STADTKERN_TILES_CACHE_MB", "2000", "Most megabytes of map tiles kept on disk.", whole)
TILES_STYLE = env("STADTKERN_TILES_STYLE", "", "MapLibre style file that goes with the tiles.", str)
PLATE_MODEL = env("STADTKERN_PLATE_MODEL", "", "A better number plate model (ONNX file).", str)
WORKERS = env("STADTKERN_WORKERS", "2", "Processes that answer pages.", whole)
HUB_SECONDS, HUB_DEMO_FILES = hub.STATEMENT_SECONDS, hub.DEMO_FILES
MQTT, MQTT_SHARE, MQTT_KEY = hub.BROKER, hub.SHARE, hub.KEY
PORT = env("STADTKERN_PORT", "8000", "The one port of this installation.", whole)
DOOR_CHECK_SECONDS = env(
    "STADTKERN_DOOR_CHECK_SECONDS", "60", "When an open stream's session and rights are read again.", whole
)
WORKER_TIMEOUT = env(
    "STADTKERN_WORKER_TIMEOUT", "20", "Seconds without a heartbeat after which a worker counts as dead.", whole
)
METRICS_TOKEN = env(
    "STADTKERN_METRICS_TOKEN", "", "Bearer token for /metrics; empty: only for this machine, without a proxy.", str
)
BIND = env("STADTKERN_BIND", "127.0.0.1", "The address it listens on.", str)

PROCRASTINATE_IMPORT_PATHS = ["stadtkern.core.jobs"]
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_settings(
    env("STADTKERN_LOG_LEVEL", "INFO", "How much is logged: DEBUG, INFO, WARNING or ERROR.", level_named)
)
