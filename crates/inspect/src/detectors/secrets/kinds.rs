//! The kinds of secrets that can be told by their form: how they begin, what they are made of, how long they are, and
//! what can be computed to know a real one.

/// What the part after the beginning is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Hexadecimal digits.
    Hex,
    /// Decimal digits.
    Digits,
    /// ASCII letters and digits.
    Alphanumeric,
    /// Capital letters and digits.
    Capitals,
    /// Letters, digits, `-` and `_`.
    Token,
    /// Letters, digits, `-`, `_` and `.`.
    Dotted,
    /// Letters, digits, `+`, `/`, `=`, `-`, `_` and `.`.
    Base64,
}

/// What can be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Nothing: only that it does not look like a placeholder.
    Random,
    /// The last six characters are the CRC-32 of the rest in base 62 (GitHub, npm).
    Crc62,
    /// A JSON Web Token: header and payload decode to JSON.
    Jwt,
    /// The text in the middle must stand somewhere inside.
    Contains(&'static str),
}

/// One kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// Its stable name: the rule.
    pub(super) name: &'static str,
    /// How it begins, exactly.
    pub(super) prefix: &'static str,
    /// What follows.
    pub(super) tail: Tail,
    /// How many characters follow, at least.
    pub(super) min: usize,
    /// How many follow, at most.
    pub(super) max: usize,
    /// What else must hold.
    pub(super) check: Check,
}

const fn kind(name: &'static str, prefix: &'static str, tail: Tail, min: usize, max: usize) -> Kind {
    Kind { name, prefix, tail, min, max, check: Check::Random }
}

const fn checked(name: &'static str, prefix: &'static str, tail: Tail, min: usize, max: usize, check: Check) -> Kind {
    Kind { name, prefix, tail, min, max, check }
}

use Tail::{Alphanumeric, Base64, Capitals, Digits, Dotted, Hex, Token};

/// All kinds.
pub(super) const KINDS: &[Kind] = &[
    checked("github-personal-token", "ghp_", Alphanumeric, 36, 36, Check::Crc62),
    checked("github-oauth-token", "gho_", Alphanumeric, 36, 36, Check::Crc62),
    checked("github-user-token", "ghu_", Alphanumeric, 36, 36, Check::Crc62),
    checked("github-server-token", "ghs_", Alphanumeric, 36, 36, Check::Crc62),
    checked("github-refresh-token", "ghr_", Alphanumeric, 36, 76, Check::Crc62),
    kind("github-fine-grained-token", "github_pat_", Token, 60, 90),
    kind("gitlab-personal-token", "glpat-", Dotted, 20, 300),
    kind("gitlab-deploy-token", "gldt-", Dotted, 20, 64),
    kind("gitlab-runner-token", "glrt-", Dotted, 20, 64),
    kind("gitlab-pipeline-token", "glptt-", Token, 20, 64),
    kind("gitlab-job-token", "glcbt-", Token, 20, 300),
    kind("gitlab-feed-token", "glft-", Dotted, 20, 64),
    kind("gitlab-mail-token", "glimt-", Token, 20, 64),
    kind("gitlab-agent-token", "glagent-", Token, 40, 64),
    kind("gitlab-oauth-secret", "gloas-", Token, 40, 80),
    kind("gitlab-scim-token", "glsoat-", Token, 20, 64),
    checked("npm-token", "npm_", Alphanumeric, 36, 36, Check::Crc62),
    kind("pypi-token", "pypi-AgEIcHlwaS5vcmc", Token, 50, 300),
    kind("pypi-test-token", "pypi-AgENdGVzdC5weXBpLm9yZw", Token, 50, 300),
    kind("rubygems-token", "rubygems_", Hex, 48, 48),
    kind("crates-token", "cio", Alphanumeric, 32, 32),
    kind("clojars-token", "CLOJARS_", Alphanumeric, 60, 60),
    kind("anthropic-key", "sk-ant-", Token, 80, 120),
    checked("openai-key", "sk-", Token, 40, 220, Check::Contains("T3BlbkFJ")),
    kind("openai-project-key", "sk-proj-", Token, 40, 220),
    kind("openai-service-key", "sk-svcacct-", Token, 40, 220),
    kind("openai-admin-key", "sk-admin-", Token, 40, 220),
    kind("openrouter-key", "sk-or-v1-", Hex, 64, 64),
    kind("huggingface-token", "hf_", Alphanumeric, 34, 40),
    kind("huggingface-organization-token", "api_org_", Alphanumeric, 34, 34),
    kind("groq-key", "gsk_", Alphanumeric, 52, 52),
    kind("xai-key", "xai-", Alphanumeric, 80, 80),
    kind("perplexity-key", "pplx-", Alphanumeric, 48, 56),
    kind("nvidia-key", "nvapi-", Token, 60, 70),
    kind("replicate-token", "r8_", Alphanumeric, 37, 40),
    kind("fireworks-key", "fw_", Alphanumeric, 20, 24),
    kind("langsmith-key", "lsv2_", Token, 40, 48),
    kind("elevenlabs-key", "sk_", Hex, 48, 48),
    kind("aws-access-key", "AKIA", Capitals, 16, 16),
    kind("aws-temporary-key", "ASIA", Capitals, 16, 16),
    kind("aws-bearer-key", "ABIA", Capitals, 16, 16),
    kind("aws-context-key", "ACCA", Capitals, 16, 16),
    kind("aws-bedrock-key", "ABSK", Base64, 100, 280),
    kind("google-api-key", "AIza", Token, 35, 35),
    kind("google-oauth-secret", "GOCSPX-", Token, 28, 28),
    kind("google-oauth-token", "ya29.", Token, 30, 400),
    kind("alibaba-key", "LTAI", Alphanumeric, 16, 26),
    kind("tencent-key", "AKID", Alphanumeric, 32, 32),
    kind("digitalocean-token", "dop_v1_", Hex, 64, 64),
    kind("digitalocean-oauth-token", "doo_v1_", Hex, 64, 64),
    kind("digitalocean-refresh-token", "dor_v1_", Hex, 64, 64),
    kind("cloudflare-origin-key", "v1.0-", Token, 140, 180),
    kind("flyio-token", "fm2_", Base64, 100, 600),
    kind("flyio-legacy-token", "fo1_", Token, 43, 43),
    kind("render-key", "rnd_", Alphanumeric, 28, 36),
    kind("netlify-token", "nfp_", Alphanumeric, 36, 40),
    kind("vercel-blob-token", "vercel_blob_rw_", Token, 30, 70),
    kind("heroku-key", "HRKU-", Token, 36, 64),
    kind("scaleway-key", "SCW", Capitals, 17, 17),
    kind("slack-bot-token", "xoxb-", Token, 24, 90),
    kind("slack-user-token", "xoxp-", Token, 24, 110),
    kind("slack-app-token", "xapp-", Token, 40, 120),
    kind("slack-legacy-token", "xoxa-", Token, 24, 110),
    kind("slack-refresh-token", "xoxr-", Token, 24, 180),
    kind("slack-workspace-token", "xoxs-", Token, 24, 110),
    kind("slack-configuration-token", "xoxe-", Token, 40, 180),
    kind("slack-webhook", "hooks.slack.com/services/T", Base64, 30, 60),
    kind("slack-workflow-webhook", "hooks.slack.com/workflows/T", Base64, 30, 90),
    kind("office-webhook", "outlook.office.com/webhook/", Base64, 30, 200),
    kind("zapier-webhook", "hooks.zapier.com/hooks/catch/", Base64, 12, 40),
    kind("nuget-key", "oy2", Alphanumeric, 43, 43),
    kind("mongodb-service-secret", "mdb_sa_sk_", Token, 40, 44),
    kind("dropbox-token", "sl.", Token, 130, 1400),
    kind("discord-webhook", "discord.com/api/webhooks/", Base64, 70, 110),
    kind("teams-webhook", ".webhook.office.com/webhookb2/", Base64, 60, 220),
    kind("stripe-live-key", "sk_live_", Alphanumeric, 20, 250),
    kind("stripe-restricted-key", "rk_live_", Alphanumeric, 20, 250),
    kind("stripe-test-key", "sk_test_", Alphanumeric, 20, 250),
    kind("stripe-restricted-test-key", "rk_test_", Alphanumeric, 20, 250),
    kind("stripe-webhook-secret", "whsec_", Base64, 30, 80),
    kind("square-token", "sq0atp-", Token, 22, 22),
    kind("square-secret", "sq0csp-", Token, 43, 43),
    kind("square-access-token", "EAAAl", Token, 55, 64),
    kind("facebook-token", "EAA", Alphanumeric, 90, 400),
    kind("shopify-access-token", "shpat_", Hex, 32, 32),
    kind("shopify-custom-token", "shpca_", Hex, 32, 32),
    kind("shopify-private-token", "shppa_", Hex, 32, 32),
    kind("shopify-secret", "shpss_", Hex, 32, 32),
    kind("paypal-braintree-token", "access_token$production$", Base64, 40, 60),
    kind("flutterwave-key", "FLWSECK-", Token, 30, 50),
    kind("flutterwave-test-key", "FLWSECK_TEST-", Token, 12, 50),
    kind("razorpay-key", "rzp_live_", Alphanumeric, 14, 14),
    kind("easypost-key", "EZAK", Alphanumeric, 54, 54),
    kind("easypost-test-key", "EZTK", Alphanumeric, 54, 54),
    kind("shippo-key", "shippo_live_", Hex, 40, 40),
    kind("duffel-key", "duffel_live_", Token, 40, 48),
    kind("plaid-token", "access-production-", Token, 36, 36),
    kind("adyen-key", "AQE", Base64, 100, 260),
    kind("sendgrid-key", "SG.", Dotted, 60, 70),
    kind("mailchimp-transactional-key", "md-", Token, 22, 22),
    kind("brevo-key", "xkeysib-", Token, 80, 85),
    kind("brevo-smtp-key", "xsmtpsib-", Token, 80, 85),
    kind("resend-key", "re_", Token, 32, 36),
    kind("twilio-key", "SK", Hex, 32, 32),
    kind("hashicorp-vault-token", "hvs.", Token, 24, 220),
    kind("hashicorp-vault-batch-token", "hvb.", Token, 24, 400),
    checked("terraform-token", ".atlasv1.", Token, 60, 70, Check::Random),
    kind("doppler-token", "dp.pt.", Alphanumeric, 40, 44),
    kind("doppler-service-token", "dp.st.", Dotted, 40, 80),
    kind("docker-token", "dckr_pat_", Token, 27, 27),
    kind("docker-organization-token", "dckr_oat_", Token, 32, 32),
    kind("databricks-token", "dapi", Hex, 32, 34),
    kind("atlassian-token", "ATATT3", Base64, 150, 220),
    kind("atlassian-admin-token", "ATCTT3", Base64, 150, 220),
    kind("bitbucket-token", "ATBB", Base64, 28, 40),
    kind("linear-key", "lin_api_", Alphanumeric, 40, 40),
    kind("notion-token", "ntn_", Alphanumeric, 40, 48),
    kind("notion-legacy-token", "secret_", Alphanumeric, 43, 43),
    kind("figma-token", "figd_", Token, 36, 44),
    kind("postman-key", "PMAK-", Token, 50, 64),
    kind("pulumi-token", "pul-", Hex, 40, 40),
    kind("planetscale-token", "pscale_tkn_", Dotted, 32, 64),
    kind("planetscale-password", "pscale_pw_", Dotted, 32, 64),
    kind("planetscale-oauth-token", "pscale_oauth_", Dotted, 32, 64),
    kind("supabase-token", "sbp_", Hex, 40, 40),
    kind("supabase-secret-key", "sb_secret_", Token, 31, 40),
    kind("grafana-token", "glsa_", Token, 40, 44),
    kind("grafana-cloud-token", "glc_eyJ", Base64, 30, 400),
    kind("newrelic-user-key", "NRAK-", Alphanumeric, 27, 27),
    kind("newrelic-insert-key", "NRII-", Token, 32, 32),
    kind("newrelic-browser-key", "NRJS-", Hex, 19, 19),
    kind("sentry-token", "sntrys_eyJ", Base64, 60, 400),
    kind("sentry-user-token", "sntryu_", Hex, 64, 64),
    kind("sonarqube-token", "squ_", Hex, 40, 40),
    kind("sonarqube-project-token", "sqp_", Hex, 40, 40),
    kind("sourcegraph-token", "sgp_", Token, 40, 60),
    kind("sumologic-key", "suaccess", Alphanumeric, 14, 14),
    kind("posthog-key", "phx_", Alphanumeric, 40, 50),
    kind("launchdarkly-key", "api-", Token, 36, 36),
    kind("dynatrace-token", "dt0c01.", Dotted, 80, 96),
    kind("circleci-token", "CCIPAT_", Token, 50, 70),
    kind("buildkite-token", "bkua_", Alphanumeric, 40, 40),
    kind("octopus-key", "API-", Capitals, 26, 26),
    kind("jfrog-key", "AKCp", Alphanumeric, 69, 69),
    kind("jfrog-reference-token", "cmVmdGtuOj", Alphanumeric, 54, 56),
    kind("artifactory-token", "eyJ2ZXIiOi", Base64, 60, 2000),
    kind("prefect-key", "pnu_", Alphanumeric, 36, 36),
    kind("readme-key", "rdme_", Alphanumeric, 70, 70),
    kind("typeform-token", "tfp_", Dotted, 40, 64),
    kind("airtable-token", "patv", Dotted, 70, 90),
    kind("contentful-token", "CFPAT-", Token, 43, 43),
    kind("frameio-token", "fio-u-", Token, 64, 64),
    kind("lob-key", "live_pub_", Hex, 31, 31),
    kind("tailscale-key", "tskey-", Token, 20, 80),
    kind("ngrok-key", "ak_", Alphanumeric, 40, 50),
    kind("okta-token", "SSWS 00", Token, 40, 40),
    kind("onepassword-token", "ops_eyJ", Base64, 200, 2000),
    kind("onepassword-secret-key", "A3-", Token, 34, 40),
    kind("age-key", "AGE-SECRET-KEY-1", Capitals, 58, 58),
    kind("azure-storage-key", "AccountKey=", Base64, 80, 90),
    kind("azure-shared-key", "SharedAccessKey=", Base64, 40, 90),
    kind("azure-sas-signature", "&sig=", Base64, 40, 120),
    kind("asana-token", "1/12", Digits, 14, 60),
    kind("fleetbase-key", "flb_live_", Alphanumeric, 20, 20),
    kind("private-key", "-----BEGIN ", Token, 0, 0),
    checked("putty-private-key", "PuTTY-User-Key-File-", Digits, 1, 1, Check::Random),
    checked("json-web-token", "eyJ", Dotted, 40, 8000, Check::Jwt),
    checked("telegram-bot-token", ":AA", Token, 32, 33, Check::Random),
    kind("intra42-token", "s-s4t2ud-", Hex, 64, 64),
    kind("intra42-affiliate-token", "s-s4t2af-", Hex, 64, 64),
    kind("mapbox-secret-token", "sk.eyJ", Dotted, 60, 200),
    kind("cohere-key", "co_", Alphanumeric, 40, 40),
    kind("clickhouse-key", "4b1d", Alphanumeric, 38, 38),
    kind("looker-embed", "LOOKERSDK_CLIENT_SECRET=", Alphanumeric, 24, 24),
    kind("microsoft-client-secret", "Q~", Dotted, 31, 34),
];
