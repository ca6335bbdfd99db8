//! Log bundles: judged without AWS, and archives of whoever sent them.

use std::io::Write;

use eksnet::doctor::{self, Diagnosis, bundle};
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::json;

use crate::support::run;

/// One entry of a tar archive.
fn entry(name: &str, kind: u8, content: &[u8]) -> Vec<u8> {
    let mut header = [0u8; 512];
    let put = |header: &mut [u8; 512], at: usize, text: &[u8]| {
        header[at..at + text.len()].copy_from_slice(text);
    };
    put(&mut header, 0, name.as_bytes());
    put(&mut header, 124, format!("{:011o}", content.len()).as_bytes());
    put(&mut header, 148, b"        ");
    header[156] = kind;
    put(&mut header, 257, b"ustar\x0000");
    let sum: u64 = header.iter().map(|byte| u64::from(*byte)).sum();
    put(&mut header, 148, format!("{sum:06o}\0 ").as_bytes());
    let mut all = header.to_vec();
    all.extend_from_slice(content);
    all.resize(all.len().next_multiple_of(512), 0);
    all
}

fn packed(entries: &[Vec<u8>]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    entries.iter().for_each(|one| gzip.write_all(one).unwrap());
    gzip.write_all(&[0u8; 1024]).unwrap();
    gzip.finish().unwrap()
}

type Files = Vec<(&'static str, String)>;

fn interfaces() -> serde_json::Value {
    let addresses = json!({"10.0.20.64/28": {"IPAddresses": {}}});
    json!({"TotalIPs": 32, "AssignedIPs": 9, "ENIs": {
        "eni-1": {"ID": "eni-1", "DeviceNumber": 0, "RouteTableID": 254, "AvailableIPv4Cidrs": {}},
        "eni-2": {"ID": "eni-2", "DeviceNumber": 1, "RouteTableID": 2, "AvailableIPv4Cidrs": addresses}}})
}

/// A node that works.
fn healthy() -> Files {
    let metrics = "# HELP awscni_eni_max most\nawscni_eni_max 3\nawscni_eni_allocated 2\nawscni_total_ip_addresses 32\n\
        awscni_assigned_ip_addresses 9\nawscni_no_available_ip_addresses 0\nawscni_aws_api_error_count{api=\"CreateTags\",error=\"Throttling\"} 0\n";
    let rules = "*nat\n-A POSTROUTING -m comment --comment \"AWS SNAT CHAIN\" -j AWS-SNAT-CHAIN-0\n\
        -A AWS-SNAT-CHAIN-0 -d 10.0.0.0/16 -j RETURN\n-A AWS-SNAT-CHAIN-0 ! -o vlan+ -j SNAT --to-source 10.0.10.7\nCOMMIT\n";
    vec![
        ("system/instance-id.txt", "i-0123456789abcdef0\n".into()),
        ("ipamd/enis.json", json!({"0": interfaces()}).to_string()),
        ("ipamd/networkutils-env-settings.json", json!({"AWS_VPC_K8S_CNI_EXTERNALSNAT": false, "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS": null}).to_string()),
        ("ipamd/metrics.json", metrics.into()),
        ("var_log/aws-routed-eni/ipamd.log", "{\"level\":\"info\",\"msg\":\"Starting L-IPAMD\"}\n".into()),
        ("networking/iproute.txt", "default via 10.0.20.1 dev eth1 table 2 \ndefault via 10.0.10.1 dev eth0 proto dhcp\n".into()),
        ("networking/iptables-save.txt", rules.into()),
        ("networking/curl_api_server.txt", "* Connected to abc.eks.amazonaws.com (10.0.30.9) port 443\n< HTTP/2 200\n".into()),
        ("networking/resolv.conf", "nameserver 10.0.0.2\n".into()),
        ("networking/ethtool.txt", "NIC statistics:\n     linklocal_allowance_exceeded: 0\n".into()),
    ]
}

fn archive(files: &Files) -> Vec<u8> {
    let mut entries = vec![entry("./", b'5', b"")];
    entries.extend(
        files.iter().map(|(name, text)| entry(&format!("./{name}"), b'0', text.as_bytes())),
    );
    entries.push(entry("./kernel/dmesg.current", b'0', b"something else"));
    packed(&entries)
}

/// A file of the node that says something else.
fn with(name: &str, text: impl Into<String>) -> Files {
    let mut files = healthy();
    files.iter_mut().find(|(own, _)| *own == name).unwrap().1 = text.into();
    files
}

fn judged(files: &Files) -> Diagnosis {
    doctor::bundle::judge(&bundle::read(&archive(files)[..]).unwrap(), &[])
}

fn roots(diagnosis: &Diagnosis) -> Vec<&'static str> {
    diagnosis.roots.iter().map(|found| found.check.id).collect()
}

const LOG: &str = "var_log/aws-routed-eni/ipamd.log";
const NETWORK: &str = "ipamd/networkutils-env-settings.json";
const METRICS: &str = "ipamd/metrics.json";
const API: &str = "networking/curl_api_server.txt";

#[rustfmt::skip]
fn worlds() -> Vec<(&'static str, Files)> {
    let metric = |line: &str| format!("awscni_eni_max 3\n{line}\n");
    vec![
        ("NJ-10", with(API, "* Could not resolve host: abc.eks.amazonaws.com\n")),
        ("NJ-12", with(API, "* connect to 10.0.30.9 port 443 failed: Connection timed out\n")),
        ("NJ-12", { let mut files = with(API, ""); files.retain(|(name, _)| *name != LOG); files.push((LOG, "Failed to check API server connectivity: timeout\n".into())); files }),
        ("NJ-20", with(LOG, "UnauthorizedOperation: You are not authorized to perform this operation\n")),
        ("NJ-25", with("networking/iproute.txt", "default via 10.0.20.1 dev eth1 table 20 \n")),
        ("IP-01", with(LOG, "InsufficientFreeAddressesInSubnet: The specified subnet does not have enough free addresses\n")),
        ("IP-02", with(LOG, "InsufficientCidrBlocks: There are not enough free cidr blocks\n")),
        ("IP-11", with(METRICS, metric("awscni_aws_api_error_count{api=\"AssignPrivateIpAddresses\",error=\"RequestLimitExceeded\"} 12"))),
        ("IP-11", with(LOG, "RequestLimitExceeded: Request limit exceeded\n")),
        ("IP-14", with(METRICS, metric("awscni_no_available_ip_addresses 4"))),
        ("DNS-06", with("networking/ethtool.txt", "     linklocal_allowance_exceeded: 17\n")),
        ("SN-04", with(NETWORK, json!({"AWS_VPC_K8S_CNI_EXTERNALSNAT": true, "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS": ["10.0.0.0/8", "0.0.0.0/0"]}).to_string())),
        ("SN-09", with("networking/iptables-save.txt", "*nat\n-A POSTROUTING -j KUBE-POSTROUTING\nCOMMIT\n")),
    ]
}

#[test]
fn a_node_that_works_is_fine_and_each_sick_file_gives_its_root() {
    let fine = judged(&healthy());
    assert!(fine.roots.is_empty() && fine.unknown.is_empty(), "{fine:#?}");
    let older = with("ipamd/enis.json", interfaces().to_string());
    assert!(judged(&older).roots.is_empty());
    for (id, files) in worlds() {
        let diagnosis = judged(&files);
        assert_eq!(roots(&diagnosis), [id], "{:#?}", diagnosis.roots);
        assert!(doctor::find(id).is_some());
    }
    let own = worlds().into_iter().map(|(id, _)| id);
    let known: std::collections::BTreeSet<&str> = own.collect();
    let judged: std::collections::BTreeSet<&str> = fine.fine.iter().map(|check| check.id).collect();
    assert_eq!(known, judged);
}

/// The pods' own error follows from what the log tells of its cause.
#[test]
fn what_follows_is_no_root() {
    let mut files = with(LOG, "InsufficientCidrBlocks: There are not enough free cidr blocks\n");
    files.retain(|(name, _)| *name != METRICS);
    files.push((METRICS, "awscni_no_available_ip_addresses 4\n".into()));
    let diagnosis = judged(&files);
    assert_eq!(roots(&diagnosis), ["IP-02"]);
    assert_eq!(diagnosis.roots[0].follow[0].id, "IP-14");
}

#[test]
fn a_file_that_is_missing_or_broken_is_never_fine() {
    for (id, files) in worlds() {
        for (name, _) in healthy() {
            let without: Files = files.iter().filter(|(own, _)| *own != name).cloned().collect();
            let diagnosis = judged(&without);
            assert!(!diagnosis.fine.iter().any(|check| check.id == id), "{id} without {name}");
        }
    }
    let broken = judged(&with(NETWORK, "<html>"));
    assert!(broken.unknown.iter().any(|(check, _)| check.id == "SN-09"));
}

#[test]
fn an_archive_is_not_trusted() {
    let file = |name: &str, kind: u8| {
        vec![entry(name, kind, b"{}"), entry("system/instance-id.txt", b'0', b"i-1")]
    };
    let refused = |bytes: &[u8]| bundle::read(bytes).unwrap_err();
    for name in ["../ipamd/enis.json", "/etc/passwd", "ipamd/../../x"] {
        for kind in [b'0', b'1', b'2'] {
            let content: &[u8] = if kind == b'0' { b"{}" } else { b"" };
            assert!(refused(&packed(&[entry(name, kind, content)])).contains("outside"), "{name}");
        }
    }
    // A link is not the file that it names.
    for kind in [b'1', b'2', b'3', b'6'] {
        let linked = packed(&[
            entry("ipamd/enis.json", kind, b""),
            entry("system/instance-id.txt", b'0', b"i-1"),
        ]);
        let diagnosis = doctor::bundle::judge(&bundle::read(&linked[..]).unwrap(), &[]);
        assert!(diagnosis.unknown.iter().any(|(_, why)| why.action == "ipamd/enis.json"));
    }
    assert!(refused(b"no archive").contains("gzip"));
    assert!(refused(&packed(&[vec![7u8; 512]])).contains("tar"));
    assert!(refused(&packed(&file("readme", b'0')[..1])).contains("none of the files"));
    let whole = archive(&healthy());
    assert!(bundle::read(&whole[..whole.len() / 2]).is_err());
    // 300 MiB of nothing pack well.
    let bomb = packed(&[entry("system/blob", b'0', &vec![0u8; 300 << 20])]);
    assert!(bomb.len() < 4 << 20 && refused(&bomb).contains("200 MiB"));
    let many: Vec<Vec<u8>> = (0..50_001).map(|_| entry("a", b'0', b"")).collect();
    assert!(refused(&packed(&many)).contains("entries"));
}

#[test]
fn a_long_name_stands_in_an_entry_of_its_own() {
    let log = [
        entry("././@LongLink", b'L', b"./var_log/aws-routed-eni/ipamd.log\0"),
        entry("./var_log/short", b'0', b"InsufficientCidrBlocks\n"),
    ];
    let path = "path=./var_log/aws-routed-eni/ipamd.log\n";
    let extended = format!("{} {path}", path.len() + 3);
    let posix = [
        entry("PaxHeader", b'x', extended.as_bytes()),
        entry("short", b'0', b"InsufficientCidrBlocks\n"),
    ];
    for entries in [log, posix] {
        let read = bundle::read(&packed(&entries)[..]).unwrap();
        assert_eq!(roots(&doctor::bundle::judge(&read, &[])), ["IP-02"]);
    }
    let outside = [entry("././@LongLink", b'L', b"../../etc/passwd\0"), entry("short", b'0', b"x")];
    assert!(bundle::read(&packed(&outside)[..]).unwrap_err().contains("outside"));
}

#[test]
fn the_command_reads_a_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("eks_i-1.tar.gz");
    let lost: Files = healthy().into_iter().filter(|(name, _)| *name != LOG).collect();
    let hostile = with(LOG, "UnauthorizedOperation \u{1b}[2J\u{1b}]0;x\u{7}\n");
    for (files, code) in [(healthy(), 0), (hostile, 1), (lost, 4)] {
        std::fs::write(&path, archive(&files)).unwrap();
        for format in ["human", "json", "markdown"] {
            let ran =
                run(folder.path(), &["doctor", "--bundle", "eks_i-1.tar.gz", "-o", format], &[]);
            assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
            assert!(!ran.out.contains('\u{1b}'), "{:?}", ran.out);
        }
    }
    // Newer collectors leave one file out: all else is judged, and who asks for that alone is told why it is not.
    let newer: Files =
        healthy().into_iter().filter(|(name, _)| *name != "networking/ethtool.txt").collect();
    std::fs::write(&path, archive(&newer)).unwrap();
    assert_eq!(run(folder.path(), &["doctor", "--bundle", "eks_i-1.tar.gz"], &[]).code, 0);
    let dns = ["doctor", "--bundle", "eks_i-1.tar.gz", "--symptom", "dns"];
    let ran = run(folder.path(), &dns, &[]);
    assert!(ran.code == 4 && ran.out.contains("newer collectors"), "{}{}", ran.out, ran.err);
    std::fs::write(&path, b"no archive").unwrap();
    assert_eq!(run(folder.path(), &["doctor", "--bundle", "eks_i-1.tar.gz"], &[]).code, 1);
    let both = ["doctor", "--bundle", "eks_i-1.tar.gz", "--survey", "survey.json"];
    assert_eq!(run(folder.path(), &both, &[]).code, 64);
    assert_eq!(run(folder.path(), &["explain", "SN-09"], &[]).code, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever bytes an archive holds, it is read or refused.
    #[test]
    fn no_bytes_break_the_reader(blocks in prop::collection::vec(any::<u8>(), 0..3000), flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8)) {
        let _ = bundle::read(&blocks[..]);
        let _ = bundle::read(&packed(&[blocks])[..]);
        let mut bytes = archive(&healthy());
        for (at, byte) in flips {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(read) = bundle::read(&bytes[..]) {
            doctor::bundle::judge(&read, &[]);
        }
    }
}
