//! No circles of files inside a module: of the files and folders side by side, none needs itself again by way of the others. A folder's
//! `mod.rs` is its front, not a file beside the others; what a front passes on (`pub use`) counts as the file that has it.

use std::collections::{BTreeMap, BTreeSet};

use super::sources;

/// `intent::tiers` → its text without comments and unit tests. The front of `intent` is `intent`.
type Files = BTreeMap<String, String>;

fn files() -> Files {
    let name = |path: &str| {
        let name = path.trim_end_matches(".rs").replace('/', "::");
        name.strip_suffix("::mod").map_or(name.clone(), str::to_string)
    };
    sources()
        .into_iter()
        .map(|(path, text)| (name(&path.to_string_lossy()), without_asides(&text)))
        .filter(|(name, _)| name != "lib" && name != "main")
        .collect()
}

fn without_asides(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// `a::{b, c::{d, e as f}}` → `a::b`, `a::c::d`, `a::c::f`'s own name `a::c::e`.
fn spread(tree: &str) -> Vec<String> {
    let Some((head, rest)) = tree.split_once('{') else {
        let name = tree.split(" as ").next().unwrap_or_default();
        return vec![name.split_whitespace().collect()];
    };
    let head: String = head.split_whitespace().collect();
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let mut depth = 0;
    let parts = inner.split(|letter: char| {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    });
    let filled = parts.filter(|part| !part.trim().is_empty());
    filled.flat_map(spread).map(|part| format!("{head}{part}")).collect()
}

fn imports(text: &str) -> Vec<(bool, &str)> {
    let pieces: Vec<&str> = text.split("use ").collect();
    let before = pieces.iter().map(|piece| piece.trim_end().ends_with("pub"));
    let trees = pieces.iter().skip(1).filter_map(|piece| piece.split(';').next());
    before.zip(trees).collect()
}

/// Paths that a text names from `crate`, `super` or one of its own folder: in imports and in the code.
fn paths(own: &str, text: &str, files: &Files) -> Vec<String> {
    let imported = imports(text).into_iter().flat_map(|(_, tree)| spread(tree));
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == ':';
    let named = text.split(|letter: char| !is_word(letter)).map(str::to_string);
    let is_ours = |path: &String| {
        let first = path.split("::").next().unwrap_or_default();
        ["crate", "super", "self"].contains(&first)
            || path.contains("::") && files.contains_key(&format!("{own}::{first}"))
    };
    imported.chain(named).filter(is_ours).collect()
}

/// The file that a path leads to, and what it names there.
fn place(own: &str, path: &str, files: &Files) -> Option<(String, Option<String>)> {
    let mut base: Vec<&str> = own.split("::").collect();
    let mut words = path.split("::").filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next_if(|word| ["crate", "super", "self"].contains(word)) {
        match word {
            "crate" => base.clear(),
            "super" => _ = base.pop(),
            _ => {}
        }
    }
    let rest: Vec<&str> = words.collect();
    let found = (0..=rest.len()).rev().find_map(|taken| {
        let name = [&base[..], &rest[..taken]].concat().join("::");
        files.contains_key(&name).then_some((name, taken))
    });
    found.map(|(name, taken)| (name, rest.get(taken).map(|word| word.to_string())))
}

/// (front, name) → the file that has what the front passes on.
fn passed_on(files: &Files) -> BTreeMap<(String, String), String> {
    let mut passed = BTreeMap::new();
    for (own, text) in files {
        let public = imports(text).into_iter().filter(|(public, _)| *public);
        for path in public.flat_map(|(_, tree)| spread(tree)) {
            if let Some((file, Some(name))) = place(own, &path, files)
                && file != *own
            {
                passed.insert((own.clone(), name), file);
            }
        }
    }
    passed
}

/// Which file needs which others.
fn needs(files: &Files) -> BTreeMap<&str, BTreeSet<String>> {
    let passed = passed_on(files);
    let mut needs = BTreeMap::new();
    for (own, text) in files {
        let mut found = BTreeSet::new();
        for path in paths(own, text, files) {
            let Some((mut file, name)) = place(own, &path, files) else { continue };
            while let Some(next) =
                name.as_ref().and_then(|name| passed.get(&(file.clone(), name.clone())))
            {
                file = next.clone();
            }
            found.insert(file);
        }
        needs.insert(own.as_str(), found);
    }
    needs
}

/// Of every folder, which of its files and folders needs which others.
fn side_by_side(files: &Files) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let mut folders: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    let inside = |folder: &str, file: &str| {
        let rest = file.strip_prefix(folder)?.strip_prefix("::")?;
        rest.split("::").next().map(str::to_string)
    };
    for (own, needed) in needs(files) {
        for (end, _) in own.match_indices("::") {
            let folder = &own[..end];
            let from = inside(folder, own).expect("the folder is its own");
            let to = needed.iter().filter_map(|file| inside(folder, file));
            let others = folders.entry(folder.to_string()).or_default();
            others.entry(from.clone()).or_default().extend(to.filter(|to| *to != from));
        }
    }
    folders
}

fn reached<'g>(graph: &'g BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<&'g str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = graph.get(from).into_iter().flatten().map(String::as_str).collect();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(graph.get(next).into_iter().flatten().map(String::as_str));
        }
    }
    found
}

fn circles(files: &Files) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (folder, graph) in side_by_side(files) {
        for file in graph.keys() {
            let back = |other: &&str| reached(&graph, other).contains(file.as_str());
            let circle: Vec<&str> = reached(&graph, file).into_iter().filter(back).collect();
            if !circle.is_empty() {
                found.insert(format!("{folder}: {}", circle.join(" ")));
            }
        }
    }
    found
}

#[test]
fn no_files_of_a_module_form_a_circle() {
    assert_eq!(circles(&files()), BTreeSet::new());
}

#[test]
fn a_circle_is_seen_through_a_front_and_a_group() {
    let texts = [
        ("a", "mod one;\nmod two;\npub use one::{Thing, more as other};"),
        ("a::one", "use super::{two::{self, Word}};"),
        ("a::two", "fn of(thing: &super::Thing) {}"),
        ("a::three", "use crate::a::two;"),
    ];
    let files = texts.map(|(name, text)| (name.to_string(), text.to_string())).into();
    assert_eq!(circles(&files), ["a: one two".to_string()].into());
}
