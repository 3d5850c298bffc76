//! Every key of the configuration file, once: the reader knows no other, and the reference is made from this list.

/// One key: where it stands, what it takes, what applies without it, and what it means.
#[derive(Debug, Clone, Copy)]
struct Key {
    /// Its path; `<name>` stands for a name that the operator chooses.
    path: &'static str,
    /// What it takes.
    takes: &'static str,
    /// What applies without it.
    default: &'static str,
    /// What it means, in a sentence.
    meaning: &'static str,
}

const fn key(path: &'static str, takes: &'static str, default: &'static str, meaning: &'static str) -> Key {
    Key { path, takes, default, meaning }
}

/// The keys in the order of the reference.
const KEYS: &[Key] = &[
    key("listen", "list of `host:port` or `unix:PATH`", "`[127.0.0.1:8642]`", "Where clients reach the gateway."),
    key("insecure_listen", "boolean", "`false`", "Allows listening beyond loopback without `authentication`."),
    key("allowed_hosts", "list of names", "`[]`", "`Host` values that are let in besides loopback names."),
    key("allowed_origins", "list of origins", "`[]`", "Web origins whose pages may call, besides loopback ones."),
    key("forward_proxy.listen", "`host:port`", "none", "Where clients find the explicit forward proxy; loopback."),
    key(
        "forward_proxy.hosts",
        "`host:port` patterns",
        "none",
        "Hosts to which it lets pass what is no MCP, such as the endpoints of an authorization server.",
    ),
    key(
        "admin.listen",
        "`host:port`",
        "none",
        "Where `/healthz`, `/readyz`, `/metrics` and the admin API are served; loopback.",
    ),
    key("admin.socket", "path", "none", "The same on a Unix socket, where the kernel says who asks."),
    key(
        "admin.public_url",
        "origin",
        "none",
        "Under which address people reach it (`https://gate.example`): clients that can open addresses are then sent to a page for codes of second factors.",
    ),
    key(
        "admin.roles.NAME",
        "roles",
        "none",
        "What a user of this machine (`uid:1000`) may do there: `viewer`, `operator`, `approver`, `policy-admin`, `auditor`.",
    ),
    key(
        "authentication.api_keys.file",
        "path",
        "`${XDG_STATE_HOME}/gatehold/keys.json`",
        "API keys are taken; the file holds their hashes, and `gatehold key` changes it.",
    ),
    key(
        "authentication.resource",
        "URL",
        "none",
        "The public address of the gateway, as clients write it: tokens must have been issued for it, or for an address below it.",
    ),
    key(
        "authentication.issuers.<name>.issuer",
        "text",
        "–",
        "An authorization server, as `iss` of its tokens names it.",
    ),
    key("authentication.issuers.<name>.jwks", "URL", "–", "Where its keys are."),
    key("authentication.issuers.<name>.jwks_file", "path", "–", "Its keys, in a file."),
    key(
        "authentication.issuers.<name>.introspection.url",
        "URL",
        "–",
        "Where the server is asked about each token (RFC 7662).",
    ),
    key("authentication.issuers.<name>.introspection.client_id", "text", "–", "Who the gateway is to that server."),
    key("authentication.issuers.<name>.introspection.client_secret", "secret", "–", "What proves it."),
    key(
        "authentication.issuers.<name>.audiences",
        "list of texts",
        "the gateway's addresses",
        "Audiences that are taken instead.",
    ),
    key(
        "authentication.issuers.<name>.algorithms",
        "list of names",
        "all that sign with a private key",
        "Algorithms that are taken: RS, PS and ES with 256, 384 or 512, and EdDSA.",
    ),
    key(
        "authentication.issuers.<name>.token_types",
        "list of texts",
        "`at+jwt`, `JWT`, or none",
        "Kinds of tokens (`typ`) that are taken.",
    ),
    key("authentication.issuers.<name>.leeway_seconds", "seconds, at most 300", "`30`", "How far clocks may differ."),
    key("authentication.issuers.<name>.claims.name", "path in the claims", "`sub`", "The principal's name."),
    key("authentication.issuers.<name>.claims.client", "path in the claims", "`client_id`, else `azp`", "The client."),
    key(
        "authentication.issuers.<name>.claims.roles",
        "path in the claims",
        "none",
        "Roles, for instance `realm_access.roles`.",
    ),
    key("authentication.issuers.<name>.claims.groups", "path in the claims", "none", "Groups."),
    key("authentication.issuers.<name>.claims.tenant", "path in the claims", "none", "The tenant."),
    key("authentication.issuers.<name>.claims.labels", "names with paths", "`{}`", "Labels."),
    key(
        "authentication.certificates.principal",
        "`uri`, `dns`, `email` or `cn`",
        "–",
        "Which name in a client's certificate is the principal's.",
    ),
    key("authentication.certificates.names", "list of globs", "all", "Names that are taken."),
    key("authentication.certificates.roles", "list of texts", "`[]`", "Roles of whoever shows one."),
    key("authentication.certificates.scopes", "list of scopes", "`[]`", "Scopes of whoever shows one."),
    key("authentication.required_scopes", "list of scopes", "`[]`", "Scopes that every request needs."),
    key("authentication.scopes.servers", "list of globs", "all", "The servers of a rule about scopes."),
    key("authentication.scopes.tools", "list of globs", "all", "The tools of the rule."),
    key("authentication.scopes.require", "list of scopes", "–", "Scopes that calls of these tools need besides."),
    key("tls.cert", "path", "–", "The certificate that clients see, with its chain, PEM. Read again when it changes."),
    key("tls.key", "path", "–", "Its private key, PEM."),
    key("tls.client_ca", "path", "none", "Authorities whose client certificates are taken, PEM."),
    key("tls.client", "`require` or `optional`", "`require`", "Whether a client without a certificate is let in."),
    key("tls.min", "`\"1.3\"` or `\"1.2\"`", "`\"1.3\"`", "The oldest version of TLS that is spoken."),
    key(
        "servers.<name>.command",
        "list of texts",
        "–",
        "Starts the server as a child: program and arguments, no shell.",
    ),
    key(
        "servers.<name>.env",
        "names with values, or `null` to take ours",
        "`{}`",
        "Variables that the child gets besides the few it needs.",
    ),
    key("servers.<name>.folder", "path", "the gateway's", "The folder in which the child starts."),
    key("servers.<name>.url", "URL", "–", "Reaches the server by HTTP."),
    key("servers.<name>.transport", "`http` or `sse`", "`http`", "Streamable HTTP, or HTTP+SSE of 2024-11-05."),
    key(
        "servers.<name>.headers",
        "names with values",
        "`{}`",
        "Headers set on every request; `${env:NAME}`, `${file:PATH}`, `${keyring:…}` and `${vault:…}` keep secrets out of the file.",
    ),
    key(
        "servers.<name>.forward_authorization",
        "boolean",
        "`false`",
        "Passes the client's `Authorization` on: only where gateway and server are one resource.",
    ),
    key(
        "servers.<name>.auth.grant",
        "`client_credentials`, `token_exchange`, `id_jag`, `jwt_bearer` or `refresh_token`",
        "–",
        "How the gateway gets access tokens for the server: for itself, or in exchange for the caller's.",
    ),
    key(
        "servers.<name>.auth.issuer",
        "URL",
        "–",
        "The issuer that is asked for them, exactly as its metadata writes it. Our credentials are shown to no other.",
    ),
    key("servers.<name>.auth.client_id", "text", "–", "What that issuer knows us as."),
    key("servers.<name>.auth.client_secret", "secret", "none", "Proves it, by a secret."),
    key(
        "servers.<name>.auth.private_key",
        "secret",
        "none",
        "Proves it, by a signed assertion (`private_key_jwt`): a key in PEM form, as `${file:PATH}`.",
    ),
    key("servers.<name>.auth.algorithm", "`ES256`, `RS256`, `EdDSA` and others", "`ES256`", "What the key signs with."),
    key("servers.<name>.auth.key_id", "text", "none", "The name of the key, where the issuer knows several."),
    key(
        "servers.<name>.auth.client_auth",
        "`client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`",
        "what the issuer offers",
        "How the client is proved.",
    ),
    key(
        "servers.<name>.auth.scopes",
        "list of words",
        "what the server demands, else what its metadata lists",
        "All scopes that may ever be asked for.",
    ),
    key(
        "servers.<name>.auth.resource",
        "URL",
        "the server's",
        "The server's identifier, which every request for a token names.",
    ),
    key("servers.<name>.auth.audience", "text", "none", "Who else accepts the token, with `token_exchange`."),
    key(
        "servers.<name>.auth.subject_token_type",
        "`access_token`, `id_token` or `jwt`",
        "`access_token`; `id_token` with `id_jag`",
        "What the caller's token is.",
    ),
    key(
        "servers.<name>.auth.subject_token",
        "secret",
        "none",
        "Exchanged instead of the caller's: all callers then act as whom it is about.",
    ),
    key(
        "servers.<name>.auth.assertion",
        "secret",
        "–",
        "The signed statement about this workload that the grant `jwt_bearer` shows, as `${file:PATH}`.",
    ),
    key("servers.<name>.auth.refresh_token", "secret", "–", "The token that the grant `refresh_token` begins with."),
    key("servers.<name>.auth.provider.issuer", "URL", "–", "The identity provider of `id_jag`."),
    key("servers.<name>.auth.provider.client_id", "text", "–", "What it knows us as."),
    key("servers.<name>.auth.provider.client_secret", "secret", "none", "As above, there."),
    key("servers.<name>.auth.provider.private_key", "secret", "none", "As above, there."),
    key("servers.<name>.auth.provider.algorithm", "as above", "`ES256`", "As above, there."),
    key("servers.<name>.auth.provider.key_id", "text", "none", "As above, there."),
    key("servers.<name>.auth.provider.client_auth", "as above", "what it offers", "As above, there."),
    key(
        "servers.<name>.ca",
        "path",
        "none",
        "PEM certificates trusted for this server, besides those of the operating system.",
    ),
    key(
        "servers.<name>.client_cert",
        "path",
        "none",
        "The gateway's certificate toward this server, with its chain, in PEM form.",
    ),
    key("servers.<name>.client_key", "path", "none", "The private key of that certificate, in PEM form."),
    key(
        "servers.<name>.breaker.failures",
        "number",
        "`5`",
        "A server with `breaker` that fails so often within the window is not asked for a while.",
    ),
    key("servers.<name>.breaker.window_seconds", "seconds", "`30`", "The window in which failures count."),
    key(
        "servers.<name>.breaker.open_seconds",
        "seconds",
        "`30`",
        "How long it is not asked; then one call is let through to see.",
    ),
    key(
        "servers.<name>.breaker.counts_5xx",
        "boolean",
        "`true`",
        "Whether an HTTP status of 500 and above is a failure. Errors of the protocol never are.",
    ),
    key(
        "servers.<name>.retries.count_max",
        "number, at most 10",
        "`2` with `retries`, else `0`",
        "How often lists and reads are asked again when no answer came.",
    ),
    key("servers.<name>.retries.pause_ms", "milliseconds", "`100`", "The pause before that; it doubles each time."),
    key(
        "servers.<name>.retries.tools",
        "list of globs",
        "`[]`",
        "Tools whose calls may be repeated too: only where acting twice does no harm.",
    ),
    key("servers.<name>.timeouts.connect_ms", "milliseconds", "`10000`", "How long connecting may take, TLS included."),
    key(
        "servers.<name>.timeouts.first_byte_ms",
        "milliseconds",
        "that of `answer_timeout_seconds`",
        "How long the answer may take to begin, repetitions included.",
    ),
    key("aggregate", "boolean", "`false`", "Serves all servers at `/mcp`, with `<server>__<tool>` names."),
    key("policy", "path", "none", "The policy file. Without one everything is allowed and recorded."),
    key(
        "preset",
        "name",
        "none",
        "A policy that comes with the program, instead of `policy`: see the guide about presets.",
    ),
    key(
        "detectors",
        "`auto`, `on` or `off`",
        "`auto`",
        "When the detectors run: on every message, never, or when the policy acts on findings or there is no policy. With `off` a policy with rules that rest on findings is refused.",
    ),
    key("ledger.folder", "path", "`${XDG_STATE_HOME}/gatehold/ledger`", "Where records are written."),
    key(
        "ledger.durability",
        "`os` or `disk`",
        "`os`",
        "When a record counts as written: handed to the kernel, or on the disk.",
    ),
    key(
        "state.folder",
        "path",
        "`${XDG_STATE_HOME}/gatehold/state`",
        "What gateways and the command line share on this host: grants, held messages, second factors.",
    ),
    key("approvals.pending_max", "number", "`64`", "Messages that wait for people at a time."),
    key("approvals.pending_per_principal_max", "number", "`8`", "The same of one principal."),
    key(
        "approvals.people.<name>.roles",
        "list of roles",
        "`[]`",
        "The roles of a user of this host who answers. Without `people`, whoever owns the state folder is `approver`.",
    ),
    key(
        "approvals.people.<name>.also",
        "list of names",
        "`[]`",
        "Other names of the same person, as principals have them: they never count as a second person.",
    ),
    key("approvals.webhook.url", "URL", "none", "A service that is told what waits, by a signed message."),
    key(
        "approvals.webhook.secret",
        "text",
        "none",
        "What the messages are signed with (HMAC-SHA256), 24 bytes or more.",
    ),
    key("approvals.webhook.message", "boolean", "`true`", "Whether it is told the bytes that will be sent."),
    key("limits.message_bytes_max", "bytes", "`16777216`", "The size of one message."),
    key("limits.depth_max", "number", "`64`", "How deep arrays and objects may nest."),
    key("limits.members_max", "number", "`100000`", "Members of one object, elements of one array."),
    key("limits.argument_bytes_max", "bytes", "`16777216`", "One argument of a call, as written."),
    key("limits.arguments_bytes_max", "bytes", "`16777216`", "All arguments of a call together, as written."),
    key("limits.batch_messages_max", "number", "`100`", "Messages of one batch."),
    key("sessions.idle_seconds", "seconds", "`3600`", "A session ends when nothing was said in it for this long."),
    key("sessions.lifetime_seconds", "seconds", "`86400`", "A session ends this long after it began."),
    key("sessions.count_max", "number", "`10000`", "Sessions at a time."),
    key("rates[].name", "text", "–", "Names a limit: it stands in reasons (`limit:<name>`) and records."),
    key("rates[].rate", "number, slash, `s`, `m`, `h` or `d`", "–", "How many messages in which time: `100/m`."),
    key("rates[].burst", "number", "that of `rate`", "How many may come at once (manner `bucket` only)."),
    key(
        "rates[].per",
        "list of `principal`, `client`, `tenant`, `session`, `server`, `method`, `tool`, `label:<name>`",
        "`[]`",
        "What is counted apart. Without it everything counts together.",
    ),
    key(
        "rates[].manner",
        "`bucket`, `fixed` or `sliding`",
        "`bucket`",
        "Refills evenly, counts in windows of the clock, or in a window that ends now.",
    ),
    key(
        "rates[].match",
        "`server`, `method` and `tool`, each a glob or a list of them",
        "all requests",
        "What the limit concerns. Notifications only where `method` names them.",
    ),
    key("rates[].reason", "text", "says the rate", "What a peer is told that passes the limit."),
    key(
        "state.redis.url",
        "`redis://user:password@host:port/database`, or a reference to a secret",
        "none",
        "A Valkey or Redis in which gateways count together. Without it each counts by itself.",
    ),
    key("state.redis.timeout_ms", "milliseconds", "`50`", "How long one charge may take."),
    key(
        "state.redis.fallback",
        "`deny` or `local`",
        "`deny`",
        "While the store is out of reach: refuse what must be counted, or let each gateway count by itself.",
    ),
    key(
        "state.redis.prefix",
        "text",
        "`gatehold`",
        "What stands before every key. Gateways that count together have the same.",
    ),
    key(
        "quotas.executions_per_minute",
        "number",
        "no cap",
        "Calls of tools in any minute, of each tenant apart. Those without a tenant count as one.",
    ),
    key(
        "quotas.concurrent_sessions",
        "number",
        "no cap",
        "Sessions of HTTP clients at a time, of each tenant apart. Counted by each gateway alone.",
    ),
    key("quotas.cpu_seconds_per_hour", "–", "–", "Refused: it cannot be measured yet."),
    key("quotas.memory_bytes_per_execution", "–", "–", "Refused: it cannot be measured yet."),
    key("quotas.network_requests_per_execution", "–", "–", "Refused: it cannot be measured yet."),
    key(
        "detection.model.path",
        "path",
        "–",
        "An ONNX sequence classifier that is asked beside the detectors; `config.json` beside it names its labels.",
    ),
    key("detection.model.tokenizer", "path", "`tokenizer.json` beside the model", "Its tokenizer."),
    key(
        "detection.model.sha256",
        "64 hexadecimal digits",
        "any",
        "What the file of the model must have: another one is refused at the start.",
    ),
    key("detection.model.tokenizer_sha256", "64 hexadecimal digits", "any", "The same for its tokenizer."),
    key(
        "detection.model.labels",
        "list of names or indexes",
        "by their names, else the second of two",
        "The labels that mean an attack.",
    ),
    key(
        "detection.model.threshold",
        "number up to 1",
        "`0.9`",
        "From which confidence on a text is the finding `PI004`.",
    ),
    key(
        "detection.model.severity",
        "`low`, `medium`, `high` or `critical`",
        "`medium`",
        "How grave that finding is for policies.",
    ),
    key(
        "detection.model.reads",
        "list of kinds",
        "`[tool_output, tool_description]`",
        "The kinds of texts that it reads, by the names of `gatehold inspect`.",
    ),
    key(
        "detection.model.tokens_max",
        "8 to 8192",
        "`512`",
        "Tokens of one window; longer texts are read in windows that overlap. Less where the model has fewer places.",
    ),
    key(
        "detection.model.text_bytes_max",
        "256 to 1048576",
        "`32768`",
        "Bytes of one text; with a longer one `on_failure` applies.",
    ),
    key(
        "detection.model.budget_ms",
        "1 to 60000",
        "`1000`",
        "The time that one message may take, waiting for its turn included.",
    ),
    key(
        "detection.model.queue_max",
        "1 to 4096",
        "`64`",
        "Messages that may wait for their turn; half of them of one server.",
    ),
    key("detection.model.threads", "1 to 64", "the processors, at most 4", "Threads that work on one window."),
    key(
        "detection.model.mode",
        "`wait` or `after`",
        "`wait`",
        "Whether messages wait for the answer, or go on and what is found is recorded afterwards.",
    ),
    key(
        "detection.model.on_failure",
        "`allow`, `hold` or `deny`",
        "`deny`",
        "What happens with a message that waits and of which the model says nothing: the finding `GH003`.",
    ),
    key("concurrency.calls_max", "number", "`8192`", "Calls that may be under way at a time."),
    key("concurrency.per_principal_max", "number", "no cap", "Of one principal."),
    key("concurrency.per_session_max", "number", "no cap", "In one session, or on one connection without one."),
    key("concurrency.per_server_max", "number", "no cap", "To one server."),
    key(
        "concurrency.waiting_max",
        "number",
        "`1024`",
        "Calls that may wait for a place. When full, whoever has the most waiting makes room.",
    ),
    key(
        "concurrency.wait_ms",
        "milliseconds",
        "`1000`",
        "How long a call waits for a place at most; `0` refuses at once.",
    ),
    key("answer_timeout_seconds", "seconds", "`300`", "How long an HTTP server may take to begin its answer."),
    key("grace_seconds", "seconds", "`10`", "How long calls may go on after SIGTERM."),
    key(
        "fetch.allow",
        "list of ranges, addresses and host names",
        "`[]`",
        "What the gateway may fetch from on its own account although it is no public address.",
    ),
    key(
        "fetch.http_on_loopback",
        "boolean",
        "`false`",
        "Lets the gateway fetch from this machine (`localhost`, `127.0.0.1`, `::1`), with plain HTTP too.",
    ),
    key(
        "fetch.ca",
        "path",
        "none",
        "PEM certificates trusted for what the gateway fetches, besides those of the operating system.",
    ),
    key("secrets.vault.address", "URL", "VAULT_ADDR", "The Vault that `${vault:MOUNT/PATH#KEY}` is read from."),
    key("secrets.vault.token", "secret", "VAULT_TOKEN", "The token that may read there."),
    key("secrets.vault.namespace", "text", "VAULT_NAMESPACE", "The namespace, where Vault has them."),
    key("workers", "number", "one a processor, at most 16", "Threads that serve."),
];

/// A configuration to begin with.
pub const EXAMPLE: &str = r#"# The configuration of a Gatehold gateway: `gatehold serve --config gatehold.yaml`.
# Every key: `gatehold config reference`.
listen: ["127.0.0.1:8642"]
admin: { listen: "127.0.0.1:8643" }

servers:
  # Served at http://127.0.0.1:8642/mcp/notes. A child of the gateway: no shell, a cleared environment.
  notes:
    command: ["npx", "-y", "@modelcontextprotocol/server-filesystem", "/home/me/notes"]
  # Served at http://127.0.0.1:8642/mcp/tracker.
  tracker:
    url: "https://mcp.example.com/mcp"
    headers: { Authorization: "Bearer ${env:TRACKER_TOKEN}" }

# policy: rules.yaml
"#;

/// Every key with what it takes, its default and its meaning, as a Markdown page.
#[must_use]
pub fn reference() -> String {
    let mut out = String::from(
        "# Configuration\n\nEvery key of the file that `gatehold serve --config FILE` reads. Paths are relative to the \
         file. A key that is not listed here is an error.\n\n| Key | Takes | Default | Meaning |\n|---|---|---|---|\n",
    );
    for key in KEYS {
        out.push_str(&format!("| `{}` | {} | {} | {} |\n", key.path, key.takes, key.default, key.meaning));
    }
    out
}
