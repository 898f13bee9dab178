//! Holds deploy/compose.yaml and the images to what they have to be, as far as that can be seen without building one:
//! deploy/check-images asks the tools, and deploy/containers tries them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::{Command, Stdio},
};

use onsale_stack::binary;

/// What runs beside Onsale, by the plan.
const PLANNED: [(&str, &str); 5] = [
    ("prometheus", "prom/prometheus:v3.2.0"),
    ("grafana", "grafana/grafana:11.5.2"),
    ("k6", "grafana/k6:0.57.0"),
    ("redis", "redis:7."),
    ("postgres", "postgres:15."),
];

const PROGRAMS: [&str; 3] = ["gateway", "queue", "catalog"];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

/// The services of a Compose file, each with its lines and those of every anchor that it refers to.
fn services(compose: &str) -> BTreeMap<String, String> {
    let mut anchors = BTreeMap::new();
    let mut services = BTreeMap::new();
    let mut section = "";
    for block in blocks(compose) {
        let head = block.lines().next().unwrap_or_default();
        let whole = with_anchors(&block, &anchors);
        if let Some((_, anchor)) = head.split_once(": &") {
            anchors.insert(anchor.to_owned(), whole);
        } else if !head.starts_with(' ') {
            section = if head == "services:" { "services" } else { "" };
        } else if section == "services" {
            services.insert(head.trim().trim_end_matches(':').to_owned(), whole);
        }
    }
    services
}

/// The top-level entries, and those one level below: each begins where the indentation is at most two.
fn blocks(compose: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    for line in compose.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with('#')) {
        let is_anchored = blocks.last().is_some_and(|block| block.starts_with("x-"));
        let depth = line.len() - line.trim_start().len();
        match blocks.last_mut() {
            Some(block) if depth > 2 || (depth > 0 && is_anchored) => {
                block.push('\n');
                block.push_str(line);
            }
            Some(_) | None => blocks.push(line.to_owned()),
        }
    }
    blocks
}

fn with_anchors(block: &str, anchors: &BTreeMap<String, String>) -> String {
    let refers = |anchor: &&String| {
        block
            .split('*')
            .skip(1)
            .any(|rest| rest.strip_prefix(anchor.as_str()).is_some_and(|rest| !rest.starts_with(['-', '_'])))
    };
    let more = anchors.keys().filter(refers).map(|anchor| anchors[anchor].as_str());
    std::iter::once(block).chain(more).collect::<Vec<_>>().join("\n")
}

/// The variables of ours that a text sets.
fn variables(text: &str) -> BTreeSet<String> {
    let set = text.lines().flat_map(|line| line.split_whitespace().take(2)).filter_map(|word| {
        let (name, _) = word.split_once([':', '='])?;
        name.starts_with("ONSALE_").then(|| name.to_owned())
    });
    set.collect()
}

/// What a program's help lists.
fn settings(program: &str) -> BTreeSet<String> {
    let program = binary(&format!("onsale-{program}")).unwrap();
    let help = Command::new(program).arg("--help").stderr(Stdio::inherit()).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let listed = help.split("[env: ").skip(1).filter_map(|rest| rest.split(']').next());
    listed.map(ToOwned::to_owned).collect()
}

fn unknown(set: &BTreeSet<String>, listed: &BTreeSet<String>) -> Vec<String> {
    let is_known = |name: &&String| {
        listed.contains(*name) || name.strip_suffix("_FILE").is_some_and(|it| listed.contains(it))
    };
    set.iter().filter(|name| !is_known(name)).cloned().collect()
}

#[test]
fn every_variable_in_a_container_is_a_setting_of_its_program() {
    let services = services(&read("deploy/compose.yaml"));
    let dockerfile = read("deploy/images/Dockerfile");
    for program in PROGRAMS {
        let listed = settings(program);
        let set = variables(&services[program]);
        assert!(set.len() >= 4, "{program}: {set:?}");
        assert_eq!(unknown(&set, &listed), [""; 0], "{program}");
        assert_eq!(unknown(&variables(&dockerfile), &listed), [""; 0], "{program}");
    }
    for once in ["migrate", "seed-demo"] {
        assert_eq!(unknown(&variables(&services[once]), &settings("catalog")), [""; 0], "{once}");
    }
    let planted = variables("      ONSALE_TOKEN_KEY_FILE: /keys/token\n      ONSALE_LOG: info");
    assert_eq!(unknown(&planted, &settings("queue")), ["ONSALE_TOKEN_KEY_FILE"]);
}

#[test]
fn the_versions_are_the_plans_and_every_image_has_one() {
    let services = services(&read("deploy/compose.yaml"));
    let images: BTreeMap<_, _> = services
        .iter()
        .map(|(service, text)| {
            let image = text.lines().find_map(|line| line.trim().strip_prefix("image: "));
            (service.as_str(), image.unwrap_or_default())
        })
        .collect();
    for (service, image) in PLANNED {
        assert!(images[service].starts_with(image), "{service}: {}", images[service]);
    }
    for (service, image) in images {
        let version = image.rsplit_once(':').map_or("", |(_, version)| version);
        assert!(!version.is_empty() && version != "latest", "{service}: {image:?}");
    }
}

#[test]
fn every_container_is_bounded_and_only_the_loopback_address_is_published() {
    let services = services(&read("deploy/compose.yaml"));
    assert!(services.len() >= 14, "{:?}", services.keys());
    for (service, text) in services {
        for bound in
            ["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "mem_limit: ", "pids_limit: "]
        {
            assert!(text.contains(bound), "{service}: {bound}");
        }
        let ports = text.lines().filter_map(|line| line.trim().strip_prefix("ports: "));
        assert!(ports.into_iter().all(|ports| ports.starts_with("[\"127.0.0.1:")), "{service}");
    }
}

#[test]
fn the_image_of_the_libraries_knows_every_package() {
    let dockerfile = read("deploy/images/Dockerfile");
    let copied: BTreeSet<_> = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("COPY ")?.split_once("/Cargo.toml ").map(|(package, _)| package))
        .collect();
    let manifests: Vec<_> = copied.iter().map(|package| read(&format!("{package}/Cargo.toml"))).collect();
    let lock = read("Cargo.lock");
    for package in lock.split("[[package]]\n").skip(1).filter(|package| !package.contains("\nsource = ")) {
        let name = package.lines().next().unwrap_or_default();
        assert!(manifests.iter().any(|manifest| manifest.contains(name)), "{name} is not in the Dockerfile");
    }
}
