#!/bin/sh
# Installs the website on Debian or Ubuntu, from the folder that this file is in. Run it as root.
# It asks five questions; answers may also come from the environment (SITE_HOST, EMAIL_URL, …).
# It may be run again: what is there is kept. With DESTDIR it only writes its files, below that folder.
set -eu

PLACE=$(cd "$(dirname "$0")/.." && pwd)
DESTDIR=${DESTDIR:-}
DATA=/var/lib/clinic
ENVIRONMENT=$DESTDIR/etc/clinic.env

say() { printf '%s\n' "$*"; }
refuse() { say "$*" >&2; exit 2; }
real() { [ -n "$DESTDIR" ] || "$@"; }

# ask NAME DEFAULT QUESTION
ask() {
    eval "answer=\${$1:-}"
    if [ -z "$answer" ]; then
        printf '%s%s ' "$3" "${2:+ [$2]}" >&2
        read -r answer || true
    fi
    answer=${answer:-$2}
    [ -n "$answer" ] || refuse "$1 is needed."
    case $answer in *[[:cntrl:]]*) refuse "$1 must be one line." ;; esac
    eval "$1=\$answer"
}

# A value as systemd and the command clinic read it.
quoted() { printf '"%s"' "$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')"; }

# place FILE TARGET: one of our files, with the folder and host name of this installation.
place() {
    mkdir -p "$DESTDIR$(dirname "$2")"
    sed -e "s#/srv/clinic#$PLACE#g" -e "s#clinic\.example#$SITE_HOST#g" "$PLACE/deploy/$1" > "$DESTDIR$2"
}

if [ -z "$DESTDIR" ]; then
    [ "$(id -u)" = 0 ] || refuse "Run this as root: sudo $0"
    case $PLACE in # ProtectHome of the units hides these from the website
        /home/* | /root/*) refuse "The website's user cannot read $PLACE. Move it to /srv/clinic." ;;
    esac
    [ -d /run/systemd/system ] || refuse "systemd is not running here: see docs/running.md."
fi
python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    refuse "Python 3.11 with venv is missing: apt-get install python3 python3-venv"

ask SITE_HOST "" "1/5 The website's host name, such as clinic.example:"
printf '%s' "$SITE_HOST" | grep -Eqx '[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?' ||
    refuse "$SITE_HOST is not a host name. Give it without https://"
ask EMAIL_URL "" "2/5 The mail server, such as submission://user:password@mail.example:587
    (in the password, write @ as %40, / as %2F):"
ask OPERATOR_EMAIL "" "3/5 Your own email address, for alarms:"
ask BACKUP_TO /var/backups/clinic "4/5 The folder or bucket for nightly backups:"
ask PROXY caddy "5/5 The web server in front, caddy or nginx:"
case $PROXY in
    caddy | nginx) ;;
    *) refuse "The web server must be caddy or nginx." ;;
esac
if [ -z "$DESTDIR" ]; then
    command -v "$PROXY" >/dev/null || refuse "$PROXY is missing: apt-get install $PROXY"
    if [ "$PROXY" = nginx ] && [ ! -e "/etc/letsencrypt/live/$SITE_HOST" ]; then
        refuse "There is no certificate yet: apt-get install certbot, then
certbot certonly --standalone -d $SITE_HOST \\
    --pre-hook 'systemctl stop nginx' --post-hook 'systemctl start nginx'"
    fi
fi

say "The user and its folders …"
real getent passwd clinic >/dev/null 2>&1 || [ -n "$DESTDIR" ] ||
    adduser --quiet --system --group --home "$DATA" --no-create-home clinic
real install -d -o clinic -g clinic -m 700 "$DATA"
case $BACKUP_TO in /*,*) ;; /*) real install -d -o clinic -g clinic -m 700 "$BACKUP_TO" ;; esac

PASSWORD=
if [ -e "$ENVIRONMENT" ]; then
    say "$ENVIRONMENT is there already and is kept."
else
    PASSWORD=$(python3 -c 'import secrets; print(secrets.token_urlsafe(15))')
    mkdir -p "$DESTDIR/etc"
    (
        umask 077
        {
            say "# The settings of the website: docs/running.md lists them."
            say "DATA_DIR=$DATA"
            say "SITE_URL=https://$SITE_HOST"
            say "EMAIL_URL=$(quoted "$EMAIL_URL")"
            say "OPERATOR_EMAIL=$(quoted "$OPERATOR_EMAIL")"
            say "BACKUP_TO=$(quoted "$BACKUP_TO")"
            say "DEMO=0"
            say "ADMIN_PASSWORD=$PASSWORD"
        } > "$ENVIRONMENT"
    )
fi

say "The packages of Python …"
if [ -z "$DESTDIR" ]; then
    requirements=requirements.txt
    case $BACKUP_TO in *s3://*) requirements=requirements-scale.txt ;; esac
    [ -x "$PLACE/.venv/bin/python" ] || python3 -m venv "$PLACE/.venv"
    "$PLACE/.venv/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes \
        -r "$PLACE/$requirements"
fi

say "The units, the command clinic and the configuration of $PROXY …"
place clinic.service /etc/systemd/system/clinic.service
place clinic-alarm@.service /etc/systemd/system/clinic-alarm@.service
case $BACKUP_TO in
    /*,* | s3:*) ;;
    /*) sed -i "s#-/var/backups/clinic#-$BACKUP_TO#" "$DESTDIR/etc/systemd/system/clinic.service" ;;
esac
mkdir -p "$DESTDIR/usr/local/bin"
ln -sf "$PLACE/deploy/clinic" "$DESTDIR/usr/local/bin/clinic"
if [ "$PROXY" = caddy ]; then
    place Caddyfile /etc/caddy/Caddyfile
else
    place nginx.conf /etc/nginx/sites-available/clinic
    mkdir -p "$DESTDIR/etc/nginx/sites-enabled"
    ln -sf ../sites-available/clinic "$DESTDIR/etc/nginx/sites-enabled/clinic"
fi

say "Starting …"
real systemctl daemon-reload
real systemctl enable --quiet clinic
real systemctl restart clinic
real systemctl reload-or-restart "$PROXY"
if [ -n "$PASSWORD" ] && [ -z "$DESTDIR" ]; then
    # The password is for the first start, which is over when the website answers.
    tries=60
    until python3 -c 'import urllib.request as u; u.urlopen("http://127.0.0.1:8000/healthz")' 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || refuse "The website does not start. See: journalctl -u clinic"
        sleep 2
    done
    sed -i '/^ADMIN_PASSWORD=/d' "$ENVIRONMENT"
fi
say "
The website: https://$SITE_HOST/   Staff sign in at https://$SITE_HOST/admin/"
[ -z "$PASSWORD" ] || say "Username: admin   Password: $PASSWORD   (shown only this once)"
say "Next:
    clinic keys print                  # put the page in a safe
    clinic doctor --mail $OPERATOR_EMAIL"
