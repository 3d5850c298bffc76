//! Keys that stand after nothing but the name of the service that issues them: `wandb 3f0c…`, `mailjet=9a1b…`. The name
//! alone says little, so the value must look like a key beyond doubt.

use super::{Found, is_key_like, is_reference, is_typed, is_value, mixed_case, values};
use crate::normalise::Layer;
use crate::signals::Hit;

/// Services whose keys have no beginning of their own. Only names that are no ordinary word.
pub const OWNERS: &[&str] = &[
    "abuseipdb",
    "airbrake",
    "algolia",
    "alchemy",
    "asana",
    "assemblyai",
    "autodesk",
    "bitly",
    "blazemeter",
    "bugsnag",
    "calendly",
    "chartmogul",
    "circleci",
    "clearbit",
    "clickup",
    "cloudflare",
    "cloudinary",
    "cloudsmith",
    "codacy",
    "codecov",
    "cohere",
    "coinbase",
    "confluent",
    "contentful",
    "coveralls",
    "cryptocompare",
    "datadog",
    "deepgram",
    "deepseek",
    "discord",
    "docusign",
    "eventbrite",
    "exchangerate",
    "facebook",
    "fastforex",
    "fastly",
    "finnhub",
    "fixerio",
    "flickr",
    "freshdesk",
    "geoapify",
    "geocodify",
    "gitter",
    "hetzner",
    "honeybadger",
    "hubspot",
    "hunterio",
    "infura",
    "intercom",
    "ipinfo",
    "ipstack",
    "jumpcloud",
    "kucoin",
    "launchdarkly",
    "linode",
    "locationiq",
    "logzio",
    "mailchimp",
    "mailgun",
    "mailjet",
    "mapbox",
    "mistral",
    "mixpanel",
    "moralis",
    "nicereply",
    "nytimes",
    "okta",
    "opsgenie",
    "openweather",
    "owm",
    "pagerduty",
    "papertrail",
    "pepipost",
    "pipedrive",
    "polygonscan",
    "pusher",
    "rapidapi",
    "rollbar",
    "runscope",
    "scraperapi",
    "sendbird",
    "sentry",
    "serpapi",
    "shodan",
    "skrapp",
    "smartsheet",
    "snyk",
    "sonarcloud",
    "sourcegraph",
    "splunk",
    "spotify",
    "statuspage",
    "sumologic",
    "telnyx",
    "todoist",
    "trello",
    "twilio",
    "twitch",
    "unsplash",
    "uploadcare",
    "urlscan",
    "virustotal",
    "wakatime",
    "wandb",
    "weatherapi",
    "webflow",
    "yousign",
    "zendesk",
    "zenrows",
    "zeplin",
];

/// Fewer characters than this are no key without a name that says so.
const LENGTH_MIN: usize = 24;
/// The most that is read of a value.
const LENGTH_MAX: usize = 200;

/// A value right after the name of a service, with nothing but `=`, `:`, quotes or one space between.
pub(super) fn after_owner(layer: &Layer<'_>, hit: &Hit) -> Option<Found> {
    let text = layer.text();
    let bytes = text.as_bytes();
    let before = hit.start.checked_sub(1).and_then(|at| bytes.get(at));
    if before.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'@' | b'.')) {
        return None;
    }
    let between = |b: &&u8| matches!(b, b' ' | b'=' | b':' | b'"' | b'\'');
    let gap = bytes.get(hit.end..)?.iter().take(5).take_while(between).count();
    let start = hit.end + gap;
    let length = bytes.get(start..)?.iter().take(LENGTH_MAX).take_while(|b| is_value(**b)).count();
    let value = text.get(start..start + length)?.trim_end_matches(['.', ':', ')']);
    let range = start..start + value.len();
    if gap == 0 || values::is_placeholder(value) || is_reference(value) {
        return None;
    }
    if text.get(hit.start..hit.end)?.eq_ignore_ascii_case("facebook") {
        let end = (start + LENGTH_MAX).min(bytes.len());
        return facebook_app(bytes.get(start..end)?).map(|length| (start..start + length, "facebook-app-token", 0.9));
    }
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    // Commit ids and hashes come with names of services too, in logs; a capital letter or one beyond `f` tells.
    let drawn = !values::is_public_identifier(value) || value.len() == 36;
    let shaped = plain && drawn && is_key_like(value, LENGTH_MIN) && (digits >= 4 || digits >= 2 && mixed_case(value));
    let random = values::entropy(value) > 3.3 && !is_typed(value);
    (shaped && random).then_some((range, "key-of-service", 0.65))
}

/// How long an app token is: the number of the app, a bar, and 27 characters.
fn facebook_app(value: &[u8]) -> Option<usize> {
    let digits = value.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = value.get(digits..)?.strip_prefix(b"|")?;
    let tail = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
    ((13..=17).contains(&digits) && tail == 27).then_some(digits + 1 + tail)
}
