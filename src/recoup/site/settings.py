"""Settings of the desk, read from the environment once; every name begins with RECOUP_.

``RECOUP_DATA`` is the one folder that holds what the desk keeps: the SQLite database, the nights'
results, proofs and attachments. ``RECOUP_DATABASE_URL`` puts the records into PostgreSQL instead.
"""

import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF

env = environ.Env()
DATA = Path(env.str("RECOUP_DATA", "recoup-data")).resolve()


def _secret_key() -> str:
    """Yield the key that signs sessions; made once and kept in the data folder."""
    given: str = env.str("RECOUP_SECRET_KEY", "")
    if given:
        return given
    kept = DATA / "secret-key"
    if not kept.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(60), encoding="ascii")
    return kept.read_text(encoding="ascii")


SECRET_KEY = _secret_key()
DEBUG = env.bool("RECOUP_DEBUG", False)
ALLOWED_HOSTS = env.list("RECOUP_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("RECOUP_ORIGINS", default=[])
ROOT_URLCONF = "recoup.site.urls"
WSGI_APPLICATION = "recoup.site.wsgi.application"

INSTALLED_APPS = [
    # First: where two catalogues have a word, the first one's counts.
    "recoup.web",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "recoup.site.technician.TechnicianConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "recoup.api",
    "recoup.apps.people",
    "recoup.apps.compliance",
    "recoup.apps.portfolio",
    "recoup.apps.ledger",
    "recoup.apps.arrangements",
    "recoup.apps.contacts",
    "recoup.apps.cases",
    "recoup.apps.visits",
    "recoup.apps.complaints",
    "recoup.apps.quality",
    "recoup.apps.closing",
    "recoup.apps.evidence",
    "recoup.apps.analytics",
    "recoup.site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "recoup.site.plain_text.PlainTextMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "recoup.site.presence.PresenceMiddleware",
    "recoup.site.gate.GateMiddleware",
    "recoup.web.refusals.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The site's own templates come first: they replace those of allauth and of the admin.
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "recoup.site.navigation.navigation",
            ],
        },
    },
]

# Records -----------------------------------------------------------------------------------------
DATABASE_URL = env.str("RECOUP_DATABASE_URL", "") or f"sqlite:///{DATA / 'recoup.sqlite3'}"
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: a commit that was acknowledged outlives a loss of power, at 3 to 8 ms each.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("RECOUP_DATABASE_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Off for a pooler that hands each transaction to another connection and keeps no statements.
    PREPARED = env.bool("RECOUP_DATABASE_PREPARED", True)
    DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = 5 if PREPARED else None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Sign-in -----------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.Staff"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": env.int("RECOUP_PASSWORD_LENGTH", 12)},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "recoup.site.accounts.AnotherPassword"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "recoup.site.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "recoup.site.accounts.SocialAccountAdapter"
MFA_ADAPTER = "recoup.site.accounts.SecondFactorAdapter"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
#: Wrong passwords are counted by axes, in the database; allauth counts wrong second factors
#: (``login_failed``). The limit of ``login`` only keeps a flood away.
ACCOUNT_RATE_LIMITS = {"login": "600/m/ip", "login_failed": "5/5m/key"}
MFA_TOTP_ISSUER = "recoup"
#: A telephone's clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
#: Roles whose members must have a second factor; ``*`` for everybody.
REQUIRE_TOTP = frozenset(env.list("RECOUP_REQUIRE_TOTP", default=[]))
#: The bank's OpenID providers, a JSON list; each has ``id``, ``name``, ``client_id``, ``secret``,
#: ``server_url``; ``claim`` (default ``preferred_username``) names the claim that holds the sign-in
#: name or the staff number, ``origins`` further hosts that the sign-in passes through.
OIDC = env.json("RECOUP_OIDC", default=[])
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": provider["id"],
                "name": provider.get("name", provider["id"]),
                "client_id": provider["client_id"],
                "secret": provider.get("secret", ""),
                "settings": {
                    "server_url": provider["server_url"],
                    "claim": provider.get("claim", "preferred_username"),
                    "oauth_pkce_enabled": True,
                },
            }
            for provider in OIDC
        ]
    }
}
AXES_FAILURE_LIMIT = env.int("RECOUP_LOGIN_FAILURES", 5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("RECOUP_LOCKED_MINUTES", 30))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_SENSITIVE_PARAMETERS = ["password"]
#: How many proxies of the bank's own stand in front, each adding to ``X-Forwarded-For``.
PROXIES = env.int("RECOUP_PROXIES", 0)
AXES_CLIENT_IP_CALLABLE = "recoup.site.sender.address_of"
#: How long a person may be idle, and how long a session may last at all.
SESSION_IDLE_SECONDS = env.int("RECOUP_SESSION_SECONDS", 60 * 60)
SESSION_COOKIE_AGE = env.int("RECOUP_SESSION_HOURS", 12) * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# Words and time ----------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("RECOUP_TIME_ZONE", "Asia/Shanghai")
#: The house's own words come first, before those of the libraries.
LOCALE_PATHS = sorted(Path(__file__).resolve().parent.parent.glob("**/locale"))
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
#: An instant (ISO 8601) at which the desk's clock starts instead of now: for demonstrations and
#: tests. The demo bank's business date lies in the past or the future of whoever looks at it.
CLOCK_STARTS_AT = env.str("RECOUP_CLOCK", "")
#: The instant of the wall clock at which it started; ``recoup serve`` tells all its processes.
CLOCK_SINCE = env.str("RECOUP_CLOCK_SINCE", "")


# Ways out of the house ---------------------------------------------------------------------------
def _secret(name: str) -> str:
    """Yield a secret: from a variable, or from the file that NAME_FILE names."""
    file = env.str(f"{name}_FILE", "")
    return Path(file).read_text(encoding="utf-8").strip() if file else env.str(name, "")


#: Each channel by its address (docs/howto/ways-out.md); without one its messages wait.
WAYS = {
    "email": {
        "url": env.str("RECOUP_EMAIL_URL", ""),
        "secret": _secret("RECOUP_EMAIL_PASSWORD"),
        "from": env.str("RECOUP_EMAIL_FROM", ""),
        "name": env.str("RECOUP_EMAIL_NAME", ""),
        "bounces": env.str("RECOUP_EMAIL_BOUNCES", ""),
        "unsubscribe": env.str("RECOUP_EMAIL_UNSUBSCRIBE", ""),
        "inbox": env.str("RECOUP_EMAIL_INBOX", ""),
        "inbox_secret": _secret("RECOUP_EMAIL_INBOX_PASSWORD"),
        "price_minor": env.int("RECOUP_EMAIL_PRICE_MINOR", None),
    },
    "sms": {
        "url": env.str("RECOUP_SMS_URL", ""),
        "key": env.str("RECOUP_SMS_KEY", ""),
        "secret": _secret("RECOUP_SMS_SECRET"),
        "price_minor": env.int("RECOUP_SMS_PRICE_MINOR", None),
    },
    "im": {"url": env.str("RECOUP_IM_URL", ""), "secret": _secret("RECOUP_IM_SECRET")},
    "portal": {
        "url": env.str("RECOUP_PORTAL_URL", ""),
        "secret": _secret("RECOUP_PORTAL_SECRET"),
    },
    "letter": {
        "url": env.str("RECOUP_LETTER_URL", f"folder://{DATA / 'print'}"),
        "price_minor": env.int("RECOUP_LETTER_PRICE_MINOR", None),
    },
}
#: The exchange for calls by click, and where recordings are heard (docs/howto/ways-out.md).
CALLS = {
    "url": env.str("RECOUP_CALLS_URL", ""),
    "secret": _secret("RECOUP_CALLS_PASSWORD"),
    "recordings": env.str("RECOUP_RECORDINGS_URL", ""),
}
#: Whose letters they are, by the language of a letter.
LETTERHEAD = {
    language: {
        name: env.str(f"RECOUP_BANK_{name.upper()}_{language.upper()}", "")
        for name in ("name", "address", "phone", "unit")
    }
    for language in ("zh", "en")
}
#: What a file number begins with, as in 回款函〔2026〕第0318号.
LETTER_SERIES = env.str("RECOUP_LETTER_SERIES", "回款函")
#: Where people complain, and how they pay: texts name both.
COMPLAINT_PHONE = env.str("RECOUP_COMPLAINT_PHONE", "")
HOW_TO_PAY = {
    language: {
        name: env.str(f"RECOUP_PAY_{name.upper()}_{language.upper()}", "")
        for name in ("ways", "account")
    }
    for language in ("zh", "en")
}
#: The most instalments that people in hardship are offered; 0: texts do not name it.
MOST_TERMS = env.int("RECOUP_MOST_TERMS", 0)

# Proof -------------------------------------------------------------------------------------------
#: The file of the key that signs seals and bundles; better on another disk than the records.
SEAL_KEY = Path(env.str("RECOUP_SEAL_KEY", str(DATA / "seal-key.json")))
#: An RFC 3161 time-stamping authority, and the file of its root certificates (PEM).
TSA_URL = env.str("RECOUP_TSA_URL", "")
TSA_ROOTS = env.str("RECOUP_TSA_ROOTS", "")

# Files -------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
KEPT_FILES = DATA / "files"
#: Largest file that staff may attach, in bytes.
MOST_PROOF_BYTES = env.int("RECOUP_MOST_PROOF_MIB", 10) * 1024 * 1024
NIGHTS = DATA / "nights"
NIGHT_THREADS = env.int("RECOUP_NIGHT_THREADS", 2)
#: Parts per million of a required table's rows; only until somebody sets the schedule.
NIGHT_MAX_BAD_PPM = env.int("RECOUP_NIGHT_MAX_BAD_PPM", 10_000)
#: What the worker of nights may hold in all; 0: no limit of its own. Held between blocks only.
NIGHT_MEMORY_MIB = env.int("RECOUP_NIGHT_MEMORY_MIB", 0)
#: Results of superseded nights that are kept beside the one that the desk shows.
NIGHTS_KEPT = env.int("RECOUP_NIGHTS_KEPT", 30)
#: ``worker``: the worker of re-decisions makes them; ``inline``: the act itself, after its commit.
REDECIDE = env.str("RECOUP_REDECIDE", "worker")
BOOK = Path(env.str("RECOUP_BOOK", str(DATA / "book")))
PACK = env.str("RECOUP_PACK", "cn")
STRATEGY = env.str("RECOUP_STRATEGY", "example")
#: What kind of institution collects, as the packs name it: bank, consumer_finance, small_loan,
#: agency, debt_buyer. Rules of contact are written for some of them.
INSTITUTION = env.str("RECOUP_INSTITUTION", "bank")
PACKS_FOLDER = env.str("RECOUP_PACKS", "")
STRATEGIES_FOLDER = env.str("RECOUP_STRATEGIES", "")
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024

# What a browser may do ---------------------------------------------------------------------------
#: Hosts that a sign-in at the bank's OpenID provider is sent on to.
_SIGN_IN_HOSTS = [
    origin
    for provider in OIDC
    for origin in (
        "{0.scheme}://{0.netloc}".format(urlsplit(provider["server_url"])),
        *provider.get("origins", []),
    )
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *_SIGN_IN_HOSTS],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
HTTPS = env.bool("RECOUP_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": env.str("RECOUP_LOG", "WARNING")},
}
