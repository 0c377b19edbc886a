//! Packed charts, the hostile ones above all.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use kchart::chart::{Chart, Lookup, Taken, load};
use kchart::diagnostic::SourceMap;
use tar::{EntryType, Header};

use super::{CHART, told};

/// An entry of an archive, made by hand: the tar crate's own builder refuses what is tested here.
struct Entry {
    name: &'static str,
    kind: EntryType,
    link: &'static str,
    content: Vec<u8>,
}

fn file(name: &'static str, content: &str) -> Entry {
    Entry { name, kind: EntryType::Regular, link: "", content: content.into() }
}

fn link(name: &'static str, kind: EntryType, link: &'static str) -> Entry {
    Entry { name, kind, link, content: Vec::new() }
}

fn pack(entries: &[Entry]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for entry in entries {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..entry.name.len()].copy_from_slice(entry.name.as_bytes());
        header.as_old_mut().linkname[..entry.link.len()].copy_from_slice(entry.link.as_bytes());
        header.set_entry_type(entry.kind);
        header.set_size(entry.content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        archive.append(&header, entry.content.as_slice()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

/// Loads `dist/web-1.2.3.tgz` with this content.
fn loaded(packed: &[u8]) -> Result<(Chart, Taken, SourceMap), String> {
    let root = tempfile::tempdir().unwrap();
    std::fs::create_dir(root.path().join("dist")).unwrap();
    std::fs::write(root.path().join("dist/web-1.2.3.tgz"), packed).unwrap();
    let mut sources = SourceMap::new();
    let lookup = Lookup { directory: root.path().to_owned(), folders: Vec::new() };
    match load("dist/web-1.2.3.tgz", &lookup, &mut sources) {
        Ok((chart, taken)) => Ok((chart, taken, sources)),
        Err(errors) => Err(told(&errors, &sources)),
    }
}

/// What is said of an archive that has a chart and these entries.
#[track_caller]
fn refused(entries: Vec<Entry>) -> String {
    let mut all = vec![file("web/Chart.yaml", CHART)];
    all.extend(entries);
    let error = loaded(&pack(&all)).unwrap_err();
    let error = error.strip_prefix("error: the archive `dist/web-1.2.3.tgz` ").unwrap_or(&error);
    error.trim_end().to_owned()
}

#[test]
fn a_packed_chart_is_read_like_a_folder() {
    let subchart = pack(&[file("db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n")]);
    let packed = pack(&[
        link("./web/", EntryType::Directory, ""),
        file("./web/Chart.yaml", CHART),
        file("web/templates/b.yaml.hbs", "b: 1\n"),
        file("web/templates/a.yaml.hbs", "a: 1\n"),
        file("web/files/x", "x"),
        link("web/files/y", EntryType::Symlink, "../files/x"),
        link("web/files/z", EntryType::Link, "web/files/y"),
        Entry { name: "web/charts/db-1.0.0.tgz", kind: EntryType::Regular, link: "", content: subchart },
        file("web/README.md", "text"),
    ]);
    let (chart, taken, sources) = loaded(&packed).unwrap();
    assert_eq!(taken, Taken::Archive("dist/web-1.2.3.tgz".into()));
    let names: Vec<_> = chart.templates.iter().map(|one| sources.get(one.source).unwrap().name.as_str()).collect();
    assert_eq!(names, ["dist/web-1.2.3.tgz/templates/a.yaml.hbs", "dist/web-1.2.3.tgz/templates/b.yaml.hbs"]);
    assert_eq!(chart.files.values().collect::<Vec<_>>(), [b"x", b"x", b"x"]);
    assert_eq!(chart.subcharts[0].metadata.name, "db");
}

#[test]
fn entries_that_leave_the_archive_are_refused_by_name() {
    let cases = [
        ("/etc/passwd", "has an entry `/etc/passwd` with an absolute path"),
        ("web/../../x", "has an entry `web/../../x` that leads out of it by `..`"),
        ("../x", "has an entry `../x` that leads out of it by `..`"),
        ("web\\..\\x", "has an entry `web\\\\..\\\\x` with a character that no path in a chart has"),
        ("C:/x", "has an entry `C:/x` with an absolute path"),
        ("other/Chart.yaml", "has two folders at its top, `web` and `other`: it must hold one chart"),
        ("stray", "has `stray` at its top, where only the chart's folder may be"),
        ("web/Chart.yaml", "has the entry `web/Chart.yaml` twice"),
    ];
    for (name, expected) in cases {
        assert_eq!(refused(vec![file(name, "x")]), expected);
    }
}

#[test]
fn links_out_of_the_archive_are_refused_by_name() {
    for (kind, target) in [
        (EntryType::Symlink, "/etc/passwd"),
        (EntryType::Symlink, "../../x"),
        (EntryType::Symlink, "../../other/x"),
        (EntryType::Link, "../x"),
        (EntryType::Link, "other/x"),
    ] {
        assert_eq!(
            refused(vec![link("web/files/y", kind, target)]),
            format!("has an entry `web/files/y` that is a link to `{target}`, outside of the chart")
        );
    }
    assert_eq!(
        refused(vec![link("web/files/y", EntryType::Symlink, "gone")]),
        "has a link `files/y` to `files/gone`, which is no file of the chart"
    );
    let circle = vec![link("web/files/a", EntryType::Symlink, "b"), link("web/files/b", EntryType::Symlink, "a")];
    assert_eq!(refused(circle), "has a link `files/a` to `files/b`, which is no file of the chart");
}

#[test]
fn special_files_are_refused_by_name() {
    for kind in [EntryType::Fifo, EntryType::Char, EntryType::Block] {
        assert_eq!(
            refused(vec![link("web/files/dev", kind, "")]),
            "has an entry `web/files/dev` that is neither a file nor a folder"
        );
    }
}

#[test]
fn bombs_are_refused() {
    let large = Entry { content: vec![0; (5 << 20) + 1], ..file("web/files/large", "") };
    assert_eq!(refused(vec![large]), "has an entry `web/files/large` that is larger than 5 MiB");

    let names: Vec<&'static str> = (0..22).map(|number| &*format!("web/files/{number}").leak()).collect();
    let many = names.iter().map(|name| Entry { content: vec![0; 5 << 20], ..file(name, "") }).collect();
    assert_eq!(refused(many), "has more than 100 MiB unpacked");

    // Links multiply what is unpacked.
    let mut links = vec![Entry { content: vec![0; 5 << 20], ..file("web/files/0", "") }];
    links.extend(names[1..].iter().map(|name| link(name, EntryType::Symlink, "0")));
    assert_eq!(refused(links), "has more than 100 MiB unpacked");

    let names: Vec<&'static str> = (0..10_001).map(|number| &*format!("web/files/{number}").leak()).collect();
    assert_eq!(refused(names.iter().map(|name| file(name, "")).collect()), "has more than 10000 files");
}

#[test]
fn a_header_that_promises_gigabytes_is_no_bomb() {
    // One entry of a size that nobody sends, packed with a stream of zeros that would go on for 200 MiB.
    let mut header = Header::new_ustar();
    header.set_path("web/files/x").unwrap();
    header.set_size(8 << 30);
    header.set_cksum();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(header.as_bytes()).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..200 {
        packed.write_all(&zeros).unwrap();
    }
    let error = loaded(&packed.finish().unwrap()).unwrap_err();
    assert_eq!(error, "error: the archive `dist/web-1.2.3.tgz` has an entry `web/files/x` that is larger than 5 MiB\n");
}

#[test]
fn what_is_no_archive_is_told() {
    assert_eq!(
        loaded(b"apiVersion: v2\n").unwrap_err(),
        "error: the archive `dist/web-1.2.3.tgz` is not packed with gzip, as `helm package` makes it\n"
    );
    let packed = pack(&[file("web/Chart.yaml", CHART)]);
    let error = loaded(&packed[..packed.len() / 2]).unwrap_err();
    assert!(error.starts_with("error: the archive `dist/web-1.2.3.tgz` can't be unpacked: "), "{error}");
    assert_eq!(
        loaded(&pack(&[file("web/values.yaml", "")])).unwrap_err(),
        "error: `dist/web-1.2.3.tgz` is no chart: it has no Chart.yaml\n"
    );
}

#[test]
fn a_packed_chart_has_no_neighbours() {
    let chart = format!("{CHART}dependencies:\n- name: db\n  repository: file://../db\n");
    let error = loaded(&pack(&[file("web/Chart.yaml", &chart)])).unwrap_err();
    assert_eq!(
        error,
        "error: dist/web-1.2.3.tgz/Chart.yaml:5:9: the dependency `db` is `file://../db`, but a chart in an archive or in another chart has no neighbours\n\
         hint: its dependencies must lie under its own charts/ (`helm dependency update` puts them there)\n"
    );
}

proptest::proptest! {
    /// Whatever bytes come: a chart or an error, never a panic.
    #[test]
    fn damaged_archives_are_refused_or_read(
        at in 0..600_usize, bytes in proptest::collection::vec(proptest::num::u8::ANY, 1..8), inside: bool,
    ) {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in [("web/Chart.yaml", CHART), ("web/templates/a.yaml.hbs", "a: 1\n")] {
            let mut header = Header::new_gnu();
            header.set_size(content.len() as u64);
            archive.append_data(&mut header, name, content.as_bytes()).unwrap();
        }
        let damage = |content: &mut Vec<u8>| {
            let at = at.min(content.len() - bytes.len());
            content[at..at + bytes.len()].copy_from_slice(&bytes);
        };
        let mut tar = archive.into_inner().unwrap();
        if inside {
            damage(&mut tar);
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(&tar).unwrap();
        let mut packed = packed.finish().unwrap();
        if !inside {
            damage(&mut packed);
        }
        let _ = loaded(&packed);
    }
}
