//! `deny.toml`, held without anything to install: licences, bans, several versions of one crate, where crates come from.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use tests::programs::root;

#[derive(Deserialize)]
struct Rules {
    graph: Graph,
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    allow: BTreeSet<String>,
    #[serde(rename = "crate")]
    name: String,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
    skip: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
    /// What may depend on it all the same.
    #[serde(default)]
    wrappers: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: BTreeSet<String>,
}

/// What cargo says of the workspace and all that it links.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

/// Which package links which, by their ids.
#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    dependencies: BTreeSet<String>,
}

impl Metadata {
    /// Names of the packages that link one.
    fn dependents(&self, id: &str) -> BTreeSet<&str> {
        let nodes = self.resolve.nodes.iter().filter(|node| node.dependencies.contains(id));
        let ids: BTreeSet<&str> = nodes.map(|node| node.id.as_str()).collect();
        let packages = self.packages.iter().filter(|package| ids.contains(package.id.as_str()));
        packages.map(|package| package.name.as_str()).collect()
    }
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    /// None for our own.
    source: Option<String>,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    req: String,
    path: Option<String>,
}

fn rules() -> Rules {
    let text = std::fs::read_to_string(root().join("deny.toml")).expect("deny.toml");
    toml::from_str(&text).expect("deny.toml is as cargo-deny reads it")
}

fn metadata(rules: &Rules) -> Metadata {
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--locked", "--format-version", "1"]);
    for target in &rules.graph.targets {
        command.args(["--filter-platform", target]);
    }
    let output = command.current_dir(root()).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Metadata = serde_json::from_slice(&output.stdout).expect("cargo's metadata");
    assert!(metadata.packages.len() > 100, "cargo names hardly any package");
    metadata
}

/// Whether an SPDX expression (`(MIT OR Apache-2.0) AND Unicode-3.0`; older crates write `/` for OR) can be met.
fn is_met(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Expression { words: &words, allowed };
    let met = reader.any();
    met && reader.words.is_empty()
}

struct Expression<'a> {
    words: &'a [&'a str],
    allowed: &'a dyn Fn(&str) -> bool,
}

impl Expression<'_> {
    fn take(&mut self, word: &str) -> bool {
        let there = self.words.first() == Some(&word);
        if there {
            self.words = &self.words[1..];
        }
        there
    }

    fn any(&mut self) -> bool {
        let mut met = self.all();
        while self.take("OR") {
            met |= self.all();
        }
        met
    }

    fn all(&mut self) -> bool {
        let mut met = self.one();
        while self.take("AND") {
            met &= self.one();
        }
        met
    }

    fn one(&mut self) -> bool {
        if self.take("(") {
            let met = self.any();
            return self.take(")") && met;
        }
        let Some((&name, rest)) = self.words.split_first() else {
            return false;
        };
        self.words = rest;
        if self.take("WITH") {
            let Some((&exception, rest)) = self.words.split_first() else {
                return false;
            };
            self.words = rest;
            return (self.allowed)(&format!("{name} WITH {exception}"));
        }
        (self.allowed)(name)
    }
}

#[test]
fn expressions_of_licences_are_read() {
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("(GPL-3.0 OR MIT) AND GPL-2.0", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0 WITH Other-exception", false),
        ("MIT AND", false),
        ("", false),
    ] {
        let allowed = |name: &str| ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].contains(&name);
        assert_eq!(is_met(expression, &allowed), met, "{expression}");
    }
}

#[test]
fn licences_bans_versions_and_sources_are_those_of_deny_toml() {
    let rules = rules();
    let metadata = metadata(&rules);
    let packages = &metadata.packages;
    let mut wrong = Vec::new();
    for package in packages {
        let Package { name, version, .. } = package;
        let license = package.license.as_deref().unwrap_or_default();
        let excepted = |l: &str| {
            rules
                .licenses
                .exceptions
                .iter()
                .any(|e| e.name == *name && e.allow.contains(l))
        };
        if !is_met(license, &|l| rules.licenses.allow.contains(l) || excepted(l)) {
            wrong.push(format!(
                "{name} {version}: its licence `{license}` is not in deny.toml's list"
            ));
        }
        if let Some(ban) = rules.bans.deny.iter().find(|ban| ban.name == *name)
            && metadata
                .dependents(&package.id)
                .iter()
                .any(|name| !ban.wrappers.contains(*name))
        {
            wrong.push(format!("{name} {version} is banned: {}", ban.reason));
        }
        match &package.source {
            Some(source) => {
                let registry = source.strip_prefix("registry+").unwrap_or(source);
                if !rules.sources.allow_registry.contains(registry) {
                    wrong.push(format!("{name} {version} comes from {source}"));
                }
            }
            None => wrong.extend(
                package
                    .dependencies
                    .iter()
                    .filter(|dependency| dependency.req == "*" && dependency.path.is_none())
                    .map(|dependency| format!("{name} asks for any version of {}", dependency.name)),
            ),
        }
    }
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    for (name, versions) in &versions {
        if !rules.bans.skip.contains(*name) {
            wrong.push(format!(
                "{name} is linked in versions {versions:?}; deny.toml's skip does not name it"
            ));
        }
    }
    for name in rules
        .bans
        .skip
        .iter()
        .filter(|name| !versions.contains_key(name.as_str()))
    {
        wrong.push(format!(
            "deny.toml's skip names {name}, of which there is one version or none"
        ));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
