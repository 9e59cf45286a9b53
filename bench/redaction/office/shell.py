"""Terminals and logs: sessions, requests, clusters and builds."""

from __future__ import annotations

import html

from bench.redaction.office.kit import Kit, div, tag, top
from bench.redaction.office.style import page

SCHEMES = {
    True: (
        "#300a24 #eeeeec #8ae234 #86aef0 #b8a8b4", "#282c34 #d0d4dc #98c379 #61afef #9aa2b1",
        "#0c0c0c #cccccc #16c60c #6cb2ff #9a9a9a", "#002b36 #b9c4c4 #a3bf1a #4fb0ee #93a1a1",
        "#1a1b26 #c0caf5 #9ece6a #7aa2f7 #8b93bd", "#000000 #33ff66 #b6ffb6 #66ddff #22bb55",
    ),
    False: (
        "#ffffff #1f1f1f #116329 #0550ae #5b6470", "#fdf6e3 #3b4a50 #5c6a00 #1a6fb0 #5f7074",
        "#fafafa #383a42 #3f7a3f #2f62c0 #62646d",
    ),
}  # fmt: skip


def terminal(k: Kit, title: str, lines: list[str]) -> str:
    """Return a page of a terminal's window over lines of markup."""
    back, text, green, blue, grey = k.random.choice(SCHEMES[k.dark]).split()
    css = (
        f"body{{background:{back}}}.tty{{flex:1;background:{back};color:{text};padding:.6em .9em;"
        f"font-family:{k.mono},monospace;letter-spacing:0;"
        f"line-height:{k.of('1.25', '1.35', '1.45')};"
        "white-space:pre-wrap;word-break:break-all}"
        f".tty b{{color:{green};font-weight:600}}.tty i{{color:{blue};font-style:normal}}"
        f".tty u{{color:{grey};text-decoration:none}}"
    )
    dots = '<span class="dots"><i></i><i></i><i></i></span>'
    bar = div("chrome", dots, tag("span", "grow", f"<center>{title}</center>"))
    return page(k, bar + div("tty", "\n".join(lines)), css)


def prompt(k: Kit, host: str, command: str) -> str:
    """Return a line that somebody typed."""
    return f"<b>{k.of('deploy', 'ubuntu', 'root')}@{host}</b>:<i>~{k.of('', '/app')}</i>$ {command}"


def ssh(k: Kit) -> str:
    """Draw a session on a server that prints its environment and a key."""
    host = k.of("web-01", "db-prod-2", "bastion", "worker-7")
    address = k.ip()
    lines = [
        prompt(k, "laptop", f"ssh -i ~/.ssh/id_ed25519 deploy@{address}"),
        f"Welcome to Ubuntu 24.04.1 LTS (GNU/Linux 6.8.0-{k.fill('<d2>')}-generic x86_64)",
        f"Last login: {k.when('%a %b %d %H:%M:%S %Y')} from {k.ip()}",
        prompt(k, host, "printenv | sort | tail"),
    ]
    lines += ["{1}={2}".format(*k.key(90)) for _ in range(k.n(1, 3))]
    lines += [
        "{}={}".format(*k.generic()),
        f"DATABASE_URL={k.dsn()}",
        f"CALLBACK_URL={k.url(130)}",
        f"GIT_COMMIT={k.hex(40)}",
        "LANG=en_US.UTF-8",
        "NODE_ENV=production",
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin",
        f"RELEASE={k.version()}",
        f"SERVICE_JWT={k.jwt()}",
    ]
    lines += [prompt(k, host, "cat ~/.ssh/deploy_key"), k.pem(8 if k.tall else 5)]
    if k.tall:
        lines += [
            prompt(k, host, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"),
            f"256 SHA256:{k.fill('<s43>')} root@{host} (ED25519)",
            prompt(k, host, "df -h /"), "Filesystem      Size  Used Avail Use% Mounted on",
            "/dev/nvme0n1p1   78G   31G   47G  40% /", prompt(k, host, "▉"),
        ]  # fmt: skip
    return terminal(k, f"deploy@{host}: ~ — 140×48", lines)


def curl(k: Kit) -> str:
    """Draw a request by curl with all that went over the wire."""
    who, domain = k.person(), "api." + k.person().domain
    address = k.ip()
    stamp = k.when("%a, %d %b %Y %H:%M:%S GMT")
    lines = [
        prompt(k, "laptop", f"curl -v -H 'Authorization: Bearer {k.jwt()}' \\"),
        f"    https://{domain}/v2/customers/{k.fill('<d6>')}",
        f"<u>* Host {domain}:443 was resolved.</u>",
        f"<u>* IPv6:</u> {k.ip(6)}",
        f"<u>* IPv4:</u> {address}",
        f"<u>*   Trying {address}:443...</u>",
        "<u>* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384 / X25519</u>",
        f"<i>&gt; GET /v2/customers/{k.fill('<d6>')} HTTP/2</i>",
        f"<i>&gt; Host: {domain}</i>",
        f"<i>&gt; User-Agent: curl/8.5.{k.fill('<d1>')}</i>",
        f"<i>&gt; X-Api-Key:</i> {k.known(80)}",
        "<b>&lt; HTTP/2 200</b>",
        f"<b>&lt; date: {stamp}</b>",
        f"<b>&lt; x-request-id: {k.uuid()}</b>",
        f'<b>&lt; etag: W/"{k.hex(32)}"</b>',
        f"<b>&lt; set-cookie: refresh=</b>{k.jwt()}<b>; HttpOnly; Secure</b>",
        "{",
        f'  "id": "cus_{k.fill("<d6>")}", "created": "{k.when("%Y-%m-%dT%H:%M:%SZ")}",',
        f'  "email": "{k.email(who)}", "phone": "{k.phone(who)}",',
        f'  "download": "{k.url(180)}",',
        f'  "plan": "business", "total": {k.random.randint(10, 999)}.50, "color": "#{k.hex(6)}"',
        "}",
    ]
    if not k.tall:
        lines = lines[:2] + lines[4:6] + lines[7:9] + lines[10:12] + lines[16:]
    else:
        lines += [
            prompt(k, "laptop", f"curl -u admin: '{k.url(110)}' -o out.json"),
            "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current",
            "100 48213  100 48213    0     0   182k      0 --:--:-- --:--:-- --:--:--  183k",
        ]
    return terminal(k, "zsh — curl", lines)


def kube(k: Kit) -> str:
    """Draw what a cluster's command line shows of pods, secrets and logs."""
    lines = [prompt(k, "ops", "kubectl get pods -o wide -n support")]
    lines.append("<u>NAME                      READY  STATUS   AGE   IP</u>")
    for app in ("api", "worker", "mailer", "gateway")[: k.n(2, 4)]:
        pod = k.fill(f"{app}-<h9>-<l5>")
        lines.append(f"{pod:<25} 1/1    Running  {k.random.randint(2, 9)}d    {k.ip(4)}")
    first, second = k.key(90), k.key(70)
    lines += [
        prompt(k, "ops", "kubectl get cm app-env -o yaml"),
        "apiVersion: v1", "kind: ConfigMap", "<i>data:</i>",
        f"  {first[1]}: {first[2]}",
        f"  {second[1]}: {second[2]}",
        "  {}: {}".format(*k.generic()),
        f"  BROKER_URL: {k.dsn()}",
        f"  IMAGE: registry.local/support/api:{k.version()}",
        f"  uid: {k.uuid()}",
        prompt(k, "ops", "docker ps --no-trunc | head -2"),
        f"{k.hex(64)}   nginx:1.27-alpine",
        prompt(k, "ops", "kubectl logs deploy/api --tail 6"),
        f"{k.tick('%Y-%m-%dT%H:%M:%SZ')} INFO  listening on [{k.ip(6)}]:8443",
        f"{k.tick('%Y-%m-%dT%H:%M:%SZ')} INFO  {k.ip(4)} \"GET /healthz HTTP/1.1\" 200 2",
        f"{k.tick('%Y-%m-%dT%H:%M:%SZ')} WARN  token expired: {k.jwt()}",
        f"{k.tick('%Y-%m-%dT%H:%M:%SZ')} INFO  mail to {k.email()} queued id={k.hex(16)}",
        f"{k.tick('%Y-%m-%dT%H:%M:%SZ')} ERROR upstream {k.ip(4)}:5432 refused (attempt 3/5)",
    ]  # fmt: skip
    if not k.tall:
        lines = lines[:4] + lines[5:7] + lines[8:11] + lines[15:16] + lines[18:]
    return terminal(k, "kubectl — support-prod (eu-west-1)", lines)


def build(k: Kit) -> str:
    """Draw the log of a build that prints too much."""
    shown: list[str] = []

    def say(text: str, kind: str = "") -> None:
        shown.append(f"<u>{len(shown) + 214}</u>  <u>{k.tick()}</u>  " + (
            f"<{kind}>{text}</{kind}>" if kind else text))  # fmt: skip

    say("▸ Run ./scripts/release.sh --verbose", "i")
    say(f"Checking out commit {k.hex(40)}")
    say(f"node {k.version()} · cache key deps-{k.hex(16)} hit")
    say("+ export {1}={2}".format(*k.key(100)))
    say("+ export {}={}".format(*k.generic()))
    say("  REGISTRY_PASSWORD: ***")
    say(f"+ git clone {k.mark('url_secret', self_clone(k))}")
    say(f"+ docker login -u ci -p {k.known(60)} registry.gitlab.com")
    say("✓ 482 tests passed (31.7 s), 4 skipped", "b")
    say(f"sha256:{k.hex(64)}")
    say("+ echo &quot;$DEPLOY_KEY&quot; &gt; key.pem &amp;&amp; cat key.pem")
    say(k.pem(8 if k.tall else 4))
    say(f"POST https://deploy.internal/hooks 202, authorization: Bearer {k.jwt()}")
    say(f"rolling out {k.version()} to {k.ip(4)} … done")
    say(f"rolling out to {k.ip()} … done")
    say(f"notify {k.email()} via {k.url(120)}")
    say(f"Artifact app-{k.version()}.tar.gz (18.4 MB) md5 {k.hex(32)}")
    say("Job succeeded", "b")
    kept = shown if k.tall else [shown[0], *shown[3:5], *shown[7:9], *shown[11:14], *shown[15:16]]
    whole = terminal(k, f"build #{k.random.randint(1000, 9999)} · main · release", kept)
    bar = top(html.escape("CI / release › build & deploy"), tag("span", "chip good", "passed"))
    return whole.replace("<body>", "<body>" + bar, 1) if k.tall else whole


def self_clone(k: Kit) -> str:
    """Return a repository's URL with a token in it."""
    host = k.of("gitlab.com", "github.com", "bitbucket.org")
    user = k.of("oauth2", "x-access-token", "ci")
    return f"https://{user}:{k.fill('<b24>')}@{host}/kestrel/helpdesk.git"
