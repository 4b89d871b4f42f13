"""Dovecot's configuration file, in the syntax of 2.3 and in that of 2.4, which do not understand each other."""

from __future__ import annotations

import grp
import pwd
from dataclasses import dataclass
from pathlib import Path

from tests.parts.tls import ServerCertificate


@dataclass(frozen=True)
class Settings:
    """What differs between two servers."""

    folder: Path
    user_id: int
    group_id: int
    imap_port: int
    imaps_port: int
    certificate: ServerCertificate


# No delay and no penalty after a wrong password: a test of one must not slow down the next.
# No service may change its root or its account, since we are not root: every service runs as `user`.
_COMMON = """
base_dir = {folder}/run
log_path = /dev/stderr
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {first}
first_valid_gid = {first}
mail_fsync = never
auth_mechanisms = plain login
auth_failure_delay = 0 secs
ssl = required
ssl_min_protocol = TLSv1.2
mail_max_userip_connections = 100
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = create
  }}
}}
"""

_OLD = """
protocols = imap
ssl_cert = <{cert}
ssl_key = <{key}
mail_location = maildir:~/Maildir
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
"""

_NEW = """
state_dir = {folder}/run
protocols {{
  imap = yes
}}
ssl_server_cert_file = {cert}
ssl_server_key_file = {key}
mail_driver = maildir
mail_path = ~/Maildir
passdb passwd-file {{
  passwd_file_path = {folder}/users
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {folder}/mail/%{{user}}
  }}
}}
"""


def render(settings: Settings, *, version: str) -> str:
    """The configuration for a server whose `dovecot --version` says `version`."""

    major, minor = (int(part) for part in version.split()[0].split(".")[:2])
    new = (major, minor) >= (2, 4)
    head = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n" if new else ""
    return head + (_COMMON + (_NEW if new else _OLD)).format(
        folder=settings.folder,
        user=pwd.getpwuid(settings.user_id).pw_name,
        group=grp.getgrgid(settings.group_id).gr_name,
        uid=settings.user_id,
        gid=settings.group_id,
        first=min(settings.user_id, settings.group_id),
        imap_port=settings.imap_port,
        imaps_port=settings.imaps_port,
        cert=settings.certificate.cert_file,
        key=settings.certificate.key_file,
    )
