use clap::Parser as _;
use onsale_process::Config as _;

use super::*;

const KEYS: &str = "a:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
const LEAST: [&str; 4] = [
    "onsale-gateway",
    "--queue-urls=http://127.0.0.1:1,http://127.0.0.1:2",
    "--catalog-urls=http://127.0.0.1:3",
    "",
];

fn parse(more: &[&str]) -> Result<GatewayConfig, String> {
    let keys = format!("--token-keys={KEYS}");
    let mut arguments: Vec<_> = LEAST.into_iter().filter(|argument| !argument.is_empty()).collect();
    arguments.push(&keys);
    arguments.extend(more);
    let config = GatewayConfig::try_parse_from(arguments).map_err(|error| error.to_string())?;
    config.check().map(|()| config)
}

#[test]
fn addresses_and_keys_are_enough() {
    let config = parse(&[]).unwrap();
    assert_eq!(config.queue_urls.len(), 2);
    assert_eq!(config.listen.port(), 8080);
    assert_eq!(config.limits.rate_limit_per_second, 0);
}

#[test]
fn the_defaults_for_tests_are_those_of_the_environment() {
    let (parsed, made) = (parse(&[]).unwrap().limits, LimitsConfig::default());
    assert_eq!(format!("{parsed:?}"), format!("{made:?}"));
    let (parsed, made) = (parse(&[]).unwrap().identity, IdentityConfig::default());
    assert_eq!(format!("{parsed:?}"), format!("{made:?}"));
}

#[test]
fn wrong_values_are_named_and_not_taken() {
    for (wrong, named) in [
        ("--catalog-urls=ftp://127.0.0.1:3", "--catalog-urls"),
        ("--queue-urls=127.0.0.1:3", "--queue-urls"),
        ("--operator-key=short", "--operator-key"),
        ("--operator-key=long enough but spaced", "--operator-key"),
        ("--call-timeout-ms=0", "--call-timeout-ms"),
        ("--cors-origins=tickets.example", "--cors-origins"),
        ("--identity=jwks", "ONSALE_JWKS"),
        ("--queue-urls=https://127.0.0.1:3", "ONSALE_UPSTREAM_CA"),
        ("--max-in-flight=0", "--max-in-flight"),
    ] {
        let error = parse(&[wrong]).unwrap_err();
        assert!(error.contains(named), "{wrong}: {error}");
    }
    let config = GatewayConfig { token_keys: "a:short".into(), ..parse(&[]).unwrap() };
    assert!(config.check().unwrap_err().contains("ONSALE_TOKEN_KEYS"));
}

#[test]
fn secrets_never_print() {
    let config = parse(&["--operator-key=a-very-secret-operator-key"]).unwrap();
    let shown = format!("{config:?}");
    assert!(!shown.contains("a-very-secret") && !shown.contains("AQEBAQ"), "{shown}");
}

#[test]
fn keys_come_from_a_file_or_an_address() {
    assert_eq!("keys.json".parse(), Ok(JwksSource::File("keys.json".into())));
    let address = "https://issuer.example/keys".parse();
    assert!(matches!(address, Ok(JwksSource::Address(_))));
}
