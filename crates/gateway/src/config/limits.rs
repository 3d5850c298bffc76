//! The table of every limit, made from the values that apply: `docs/reference/limits.md`.

use std::time::Duration;

use super::Config;

/// Every limit with its default and the key that changes it, as a Markdown page.
#[must_use]
pub fn limits_reference() -> String {
    let mut out = String::from(
        "# Limits\n\nEvery limit, its default, and the key that changes it; \"fixed\" where none does. Over a limit a message \
         is refused: never cut, never skipped.\n\n| Limit | Default | Key |\n|---|---|---|\n",
    );
    for (limit, default, key) in rows(&Config::new()) {
        let key = if key.is_empty() { "fixed".to_owned() } else { format!("`{key}`") };
        out.push_str(&format!("| {limit} | {default} | {key} |\n"));
    }
    out
}

fn rows(config: &Config) -> Vec<(&'static str, String, &'static str)> {
    let number = |number: usize| number.to_string();
    let limits = &config.limits;
    let calls = &config.concurrency;
    let tier = crate::second_tier::Settings::new("model.onnx".into(), "tokenizer.json".into());
    vec![
        ("bytes of one message: a body, a line", number(limits.message_bytes_max), "limits.message_bytes_max"),
        ("bytes of one argument of a call", number(limits.argument_bytes_max), "limits.argument_bytes_max"),
        ("bytes of all arguments of a call", number(limits.arguments_bytes_max), "limits.arguments_bytes_max"),
        ("depth of nesting", number(limits.depth_max), "limits.depth_max"),
        ("members of an object, elements of an array", number(limits.members_max), "limits.members_max"),
        ("bytes of one key of an object", number(limits.key_bytes_max), ""),
        ("messages of a batch", number(limits.batch_messages_max), "limits.batch_messages_max"),
        (
            "bytes of one server-sent event: that of a message and 4096",
            number(limits.event_bytes_max),
            "limits.message_bytes_max",
        ),
        ("events kept of one stream for a client that comes back", "1024, 4 MiB".to_owned(), ""),
        ("bytes of a policy file, of a configuration file", number(gatehold_decide::document::FILE_BYTES_MAX), ""),
        ("requests of one side of a session that are unanswered", number(gatehold_session::session::PENDING_MAX), ""),
        ("calls under way", number(calls.calls_max), "concurrency.calls_max"),
        ("calls of one principal under way", "no cap".to_owned(), "concurrency.per_principal_max"),
        ("calls in one session under way", "no cap".to_owned(), "concurrency.per_session_max"),
        ("calls to one server under way", "no cap".to_owned(), "concurrency.per_server_max"),
        ("calls that wait for a place", number(calls.waiting_max), "concurrency.waiting_max"),
        ("time that a call waits for a place", time(calls.wait), "concurrency.wait_ms"),
        ("sessions", number(config.sessions.count_max), "sessions.count_max"),
        ("sessions of one tenant", "no cap".to_owned(), "quotas.concurrent_sessions"),
        ("calls of tools in a minute of one tenant", "no cap".to_owned(), "quotas.executions_per_minute"),
        ("time without a word after which a session ends", time(config.sessions.idle), "sessions.idle_seconds"),
        ("time after which a session ends", time(config.sessions.lifetime), "sessions.lifetime_seconds"),
        ("counters of limits in one process", number(crate::limits::table::COUNTERS_MAX), ""),
        ("rates of one configuration", number(crate::limits::rates::RATES_MAX), ""),
        ("time that the detectors may take for one message", time(crate::pipeline::INSPECTION_TIME_MAX), ""),
        ("bytes of one text that a model reads", number(tier.text_bytes_max), "detection.model.text_bytes_max"),
        ("bytes that a model reads of one message", number(crate::second_tier::MESSAGE_BYTES_MAX), ""),
        ("time that a model may take for one message", time(tier.budget), "detection.model.budget_ms"),
        (
            "messages that wait for a model, half of them of one server",
            number(tier.queue_max),
            "detection.model.queue_max",
        ),
        ("texts of which it is remembered what a model says", number(crate::second_tier::TEXTS_MAX), ""),
        ("time until an HTTP server begins its answer", time(config.answer_timeout), "answer_timeout_seconds"),
        (
            "time for connecting to an HTTP server",
            time(crate::upstream::http::CONNECT_TIMEOUT),
            "servers.<name>.timeouts.connect_ms",
        ),
        ("time for a charge in the shared store", "50 ms".to_owned(), "state.redis.timeout_ms"),
        ("time for calls after SIGTERM", time(config.grace), "grace_seconds"),
    ]
}

fn time(time: Duration) -> String {
    if time.subsec_millis() == 0 { format!("{} s", time.as_secs()) } else { format!("{} ms", time.as_millis()) }
}
