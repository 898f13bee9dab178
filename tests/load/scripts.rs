//! The scripts, as files: both versions of k6 read them, the runner understands what they say of themselves, and the page
//! about them leaves none out.

use std::{collections::BTreeMap, fs, path::PathBuf};

use onsale_load::{fault::Fault, scenario::Scenario};
use onsale_tests::boards::project;
use serde_json::Value;

use crate::generator::{NEW, OLD, k6};

/// Files of a folder of `k6/`, by their names without the ending.
fn files(folder: &str) -> Vec<(String, PathBuf)> {
    let folder = project().join("k6").join(folder);
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "js"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), path))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "there are no scripts");
    files
}

/// A file of `k6/`.
fn text(path: &str) -> String {
    fs::read_to_string(project().join("k6").join(path)).unwrap_or_else(|error| panic!("k6/{path}: {error}"))
}

/// What `k6 inspect` tells of a script.
fn inspect(version: &str, path: &PathBuf, settings: &[&str]) -> Result<Value, String> {
    let mut command = k6(version);
    command.arg("inspect").arg("--execution-requirements");
    for setting in settings {
        command.args(["-e", setting]);
    }
    let output = command.arg(path).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {said}"))
}

/// What is wrong with what a script says of itself.
fn wrong_with(name: &str, options: &Value, slo: &Value, metrics: &str) -> Result<(), String> {
    let told: Scenario =
        serde_json::from_value(options["ext"]["onsale"].clone()).map_err(|error| error.to_string())?;
    let require = |holds: bool, otherwise: String| if holds { Ok(()) } else { Err(otherwise) };
    require(told.name == name, format!("calls itself {}", told.name))?;
    require(told.question.ends_with('?'), format!("asks nothing: {:?}", told.question))?;
    for call in &told.calls {
        require(slo[call].is_object(), format!("{call} has no objectives"))?;
    }
    require(!told.proves.is_empty(), "nothing proves that it did anything".to_owned())?;
    for counter in &told.proves {
        require(metrics.contains(&format!("('{counter}'")), format!("nobody counts {counter}"))?;
    }
    for fault in &told.faults {
        require(Fault::named(fault).is_some(), format!("nobody makes {fault}"))?;
    }
    for offered in &told.offered {
        require(offered.rate > 0.0 && offered.seconds > 0.0, format!("offers nothing: {offered:?}"))?;
        let rows = ["iterations", "dropped_iterations"]
            .map(|metric| format!("{metric}{{scenario:{}}}", offered.scenario));
        let is_told = |row: &String| !options["thresholds"][row].is_null();
        require(rows.iter().all(is_told), format!("{} is not told apart in the summary", offered.scenario))?;
        require(
            options["scenarios"][&offered.scenario].is_object(),
            format!("no scenario {}", offered.scenario),
        )?;
    }
    Ok(())
}

#[test]
fn both_versions_read_every_script_and_the_runner_understands_it() {
    let slo: Value = serde_json::from_str(&text("slo.json")).unwrap();
    let metrics = text("lib/metrics.js");
    let mut wrong = Vec::new();
    for (name, path) in files("scenarios") {
        for profile in ["PROFILE=laptop", "PROFILE=ci"] {
            let read = [OLD, NEW].map(|version| inspect(version, &path, &[profile, "TEST_ID=read"]));
            let [Ok(old), Ok(new)] = &read else {
                wrong.push(format!("{name}, {profile}: {read:?}"));
                continue;
            };
            wrong.extend(
                wrong_with(&name, old, &slo, &metrics).err().map(|what| format!("{name}, {profile}: {what}")),
            );
            for part in ["ext", "thresholds", "totalDuration"] {
                if old[part] != new[part] {
                    wrong.push(format!("{name}, {profile}: {part} is another one for each version"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_a_script_may_not_say_is_found() {
    let slo = serde_json::json!({"token": {}});
    let said = |onsale: Value| {
        wrong_with("token", &serde_json::json!({"ext": {"onsale": onsale}}), &slo, "Counter('onsale_joined')")
    };
    let good = serde_json::json!({"name": "token", "question": "Is it?", "calls": ["token"], "proves": ["onsale_joined"]});
    assert_eq!(said(good.clone()), Ok(()));
    let but = |field: &str, value: Value| {
        let mut other = good.clone();
        other[field] = value;
        said(other)
    };
    assert!(but("question", "It is.".into()).is_err());
    assert!(but("calls", serde_json::json!(["tokens"])).is_err());
    assert!(but("proves", serde_json::json!(["onsale_left"])).is_err());
    assert!(but("faults", serde_json::json!(["redis-tickled"])).is_err());
    assert!(but("offered", serde_json::json!([{"scenario": "token", "rate": 0, "seconds": 5}])).is_err());
    assert!(but("else", true.into()).is_err());
}

/// A profile for whoever waits for its end: what is planned, since what it takes is the machine's.
#[test]
fn the_profile_for_ci_is_planned_for_less_than_two_minutes() {
    let path = project().join("k6/scenarios/ci.js");
    let options = inspect(OLD, &path, &["PROFILE=ci"]).unwrap();
    let planned = humantime::parse_duration(options["totalDuration"].as_str().unwrap()).unwrap();
    assert!(planned.as_secs() < 120, "{planned:?}");
}

#[test]
fn nothing_is_imported_from_elsewhere() {
    let mut looked_at = 0;
    for (name, path) in files("scenarios").into_iter().chain(files("lib")) {
        let text = fs::read_to_string(path).unwrap();
        for module in modules(&text) {
            looked_at += 1;
            let is_ours = module.starts_with("./") || module.starts_with("../");
            let is_of_k6 = module == "k6" || (module.starts_with("k6/") && !module.starts_with("k6/x/"));
            assert!(is_ours || is_of_k6, "{name}.js imports {module}");
        }
    }
    assert!(looked_at > 20, "{looked_at} imports");
    let elsewhere =
        modules("import { a } from 'https://jslib.k6.io/a.js';\nimport {\n  b,\n} from \"k6/x/b\";");
    assert_eq!(elsewhere, ["https://jslib.k6.io/a.js", "k6/x/b"]);
}

/// What a script imports, exports from, requires, or opens.
fn modules(text: &str) -> Vec<&str> {
    let begins = [
        " from '",
        " from \"",
        "import '",
        "import \"",
        "import('",
        "require('",
        "require(\"",
        "open('",
        "open(\"",
    ];
    let mut found: Vec<(usize, &str)> = Vec::new();
    for begin in begins {
        for (at, _) in text.match_indices(begin) {
            let rest = &text[at + begin.len()..];
            found.push((at, &rest[..rest.find(['\'', '"']).unwrap()]));
        }
    }
    found.sort_unstable();
    found.into_iter().map(|(_, module)| module).collect()
}

#[test]
fn the_page_about_the_scripts_lists_each_and_each_setting() {
    let page = text("README.md");
    let rows: BTreeMap<&str, &str> =
        page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).collect();
    let settings = settings(&text("lib/settings.js"));
    assert!(settings.len() > 20, "{settings:?}");
    let scenarios = files("scenarios").into_iter().map(|(name, _)| (name, String::new()));
    let is_missing = |(name, meaning): &(String, String)| {
        !rows.get(name.as_str()).is_some_and(|row| row.contains(meaning))
    };
    let missing: Vec<_> = scenarios.chain(settings).filter(is_missing).collect();
    assert!(missing.is_empty(), "k6/README.md has no row that says so: {missing:#?}");
}

/// The names of `SETTINGS`, and what is said of each.
fn settings(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().skip_while(|line| !line.starts_with("export const SETTINGS"));
    let lines = lines.skip(1).take_while(|line| *line != "};");
    let setting = |line: &str| {
        let (name, rest) = line.strip_prefix("    ")?.split_once(": {")?;
        let (_, meaning) = rest.split_once("meaning: '")?;
        Some((name.to_owned(), meaning.trim_end_matches("' },").replace(r"\'", "'")))
    };
    lines.filter_map(setting).collect()
}
