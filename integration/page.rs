//! Pages: one file that needs nothing, the same bytes for the same input, a map whose blocks are their addresses.

use eksnet::preview;
use eksnet::report::page::{self, Plan, Sheet, strip};
use eksnet::template::Template;

use crate::support::{blueprints, build, root, run};

/// Bytes of a page for one cluster.
const MOST: usize = 300_000;

#[test]
fn a_page_is_small_and_loads_nothing() {
    for (name, path) in blueprints() {
        let compiled = build(&std::fs::read_to_string(path).unwrap());
        let preview =
            preview::compare("x", &Template::nothing(), &compiled.template, &compiled.graph);
        let plan = Plan {
            compiled: &compiled,
            lock: "lock shop.lock.yaml: unchanged",
            preview: Some(&preview),
        };
        let text = page::html(&[Sheet::Plan(plan)]);
        assert!(text.len() < MOST, "{name}: {} bytes", text.len());
        assert_eq!(text, page::html(&[Sheet::Plan(plan)]), "{name}");
        for word in ["<script", "src=", "http://", "https://", "@import", " style=", "javascript:"]
        {
            assert!(!text.contains(word), "{name}: {word}");
        }
        assert!(text.contains("default-src 'none'; style-src 'sha256-"), "{name}");
        let targets = text.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap());
        for target in targets {
            assert!(text.contains(&format!("id=\"{target}\"")), "{name}: #{target} leads nowhere");
        }
        let ids: Vec<&str> =
            text.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: an id twice");
    }
}

/// The blocks of a strip are its addresses: no gap, no overlap, and every subnet has a block.
#[test]
fn the_map_is_the_plan() {
    for (name, path) in blueprints() {
        let compiled = build(&std::fs::read_to_string(path).unwrap());
        let strips = strip::strips(&compiled.layout(), &|_| false);
        let mut drawn = 0;
        for strip in &strips {
            covered(strip, &name);
            drawn += strip
                .blocks
                .iter()
                .filter(|block| matches!(block.holder, strip::Holder::Subnet { .. }))
                .count();
        }
        assert_eq!(drawn, compiled.plan.subnets.len(), "{name}");
    }
}

fn covered(strip: &strip::Strip, name: &str) {
    let mut at = strip.from;
    for block in &strip.blocks {
        assert_eq!(block.from, at, "{name}: {}", strip.name);
        at = block.to;
    }
    assert_eq!(at, strip.to, "{name}: {}", strip.name);
    strip.magnified.iter().for_each(|inner| covered(inner, name));
}

/// What leads to a magnified part runs across the strips between, so it lies behind every block.
#[test]
fn what_leads_to_a_magnified_part_is_behind_the_blocks() {
    let compiled =
        build(&std::fs::read_to_string(root().join("blueprints/cgnat-on-prem.yaml")).unwrap());
    let plan = Plan { compiled: &compiled, lock: "", preview: None };
    for text in [page::svg(&plan), page::html(&[Sheet::Plan(plan)])] {
        let last = text.rfind("<polygon class=\"joint\"").unwrap();
        let (before, behind) = text.split_at(last);
        assert!(behind.contains(" addresses</title>"), "no block after the joints");
        assert!(!before.contains(" addresses</title>"), "a block before a joint");
    }
}

/// Paper is white whatever the screen is, and a picture beside a page is read with its page's words.
#[test]
fn print_is_light_and_the_change_comes_first() {
    let text = std::fs::read_to_string(root().join("blueprints/three-tiers.yaml")).unwrap();
    let compiled = build(&text);
    let preview = preview::compare("x", &Template::nothing(), &compiled.template, &compiled.graph);
    let plan = Plan { compiled: &compiled, lock: "lock `x`: unchanged", preview: Some(&preview) };
    let page = page::html(&[Sheet::Plan(plan)]);
    for out in [page.clone(), page::svg(&plan)] {
        assert_eq!(
            out.matches("(prefers-color-scheme:dark)").count(),
            out.matches("@media screen and (prefers-color-scheme:dark)").count()
        );
    }
    let at = |word: &str| page.find(word).unwrap_or_else(|| panic!("no {word}"));
    assert!(at("to add, ") < at("<nav") && at("id=\"changes\"") < at("id=\"map\""));
    assert!(page.contains("<code>x</code>") && !page.contains("`x`"));
    assert!(!page.contains("dashed outline"), "everything is new: nothing is outlined");
}

#[test]
fn a_report_is_written_alone_for_many_and_into_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let three = "blueprints/three-tiers.yaml";
    let done = run(root(), &["report", three, "--out", &out("one.html")], &[]);
    assert_eq!(done.code, 0, "{}", done.err);
    let many =
        run(root(), &["report", three, "blueprints/ipv6.yaml", "--out", &out("many.html")], &[]);
    assert_eq!(many.code, 0, "{}", many.err);
    let text = std::fs::read_to_string(folder.path().join("many.html")).unwrap();
    assert!(text.contains("href=\"#b2-top\"") && text.contains("id=\"b2-top\""));
    let pages = run(root(), &["report", three, "blueprints/ipv6.yaml", "--out", &out("site")], &[]);
    assert_eq!(pages.code, 0, "{}", pages.err);
    for name in ["index.html", "three-tiers.html", "ipv6.html"] {
        assert!(folder.path().join("site").join(name).exists(), "{name}");
    }
    let one = std::fs::read_to_string(folder.path().join("one.html")).unwrap();
    assert_eq!(one, std::fs::read_to_string(folder.path().join("site/three-tiers.html")).unwrap());
    let wrong = run(root(), &["report", three, "--out", &out("site.yaml")], &[]);
    assert!(wrong.code == 1 && wrong.err.contains("`.html`"), "{}", wrong.err);
    assert!(!folder.path().join("site.yaml").exists());
    for (format, name) in
        [("html", "a.pdf"), ("svg", "a.png"), ("svg", "a.html"), ("json", "a.html")]
    {
        let wrong = run(root(), &["report", three, "-o", format, "--out", &out(name)], &[]);
        assert_eq!(wrong.code, 1, "{name}: {}", wrong.err);
        assert!(wrong.err.contains("ends with `."), "{name}: {}", wrong.err);
        assert!(!folder.path().join(name).exists(), "{name}");
    }
    let json = run(root(), &["report", three, "-o", "json", "--against", "nothing"], &[]).json();
    assert_eq!(json["reports"][0]["layout"]["name"], "shop");
    assert!(json["reports"][0]["changes"]["summary"]["add"].as_u64() > Some(40));
}

#[test]
fn a_blueprint_with_errors_has_a_page_of_findings() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("x.yaml"),
        "apiVersion: eksnet/v1\nkind: Blueprint\nmetadata: { name: shop, region: nowhere }\n",
    )
    .unwrap();
    let done = run(folder.path(), &["report", "-o", "html"], &[]);
    assert_eq!(done.code, 1);
    assert!(done.out.contains("not valid") && done.out.contains("REG-01"), "{}", done.out);
}

/// What a blueprint was at a revision, over the lock of that revision.
#[test]
fn a_blueprint_is_compared_with_another_and_with_a_revision() {
    let folder = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(root().join("blueprints/three-tiers.yaml")).unwrap();
    std::fs::write(folder.path().join("shop.yaml"), &text).unwrap();
    std::fs::write(folder.path().join("before.yaml"), &text).unwrap();
    let git = |arguments: &[&str]| {
        let done =
            std::process::Command::new("git").current_dir(folder.path()).args(arguments).output();
        assert!(done.unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "x"]);
    std::fs::write(folder.path().join("shop.yaml"), text.replace("team: platform", "team: shop"))
        .unwrap();
    for against in ["git:HEAD", "before.yaml"] {
        let done =
            run(folder.path(), &["diff", "shop.yaml", "--against", against, "-o", "json"], &[]);
        assert_eq!(done.code, 0, "{}", done.err);
        assert!(done.json()["summary"]["modify"].as_u64() > Some(5), "{against}");
        assert_eq!(done.json()["summary"]["add"], 0, "{against}");
    }
    let refused = run(folder.path(), &["diff", "shop.yaml", "--against", "git:--help"], &[]);
    assert!(refused.code == 1 && refused.err.contains("revision `--help`"), "{}", refused.err);
}
